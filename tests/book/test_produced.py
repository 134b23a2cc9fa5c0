"""What the runner makes of an executed notebook."""

import base64
import io

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from softlabels.book.produced import HIDDEN, cell_id, page_notebook, thumbnail, title_of, write_thumbnail

FACTS = {"key": "0123456789abcdef", "seconds": 3.0, "scale": "smoke"}


def png(width=900, height=300):
    from PIL import Image

    buffer = io.BytesIO()
    Image.new("RGB", (width, height), "white").save(buffer, "PNG")
    return base64.b64encode(buffer.getvalue()).decode()


def figure(name="fig-one", image=None):
    about = {"name": name, "caption": "It rises to 9.", "alt": "a line up to 9"}
    return new_output("display_data", {"image/png": image or png(), "text/plain": "9"}, metadata={"softlabels": about})


def words(text):
    return new_output("display_data", {"text/markdown": text})


def executed(*cells):
    notebook = new_notebook(cells=list(cells))
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    notebook.metadata["papermill"] = {"start_time": "now"}
    return notebook


def code(source="x", tags=(), outputs=(), **metadata):
    return new_code_cell(source, metadata={"tags": list(tags), **metadata}, outputs=list(outputs))


def test_a_figure_gets_its_caption_label_and_alt_text():
    page = page_notebook(executed(code(outputs=[figure()])), FACTS)
    assert page.cells[0].metadata["mystnb"] == {
        "figure": {"caption": "It rises to 9.", "name": "fig-one"},
        "image": {"alt": "a line up to 9"},
    }


def test_a_caption_covers_its_own_figure_alone():
    outputs = [words("before"), figure("fig-a"), figure("fig-b"), words("after"), words("end")]
    page = page_notebook(executed(code("plot()", ["hide-input"], outputs)), FACTS)
    captions = [cell.metadata.get("mystnb", {}).get("figure", {}).get("name") for cell in page.cells]
    assert captions == [None, "fig-a", "fig-b", None]
    assert [len(cell.outputs) for cell in page.cells] == [1, 1, 1, 2]
    assert [cell.source for cell in page.cells] == ["plot()", *3 * [HIDDEN]] and HIDDEN.strip()
    assert page.cells[0].metadata["tags"] == ["hide-input"]
    assert all(cell.metadata["tags"] == ["remove-input"] for cell in page.cells[1:])


def test_what_a_folded_cell_shows_is_folded_with_its_figures():
    for tag in ("hide-cell", "hide-output"):
        page = page_notebook(executed(code(tags=[tag], outputs=[words("text"), figure()])), {})
        assert [cell.metadata["tags"] for cell in page.cells] == [[tag], ["remove-input", "hide-output"]]


def test_stderr_widgets_and_times_are_gone():
    noise = [
        new_output("stream", name="stderr", text="50%"),
        new_output("display_data", {"application/vnd.jupyter.widget-view+json": {}}),
    ]
    page = page_notebook(
        executed(code(outputs=[*noise, words("kept")], papermill={"duration": 1}, execution={"iopub": "now"})), FACTS
    )
    assert [output.data for output in page.cells[0].outputs] == [{"text/markdown": "kept"}]
    assert set(page.cells[0].metadata) == {"tags"}
    assert set(page.metadata) == {"kernelspec", "language_info", "softlabels"}


def page_with_answer():
    return executed(
        new_markdown_cell("# Does it leak?\n\n**Question.** Does it?\n\nSo it was asked."),
        code("first()", outputs=[figure("fig-first")]),
        code("draw()", ["hide-input", "thumbnail"], [words("drawn"), figure("fig-main"), figure("fig-twin")]),
        code("say()", ["hide-input"], [words("said before"), words("## Answer\n\nYes: 9 %.")]),
    )


def test_a_page_opens_with_its_answer_and_its_main_figure():
    cells = page_notebook(page_with_answer(), FACTS).cells
    names = [cell.metadata.get("mystnb", {}).get("figure", {}).get("name", "") for cell in cells]
    assert [cell.source for cell in cells[:2]] == ["# Does it leak?", "## Answer\n\nYes: 9 %."]
    assert names == ["", "", "fig-main", "", "fig-first", "", "", "fig-twin", ""]
    assert cells[2].metadata["tags"] == ["remove-input", "thumbnail"]
    assert cells[3].source == "**Question.** Does it?\n\nSo it was asked."
    assert cells[6].cell_type == "markdown" and "{numref}`fig-main`" in cells[6].source
    assert [output.data["text/markdown"] for output in cells[-1].outputs] == ["said before"]
    assert title_of(page_notebook(page_with_answer(), FACTS)) == "Does it leak?"


def test_a_cell_that_shows_nothing_but_the_main_figure_keeps_its_code():
    page = page_with_answer()
    page.cells[2].outputs = page.cells[2].outputs[1:2]
    cells = page_notebook(page, FACTS).cells
    assert [(cell.cell_type, cell.source[:6]) for cell in cells[5:7]] == [("code", "draw()"), ("markdown", "*Drawn")]
    assert cells[5].outputs == [] and "mystnb" not in cells[5].metadata


def test_a_page_without_an_answer_stays_in_order():
    page = page_with_answer()
    page.cells.pop()
    assert page_notebook(page, FACTS).cells[1].source == "first()"


def test_the_injected_parameters_are_hidden():
    page = page_notebook(executed(code("scale = 'smoke'", ["injected-parameters"])), FACTS)
    assert "remove-cell" in page.cells[0].metadata["tags"]


def test_two_conversions_give_the_same_bytes():
    cells = [new_markdown_cell("# One"), code("x"), code("x")]
    first, second = (nbformat.writes(page_notebook(executed(*cells), FACTS)) for _ in range(2))
    assert first == second
    ids = [cell.id for cell in nbformat.reads(first, as_version=4).cells]
    assert len(set(ids)) == 3


def test_cell_ids_follow_from_text_and_occurrence():
    seen = {}
    assert [cell_id("a", seen), cell_id("b", seen), cell_id("a", seen)] == [
        cell_id("a", {}),
        cell_id("b", {}),
        cell_id("a", {"a": 1}),
    ]


def test_the_tagged_cell_gives_the_thumbnail(tmp_path):
    from PIL import Image

    cells = [code(outputs=[figure("fig-a")]), code("y", ["thumbnail"], [words("x"), figure("fig-b", png(1000, 500))])]
    page = page_notebook(executed(*cells), FACTS)
    assert thumbnail(page)[1]["name"] == "fig-b"
    write_thumbnail(page, tmp_path / "page.ipynb")
    assert [file.name for file in tmp_path.iterdir()] == ["page.png"]
    with Image.open(tmp_path / "page.png") as picture:
        assert picture.size == (1000, 500)


def test_a_tagged_cell_that_shows_nothing_leaves_it_to_the_first_figure():
    page = page_notebook(
        executed(code("x", ["thumbnail"], [words("no rows yet")]), code(outputs=[figure("fig-a")])), FACTS
    )
    assert thumbnail(page)[1]["name"] == "fig-a"


def test_a_page_without_figures_has_no_thumbnail(tmp_path):
    write_thumbnail(page_notebook(executed(code(outputs=[words("none")])), FACTS), tmp_path / "page.ipynb")
    assert list(tmp_path.iterdir()) == []
