"""GPT-2 as a classifier of number triplets, from the optional library transformers.

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
    """The module transformers. Raises SoftLabelsError with the command that installs it where it is missing."""
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

    start: "pretrained" is the published network with a new read-out; "random" has this shape, new weights throughout
    and one token for each number 1 … `numbers`. New weights are drawn from `seed`. Raises SoftLabelsError where
    transformers is missing, where the pretrained weights cannot be loaded, and for sizes that do not fit.
    """
    check_start(start)
    transformers = library()
    if start == "pretrained":
        kind = transformers.GPT2ForSequenceClassification
        with seeded(seed), quiet(transformers):
            model = fetched(kind, num_labels=classes, dtype=torch.float32)
        model.config.pad_token_id = model.config.eos_token_id  # logits are read at the last token that is not padding
        model.config.use_cache = False  # of keys and values, for texts that are written word by word
        return model
    if min(shape.layers, shape.heads, shape.width) < 1 or shape.width % shape.heads:
        raise SoftLabelsError(f"A GPT-2 needs a width that is a multiple of its heads, all at least 1, not {shape}.")
    config = transformers.GPT2Config(
        vocab_size=numbers + 1, n_positions=LENGTH, n_embd=shape.width, n_layer=shape.layers, n_head=shape.heads,
        num_labels=classes, pad_token_id=numbers, bos_token_id=numbers, eos_token_id=numbers,
        use_cache=False,
    )  # fmt: skip
    with seeded(seed):
        return transformers.GPT2ForSequenceClassification(config)


def encode(start: str, triplets: Tensor) -> dict[str, Tensor]:
    """Triplets (n, 3) of numbers from 1 on as inputs of a network: input_ids and attention_mask, (n, T).

    "random": each number is a token, T = 3, nothing is downloaded. "pretrained": the text `a b c` in GPT-2's own
    vocabulary, padded on the left with its end-of-text token to T = 10. Errors as in `network`.
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
    """Raise SoftLabelsError unless `start` is one of STARTS."""
    if start not in STARTS:
        raise SoftLabelsError(f"A language model starts {' or '.join(STARTS)}, not {start!r}.")


def fetched(kind, **how):
    """The tokenizer or network of class `kind` of the pretrained GPT-2, from the library's cache or downloaded."""
    try:
        return kind.from_pretrained(PRETRAINED, **how)
    except (OSError, ValueError) as error:
        raise SoftLabelsError(
            f"The pretrained weights of {PRETRAINED} are not on this machine and could not be fetched; run once where "
            "huggingface.co can be reached, or point HF_HOME at a copy. The random start needs no download."
        ) from error


@contextmanager
def seeded(seed: int, device: str = "cpu"):
    """Run a block with PyTorch's global generators seeded, because the library draws from them; restore them after."""
    devices = [torch.cuda.current_device()] if device == "cuda" else []
    with torch.random.fork_rng(devices=devices):
        torch.manual_seed(seed)
        yield


@contextmanager
def quiet(transformers):
    """Run a block without the library's warning that the read-out is new and without its progress bars."""
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
