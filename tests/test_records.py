"""The records are complete, and the names that people type find their studies."""

import pytest

from softlabels import records
from softlabels.errors import SoftLabelsError
from softlabels.studies import STUDIES

MEMORIZED = [*(f"fig{n}" for n in (1, 2, 3, "4a", "4b", *range(5, 17))), "gpt2"]
FINDINGS = ["shared_initialisation", "low_temperature", "cut_tail", "gpt2_random_init", "many_classes"]
LABEL_WORTH = [*(f"fig{n}" for n in range(1, 13)), *(f"table{n}" for n in range(1, 8))]
OTHERS = ["shuffled_labels", "random_labels", "noisy_labels"]
JOINED = ["joined/utility_and_leakage", "joined/photographs", "joined/before_publishing", "joined/routes"]


def test_every_figure_table_and_finding_is_there_once():
    wanted = [f"memorized/{name}" for name in MEMORIZED + FINDINGS]
    wanted += [f"label_worth/{name}" for name in LABEL_WORTH + OTHERS] + JOINED
    assert sorted(record.id for record in records.all()) == sorted(wanted)


def test_each_record_says_what_it_is():
    for record in records.all():
        name = record.id.split("/")[1]
        kind = "figure" if name.startswith(("fig", "gpt2")) else "table" if name.startswith("table") else "finding"
        assert record.kind == ("finding" if name == "gpt2_random_init" else kind)
        assert (record.number is None) == (kind == "finding" or name.startswith("gpt2"))
        if record.number:
            assert name == ("table" if kind == "table" else "fig") + record.number
        assert record.paper == {"memorized": "B", "label_worth": "Q", "joined": "both"}[record.id.split("/")[0]]
        assert record.title and not record.title.endswith(".")
        assert record.notebook.startswith(f"notebooks/{record.id.split('/')[0]}/") and record.notebook.endswith(".py")


def test_published_numbers_and_costs_of_figure_4a():
    figure = records.find("memorized/fig4a")
    assert (figure.number, figure.number_published) == ("4a", "5A")
    assert (figure.flops, figure.flops_as_coded, figure.reported) == (9.3e14, 1.9e15, "13 GPU-days")


def test_studies_exist_and_each_is_somebodys():
    named = {study for record in records.all() for study in record.studies}
    assert named <= STUDIES.keys()
    assert {study for part in records.PARTS for study in records.studies_of(part)} == STUDIES.keys()


@pytest.mark.parametrize(
    ("typed", "studies"),
    [
        ("fig4a", ["memorized/temperature"]),
        ("memorized/fig12", ["memorized/temperature"]),
        ("temperature", ["memorized/temperature"]),
        ("memorized/linear_recovery", ["memorized/linear_recovery"]),
        ("notebooks/memorized/linear_recovery.py", ["memorized/linear_recovery", "memorized/linear_students"]),
        ("joined", [*JOINED, "joined/planted_or_not"]),
        ("memorized/linear_students", ["memorized/linear_students"]),
    ],
)
def test_names_find_their_studies(typed, studies):
    assert records.studies_of(typed) == studies


def test_studies_come_in_one_order():
    """In that of the file, whatever the hashes of a process: `run` and plans work in it."""
    also = records._file()["also"]
    last = [
        study
        for page in dict.fromkeys(record.page for record in records.of("memorized"))
        for study in also.get(page, [])
    ]
    found = records.studies_of("memorized")
    assert len(last) > 1 and [study for study in found if study in last] == last


def test_a_page_is_all_studies_of_its_figures():
    assert set(records.studies_of("temperature_and_classes")) == {
        "memorized/temperature",
        "memorized/temperature_ten_classes",
        "memorized/temperature_and_fraction",
        "memorized/classes",
        "memorized/low_temperature",
    }


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("fig1", "label_worth/fig1 or memorized/fig1"),
        ("temprature", "did you mean temperature"),
        ("nonsense", "no record, study, page or part 'nonsense'"),
    ],
)
def test_names_that_find_none_say_so(typed, said):
    with pytest.raises(SoftLabelsError, match=said):
        records.studies_of(typed)


def test_records_of_a_page_and_a_part():
    assert [record.id for record in records.of("memorized/two_dimensions")] == ["memorized/fig1", "memorized/fig7"]
    assert len(records.of("label_worth")) == len(LABEL_WORTH + OTHERS)
    assert records.find("fig16").id == "memorized/fig16"
