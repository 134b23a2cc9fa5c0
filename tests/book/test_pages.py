"""Pages made from rows: what their markers become, with and without rows."""

import base64

import pytest

from softlabels.book import claims_page, cost_page, data_page, landing, reference_page
from softlabels.book.pages import MARKERS, PAGES, fill
from softlabels.book.rendering import Book, cell_text, duration, numbered, power

from .conftest import ROOT

RAN = {"rows": 1600, "seeds": 5, "device": "cpu", "seconds": 7300.0, "finished": True}
VERDICT = {"verdict": "reproduced", "value": 0.98, "low": 0.97, "high": 0.99, "n": 5}
COST = {"flops": 9.3e14, "flops_as_coded": 1.9e15, "reported": "13 GPU-days", "note": None, "studies": {}}


def record(**changes):
    return {
        "id": "memorized/fig4a", "paper": "B", "kind": "figure", "number": "4a", "number_published": "5A",
        "title": "Temperature | complexity", "notebook": "notebooks/memorized/temperature_and_classes.py",
        "scales": {"quick": RAN, "reduced": None, "paper": None}, "claims": [], "cost": COST, **changes,
    }  # fmt: skip


def claim(**changes):
    return {
        "id": "M17", "record": "memorized/fig4a", "statement": "Hot labels leak.", "quantity": "accuracy",
        "criterion": "above 0.9", "published": {"value": 0.98, "where": "figure 4a"}, "other": None,
        "quick": VERDICT, "reduced": None, "paper": {"verdict": "not run", "value": None, "n": 0}, **changes,
    }  # fmt: skip


@pytest.fixture
def book(tmp_path):
    """A book without executed notebooks, of one record with one claim."""
    book = Book(tmp_path, tmp_path / "book", ["memorized/temperature_and_classes"])
    book.__dict__["facts"] = {
        "records": [record(claims=[{key: claim()[key] for key in ("id", "quick", "reduced", "paper")}])],
        "claims": [claim()],
        "joined": None,
        "reference": {
            "level": None,
            "teacher_panel": None,
            "seed_13": None,
            "best_on_test": [],
            "spread": None,
            "student_epochs": [],
            "starts": None,
        },
        "digits": {
            "right": dict.fromkeys(data_page.SETS, 0.5),
            "sizes": dict.fromkeys(data_page.SETS, [30, 10, 20, 10]),
            "noise": {name: 1.5 * name.startswith("noisy") for name in data_page.SETS},
            "picture": "aGVsbG8=",
        },
        "teachers": [],
        "missing": [],
        "measured": [],
        "devices": [],
        "machine": {"flops_per_second": 1e11, "threads": 2},
        "gpu": {"flops_per_second": 5e12},
    }
    return book


def test_every_marker_of_a_written_page_means_something():
    for page in PAGES:
        text = (ROOT / "book" / f"{page}.md").read_text(encoding="utf-8")
        names = [part.split(" -->")[0] for part in text.split("<!-- rows: ")[1:]]
        assert names and set(names) <= set(MARKERS), page


def test_an_unknown_marker_is_an_error(tmp_path):
    with pytest.raises(KeyError, match="nonsense"):
        fill("<!-- rows: nonsense -->", tmp_path, tmp_path, [])


@pytest.mark.parametrize("marker", MARKERS)
def test_every_marker_works_before_any_notebook_has_run(book, marker):
    assert isinstance(MARKERS[marker](book), str)


def test_a_picture_that_does_not_exist_yet_is_left_out(book):
    assert landing.picture(book) == ""


def test_the_joined_finding_has_numbers_once_there_are_rows(book):
    assert not any(letter.isdigit() for letter in landing.joined_finding(book))
    found = {"leak": 0.896, "hard_leak": 0.104, "chance": 1 / 9, "best_step": 120, "best_leak": 0.406}
    book.facts["joined"] = found | {"scale": "quick", "seeds": 12}
    said = landing.joined_finding(book)
    assert all(number in said for number in ("90%", "10%", "11%", "step 120", "41%", "12 replicates"))


def test_a_cell_counts_verdicts_and_leaves_out_what_was_not_run():
    found = record(
        claims=[{"quick": VERDICT}, {"quick": {"verdict": "inconclusive"}}, {"quick": {"verdict": "not run"}}]
    )
    cell = landing.scale_cell(found, "quick")
    assert "✓ 1" in cell and "? 1" in cell and "not run" not in cell


def test_a_card_takes_the_largest_scale_that_has_a_verdict():
    reproduced, missing, open_ = ({"verdict": verdict} for verdict in ("reproduced", "not run", "inconclusive"))
    assert landing.best_verdict({"quick": open_, "reduced": None, "paper": reproduced}) == "reproduced"
    assert landing.best_verdict({"quick": open_, "reduced": None, "paper": missing}) == "inconclusive"
    assert landing.best_verdict({"quick": None, "reduced": None, "paper": missing}) == "not run"


def test_a_record_without_claims_says_how_many_rows_it_has():
    assert "1600 rows" in landing.scale_cell(record(), "quick")


def test_what_was_not_run_says_so_with_its_cost():
    cell = landing.scale_cell(record(), "paper")
    assert "not run" in cell and "9.3 · 10<sup>14</sup> FLOP" in cell


def test_a_scale_that_a_study_does_not_have_stays_empty():
    cost = COST | {"studies": {"memorized/temperature": {"quick": {}, "paper": {}}}}
    assert landing.scale_cell(record(cost=cost), "reduced") == ""


def test_the_conferences_number_stands_beside_where_it_differs():
    assert numbered(record()) == "figure 4a (5A)"
    assert numbered(record(number_published="4a")) == "figure 4a"
    assert numbered(record(number=None, kind="finding")) == "finding"


def test_a_claim_shows_criterion_published_value_interval_and_verdict(book):
    table = claims_page.claim_table(book)
    line = next(line for line in table.splitlines() if line.startswith("| M17"))
    for words in ("Hot labels leak.", "accuracy: above 0.9", "0.98 [0.97, 0.99]", "5 replicates", "✓ reproduced"):
        assert words in line
    assert "ours, paper" in table and "ours, reduced" not in table
    assert claims_page.claim_summary(book) == "At quick scale: 1 reproduced."


def test_published_values_of_every_kind_are_shown():
    assert claims_page.published(claim(published={"value": [0.3, 0.32]})) == "0.3, 0.32"
    assert claims_page.published(claim(published={"value": True}, other={"value": "2|3"})) == "yes / 2\\|3"
    assert claims_page.published(claim(published={"value": None})) == "–"


def test_both_grids_of_figure_4a_and_the_doubt_about_the_days(book):
    said = cost_page.figure_4a(book)
    assert "9.3 · 10<sup>14</sup>" in said and "1.9 · 10<sup>15</sup>" in said
    assert "13 GPU-days; which of the two grids that was is not known" in said
    assert "took us" not in said  # nothing at paper scale yet
    book.facts["records"][0]["scales"]["paper"] = RAN | {"finished": False}
    assert "So far 1,600 of its students, 5 seeds, took us 2.0 h of computing on cpu" in cost_page.figure_4a(book)


def test_costs_have_a_line_a_figure(book):
    lines = cost_page.cost_table(book).splitlines()
    assert len(lines) == 3 + len(book.facts["records"]) + 1
    assert "| B, figure 4a (5A) | 9.3 · 10<sup>14</sup> |" in lines[3] and "2.6 h" in lines[3]


def test_what_is_not_stored_has_a_line_a_grid(book):
    assert cost_page.missing_table(book) == "Every grid is stored whole."
    part = {"study": "memorized/toy", "scale": "paper", "runs": 30, "of": 1000, "flops": 1.2e13, "bytes": 3.1e9}
    book.facts["missing"] = [part, part | {"bytes": 2.6e11}]
    small, large = cost_page.missing_table(book).splitlines()[3:5]
    assert small == "| `memorized/toy` | paper | 30 of 1,000 | 1.2 · 10<sup>13</sup> | 2.0 min | 2.4 s | 3.10 GB |"
    assert large.endswith("| 260 GB |") and "a GPU at 5 TFLOP/s" in cost_page.missing_table(book)


def test_what_was_measured_has_a_line_a_device_and_a_floor_where_the_device_is_known(book):
    part = {"study": "memorized/toy", "scale": "paper", "runs": 1000, "flops": 1.2e13, "seconds": 12.0}
    book.facts["measured"] = [
        part | {"device": "cpu", "models": ["A", "B"], "floor": 0.0},
        part | {"device": "cuda", "models": ["H"], "floor": 3.0},
    ]
    cpu, gpu = cost_page.measured_table(book).splitlines()[3:5]
    assert cpu == "| `memorized/toy` | paper | CPU (A, B) | 1,000 | 1.2 · 10<sup>13</sup> | 12 | – | – |"
    assert gpu.endswith("| CUDA (H) | 1,000 | 1.2 · 10<sup>13</sup> | 12 | 3.0 | 25% |")
    del book.facts["measured"][1]
    assert cost_page.measured_table(book).splitlines()[3].endswith("| 1,000 | 1.2 · 10<sup>13</sup> | 12 |")


def test_devices_are_compared_where_both_ran(book):
    assert "No run" in cost_page.devices_table(book)
    part = {"study": "memorized/toy", "scale": "paper", "runs": 8, "metric": "held_out_accuracy"}
    book.facts["devices"] = [part | {"equal": 0.75, "mean": -0.0012, "most": 0.01}]
    assert cost_page.devices_table(book).splitlines()[5] == (
        "| `memorized/toy` | paper | 8 | held out accuracy | 75% | −0.001 | 0.01 |"
    )


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.01, "< 0.1 s"), (3.14159, "3.1 s"), (89, "89.0 s"), (120, "2.0 min"), (7200, "2.0 h"), (2 * 86400, "2.0 days")],
)
def test_durations_for_readers(seconds, words):
    assert duration(seconds) == words


def test_powers_of_ten():
    assert power(9.3e14) == "9.3 · 10<sup>14</sup>"
    assert power(None) == power(0) == "–"


def test_text_in_a_cell_breaks_no_table():
    assert cell_text("a | b\n<c>") == "a \\| b &lt;c&gt;"


def test_findings_of_the_reference_code_have_a_verdict_and_a_place_on_the_page(book):
    assert reference_page.findings(book) == ""
    book.facts["claims"] += [claim(id=name, statement=f"Finding {name}.") for name in reference_page.FINDINGS]
    said = reference_page.findings(book).splitlines()
    page = (ROOT / "book" / "reference_code.md").read_text(encoding="utf-8")
    for name, (heading, anchor) in reference_page.FINDINGS.items():
        line = next(line for line in said if line.startswith(f"- **{name}, [{heading}](#{anchor})"))
        assert f"Finding {name}." in line and "0.98 [0.97, 0.99] over 5 replicates" in line
        assert "✓ reproduced" in line and "at quick scale" in line and "at paper scale" not in line
        assert f"({anchor})=\n### {heading}\n" in page
    book.facts["claims"][-1]["quick"] = None
    assert "not run yet." in reference_page.findings(book)


def test_sentences_of_the_reference_code_have_the_rows_numbers(book):
    ran = {"scale": "paper", "seeds": 5}
    moved = {"teacher": 0, "recovery": 1, "shuffled": 13}
    book.facts["reference"] = {
        "level": ran | {"temperatures": 40, "moved": moved, "most": 0.05},
        "teacher_panel": ran | {"d": 1600, "most": 0.0048, "alpha": 2.285},
        "seed_13": {"scale": "paper", "accuracy": 58 / 60},
        "best_on_test": [
            {"scale": "paper", "students": 9, "evaluations": [5, 15], "test": 0.31, "validation": -0.02},
            {"scale": "quick", "students": 400, "evaluations": [6, 6], "test": 1.2, "validation": 0.1},
        ],
        "spread": {"scale": "quick", "ipc": [1, 10], "students": [2.1, 1], "draws": [2, 1.1], "teachers": [1.3, 1.45]},
        "student_epochs": [
            {"epochs": 1000, "accuracy": 0.059, "students": 3},
            {"epochs": 3000, "accuracy": 0.083, "students": 3},
        ],
        "starts": {"shared": 1.0, "independent": 0.0891, "replicates": 3, "fresh": 0.002},
    }
    said = reference_page.best_on_test(book)
    assert (
        "+0.31 points at paper scale (9 students, 5 to 15 evaluations each; chosen on validation images −0.02)" in said
    )
    assert "+1.20 points at quick scale (400 students, 6 evaluations each" in said
    assert "(quick scale, 1 / 10 images a class) the standard deviation is 2.1 / 1 points" in reference_page.spread(
        book
    )
    assert "5.9 % after 1000 epochs (3 students), 8.3 % after 3000" in reference_page.student_epochs(book)
    said = reference_page.starts(book)
    assert "1.000 of the held-out pairs" in said and "0.089 with an independent one" in said and "average 0.70;" in said
    said = reference_page.level(book)
    assert "paper scale, 5 seeds, 40 temperatures" in said and "at 13, by at most 0.05" in said
    assert "at most 0.0048, at α = 2.29" in reference_page.teacher_panel(book)
    assert "96.7 %" in reference_page.seed_13(book)


def test_the_page_of_data_has_sizes_checksums_and_a_picture(book):
    table, sums, picture = data_page.sets(book), data_page.checksums(book), data_page.digits(book)
    line = next(line for line in table.splitlines() if line.startswith("| `cifar100`"))
    assert "50,000 + 10,000" in line and "CIFAR-10's numbers" in line and "169 MB" in line
    assert "- CIFAR-10's numbers: mean 0.4914" in table and "ZCA" in table and "Terms of `cifar10`, `cifar100`" in table
    assert "6198c8ae015e2b3e007c7841da39ec069199b9aa3bfa943a462022fe5e43c821  tiny-imagenet-200.zip" in sums
    assert "names 50% of the clean digits" in picture and "base64,aGVsbG8=" in picture
    digits = data_page.digit_sets(book)
    assert "| `noisy digits` | 30 | 10 | 20 | 10 | 8×8 | standard deviation 1.5 |" in digits and "| none |" in digits


def test_digits_are_too_easy_clean():
    said = data_page.digit_facts()
    right = said["right"]
    assert said["sizes"]["noisy digit pairs"] == [3000, 1000, 2000, 100] and said["noise"]["clean digits"] == 0
    assert right["clean digits"] > 0.85 > 0.7 > right["noisy digits"] > 0.3
    assert right["clean digit pairs"] > 0.7 > 0.6 > right["noisy digit pairs"] > 0.05
    assert base64.b64decode(said["picture"]).startswith(b"\x89PNG")
