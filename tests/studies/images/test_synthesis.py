"""Images that are made: a teacher is sure of inverted ones, matched ones have the means of real ones."""

import torch

from softlabels.models import convnet
from softlabels.studies.images import synthesis

SHAPE = convnet.Shape(2, 8, 1, 8, 8, 3)


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def test_a_teacher_names_what_was_made_of_it():
    teacher, classes = convnet.ConvNet(SHAPE, generator()), torch.arange(3).repeat_interleave(2)
    images = synthesis.invert(teacher, classes, torch.Size((1, 8, 8)), generator(1))
    assert images.shape == (6, 1, 8, 8) and not images.requires_grad
    with torch.no_grad():
        assert torch.equal(teacher(images).argmax(1), classes)
    assert all(parameter.grad is None for parameter in teacher.parameters())
    assert torch.equal(images, synthesis.invert(teacher, classes, torch.Size((1, 8, 8)), generator(1)))


def test_matched_images_move_towards_the_mean_of_their_class():
    g = generator()
    centres = torch.randn(3, 1, 8, 8, generator=g)
    classes = torch.arange(3).repeat(20)
    real = centres[classes] + torch.randn(60, 1, 8, 8, generator=g)
    made = synthesis.match_means(real, classes, SHAPE, 2, generator(1))
    assert made.shape == (6, 1, 8, 8)
    distance = (made - centres.repeat_interleave(2, 0)).flatten(1).norm(dim=1)
    own = (real - centres[classes]).flatten(1).norm(dim=1)
    assert float(distance.mean()) < float(own.mean())  # they begin as real images
    assert torch.equal(made, synthesis.match_means(real, classes, SHAPE, 2, generator(1)))
