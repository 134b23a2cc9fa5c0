"""The teachers' half of the page of data and teachers, from rows made for the purpose and from the page itself."""

import base64
import re

import pandas as pd
import pytest

from softlabels.book import facts, teachers_page

from .conftest import ROOT


def teachers(data="noisy digits", augmented=True, epochs=(0, 10, 20), seeds=(0, 1)):
    """Rows of teachers whose accuracy grows by a point an epoch; the second seed stops at its second epoch."""
    return [
        {
            "data": data, "network": "ConvNetD2 w16", "lr": 0.05, "batch": 64, "augmented": augmented, "seed": seed,
            "epoch": epoch, "accuracy": epoch / 100, "train_accuracy": epoch / 50, "entropy": 2 - epoch / 20,
            "train_entropy": 1.9 - epoch / 20,
        }
        for seed in seeds for epoch in epochs[: 2 if seed else None]
    ]  # fmt: skip


@pytest.fixture
def found(monkeypatch, tmp_path):
    """What the page reads off rows of two scales."""
    frames = {
        "paper": pd.DataFrame(teachers("tiny-imagenet", epochs=(0, 11))),
        "quick": pd.DataFrame(teachers() + teachers(augmented=False, seeds=(0,))),
    }
    for scale, frame in frames.items():
        frame.attrs = {"scale": scale, "device": "cpu", "seconds": 61.0}
    monkeypatch.setattr(facts, "every_scale", lambda study, root: frames)
    return teachers_page.teacher_facts(tmp_path)


class Said:
    def __init__(self, found):
        self.facts = {"teachers": found}


def test_each_kind_of_teacher_is_read_after_its_own_last_epoch(found):
    tiny, plain, bare = (kind for scale in found for kind in scale["kinds"])
    assert (tiny["name"], tiny["last"], tiny["teachers"]) == ("Tiny ImageNet", 11, 2)
    assert (plain["name"], plain["last"], plain["teachers"], plain["accuracy"]) == ("noisy digits", 20, 1, 0.2)
    assert bare["name"] == "noisy digits, not augmented" and bare["entropy"] == 1
    assert [scale["printed"] for scale in found] == [True, False]  # table 7 has no digits
    assert all(base64.b64decode(scale["picture"]).startswith(b"\x89PNG") for scale in found)


def test_figures_and_table_say_what_the_rows_say(found):
    book = Said(found)
    figures, table = teachers_page.curves(book), teachers_page.ends(book)
    assert figures.count("<figure") == 2 and 'id="fig-teachers-quick"' in figures
    assert "Noisy digits: after 20 epochs right on 20% of test images and 40% of training images" in figures
    assert figures.count("table 7") == 2 * 1  # alt text and caption of the paper's scale
    assert 'href="rows/label_worth/teachers.paper.csv"' in figures and "Quick scale: CPU, 61.0 s" in figures
    assert "| noisy digits, not augmented | quick | ConvNetD2 w16 | 0.05, 64 | 20 (1) | 20.0%, 40.0% | 1.00 |" in table


def test_without_rows_the_page_says_so():
    assert teachers_page.curves(Said([])) == teachers_page.ends(Said([])) == teachers_page.NO_ROWS


def test_the_pages_own_example_runs(monkeypatch, tmp_path):
    monkeypatch.setenv("SOFTLABELS_CACHE", str(tmp_path))
    text = (ROOT / "book" / "data_and_teachers.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", text[text.index("## Teachers") :], re.DOTALL)
    said = {}
    exec(code.replace('"epochs": 40', '"epochs": 2').replace("20", "1").replace("[1, 40]", "[1, 2]"), said)
    assert said["logits"].shape == (597, 10) and len(list(tmp_path.rglob("*.safetensors"))) == 3
