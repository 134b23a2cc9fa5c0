"""Headlines and Answers follow from rows: given rows that say the opposite, no page says the same."""

import inspect
from functools import cache, partial

import pandas as pd
import pytest
import torch
from claims.image_worlds import IMAGE_WORLDS
from sentences import NOTEBOOKS, Sentence, constant_headlines, says, unturned
from untrained import UNTRAINED

from softlabels.studies import find

pytestmark = pytest.mark.filterwarnings("ignore:__array_:DeprecationWarning")  # of tensors that matplotlib shows

PAGES = sorted(f"label_worth/{path.stem}" for path in (NOTEBOOKS / "label_worth").glob("*.py"))
TITLES = (  # captions and paragraphs that begin with what they are about, and state no finding
    "What K entries of a label say.", "Is a small K poor only because its labels weigh little?", "And in bytes.",
    "One image per class of each source", "What the teacher finds easy and hard.",
    "Choosing against drawing.", "What an error bar leaves out.",
    "Move the teacher's epoch.", "Without their soft labels", "Ours", "The paper’s", "The same, still:",
    "Which form.", "Table 2 on Tiny ImageNet at its own size", "Does a temperature make the early labels better too?",
)  # fmt: skip
NUMBERS = (  # sentences whose only finding is their numbers
    "Learned labels spread",
    "Learned labels have not been run at the paper's size",
    "After 3000 instead of 1000 epochs, students of soft labels are",
    "Four classes are removed at a time.",
    "With 1 image of each remaining class, a student recognises",
    "Without the best-recognised group",
    "Without its entries,",
    "On clean digits we made the labels sharper",
    "The last epoch's labels can also be smoothed",
    "Each of these digits has noise of its own, which images made from many of them are rid of",
    "The paper's claim is about photographs.",
    "The figure also shows the paper's curves for ImageNet",
    "So few draws give a standard deviation only to within a factor of",
    "Chance is 10 %, hard labels give none",
    "Shuffled labels lack structure, and many are wrong as well: they keep the teacher's first guess",
)


def right(*accuracies):
    """What the students of the page on softness would be right on, under each kind of labels, in percent."""
    return pd.DataFrame([accuracies, accuracies], columns=["soft labels", "rest spread evenly", "hard labels"])


def short(fixed, mixed):
    """Accuracies after short training by number of steps, with labels that do not turn or that do."""
    table = lambda values: pd.DataFrame([dict(zip((2, 4, 8, 16), values, strict=True))] * 2)  # noqa: E731
    return {"fixed": table(fixed), "mixed": table(mixed), "plain": table(mixed)}


def imitation(last):
    """How often students agree with the teacher, one draw of images after the other, after its first and last epoch."""
    return pd.DataFrame(
        {
            "labelled": part,
            "ipc": ipc,
            "epoch": epoch,
            "draw": draw,
            "agree": agree,
            "right": agree,
            "teacher_right": 90,
        }
        for part in ("its own training images", "images new to it")
        for ipc in (1, 5)
        for epoch, agree in ((2, 40), (8, 60), (16, 50), (40, last))
        for draw in (0, 1)
    )


TRUE = {  # page -> what its cells would have computed themselves
    "label_worth/zero_shot": {"explained": {1: (0.95, 0.0)}},
    "label_worth/softness_without_structure": {"right": right(50, 30, 30)},
    "label_worth/soft_labels_are_crucial": {"shorten": 20, "short": short((20, 20, 20, 20), (10, 15, 20, 30))},
    "label_worth/teacher_and_entropy": {"imitation": imitation(30), "apart": [0.3] * 10},
}
PARAGRAPHS = {  # page -> of paragraphs: what is said in the true world -> what in the first false one instead
    "label_worth/soft_labels_are_crucial": {
        "produces the paper's order": "do not show that the length of training turns the order",
    },
    "label_worth/teacher_and_entropy": {
        "labels falls from 1 to 10 images": "labels does not fall from 1 to 10 images",
        "at least half of the decline needs no memory": "in this run there is no decline",
        "are a possible cause too": "students do not surely agree less often",
        "have a fault which a temperature does not correct": "So the digits do not show",
    },
}
READS_STORED = ("teacher_and_entropy", "structure", "softness_without_structure", "data_and_knowledge", "zero_shot")
STORED = dict.fromkeys(  # page -> scales at which it finds stored rows
    [f"label_worth/{page}" for page in (*READS_STORED, "small_data_sets")], ("reduced",)
)
FALSE = {  # page -> the changes of each world in which claims of it fail; `given`: what its own cells compute there
    "label_worth/zero_shot": [{"removed": 0.0, "entries": 0.5, "given": {"explained": {1: (0.1, 0.8)}}}],
    "label_worth/sensitivity": [{"over_draws": 0.2, "easy": -0.03}],
    "label_worth/data_and_knowledge": [{"knowledge": -0.15}, {"gain": -0.05}, {"gain": 1.0}, {"best_epoch": 23.7}],
    "label_worth/structure": [
        {"top_swap": 1.2, "tail": 0.5, "other": 5, "rises": -0.01, "ratio": 1.0},
    ],
    "label_worth/softness_without_structure": [
        {"shuffled": 0.1, "given": {"right": right(50, 45, 30)}},
        {"gain": -0.05, "noise": 0.1, "random": 0.1, "of_class": 0.3, "rivals": -0.02},
    ],
    "label_worth/soft_labels_are_crucial": [
        {"gain": -0.05, "matched": 0.5, "given": {"shorten": 20, "short": short((20,) * 4, (20,) * 4)}}
    ],
    "label_worth/small_data_sets": [{"gain": -0.05}],
    "label_worth/learned_labels": [
        {"nearest": 1.0, "moves": 0.0, "together": -0.03, "learned": -0.2, "controls": -0.05}
    ],
    "label_worth/teacher_and_entropy": [
        {"best_epoch": 1000, "hot": 0.5, "given": {"imitation": imitation(70), "apart": [0.01] * 10}},
        {"hot": 0.5, "overfits": 0.0},
    ],
}


def rows(study, scale, stored=(), **changed):
    """A study's made-up rows, live ones and those of the `stored` scales, with the changes that its world knows."""
    if scale not in ("quick", *stored) or scale not in find(study).grids:
        return None
    world = IMAGE_WORLDS[study]
    return world(scale, **{name: changed[name] for name in changed.keys() & inspect.signature(world).parameters.keys()})


@pytest.fixture(scope="module", autouse=True)
def one_cache(tmp_path_factory):
    """A cache of these tests' own: no untrained teacher may be found by anyone else."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOFTLABELS_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield
    torch.set_num_threads(threads)


@cache
def true_world(page):
    return says(page, partial(rows, stored=STORED.get(page, ())), given=TRUE.get(page), instead=UNTRAINED)


@pytest.mark.parametrize("page", PAGES)
def test_no_finding_stays_where_its_rows_say_the_opposite(page):
    stays = set(true_world(page))
    for changed in FALSE[page]:
        changed = dict(changed)
        given = TRUE.get(page, {}) | changed.pop("given", {})
        opposite = says(page, partial(rows, stored=STORED.get(page, ()), **changed), given=given, instead=UNTRAINED)
        stays &= set(unturned(stays, opposite, TITLES + NUMBERS))
    assert not stays


@pytest.mark.parametrize("page", PARAGRAPHS)
def test_paragraphs_turn_with_their_rows(page):
    changed = dict(FALSE[page][0])
    worlds = [(TRUE[page], {}), (TRUE[page] | changed.pop("given"), changed)]
    texts = []
    for given, different in worlds:
        said = []
        known = partial(rows, stored=STORED.get(page, ()), **different)
        says(page, known, given=given, instead=UNTRAINED | {"softlabels.plots.answer": said.append})
        texts.append(" ".join(said))
    for sides in PARAGRAPHS[page].items():
        assert [[side in text for side in sides] for text in texts] == [[True, False], [False, True]], sides


@pytest.mark.parametrize("page", PAGES)
def test_every_page_has_an_answer(page):
    assert any(sentence.where == "answer" for sentence in true_world(page))


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("there", ["whole", "one image per class, one draw", "no CIFAR-100"])
def test_pages_say_something_of_rows_at_the_papers_size(page, there):
    """Complete grids lead a page with CIFAR-100; the first rows of a grid that is not complete break none."""

    def known(study, scale):
        frame = rows(study, scale, stored=("paper", "reduced"))
        if scale != "paper" or frame is None:
            return frame
        sets = {"whole": ["cifar100"], "no CIFAR-100": ["tiny-imagenet"]}.get(there, ["cifar100", "tiny-imagenet"])
        mine = frame["data"].isin(sets)
        if there != "whole":
            mine &= (frame.get("ipc", 1) == 1) & (frame.get("draw", 42) == 42) & (frame.get("teacher", 0) == 0)
        frame = frame[mine]
        return frame if len(frame) else None

    said = says(page, known, given=TRUE.get(page), instead=UNTRAINED)
    answer = " ".join(sentence.text for sentence in said if sentence.where == "answer")
    elsewhere = page.endswith(("soft_labels_are_crucial", "learned_labels"))  # their grids have no CIFAR-100
    assert answer and ("CIFAR-100" in answer or there != "whole" or elsewhere)


def test_a_sentence_that_differs_in_numbers_only_stays():
    said = [Sentence("answer", "It gains 3.0 points."), Sentence("answer", "It gains nothing.")]
    assert unturned(said, [Sentence("answer", "It gains −4.5 points.")]) == said[:1]
    assert unturned(said, [Sentence("answer", "It gains −4.5 points.")], ("It gains 3",)) == []


@pytest.mark.parametrize("page", PAGES)
def test_no_headline_is_a_constant(page):
    assert [headline for headline in constant_headlines(page) if not headline.startswith(TITLES)] == []
