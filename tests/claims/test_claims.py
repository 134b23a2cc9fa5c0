"""The claims as data, and what is printed of them."""

import json
import re

import pandas as pd
import pytest

from softlabels import claims, records
from softlabels.claims import rules
from softlabels.claims.readings.points import grid_of, pool
from softlabels.claims.rules import Verdict, together
from softlabels.claims.table import PAPERS, SOURCES, Table, decided_by, measured, printed
from softlabels.errors import SoftLabelsError

from .worlds import WORLDS

WANTED = [f"L{n:02}" for n in range(1, 42)] + [f"M{n}" for n in range(1, 41)]
WANTED += [f"N{n}" for n in range(1, 10)] + [f"J{n}" for n in (*range(1, 18), *range(20, 40))]
ARITHMETIC_ONLY = {"L04", "L07", "L08", "L41"}
LARGER = {"L11": "paper", "M38": "paper", "M39": "paper", "N6": "reduced"}
LARGER |= dict.fromkeys(("J37", "J38", "J39"), "reduced")  # at quick scale they name nothing
VERDICTS = ("reproduced", "not reproduced", "inconclusive", "not run", rules.CONSISTENT)


def test_every_claim_is_there_once_and_whole():
    ids = [claim.id for claim in claims.all()]
    assert len(ids) == len(set(ids)) and set(ids) == set(WANTED)
    for claim in claims.all():
        assert claim.record in {record.id for record in records.all()}
        assert claim.statement.endswith(".") and "where" in claim.published
        assert bool(claim.checks) == (claim.id not in ARITHMETIC_ONLY)
        assert not claim.checks or claim.studies and claim.names(LARGER.get(claim.id, "quick"))
        for check in claim.checks:
            assert callable(claims.READINGS[check.measure])
            assert rules.bounds(check.rule)[0] <= rules.bounds(check.rule)[1]
            assert set(check.points) <= set(claims.SCALES)


def test_claims_are_found_by_id_record_page_and_part():
    assert [claim.id for claim in claims.of("M17")] == ["M17"]
    assert [claim.id for claim in claims.of("memorized/two_dimensions")] == ["M1", "M2", "M3"]
    assert [claim.id for claim in claims.of("memorized/fig10")] == ["M16"]
    assert [claim.id for claim in claims.of("label_worth/zero_shot")] == ["L28", "L29", "L30"]
    assert len(claims.of(None)) == len(claims.all())
    with pytest.raises(SoftLabelsError, match="no claim, record, page or part 'M99'"):
        claims.of("M99")


def test_a_sentence_follows_from_the_verdict_at_the_scale_of_its_rows():
    def said(**changed):
        rows = WORLDS["memorized/two_dimensions"](**changed)
        return claims.sentence("M1", rows, "soft labels win", "they do not", "who knows")

    assert said(soft=0.5, hard=0.35) == "soft labels win"
    assert said(soft=0.35, hard=0.5) == "they do not"
    of_smoke = WORLDS["memorized/two_dimensions"]().copy()
    of_smoke.attrs = {"study": "memorized/two_dimensions", "scale": "smoke"}  # where nothing is judged
    assert claims.sentence("M1", of_smoke, "soft labels win", "they do not", "who knows") == "who knows"


def test_what_rows_say_is_said_scale_by_scale():
    world, of_smoke = WORLDS["memorized/two_dimensions"], WORLDS["memorized/two_dimensions"]().copy()
    of_smoke.attrs = {"study": "memorized/two_dimensions", "scale": "smoke"}
    frames = [world(soft=0.5, hard=0.35), of_smoke]
    assert claims.by_scale("M1", frames) == "yes at quick scale, not run at smoke scale"
    assert claims.by_scale("M1", [world(soft=0.35, hard=0.5)]) == "no at quick scale"


def test_a_criterion_says_rule_and_points():
    said = {claim.id: claim.criterion for claim in claims.all()}
    assert said["M11"] == "between 1.7 and 2.1"
    assert said["M13"] == "above 0.99 (quick: d = 200, ρ = 0.8, α = 1.64; paper: d = 1600, ρ = 0.803, α = 1.612)"
    assert said["M17"] == "within 0.025 of 0.5"
    assert said["M21"] == "exactly 0"
    assert said["N2"] == "least squares above 0.99 and Newton at quick scale above 0.99 and Adam below 0.99 (τ = 1)"
    assert said["L04"] == "the paper's own numbers: above −1 (IPC = 1, 10, 50, 100, 200)"
    assert said["L06"] == (
        "above 0 (noisy digits, IPC = 1, to labels = cutmix, teacher epoch = 40); "
        "the paper's own numbers: above 0 (IPC = 1)"
    )
    assert said["L22"].startswith(
        "probability rises at least 0.75 and entropy falls at least 0.75 and similar runner-up"
    )


def test_a_rule_that_leaves_more_room_than_one_point_or_five_percent_is_argued_beside_its_claim():
    for claim in claims.all():
        point = 1 if claim.record.startswith("label_worth") else 0.01  # paper Q counts in percent
        wide = [check.rule for check in claim.checks if rules.tolerance(check.rule, point) > 1.01]  # limits are rounded
        assert claim.because or not wide, (claim.id, wide)


def test_json_has_the_shape_that_is_promised():
    rows = {"memorized/linear_recovery": {"quick": WORLDS["memorized/linear_recovery"]()}}
    said = claims.claims(rows)
    json.dumps(said, allow_nan=False)
    for claim in said["claims"]:
        assert list(claim) == [
            "id", "record", "statement", "quantity", "criterion", "published", "other", "quick", "reduced", "paper"
        ]  # fmt: skip
        assert set(claim["published"]) == {"value", "where"}
        for scale in claims.SCALES:
            if claim[scale] is not None:
                assert list(claim[scale]) == ["verdict", "value", "low", "high", "n", "why", "kind"]
                assert (claim[scale]["kind"] in rules.KINDS) == (claim[scale]["verdict"] == "reproduced")
                assert bool(claim[scale]["why"]) == (claim[scale]["verdict"] in ("inconclusive", "not run"))
                assert claim[scale]["verdict"] in VERDICTS
    by_id = {claim["id"]: claim for claim in said["claims"]}
    assert by_id["L04"]["quick"] is by_id["L04"]["reduced"] is None
    assert by_id["L04"]["paper"] == {
        "verdict": rules.CONSISTENT, "value": 3.7, "low": 3.7, "high": 3.7, "n": 0, "why": "", "kind": None
    }  # fmt: skip
    assert by_id["L33"]["quick"]["verdict"] == by_id["L33"]["paper"]["verdict"] == "not run"
    assert by_id["M17"]["quick"] == {
        "verdict": "reproduced", "value": 0.5, "low": 0.5, "high": 0.5, "n": 6, "why": "", "kind": "same direction"
    }  # fmt: skip
    assert by_id["M17"]["reduced"] is None and by_id["M17"]["paper"]["verdict"] == "not run"
    assert by_id["J1"]["quick"] == {
        "verdict": "not run", "value": None, "low": None, "high": None, "n": 0,
        "why": "nothing has run: softlabels run joined/utility_and_leakage --scale quick", "kind": None,
    }  # fmt: skip
    assert by_id["L01"]["other"]["by"] == "COMP6258" and "COMP6258" in SOURCES


def test_what_is_reproduced_is_of_the_kind_of_its_scale_or_holds_by_construction():
    by_id = {claim.id: claim for claim in claims.all()}
    kinds = {scale: by_id["M1"].kind(scale, "reproduced") for scale in claims.SCALES}
    assert kinds == {"quick": "same direction", "reduced": "same direction", "paper": "reproduced"}
    for name in ("L19", "M21", "M40"):
        assert {by_id[name].kind(scale, "reproduced") for scale in claims.SCALES} == {"by construction"}
        assert by_id[name].because
    assert by_id["L02"].stand_in and by_id["L02"].kind("paper", "reproduced") == "same direction"
    assert not any(by_id["M21"].kind("paper", verdict) for verdict in VERDICTS if verdict != "reproduced")
    assert {claim.paper for claim in claims.all()} == set(PAPERS)


def whys(claim_id, scale, rows):
    (claim,) = claims.of(claim_id)
    return claim.judge(scale, {claim.studies[0]: {scale: rows}}).why


def test_what_is_undecided_says_why():
    """Which part; which limit its interval crosses, or what is missing; and whether the grid is complete."""
    grid = grid_of("memorized/label_treatments", "quick")
    told = WORLDS["memorized/label_treatments"]().assign(identity=grid["identity"])
    mixed = told.assign(class0_held_out_accuracy=told["class0_held_out_accuracy"].where(told["seed"] > 1, 0.6))
    assert whys("M35", "quick", told) == whys("M36", "quick", told) == ""
    assert whys("M35", "quick", told[told["seed"] < 2]) == (
        "more examples: n = 2, fewer than 3 replicates; 110 of 440 runs of the grid are there"
    )
    assert whys("M35", "quick", told[told["per_class"] != 24]) == (
        "more examples: no run has per_class = 24; 352 of 440 runs of the grid are there"
    )
    assert whys("M36", "quick", mixed) == (
        "class 0, fewer examples: with n = 8 the interval crosses 0.15; the grid is complete"
    )
    (claim,) = claims.of("M1")
    assert claim.judge("reduced", {}).why == "the claim names no points of this scale"


def test_the_terminal_and_the_page_say_why():
    table = Table(claims.of("N1"), claims.verdicts("N1", {}))
    why = "nothing has run: softlabels run memorized/modular_mlp --scale quick"
    assert f"N1    quick    not run         –\n      {why}\n" in repr(table)
    assert f"<br><small>quick scale: {why}</small>" in table._repr_html_()
    assert "reduced" not in repr(Table(claims.of("N1"), claims.verdicts("N1", {})))


def test_the_table_shows_what_argues_for_a_margin():
    (claim,) = claims.of("M36")
    assert f"<small>{claim.because}</small>" in claims.table("M36", {})._repr_html_()


def test_verdicts_take_data_frames_as_pages_have_them():
    live = WORLDS["memorized/two_dimensions"]()
    assert claims.verdicts("memorized/fig7", [live, None])["M3"]["quick"].verdict == "reproduced"
    assert claims.verdicts("memorized/fig7", {})["M3"]["quick"].verdict == "not run"


def test_a_page_is_judged_on_each_scale_that_has_rows(monkeypatch):
    there = {("label_worth/example_labels", "paper"), ("label_worth/rank_swaps", "reduced")}
    there |= {("label_worth/rank_swaps", "paper"), ("label_worth/zero_shot", "paper")}  # the last is another page's
    judged = set()

    def judge(claim, scale, rows):
        judged.update((study, at) for study, scales in rows.items() for at in scales)

    monkeypatch.setattr(claims.store, "rows_of", lambda study, scale: {(study, scale)} & there)
    monkeypatch.setattr(claims.store, "live_rows", lambda study: {})
    monkeypatch.setattr(claims.Claim, "judge", judge)
    claims.verdicts("label_worth/structure")
    assert judged == there - {("label_worth/zero_shot", "paper")}


def test_the_record_takes_the_verdicts_that_the_books_second_stage_has_found(monkeypatch, tmp_path):
    judged = claims.verdicts(None, {"memorized/linear_recovery": {"quick": WORLDS["memorized/linear_recovery"]()}})
    file = tmp_path / "verdicts.json"
    file.write_text(json.dumps(rules.as_json(judged)))
    monkeypatch.setenv("SOFTLABELS_VERDICTS", str(file))
    assert claims.verdicts("M17") == {"M17": judged["M17"]}
    assert json.dumps(rules.as_json(claims.verdicts(None))) == file.read_text()


def test_of_several_studies_those_with_rows_count():
    only = {"memorized/temperature_ten_classes": {"quick": WORLDS["memorized/temperature_ten_classes"]()}}
    (claim,) = claims.of("M40")
    assert claim.judge("quick", only).part == "temperature ten classes, five or more, c = 10"
    both = only | {"memorized/temperature": {"quick": WORLDS["memorized/temperature"](fresh=0.6)}}
    assert claim.judge("quick", both).part == "temperature, two classes, c = 2"


def test_a_table_for_readers():
    page = "memorized/two_dimensions"
    table = claims.table(page, {page: {"quick": WORLDS[page](soft=0.3)}})
    assert table.scales == ["quick"]
    assert {claim: judged["quick"].verdict for claim, judged in table.verdicts.items()} == {
        "M1": "not reproduced", "M2": "reproduced", "M3": "reproduced"
    }  # fmt: skip
    html = table._repr_html_()
    assert (
        len(re.findall('<li id="claim-M', html)) == 3
        and '<strong class="verdict not-reproduced">✗ not reproduced</strong>' in html
    )
    assert "−0.05, n = 24, all equal" in html
    assert "M3    quick    same direction" in repr(table) and "(✓) same direction</strong> at quick scale" in html


def test_numbers_for_readers():
    assert measured(Verdict("inconclusive", 0.5, float("nan"), float("nan"), 1)) == "0.5, n = 1"
    assert measured(Verdict("not reproduced", float("inf"), 1.0, float("inf"), 3)) == (
        "beyond the grid [1, beyond the grid], n = 3"
    )
    half_run = together([Verdict("inconclusive", -1.5, n=1, part="IPC 1"), Verdict("not run", part="IPC 10")])
    assert half_run.verdict == "not run" and measured(half_run) == "in part: IPC 1: −1.5, n = 1"
    assert measured(Verdict("not run")) == "–"
    assert measured(Verdict("not reproduced", -0.25, -0.25, -0.25, 6)) == "−0.25, n = 6, all equal"
    assert decided_by(half_run) == "1 of 2 parts came to this" and not decided_by(Verdict("reproduced"))
    all_alike = together([Verdict("reproduced", 1.0, part=f"IPC {ipc}") for ipc in (1, 2)])
    assert decided_by(all_alike) == "2 of 2 parts came to this; the number is of the first"
    assert measured(Verdict("inconclusive", 1.75, 1.75, 1.75, 1)) == "1.75, n = 1"
    nowhere_else = {"quick": Verdict("not run"), "reduced": Verdict("not run"), "paper": half_run}
    assert Table(claims.of("L11"), {"L11": nowhere_else}).scales == ["paper"]
    assert printed({"value": [0.3, 0.32], "where": "a notebook"}) == "0.3 to 0.32 (a notebook)"
    assert printed({"where": "a figure without numbers"}) == "–"


def test_a_card_has_the_verdict_first_its_criterion_folded_and_the_reproductions_own_line():
    (claim,) = claims.of("L01")
    card = claims.table("L01", {})._repr_html_()
    assert card.index('class="verdict') < card.index(claim.statement) < card.index("<details><summary>Criterion")
    assert card.index("<details>") < card.index("above 0 (quick")
    assert f'<dt><a href="{SOURCES["COMP6258"]}">COMP6258</a></dt><dd>10.6, 13.6, 9.2 (its figures' in card
    assert "<table" not in card and "elsewhere" not in card
    assert "<dt>paper Q</dt><dd>figure 2: the numbers are only in" in claims.table("L12", {})._repr_html_()


def test_claims_of_several_chapters_are_lines_by_chapter_that_unfold():
    some = ("M2", "L03", "M1", "N1")
    judged = {name: claims.verdicts(name, {})[name] for name in some}
    judged["M1"]["quick"] = Verdict("reproduced", 0.2, 0.1, 0.3, 5)
    said = Table([claims.of(name)[0] for name in some], judged)._repr_html_()
    order = [">Soft labels are crucial<", "L03", ">Two dimensions<", "M2", "M1", ">Modular addition<", "N1"]
    places = [said.index(word if word[0] == ">" else f'id="claim-{word}"') for word in order]
    assert places == sorted(places) and said.count("<h3>") == 3
    lines = re.findall(r"<li [^>]+><details><summary>(.*?)</summary>", said)
    assert len(lines) == len(some) == said.count("Criterion of ")
    signs = [re.match(r'<strong class="verdict [\w-]+" title="([^":]+)[^"]*">(\S+)</strong>', line) for line in lines]
    assert [found.groups() for found in signs] == [("not run", "–")] * 2 + [("same direction", "(✓)"), ("not run", "–")]
    assert (
        '<span class="visually-hidden">same direction:</span> <span class="statement"><strong>M1</strong>' in lines[2]
    )


def test_a_statement_is_text_not_markup():
    (claim,) = claims.of("M1")
    marked = Table([claims.Claim(**{**vars(claim), "statement": "a <b> & c"})], claims.verdicts("M1", {}))
    assert "a &lt;b&gt; &amp; c" in marked._repr_html_()


def test_rows_without_their_columns_are_not_run():
    rows = pd.DataFrame({"d": [10], "n": [20], "seed": [0]})
    verdict = claims.of("M13")[0].judge("quick", {"memorized/linear_recovery": {"quick": rows}})
    assert verdict.verdict == "not run"


def test_a_check_that_does_not_name_a_scale_is_left_out_there():
    """L38 asks for digits at quick scale and for WordNet at the others."""
    (claim,) = claims.of("L38")
    rows = {study: {scale: WORLDS[study](scale) for scale in ("quick", "reduced")} for study in claim.studies}
    assert claim.judge("quick", rows).part == "sharing a digit"
    assert claim.judge("reduced", rows).part == "of one WordNet parent"


def test_pooled_studies_are_one_table_and_each_run_counts_once():
    first = pd.DataFrame({"identity": ["a", "b"], "device": "cpu", "x": [1.0, 2.0]})
    second = pd.DataFrame({"identity": ["b", "c"], "device": "cpu", "x": [2.0, 3.0]})
    assert pool([first, second])["x"].tolist() == [1, 2, 3]
    assert pool([first, second.assign(device="cuda")])["device"].tolist() == ["cpu", "cpu", "cuda"]


def test_of_each_value_those_that_ran_are_judged_and_the_others_are_not_run():
    (claim,) = claims.of("L01")
    rows = WORLDS["label_worth/teacher_epochs"]()
    verdict = claim.judge("quick", {"label_worth/teacher_epochs": {"quick": rows[rows["ipc"] != 5]}})
    assert verdict.verdict == "not run" and verdict.part == "IPC 5"
    assert [part.verdict for part in verdict.parts] == ["reproduced", "not run", "reproduced"]


def test_arithmetic_stands_beside_the_papers_value_and_alone_where_nothing_can_run():
    table = claims.table("label_worth/table1", {})
    html = table._repr_html_()
    assert html.count("arithmetic on its tables</dt>") == 6  # L04 to L08, L41
    assert html.count('<p class="came-to"><strong class="verdict published-numbers-consistent">') == 4  # none to run
    said = repr(table)
    assert "L04   printed  published numbers consistent IPC 1: 3.7\n" in said and "L04   quick" not in said
    assert "L05   quick    not run" in said and "L05   printed  published numbers consistent beats, IPC 10: 4.5" in said


def test_a_chapter_cannot_depend_on_words_that_are_filled_in_later(monkeypatch):
    monkeypatch.setenv("SOFTLABELS_BOOK", "chapter")
    later = claims.word("M1", reproduced="it holds")
    assert f"so {later}".startswith("so <!-- claims:")
    with pytest.raises(SoftLabelsError, match="cannot depend on them"):
        bool(later)
