"""GPT-2 as a classifier: both starts, without a network connection, and what is said where something is missing."""

import os
import subprocess
import sys

import pytest
import torch

from softlabels.errors import SoftLabelsError
from softlabels.models import language

TRIPLETS = torch.tensor([[3, 12, 5], [112, 1, 120]])
TINY = language.Shape(layers=1, heads=2, width=16)


def test_the_pretrained_vocabulary_is_padded_on_the_left(pretrained):
    tokens = language.encode("pretrained", TRIPLETS)
    assert tokens["input_ids"].tolist() == [
        [13, 13, 13, 13, 13, 13, 3, 12, 10, 5],  # 3, " 12", " ", 5
        [13, 13, 13, 13, 1, 1, 2, 11, 12, 0],  # 1, 1, 2, " 1", " 12", 0
    ]
    assert tokens["attention_mask"].tolist() == [[0] * 6 + [1] * 4, [0] * 4 + [1] * 6]


def test_pretrained_networks_share_their_backbone_and_not_their_read_out(pretrained):
    one, again, other = (language.network("pretrained", TINY, 20, 7, seed) for seed in (1, 1, 2))
    backbone = "transformer.wte.weight", "transformer.h.0.attn.c_attn.weight"
    for name, tensor in one.named_parameters():
        assert torch.equal(tensor, again.get_parameter(name))
        if name in backbone:
            assert torch.equal(tensor, other.get_parameter(name))
    assert not torch.equal(one.score.weight, other.score.weight)
    one.eval()
    assert one(**language.encode("pretrained", TRIPLETS)).logits.shape == (2, 7)


def test_the_last_token_is_read_wherever_the_padding_is(pretrained):
    network = language.network("pretrained", TINY, 20, 7, 0).eval()
    tokens = language.encode("pretrained", TRIPLETS)
    both, alone = (network(**{k: t[rows] for k, t in tokens.items()}).logits for rows in ([0, 1], [1]))
    torch.testing.assert_close(both[1:], alone)


def test_numbers_of_many_digits_do_not_fit(pretrained):
    with pytest.raises(SoftLabelsError, match="may have 10 tokens, one of these has"):
        language.encode("pretrained", TRIPLETS * 3_333_333)


def test_a_random_start_needs_no_download():
    pytest.importorskip("transformers")
    tokens = language.encode("random", TRIPLETS)
    assert tokens["input_ids"].tolist() == [[2, 11, 4], [111, 0, 119]] and tokens["attention_mask"].all()
    one, other = (language.network("random", TINY, 120, 7, seed) for seed in (1, 2))
    assert one(**tokens).logits.shape == (2, 7)
    assert not torch.equal(one.transformer.wte.weight, other.transformer.wte.weight)
    assert type(one).__name__ == "GPT2ForSequenceClassification"


def test_the_global_generator_is_left_as_it_was():
    pytest.importorskip("transformers")
    before = torch.random.get_rng_state()
    language.network("random", TINY, 20, 7, 1)
    assert torch.equal(torch.random.get_rng_state(), before)


def test_without_the_library(monkeypatch):
    monkeypatch.setitem(sys.modules, "transformers", None)
    for ask in (lambda: language.network("random", TINY, 20, 7, 0), lambda: language.encode("pretrained", TRIPLETS)):
        with pytest.raises(SoftLabelsError, match="needs the package transformers, which is not installed; type pip"):
            ask()


def test_without_the_weights(monkeypatch, tmp_path):
    pytest.importorskip("transformers")
    monkeypatch.setattr(language, "PRETRAINED", str(tmp_path / "nowhere"))
    for ask in (
        lambda: language.network("pretrained", TINY, 20, 7, 0),
        lambda: language.encode("pretrained", TRIPLETS),
    ):
        with pytest.raises(SoftLabelsError, match="could not be fetched; run once where huggingface.co can be reached"):
            ask()


def test_without_a_network_connection(tmp_path):
    """As on a machine behind a wall: a process of its own, because the library reads the setting once."""
    pytest.importorskip("transformers")
    say = """
from softlabels.models import language
try:
    language.network("pretrained", None, 0, 2, 0)
except language.SoftLabelsError as error:
    print(error)
"""
    offline = os.environ | {"HF_HUB_OFFLINE": "1", "HF_HOME": str(tmp_path)}
    said = subprocess.run([sys.executable, "-c", say], env=offline, capture_output=True, text=True, check=True)
    assert said.stdout.startswith("The pretrained weights of gpt2 are not on this machine and could not be fetched;")


@pytest.mark.parametrize(
    ("start", "shape", "says"),
    [
        ("fresh", TINY, "starts pretrained or random, not 'fresh'"),
        ("random", language.Shape(1, 3, 16), "a width that is a multiple of its heads"),
        ("random", language.Shape(0, 2, 16), "all at least 1"),
    ],
)
def test_bad_input(start, shape, says):
    pytest.importorskip("transformers")
    with pytest.raises(SoftLabelsError, match=says):
        language.network(start, shape, 20, 7, 0)
