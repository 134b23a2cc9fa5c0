"""Figures carry a caption and an alt text with numbers, and say where their rows come from."""

import math

import matplotlib.pyplot as plt
import pandas as pd
import pytest

from softlabels import plots, studies
from softlabels.errors import SoftLabelsError
from softlabels.store import Store, publish
from softlabels.study import pack_name
from softlabels.sweep import timed_pack


@pytest.fixture
def shown(monkeypatch):
    seen = []
    monkeypatch.setattr(plots, "display", lambda data, **how: seen.append((data, how)))
    return seen


@pytest.fixture
def rows():
    rows = pd.DataFrame({"seconds": [200.0]})
    rows.attrs = {"study": "memorized/x", "scale": "quick", "device": "cpu", "seeds": 3, "older_code": 0}
    return rows


def a_figure():
    return plt.subplots(figsize=(2, 1))[0]


def test_in_the_book_the_runner_gets_caption_and_alt(shown, rows, monkeypatch):
    monkeypatch.setenv("SOFTLABELS_BOOK", "1")
    plots.show(a_figure(), name="a", caption="A finding.", alt="It is 3.", rows=[rows])
    ((data, how),) = shown
    about = how["metadata"]["softlabels"]
    assert about["name"] == "fig-a" and about["alt"] == "It is 3." and about["caption"].startswith("A finding. ")
    assert (
        "Quick scale: 3 replicates, CPU, 3 min" in about["caption"]
        and "../../rows/memorized/x.quick.csv" in about["caption"]
    )
    assert "image/png" in data and how["metadata"]["image/png"] == {"width": 200, "height": 100}


def test_elsewhere_the_caption_follows_the_figure(shown, monkeypatch):
    monkeypatch.delenv("SOFTLABELS_BOOK", raising=False)
    plots.show(a_figure(), name="a", caption="A finding.", alt="It is 3.")
    assert shown[1][0].data == "A finding."


@pytest.mark.parametrize(("caption", "alt"), [("A finding.", ""), ("A finding.", "A rising curve."), (" ", "It is 3.")])
def test_a_figure_without_words_is_refused(shown, caption, alt):
    with pytest.raises(SoftLabelsError, match="alt text|no caption"):
        plots.show(a_figure(), name="a", caption=caption, alt=alt)
    assert not shown


def test_the_slider_needs_no_network_and_starts_on_its_frame(shown):
    frames = [a_figure(), a_figure()]
    plots.slider(frames, ["0.1", "0.9"], name="s-1", knob="ρ", caption="Move it.", alt="0.1 to 0.9", start=1)
    page = shown[0][0]["text/html"]
    assert page.count("data:image/webp;base64,") == 3 and "http" not in page
    assert '<output id="s_1_value">0.9</output>' in page and 'max="1" value="1"' in page


def test_the_slider_wants_a_label_a_frame(shown):
    with pytest.raises(SoftLabelsError, match="a label for each frame; given were 1 and 2"):
        plots.slider([a_figure()], ["1", "2"], name="s", knob="ρ", caption="c", alt="1")


def test_rows_of_older_code_are_said(rows):
    rows.attrs["older_code"] = 7
    assert "(7 rows of older code)" in plots.stamp(rows)


def test_a_part_of_a_table_is_stamped_with_its_own_seconds(rows):
    table = rows.loc[[0, 0]].assign(seconds=[3.0, 4.0])  # shares of what their pack took
    assert ", 7 s;" in plots.stamp(table) and ", 4 s;" in plots.stamp(table[table.seconds > 3])


@pytest.mark.parametrize(
    ("draws", "teachers", "words"),
    [
        ([42, 43, 44], [0, 0, 0], "3 draws of images"),
        ([42, 42, 42], [0, 0, 0], "1 draw of images"),
        ([42, 42, 42], [0, 1, 2], "3 teachers"),
    ],
)
def test_replicates_of_paper_q_are_draws_or_teachers(rows, draws, teachers, words):
    rows = rows.loc[[0, 0, 0]].assign(draw=draws, teacher=teachers)
    assert f"Quick scale: {words}, CPU" in plots.stamp(rows)


@pytest.mark.parametrize(
    ("value", "digits", "plain", "signed"),
    [
        (3.46, 1, "3.5", "+3.5"),
        (-0.26, 1, "−0.3", "−0.3"),
        (0.04, 1, "0.0", "0.0"),
        (-0.04, 1, "0.0", "0.0"),
        (-0.04, 2, "−0.04", "−0.04"),
        (61.7, 0, "62", "+62"),
        (math.nan, 1, "–", "–"),
    ],
)
def test_numbers_have_a_true_minus_and_zero_has_no_sign(value, digits, plain, signed):
    assert plots.number(value, digits) == plain
    assert plots.signed(value, digits) == signed


def test_an_interval_is_written_where_there_is_one():
    assert plots.interval((61.7, 57.1, 67.0), 0, unit=" %") == "62 % [57, 67]"
    assert plots.interval((3.46, -0.2, 7.1), write=plots.signed, unit=" points") == "+3.5 points [−0.2, +7.1]"
    assert plots.interval((3.46, math.nan, math.nan)) == "3.5"
    assert plots.percent(pd.Series([0.6, 0.62, 0.64])) == plots.percent([0.6, 0.62, 0.64]) == "62 % [57, 67]"
    assert plots.percent(pd.Series([0.625]), 1) == "62.5 %"


def test_a_difference_is_in_points_with_its_sign():
    assert plots.points(pd.Series([3.4, 3.5, 3.6])) == "+3.5 points [+3.3, +3.7]"
    assert plots.points(pd.Series([-3.0]), 0) == "−3 points"


def test_shades_go_from_light_to_dark():
    colours = plots.shades([1, 5, 10])
    assert list(colours) == [1, 5, 10]
    assert sum(colours[1][:3]) > sum(colours[10][:3])


def test_a_sentence_begins_with_a_large_letter():
    assert plots.capital("iPC of Tiny ImageNet") == "IPC of Tiny ImageNet" and plots.capital("") == ""


@pytest.mark.parametrize(("seconds", "words"), [(3.2, "3 s"), (600, "10 min"), (7200, "2.0 h")])
def test_duration(seconds, words):
    assert plots.duration(seconds) == words


@pytest.mark.parametrize(("number", "words"), [(9.53e17, "9.5 × 10¹⁷"), (1e12, "1.0 × 10¹²"), (0.002, "2.0 × 10⁻³")])
def test_power_of_ten(number, words):
    assert plots.power_of_ten(number) == words


def test_what_is_not_stored_is_named_with_its_cost(project, monkeypatch):
    said = []
    monkeypatch.setattr(plots, "answer", said.append)
    monkeypatch.setitem(studies.STUDIES, "memorized/toy", "toy_study:STUDY")
    study = studies.find("memorized/toy")
    plots.missing(study, "so figure 3 is missing")
    assert "all 32 runs at paper scale (3.2 × 10¹ FLOP" in said[0] and ". So figure 3 is missing. " in said[0]

    runs = Store(project / "runs/memorized/toy.paper")
    for pack in study.packs("paper")[:6]:
        runs.add(pack_name(pack), "cpu", *timed_pack(study.run_pack, "float32", pack, "cpu", project))
    publish("memorized/toy", "paper")
    plots.missing(study)
    assert "8 of 32 runs at paper scale (8.0 × 10⁰ FLOP" in said[1]

    for pack in study.packs("paper")[6:]:
        runs.add(pack_name(pack), "cpu", *timed_pack(study.run_pack, "float32", pack, "cpu", project))
    publish("memorized/toy", "paper")
    plots.missing(study)
    assert len(said) == 2  # nothing is missing


def test_image_sets_have_names_for_readers():
    assert [plots.set_name(data) for data in ("tiny-imagenet-32", "noisy digits")] == [
        "Tiny ImageNet at 32×32", "noisy digits"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ([0.6, 0.62, 0.64], "62 % [57, 67]"),
        ([0.9, 1.0, 1.0], "97 % [82, 100]"),
        ([1.0, 0.9995], "100 %"),
        ([0.5], "50 %"),
    ],
)
def test_a_share_has_an_interval_within_0_and_100_where_it_is_wide_enough_to_tell(values, words):
    assert plots.share(pd.Series(values)) == words


def test_a_band_can_be_cut_at_the_ends_of_an_axis():
    fig, ax = plt.subplots()
    values = pd.DataFrame({0.5: [0.5, 1.0], 0.9: [1.0, 1.0]})
    plots.with_interval(ax, values.columns, values, within=(0, 1), color="k")
    band = ax.collections[0].get_paths()[0].vertices[:, 1]
    assert (band.min(), band.max()) == (0, 1)
    plt.close(fig)


def test_replicates_are_thin_lines_beside_their_mean():
    fig, ax = plt.subplots()
    plots.with_replicates(ax, pd.DataFrame({0: [0.0, 0.5], 10: [0.5, 1.0]}), color="k", label="own part")
    *replicates, mean = ax.lines
    assert [line.get_ydata().tolist() for line in replicates] == [[0.0, 0.5], [0.5, 1.0]]
    assert mean.get_ydata().tolist() == [0.25, 0.75] and ax.get_legend_handles_labels()[1] == ["own part"]
    assert all(line.get_linewidth() < mean.get_linewidth() for line in replicates)
    plt.close(fig)


def test_a_table_fills_gaps_and_can_be_compact(monkeypatch):
    seen = []
    monkeypatch.setattr(plots, "raw", seen.append)
    frame = pd.DataFrame({"a": [1, 2], "b": ["8.3 [7.1, 9.5]", None]}, index=["x", "y"])
    plots.table(frame)
    plots.table(frame, compact=True, corner="IPC")
    assert "<td>8.3 [7.1, 9.5]</td>" in seen[0]
    assert "<td>–</td>" in seen[0]
    assert '<td style="padding:.35em .5em">8.3<br>[7.1,&nbsp;9.5]</td>' in seen[1]
    assert ">IPC</th>" in seen[1]


def test_a_logarithmic_axis_has_a_tick_at_each_value():
    fig, ax = plt.subplots()
    plots.log_axis(ax, [1, 10, 50])
    assert [label.get_text() for label in ax.get_xticklabels()] == ["1", "10", "50"]
    plt.close(fig)


def test_a_legend_below_shows_how_lines_are_drawn():
    fig = a_figure()
    plots.legend_below(fig, {"soft labels": {"color": "green"}, "hard labels": {"linestyle": "--"}})
    (legend,) = fig.legends
    assert [line.get_linestyle() for line in legend.get_lines()] == ["-", "--"]
    plt.close(fig)


def test_counts_lists_and_sizes_in_words():
    assert [plots.count(n, "teacher") for n in (0, 1, 6)] == ["0 teachers", "1 teacher", "6 teachers"]
    assert plots.listed([0.05, 0.3], ".0%") == "5%, 30%"
    assert [plots.size(n) for n in (0, 640, 60_000, 4.2e9)] == ["0\u00a0B", "640\u00a0B", "60\u00a0kB", "4.2\u00a0GB"]
    assert [plots.size(n) for n in (999_400, 999_600, 5e12)] == ["999\u00a0kB", "1\u00a0MB", "5\u00a0TB"]
