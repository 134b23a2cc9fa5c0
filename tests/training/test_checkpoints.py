"""Networks on disk: what is kept comes back, and what is not what it should be is named."""

import json

import pytest
import torch

from softlabels.errors import SoftLabelsError
from softlabels.training import checkpoints

ABOUT = {"p": "7", "network": "Perceptron"}


def kept(folder):
    tensors = {
        "weight1": torch.randn(2, 3, generator=torch.Generator().manual_seed(0)),
        "curve": torch.ones(2).double(),
    }
    checkpoints.save(folder / "a" / "e000005.safetensors", tensors | {"weight1": tensors["weight1"].T}, ABOUT)
    return folder / "a" / "e000005.safetensors", tensors


def test_what_is_kept_comes_back_to_the_last_bit(tmp_path):
    path, tensors = kept(tmp_path)
    found = checkpoints.load(path, ABOUT)
    assert found.keys() == tensors.keys() and found["curve"].dtype == torch.float64
    assert torch.equal(found["weight1"], tensors["weight1"].T) and torch.equal(found["curve"], tensors["curve"])
    assert [file.name for file in path.parent.iterdir()] == [path.name]  # nothing unfinished lies about


def test_what_is_not_there_is_none(tmp_path):
    assert checkpoints.load(tmp_path / "e000001.safetensors", ABOUT) is None


@pytest.mark.parametrize("spoilt", [b"", b"no network", None])
def test_a_file_that_is_not_whole_is_named(tmp_path, spoilt):
    path, _ = kept(tmp_path)
    path.write_bytes(path.read_bytes()[:-8] if spoilt is None else spoilt)
    with pytest.raises(SoftLabelsError, match="e000005.safetensors is not a whole file of a network; delete it"):
        checkpoints.load(path, ABOUT)


def test_another_network_is_refused(tmp_path):
    path, _ = kept(tmp_path)
    with pytest.raises(SoftLabelsError, match="holds a network of p = 7, not 11; delete it and run again"):
        checkpoints.load(path, ABOUT | {"p": "11"})
    with pytest.raises(SoftLabelsError, match="holds a network of code = None, not ab"):
        checkpoints.load(path, ABOUT | {"code": "ab"})


def test_a_failed_writing_leaves_the_old_file(tmp_path, monkeypatch):
    path, tensors = kept(tmp_path)

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(checkpoints.os, "replace", full)
    with pytest.raises(SoftLabelsError, match="could not be written: .*No space left"):
        checkpoints.save(path, {"weight1": torch.zeros(1)}, ABOUT)
    assert torch.equal(checkpoints.load(path, ABOUT)["weight1"], tensors["weight1"].T)
    assert [file.name for file in path.parent.iterdir()] == [path.name]


# ---- networks that older code has left -----------------------------------------------------------------------------


def leave(cache, name, verified=()):
    folder = cache / "teachers" / name
    folder.mkdir(parents=True)
    (folder / checkpoints.VERIFIED).write_text(json.dumps(list(verified)))
    return folder


def test_a_network_of_other_code_is_not_used(tmp_path):
    leave(tmp_path, "abc-11111111-cpu")
    own = tmp_path / "teachers" / "abc-22222222-cpu"
    assert checkpoints.folder(tmp_path, "abc", "2222222222222222", "cpu") == (own, "2222222222222222")


@pytest.mark.parametrize("name, code", [("abc-11111111-cpu", "1111111111111111"), ("abc", "")])
def test_one_that_was_verified_is_used_again(tmp_path, name, code):
    finding = {"from": code, "to": "2222222222222222", "device": "cpu"}
    older = leave(tmp_path, name, [finding])
    assert checkpoints.folder(tmp_path, "abc", "2222222222222222", "cpu") == (older, code)
    assert checkpoints.folder(tmp_path, "abc", "3333333333333333", "cpu")[0] != older  # the code has changed again
    assert checkpoints.folder(tmp_path, "abc", "2222222222222222", "cuda")[0] != older
    assert checkpoints.folder(tmp_path, "abcd", "2222222222222222", "cpu")[0] != older


def test_todays_own_comes_first(tmp_path):
    leave(tmp_path, "abc-11111111-cpu", [{"from": "1" * 16, "to": "2" * 16, "device": "cpu"}])
    own = leave(tmp_path, "abc-22222222-cpu")
    assert checkpoints.folder(tmp_path, "abc", "2" * 16, "cpu")[0] == own
