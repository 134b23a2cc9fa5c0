"""Networks of paper Q's pages that nobody trained: what a page's sentences say of rows does not depend on them."""

import torch


def train_stack(params, images, targets, recipe, generators, evaluate=None, at=(), relabel=None):
    """As `training.images.train_stack`, but the weights stay as they are."""
    for epoch in sorted(at) if evaluate else ():
        evaluate(epoch, params)
    return params


def invert(teacher, classes, shape, generator):
    """As `synthesis.invert`, but the noise stays."""
    return torch.randn(len(classes), *shape, generator=generator)


def match_means(real, of_real, shape, ipc, generator):
    """As `synthesis.match_means`, but real images stay."""
    return torch.cat([real[of_real == label][:ipc] for label in range(int(of_real.max()) + 1)])


def learn(start, *_, **__):
    """As `distill.learn`, but the labels stay."""
    return start, []


UNTRAINED = {
    "softlabels.training.distill.learn": learn,
    "softlabels.training.images.train_stack": train_stack,
    "softlabels.studies.images.teachers.train_stack": train_stack,
    "softlabels.studies.images.synthesis.invert": invert,
    "softlabels.studies.images.synthesis.match_means": match_means,
}
