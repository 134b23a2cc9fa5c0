"""The project is found from where one stands, and no other book is taken for it."""

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


def test_a_tilde_is_the_home_folder(tmp_path, monkeypatch):
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.setenv("SOFTLABELS_CACHE", "~/kept")
    assert paths.cache_folder() == tmp_path / "kept"
