"""What several test modules share."""

from pathlib import Path

import pytest


@pytest.fixture
def root() -> Path:
    """The project that is being tested."""
    return Path(__file__).resolve().parents[1]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty project in a temporary folder, which `softlabels.paths` finds from here; its cache is empty too."""
    (tmp_path / "_config.yml").write_text("title: a project of the tests\n", encoding="utf-8")
    (tmp_path / "results").mkdir()
    (tmp_path / "notebooks").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SOFTLABELS_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("SOFTLABELS_DATA", raising=False)
    return tmp_path
