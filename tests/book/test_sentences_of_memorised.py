"""What the pages of paper B and the joined page say turns when their rows are turned round."""

import pytest
import torch
from claims.memorised_pages import label_treatments, pages
from claims.worlds import photographs
from sentences import NOTEBOOKS, constant_headlines, says, unturned

from softlabels.studies import modular_teachers

pytestmark = pytest.mark.filterwarnings("ignore")  # of networks that nobody trained, and of numpy about torch

UNTRAINED = {  # what cells of a page train themselves stays as it starts
    "softlabels.training.two_layer.train": lambda start, *_, **__: start,
    "softlabels.training.linear.train": lambda inputs, labels, start, **_: start.contiguous(),
    "softlabels.training.adamw.train": lambda logits_of, start, *_, **__: start,
    "softlabels.training.reference.train_reference_logistic": lambda inputs, targets, start, **_: torch.ones_like(
        start
    ),
    "softlabels.studies.two_dimensions.teach": lambda start, *_, **__: (start, torch.tensor([100])),
    "softlabels.studies.modular_teachers.teachers": lambda pack, *_: {
        s.seed: modular_teachers.Teacher(modular_teachers.start(s), torch.zeros(1, 3)) for s in pack
    },
}
PAGES = {  # page -> what states no finding about rows
    "memorized/two_dimensions": [  # pictures of one data set, which its own cells compute
        "who-sees-what",
        "two-dimensions",
        "two-dimensions-twenty-classes",
        "two-dimensions-rho",
        "two-dimensions-rho-static",
        "A student takes over a part of the teacher's map",
    ],
    "memorized/linear_recovery": [],
    "memorized/temperature_and_classes": [],
    "memorized/random_networks": ["phases-losses"],  # numbers only
    "memorized/label_treatments": ["treated-label"],  # one label, of the page's own cells
    "memorized/language_model": ["By the authors' notebook, yes"],  # what was not run here
    "memorized/modular_addition": ["modular-pairs", "inference, not a proof"],  # a picture of the split
    "joined/utility_and_leakage": [
        "canaries",  # six images, of the page's own cells
    ],
    "joined/before_publishing": [],
    "joined/routes": ["All this is on handwritten digits", "The planted labels are random"],
}


def said(page, true, **stored):
    rows = {"quick": pages(true)[page], **stored}
    return says(page, lambda study, scale: rows.get(scale, {}).get(study), instead=UNTRAINED)


@pytest.mark.parametrize("page", PAGES)
def test_no_sentence_stays_when_its_rows_are_turned_round(page):
    assert not unturned(said(page, True), said(page, False), PAGES[page])


def headline(page, figure, study, changed):
    """A figure's headline where the true rows of one study are changed."""
    rows = pages(True)[page]
    rows |= {study: changed(rows[study])}
    sentences = says(page, lambda study, scale: rows.get(study) if scale == "quick" else None, instead=UNTRAINED)
    return next(sentence.text for sentence in sentences if sentence.where == f"headline of {figure}")


@pytest.mark.parametrize(
    ("level", "of_thresholds", "of_maps"),
    [
        (1.0, "there are sample sizes at which at least 99 %", "recovered at high temperature, not at low"),
        (0.9, "At no temperature and sample size", "More held-out labels are right at high temperature than at low"),
        (0.7, "At no temperature and sample size", "not better recovered at high temperature"),
    ],
)
def test_labels_are_recovered_from_the_level_on(level, of_thresholds, of_maps):
    page, study = "memorized/temperature_and_classes", "memorized/temperature"
    changed = lambda rows: rows.assign(held_out_accuracy=rows["held_out_accuracy"].clip(upper=level))  # noqa: E731
    assert of_thresholds in headline(page, "temperature", study, changed)
    assert of_maps in headline(page, "temperature-maps-live", study, changed)


@pytest.mark.parametrize(("tau", "words"), [(0, "trained at τ = 20 and at τ = 1 recover"), (1, "at τ = 20 recover")])
def test_at_which_temperatures_trained_students_recover_all(tau, words):
    def changed(rows):
        finds = (rows["tau"] > tau) & (rows["rho"] * rows["n"] >= rows["d"])
        return rows.assign(held_out_accuracy=rows["teacher_accuracy"].where(finds, rows["held_out_accuracy"]))

    page = "memorized/linear_recovery"
    assert words in headline(page, "linear-students-descent", "memorized/linear_students", changed)


def test_rows_that_remove_classes_alone_have_a_figure_of_their_own():
    page, study = "memorized/label_treatments", "memorized/label_treatments"
    headlines = set()
    for true in (True, False):
        sentences = said(page, True, reduced={study: label_treatments(true, "reduced")})
        headlines |= {sentence.words for sentence in sentences if sentence.where == "headline of removed-class"}
    assert len(headlines) == 2


def test_what_is_said_of_photographs_turns():
    turned = {"leak": 0.004, "early": 0.03, "taught": -0.02}
    kinds = []
    for world in ({}, turned):
        known = {"joined/photographs": photographs(**world).assign(plain_recall=0.02 if world else 0.1)}
        sentences = said("joined/utility_and_leakage", True, reduced=known)
        kinds.append(
            [
                s.words
                for s in sentences
                if s.where == "headline of photographs" or s.text.startswith("Among photographs")
            ]
        )
    assert [len(words) for words in kinds] == [2, 2] and not set(kinds[0]) & set(kinds[1])


@pytest.mark.parametrize(
    ("early", "recall", "words"),
    [
        (0.03, 0.05, "leak above chance, but rank fewer planted labels first than the teacher itself predicts"),
        (0.05, 0.05, "leak above chance, but rank neither clearly more nor fewer planted labels first"),
        (0.004, 0.05, "are not seen to leak above chance"),
    ],
)
def test_students_of_an_early_teacher_of_photographs(early, recall, words):
    known = {"joined/photographs": photographs(early=early, recall=recall)}
    sentences = said("joined/utility_and_leakage", True, reduced=known)
    assert sum(f"an early teacher {words}" in sentence.text for sentence in sentences) == 1


def test_where_a_claim_is_open_it_is_said_what_labels_may_still_hide():
    page, study = "joined/before_publishing", "joined/before_publishing"
    rows = pages(True)[page][study]
    cold = (rows["tau"] == 0.5) & (rows["student"] == "adaptive")
    scattered = rows.assign(leak=rows["leak"] - cold * 0.1 * (rows["seed"] % 2))
    bold = [s.text for s in says(page, lambda _, scale: {"quick": scattered}.get(scale), instead=UNTRAINED)]
    assert any(text.startswith("At τ = 1 a low leak is no protection") for text in bold)
    assert "Temperature is no defence." not in bold


@pytest.mark.parametrize(
    ("patient", "words"),
    [(0.6, "The last holds for students of"), (0.2, "do not clearly leak more: after 4 times as many")],
)
def test_what_more_steps_of_the_student_change(patient, words):
    page = "joined/utility_and_leakage"
    rows = pages(True)[page][page]
    usual = rows["student_steps"] == rows["student_steps"].min()
    changed = rows.assign(leak=rows["leak"].where(usual, patient))
    sentences = says(page, lambda _, scale: {"quick": changed}.get(scale), instead=UNTRAINED)
    assert sum(s.where == "answer" and words in s.text for s in sentences) == 1


@pytest.mark.parametrize("page", PAGES)
def test_no_headline_is_a_constant(page):
    assert not constant_headlines(page)


@pytest.mark.parametrize("page", PAGES)
def test_every_page_has_an_answer(page):
    assert "## Answer\\n\\n" in (NOTEBOOKS / f"{page}.py").read_text(encoding="utf-8")
