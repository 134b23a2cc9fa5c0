"""GPT-2 as a classifier of number triplets. The library that holds it, transformers, is optional.

Letters: n triplets, T tokens, c classes.
"""

from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from softlabels.errors import SoftLabelsError

PRETRAINED = "gpt2"  # the smallest published one: 12 blocks, 12 heads, width 768
LENGTH = 10  # tokens of a padded triplet under GPT-2's own vocabulary
STARTS = ("pretrained", "random")


@dataclass(frozen=True)
class Shape:
    """Size of a GPT-2 that starts at random; the pretrained one has its own."""

    layers: int
    heads: int
    width: int


def library():
    """The module transformers. Raises SoftLabelsError, which says how to install it, where it is missing."""
    try:
        import transformers
    except ImportError as missing:
        raise SoftLabelsError(
            "The language model needs the package transformers, which is not installed; type pip install transformers, "
            "or pip install '.[language]' in a clone of this project."
        ) from missing
    return transformers


def network(start: str, shape: Shape, numbers: int, classes: int, seed: int) -> nn.Module:
    """A GPT-2 with a linear read-out of `classes` logits at the last token.

    start "pretrained": the published backbone, a new read-out; "random": all new, of this shape, with one token for
    each number 1 … `numbers`. `seed` draws what is new. Raises SoftLabelsError where transformers is missing, where
    the pretrained weights cannot be had, and for sizes that do not fit.
    """
    check_start(start)
    transformers = library()
    if start == "pretrained":
        kind = transformers.GPT2ForSequenceClassification
        with seeded(seed), quiet(transformers):
            model = fetched(kind, num_labels=classes, dtype=torch.float32)
        model.config.pad_token_id = model.config.eos_token_id  # the last token that is none of these is read
        return model
    if min(shape.layers, shape.heads, shape.width) < 1 or shape.width % shape.heads:
        raise SoftLabelsError(f"A GPT-2 needs a width that is a multiple of its heads, all at least 1, not {shape}.")
    config = transformers.GPT2Config(
        vocab_size=numbers + 1, n_positions=LENGTH, n_embd=shape.width, n_layer=shape.layers, n_head=shape.heads,
        num_labels=classes, pad_token_id=numbers, bos_token_id=numbers, eos_token_id=numbers,
    )  # fmt: skip
    with seeded(seed):
        return transformers.GPT2ForSequenceClassification(config)


def encode(start: str, triplets: Tensor) -> dict[str, Tensor]:
    """Triplets (n, 3) of numbers from 1 on, as a network takes them: input_ids and attention_mask, (n, T).

    "random": a word of the vocabulary is a number, T = 3, nothing is downloaded. "pretrained": the text `a b c` in
    GPT-2's own vocabulary, padded on the left with its end-of-text token to T = 10. Errors as in `network`.
    """
    check_start(start)
    if start == "random":
        return {"input_ids": triplets - 1, "attention_mask": torch.ones_like(triplets)}
    transformers = library()
    with quiet(transformers):
        tokenizer = fetched(transformers.GPT2TokenizerFast)
    tokenizer.padding_side, tokenizer.pad_token = "left", tokenizer.eos_token
    texts = [" ".join(map(str, triplet)) for triplet in triplets.tolist()]
    longest = max(map(len, tokenizer(texts)["input_ids"]))
    if longest > LENGTH:
        raise SoftLabelsError(f"A triplet may have {LENGTH} tokens, one of these has {longest}; take smaller numbers.")
    tokens = tokenizer(texts, padding="max_length", max_length=LENGTH, return_tensors="pt")
    return {name: tokens[name] for name in ("input_ids", "attention_mask")}


def check_start(start: str) -> None:
    """Raises SoftLabelsError unless `start` is one of STARTS."""
    if start not in STARTS:
        raise SoftLabelsError(f"A language model starts {' or '.join(STARTS)}, not {start!r}.")


def fetched(kind, **how):
    """A tokenizer or a network of the pretrained GPT-2, from the library's own cache or the network."""
    try:
        return kind.from_pretrained(PRETRAINED, **how)
    except (OSError, ValueError) as error:
        raise SoftLabelsError(
            f"The pretrained weights of {PRETRAINED} are not on this machine and could not be fetched; run once where "
            "huggingface.co can be reached, or point HF_HOME at a copy. The random start needs no download."
        ) from error


@contextmanager
def seeded(seed: int, device: str = "cpu"):
    """The global generators of PyTorch, which the library draws from, seeded for a while and then put back."""
    devices = [torch.cuda.current_device()] if device == "cuda" else []
    with torch.random.fork_rng(devices=devices):
        torch.manual_seed(seed)
        yield


@contextmanager
def quiet(transformers):
    """Without the library's report that the read-out is new, and without its bars."""
    log = transformers.utils.logging
    level, bars = log.get_verbosity(), log.is_progress_bar_enabled()
    log.set_verbosity_error()
    log.disable_progress_bar()
    try:
        yield
    finally:
        log.set_verbosity(level)
        if bars:
            log.enable_progress_bar()
