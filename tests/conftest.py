"""What several test modules share."""

import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings

# The same examples in every run; no example is kept from the last one.
settings.register_profile("same", derandomize=True, database=None, deadline=None)
settings.load_profile("same")

# One thread, here and in what tests start: sums are then rounded alike on any machine, and threads never wait.
os.environ["OMP_NUM_THREADS"] = "1"

# What one test compiles, the others and those of the next run use, whatever their cache folder.
os.environ.setdefault("TORCHINDUCTOR_CACHE_DIR", os.path.join(tempfile.gettempdir(), "softlabels-tests-compiled"))


@pytest.fixture
def root() -> Path:
    """The project that is being tested."""
    return Path(__file__).resolve().parents[1]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty project in a temporary folder, which `softlabels.paths` finds from here; its cache is empty too."""
    (tmp_path / "_config.yml").write_text(
        "title: a project of the tests\nsphinx: {extra_extensions: [softlabels.book]}\n", encoding="utf-8"
    )
    (tmp_path / "results").mkdir()
    (tmp_path / "notebooks").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SOFTLABELS_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("SOFTLABELS_DATA", raising=False)
    return tmp_path


@pytest.fixture
def pretrained(tmp_path, monkeypatch):
    """A tiny published GPT-2: its tokenizer and weights in a folder, where the library looks for the real one."""
    transformers = pytest.importorskip("transformers")
    import torch
    from tokenizers import Tokenizer, models, pre_tokenizers

    from softlabels.models import language

    vocabulary = {word: i for i, word in enumerate([*"0123456789", "Ġ", "Ġ1", "Ġ12", "<|endoftext|>"])}
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=[("Ġ", "1"), ("Ġ1", "2")]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    end = dict.fromkeys(("eos_token", "bos_token", "unk_token"), "<|endoftext|>")
    transformers.PreTrainedTokenizerFast(tokenizer_object=tokenizer, **end).save_pretrained(tmp_path)
    config = transformers.GPT2Config(
        vocab_size=14, n_positions=16, n_embd=16, n_layer=1, n_head=2, bos_token_id=13, eos_token_id=13
    )
    with torch.random.fork_rng():
        transformers.GPT2LMHeadModel(config).save_pretrained(tmp_path)
    monkeypatch.setattr(language, "PRETRAINED", str(tmp_path))
