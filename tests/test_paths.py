"""The project is found from where one stands, and no other book is taken for it."""

import errno
import os
import subprocess

import pytest

from softlabels import paths, sweep
from softlabels.errors import SoftLabelsError


def test_a_book_of_someone_elses_is_not_this_one(project, monkeypatch):
    inner = project / "other"
    (inner / "notebooks").mkdir(parents=True)
    (inner / "_config.yml").write_text("title: x\n")
    monkeypatch.chdir(inner)
    assert paths.project_root() == project


def test_outside_of_any_project_it_is_the_one_of_the_code(tmp_path, monkeypatch, root):
    monkeypatch.chdir(tmp_path)
    assert paths.project_root() == root
    monkeypatch.setattr(paths, "CODE", tmp_path)
    with pytest.raises(SoftLabelsError, match="is not inside the book's repository"):
        paths.project_root()


def test_a_copied_environment_does_not_run_the_originals_code_unnoticed(project):
    assert paths.project_root() == project
    (project / ".venv").mkdir()
    with pytest.raises(SoftLabelsError, match=r"but the code that runs is that of .*copied with its \.venv"):
        paths.project_root()


def test_a_repository_around_an_unpacked_archive_is_not_its_commit(tmp_path, monkeypatch):
    git = lambda *words: subprocess.run(["git", "-C", str(tmp_path), *words], check=True, capture_output=True)  # noqa: E731
    package = tmp_path / "unpacked" / "softlabels"
    package.mkdir(parents=True)
    (package / "code_hash.py").write_text("")
    git("init", "--quiet")
    git("-c", "user.name=x", "-c", "user.email=x@y", "commit", "--quiet", "--allow-empty", "-m", "another project's")
    monkeypatch.setattr(sweep, "PACKAGE", package)
    sweep._commit.cache_clear()
    assert sweep._commit() == ""
    git("add", ".")
    sweep._commit.cache_clear()
    assert sweep._commit() != ""
    sweep._commit.cache_clear()


# ---- folders that the environment names


@pytest.mark.parametrize("given", ["~/here", "here", "./x/../here"])
@pytest.mark.parametrize("name", ["SOFTLABELS_CACHE", "SOFTLABELS_DATA"])
def test_a_named_folder_is_one_place_whatever_folder_a_process_works_in(tmp_path, monkeypatch, given, name):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.setenv(name, given)
    monkeypatch.chdir(tmp_path)
    paths.settle_folders()
    (tmp_path / "notebooks").mkdir()
    monkeypatch.chdir(tmp_path / "notebooks")
    assert {"SOFTLABELS_CACHE": paths.cache_folder, "SOFTLABELS_DATA": paths.data_folder}[name]() == tmp_path / "here"


@pytest.mark.parametrize(
    ("folder", "inside", "meant"),
    [
        ("tiny-imagenet-200", "train", ""),
        ("cifar-10-batches-py", "data_batch_3", ""),
        ("imagenet64", "Imagenet64_val_npz", ""),
        ("imagenet", "train", ""),
        ("imagenet", "tiny-imagenet-200", "imagenet"),  # a folder of sets that happens to have the name of one
        ("mine", "train", "mine"),
        ("cifar-100-python", "missing", "cifar-100-python"),
    ],
)
def test_the_folder_of_a_set_means_the_one_around_it(tmp_path, monkeypatch, folder, inside, meant):
    (tmp_path / folder / inside).mkdir(parents=True)
    monkeypatch.setenv("SOFTLABELS_DATA", str(tmp_path / folder))
    paths.settle_folders()
    assert paths.data_folder() == tmp_path / meant


def test_a_user_without_a_home_is_told_what_to_set(monkeypatch):
    def unknown():
        raise RuntimeError("Could not determine home directory.")

    for name in ("SOFTLABELS_CACHE", "XDG_CACHE_HOME", "LOCALAPPDATA", "TORCHINDUCTOR_CACHE_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(paths.Path, "home", unknown)
    with pytest.raises(SoftLabelsError, match="no home folder: set SOFTLABELS_CACHE"):
        paths.cache_folder()
    paths.keep_compiled_code()
    assert "TORCHINDUCTOR_CACHE_DIR" not in os.environ


# ---- errors of the system


def said(error):
    """The sentence that an error of the system becomes."""
    with pytest.raises(SoftLabelsError) as told, paths.said_plainly():
        raise error
    return str(told.value)


@pytest.mark.parametrize("number", [errno.EACCES, errno.EROFS, errno.ENOTDIR, errno.EEXIST, errno.ELOOP])
def test_a_place_that_is_no_use_is_named_with_what_to_set(project, monkeypatch, number):
    monkeypatch.setenv("SOFTLABELS_DATA", str(project / "photos"))
    for place, advice in {
        "cache/data": "set SOFTLABELS_CACHE",
        "photos/x": "SOFTLABELS_DATA",
        "runs": "another",
    }.items():
        sentence = said(OSError(number, os.strerror(number), str(project / place)))
        assert sentence.startswith(f"{project / place}: {os.strerror(number)}.") and advice in sentence


def test_the_folder_above_the_cache_is_the_caches_matter(project):
    """`mkdir -p` fails at the first folder that is missing."""
    assert "SOFTLABELS_CACHE" in said(PermissionError(errno.EACCES, "Permission denied", str(project)))


def test_certificates_that_are_not_there(tmp_path, monkeypatch):
    requests = pytest.importorskip("requests")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "nowhere.pem"))
    with pytest.raises(SoftLabelsError, match=r"nowhere\.pem\. Let REQUESTS_CA_BUNDLE"), paths.said_plainly():
        requests.get("https://localhost:1")


@pytest.mark.parametrize(
    "error", [OSError(errno.EIO, "Input/output error"), FileNotFoundError(2, "no", "x"), OSError()]
)
def test_other_errors_stay_what_they_are(project, error):
    with pytest.raises(OSError) as raised, paths.said_plainly():
        raise error
    assert raised.value is error
