"""A book of two pages from the first build to the last edit, as `jupyter-book build book/` sees it."""

import os
import re
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
import psutil
import pytest
from full_disk import small_disk

from softlabels.book.execute import jobs_allowed, update
from softlabels.book.runner import read_notebook

from .conftest import ONE, TWO, build


def executed(output: str) -> set[str]:
    return set(re.findall(r"notebooks/(\w+/\w+) done in", output))


def test_a_book_of_two_pages(toy):
    first = build(toy, SOFTLABELS_SCALE="smoke")
    assert first.returncode == 0, first.stdout
    assert executed(first.stdout) == {"toy/one", "toy/two"}
    page = (toy / "_build" / "html" / "notebooks" / "toy" / "one.html").read_text(encoding="utf-8")
    assert "smoke SoftLabelsError memorized/temperature" in page
    assert "Parameters" not in page  # the injected cell is hidden
    assert "https://colab.research.google.com/github/someone/toy/blob/main/notebooks/toy/one.ipynb" in page
    key = (toy / "runs" / "live" / "toy" / "one" / "current").read_text().strip()
    assert (toy / "runs" / "live" / "toy" / "one" / key).is_dir()

    again = build(toy, SOFTLABELS_SCALE="smoke")
    assert again.returncode == 0 and executed(again.stdout) == set()
    assert "all 2 are up to date" in again.stdout
    assert "0 added, 0 changed, 0 removed" in again.stdout

    (toy / "notebooks" / "toy" / "two.py").write_text(TWO.replace("1 + 1", "2 + 2"))
    module = toy / "src" / "softlabels" / "sweep.py"  # neither page imports it
    module.write_text(module.read_text(encoding="utf-8") + "\n# edited\n", encoding="utf-8")
    edited = build(toy, SOFTLABELS_SCALE="smoke")
    assert edited.returncode == 0 and executed(edited.stdout) == {"toy/two"}

    (toy / "notebooks" / "toy" / "two.py").write_text(TWO + '\n# %%\nx = 1\n\nraise ValueError("bo" "om")\n')
    module = toy / "src" / "softlabels" / "errors.py"  # page one does import this one
    module.write_text(module.read_text(encoding="utf-8") + "\n# edited\n", encoding="utf-8")
    failed = build(toy, SOFTLABELS_SCALE="smoke")
    assert failed.returncode != 0
    assert executed(failed.stdout) == {"toy/one"}, "the other notebook finishes and is kept"
    assert "notebooks/toy/two.py:10  (code cell 2 of 2)\n  ValueError: boom" in failed.stdout
    assert (toy / "_build" / "failed" / "toy" / "two.ipynb").is_file()

    (toy / "notebooks" / "toy" / "two.py").write_text(TWO)
    restored = build(toy, SOFTLABELS_SCALE="smoke")
    assert restored.returncode == 0 and executed(restored.stdout) == set(), "an earlier copy is taken from the cache"


@pytest.fixture
def run_notebooks(toy, monkeypatch):
    """Execute pages of the toy without Sphinx; what was said, as text."""
    monkeypatch.setenv("SOFTLABELS_SCALE", "smoke")

    def run(*names, minutes=5.0, jobs=2):
        said = []
        update(list(names), toy, toy / "book", jobs=jobs, minutes=minutes, say=said.append)
        return "\n".join(said)

    return run


JUDGED = """# %% [markdown]
# # Judged

# %%
from softlabels import claims, plots

plots.answer(f"The printed numbers are {claims.word('L04', published_numbers_consistent='as the paper says')}.")
claims.table("L04")
"""
RECORD = """# %% [markdown]
# # All claims

# %%
from softlabels import claims

print(claims.table("L04"))
"""


def update_with(project: Path, *names: str) -> str:
    """Execute pages with the project's own copy of the package, as a build does; what was said."""
    program = f"""
from pathlib import Path
from softlabels.book.execute import update
root = Path({str(project)!r})
update({list(names)}, root, root / "book", jobs=2, minutes=5, say=print)
"""
    environment = {**os.environ, "PYTHONPATH": str(project / "src"), "SOFTLABELS_SCALE": "smoke"}
    ran = subprocess.run([sys.executable, "-c", program], env=environment, cwd=project, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


def test_a_changed_criterion_refreshes_verdicts_and_executes_no_chapter(toy):
    (toy / "notebooks" / "toy" / "judged.py").write_text(JUDGED)
    (toy / "notebooks" / "record").mkdir()
    (toy / "notebooks" / "record" / "all.py").write_text(RECORD)
    names = ["toy/judged", "toy/two", "record/all"]
    assert executed(update_with(toy, *names)) == set(names)
    pages = {name: toy / "book" / "notebooks" / f"{name}.ipynb" for name in names}
    said = pages["toy/judged"].read_text()
    assert "The printed numbers are as the paper says." in said and "= published numbers consistent" in said
    assert "<!-- claims:" not in said

    assert executed(update_with(toy, *names)) == set()
    criteria = toy / "src" / "softlabels" / "claims" / "label_worth.toml"
    text = criteria.read_text(encoding="utf-8")
    at = text.index('id = "L04"')
    changed = re.sub(r"above = [\d.-]+", "above = 1000", text[at:], count=1)
    criteria.write_text(text[:at] + changed, encoding="utf-8")
    written = {name: page.stat().st_mtime_ns for name, page in pages.items()}
    assert executed(update_with(toy, *names)) == {"record/all"}
    said = pages["toy/judged"].read_text()
    assert "The printed numbers are published numbers not consistent." in said
    assert "≠ published numbers not consistent" in said
    assert "not consistent" in pages["record/all"].read_text()
    assert pages["toy/two"].stat().st_mtime_ns == written["toy/two"]


def test_no_chapter_asks_for_a_verdict_that_would_grow_old(root):
    for page in (root / "notebooks").glob("*/*.py"):
        if page.parent.name != "record":
            assert "claims.verdicts(" not in page.read_text(encoding="utf-8"), page


def test_a_scale_that_was_there_before_comes_back_without_running(run_notebooks, toy, monkeypatch):
    assert "done" in run_notebooks("toy/two")
    monkeypatch.setenv("SOFTLABELS_SCALE", "quick")
    assert "done" in run_notebooks("toy/two")
    monkeypatch.setenv("SOFTLABELS_SCALE", "smoke")
    assert "up to date" in run_notebooks("toy/two")
    page = nbformat.read(toy / "book" / "notebooks" / "toy" / "two.ipynb", as_version=4)
    assert page.metadata["softlabels"]["scale"] == "smoke"


def test_lost_live_rows_are_computed_again(run_notebooks, toy):
    run_notebooks("toy/two")
    current = toy / "runs" / "live" / "toy" / "two" / "current"
    (current.parent / current.read_text().strip()).rmdir()
    assert "done" in run_notebooks("toy/two")


def test_rows_of_a_run_that_is_cut_short_are_not_taken_for_a_page(run_notebooks, toy):
    run_notebooks("toy/two")
    current = toy / "runs" / "live" / "toy" / "two" / "current"
    (current.parent / current.read_text().strip()).rmdir()
    with pytest.raises(SystemExit, match="stopped after"):
        run_notebooks("toy/two", minutes=0.001)
    assert "done" in run_notebooks("toy/two")


def test_rows_of_a_page_that_the_book_has_no_more_do_not_count(run_notebooks, toy):
    run_notebooks("toy/one", "toy/two")
    run_notebooks("toy/two")
    assert [file.parent.name for file in (toy / "runs" / "live").rglob("current")] == ["two"]


def test_a_notebook_over_its_time_is_stopped(run_notebooks, toy):
    (toy / "notebooks" / "toy" / "two.py").write_text("# %%\nimport time\n\ntime.sleep(600)\n")
    with pytest.raises(SystemExit, match="stopped after"):
        run_notebooks("toy/two", minutes=0.05)


@pytest.mark.parametrize("end", ["os._exit(1)", "os.kill(os.getpid(), 9)"])  # the second as where memory runs out
def test_a_kernel_that_dies_is_reported(run_notebooks, toy, end):
    (toy / "notebooks" / "toy" / "two.py").write_text(f"# %%\nimport os\n\n# %%\n{end}\n")
    with pytest.raises(SystemExit) as stopped:
        run_notebooks("toy/two")
    report = str(stopped.value)
    assert "notebooks/toy/two.py:5  (code cell 2 of 2)\n  its kernel died, perhaps of too little memory" in report
    assert re.search(r"of this machine's \d+\.\d GB \d+\.\d GB are free", report) and end in report
    assert "Traceback" not in report


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("# %%\n1 + 1\n\n# %%\nx = (\n", r"two\.py:5\n  SyntaxError: '\(' was never closed\n    x = \($"),
        ("# %%\n%matplotlib inline\n", r"two\.py:2\n.*\n    %matplotlib inline\n  \(a magic is written as a comment"),
        ("# %%\n!pip install x\n", r"two\.py:2\n.*\n    !pip install x\n  \(a magic is written as a comment"),
        ("# %%\nif True:\n1\n", r"two\.py:3\n  SyntaxError: expected an indented block"),
        ("# %%\n1\0\n", r"two\.py"),
    ],
)
def test_a_notebook_that_is_no_python_is_named_with_its_line(run_notebooks, toy, text, says):
    (toy / "notebooks" / "toy" / "two.py").write_text(text)
    with pytest.raises(SystemExit, match=f"^notebooks/toy/{says}"):
        run_notebooks("toy/one", "toy/two")


def test_a_notebook_in_another_encoding_is_named(run_notebooks, toy):
    (toy / "notebooks" / "toy" / "two.py").write_bytes("# %%\n'τ'\n".encode("utf-16"))
    with pytest.raises(SystemExit, match=r"notebooks/toy/two\.py is no text in UTF-8 .*; save it as UTF-8"):
        run_notebooks("toy/two")


def test_a_byte_order_mark_is_no_part_of_a_notebook(run_notebooks, toy):
    run_notebooks("toy/two")
    (toy / "notebooks" / "toy" / "two.py").write_bytes(b"\xef\xbb\xbf" + TWO.encode())
    assert run_notebooks("toy/two") == "notebooks: all 1 are up to date"


def test_a_page_whose_cache_cannot_be_written_says_what_to_set(run_notebooks, toy, monkeypatch):
    (toy / "file").touch()
    monkeypatch.setenv("SOFTLABELS_CACHE", str(toy / "file"))
    cell = "from softlabels import paths, sweep\n\n\n@paths.said_plainly()\ndef live():\n    "
    cell += "(paths.cache_folder() / 'teachers').mkdir(parents=True)\n\n\nlive()\n"
    (toy / "notebooks" / "toy" / "two.py").write_text(f"# %%\n{cell}")
    with pytest.raises(SystemExit, match=r"SoftLabelsError: .*file.*: .*set SOFTLABELS_CACHE to a folder"):
        run_notebooks("toy/two")


def test_a_readers_own_settings_do_not_reach_the_pages(run_notebooks, toy, tmp_path, monkeypatch):
    """Neither IPython's, nor matplotlib's, nor a kernel of the same name that does not start."""
    home = tmp_path / "home"
    for path, text in {
        "ipython/profile_default/ipython_config.py": 'get_config().InteractiveShell.ast_node_interactivity = "all"\n',
        "matplotlibrc": "text.usetex: True\n",
        "jupyter/kernels/python3/kernel.json": '{"argv": ["false"], "display_name": "dead", "language": "python"}',
    }.items():
        (home / path).parent.mkdir(parents=True, exist_ok=True)
        (home / path).write_text(text)
    monkeypatch.setenv("IPYTHONDIR", str(home / "ipython"))
    monkeypatch.setenv("MATPLOTLIBRC", str(home / "matplotlibrc"))
    monkeypatch.setenv("JUPYTER_PATH", str(home / "jupyter"))
    shown = 'import matplotlib\n\nobject()\nmatplotlib.rcParams["text.usetex"]\n'
    (toy / "notebooks" / "toy" / "two.py").write_text(f"# %%\n{shown}")
    run_notebooks("toy/two")
    page = nbformat.read(toy / "book" / "notebooks" / "toy" / "two.ipynb", as_version=4)
    assert [output["data"]["text/plain"] for output in page.cells[0].outputs] == ["False"]


def test_a_lost_tag_of_the_parameters_is_said(run_notebooks, toy):
    (toy / "notebooks" / "toy" / "two.py").write_text(ONE.replace('# %% tags=["parameters"]', "# %%"))
    with pytest.raises(SystemExit, match="two.py sets its scale in a cell without the tag that says so"):
        run_notebooks("toy/two")


def test_a_missing_notebook_is_named(run_notebooks):
    with pytest.raises(SystemExit, match="_toc.yml names notebooks/toy/three, but there is no"):
        run_notebooks("toy/three")


def test_a_scale_that_does_not_exist_is_named(run_notebooks, monkeypatch):
    monkeypatch.setenv("SOFTLABELS_SCALE", "fast")
    with pytest.raises(SystemExit, match="SOFTLABELS_SCALE=fast is no scale; .* smoke, quick, reduced, paper"):
        run_notebooks("toy/two")


@pytest.mark.parametrize("jobs", ["0", "-1", "many", "1.5"])
def test_a_number_of_jobs_that_is_none_is_named(monkeypatch, jobs):
    monkeypatch.setenv("SOFTLABELS_JOBS", jobs)
    with pytest.raises(SystemExit, match=f"SOFTLABELS_JOBS={jobs} is no number of notebooks"):
        jobs_allowed(2)


def test_jobs_come_from_the_environment_first(monkeypatch):
    monkeypatch.setenv("SOFTLABELS_JOBS", "3")
    assert jobs_allowed(2) == 3
    monkeypatch.delenv("SOFTLABELS_JOBS")
    assert jobs_allowed(2) == 2


@pytest.mark.skipif(sys.platform == "win32", reason="signals cannot be sent to a process on Windows")
@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_interrupted_leaves_no_process_behind(toy, sent):
    if signal.getsignal(sent) == signal.SIG_IGN:
        pytest.skip(f"{sent.name} is ignored where these tests run")
    (toy / "notebooks" / "toy" / "one.py").write_text("# %%\nimport time\n\ntime.sleep(600)\n")
    program = f"""
from pathlib import Path
from softlabels.book.execute import update
root = Path({str(toy)!r})
update(["toy/one"], root, root / "book", jobs=2, minutes=5, say=print)
"""
    environment = {**os.environ, "PYTHONPATH": str(toy / "src"), "SOFTLABELS_SCALE": "smoke"}
    parent = subprocess.Popen([sys.executable, "-c", program], env=environment, stderr=subprocess.DEVNULL)
    family = wait_for_kernel(psutil.Process(parent.pid))
    parent.send_signal(sent)
    assert parent.wait(60) != 0
    _, alive = psutil.wait_procs(family, timeout=30)
    assert alive == []


def test_two_builds_in_one_folder_execute_each_notebook_once(toy):
    (toy / "notebooks" / "toy" / "one.py").write_text(ONE + "\n# %%\nimport time\n\ntime.sleep(3)\n")
    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(lambda _: build(toy, SOFTLABELS_SCALE="smoke"), range(2))
    assert first.returncode == second.returncode == 0, first.stdout + second.stdout
    assert sorted(map(len, map(executed, (first.stdout, second.stdout)))) == [0, 2]
    assert "another build executes notebooks in this folder" in first.stdout + second.stdout


def test_a_full_disk_is_said_and_the_next_build_goes_on(toy, tmp_path_factory):
    with small_disk(tmp_path_factory.mktemp("disk") / "small", megabytes=16) as disk:
        (toy / "_build").symlink_to(disk)
        (disk / "filler").write_bytes(bytes(14 * 2**20))
        first = build(toy, SOFTLABELS_SCALE="smoke")
        assert first.returncode != 0 and executed(first.stdout) == {"toy/one", "toy/two"}
        assert first.stdout.rstrip().splitlines()[-1].startswith("The disk is full, so the site in ")
        (disk / "filler").unlink()
        second = build(toy, SOFTLABELS_SCALE="smoke")
        assert second.returncode == 0 and executed(second.stdout) == set(), second.stdout


def wait_for_kernel(parent: psutil.Process) -> list[psutil.Process]:
    """The processes below `parent`, once a kernel is among them."""
    for _ in range(600):
        family = parent.children(recursive=True)
        if any("ipykernel" in " ".join(process.cmdline()) for process in family):
            return family
        time.sleep(0.1)
    pytest.fail("no kernel was started")


def test_cells_know_their_lines(tmp_path):
    source = Path(tmp_path / "page.py")
    source.write_text(ONE)
    lines = ONE.splitlines()
    for cell in read_notebook(source).cells:
        first = lines[cell.metadata["softlabels_line"] - 1].removeprefix("# ")
        assert first == cell.source.splitlines()[0]
