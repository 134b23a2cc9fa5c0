"""The files around the package agree with each other and with it."""

import re
import shutil
import subprocess
import sys
import tomllib
from importlib.metadata import PackageNotFoundError, distribution

import pytest
import yaml
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

import softlabels
from softlabels.claims.readings.points import average
from softlabels.claims.table import SOURCES
from softlabels.code_hash import module_file
from softlabels.store import stored

EXTRAS = ("book", "cluster", "language", "test")
# torch names the versions of its CUDA libraries and of triton; pip and its kin build, they are not built with.
UNPINNED = re.compile(r"nvidia-.*|cuda-.*|triton|pip|setuptools|wheel|softlabels")


@pytest.fixture
def pyproject(root):
    return tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))


@pytest.fixture
def pins(root):
    lines = (root / "constraints.txt").read_text(encoding="utf-8").splitlines()
    listed = [Requirement(line) for line in lines if line and not line.startswith("#")]
    assert all(str(pin.specifier).startswith("==") for pin in listed)
    return {pin.name: str(pin.specifier)[2:] for pin in listed if not pin.marker or pin.marker.evaluate()}


def requirements(name: str, extras: tuple[str, ...] = ()):
    """The requirements of an installed package that apply here."""

    def applies(marker: Marker | None) -> bool:
        return marker is None or any(marker.evaluate({"extra": extra}) for extra in extras or ("",))

    listed = map(Requirement, distribution(name).requires or [])
    return [requirement for requirement in listed if applies(requirement.marker)]


def closure(name: str, extras: tuple[str, ...]) -> set[str]:
    """Everything that installing `name[extras]` brings, by canonical name."""
    found, waiting = set(), [(name, extras)]
    while waiting:
        package, its_extras = waiting.pop()
        if (package, its_extras) in found:
            continue
        found.add((package, its_extras))
        waiting += [(canonicalize_name(r.name), tuple(sorted(r.extras))) for r in requirements(package, its_extras)]
    return {package for package, _ in found}


@pytest.fixture
def brought():
    try:
        return closure("softlabels", EXTRAS)
    except PackageNotFoundError as missing:
        pytest.skip(f"{missing.name} is not installed, so the dependencies cannot be walked")


def test_every_dependency_is_pinned(brought, pins):
    assert sorted(name for name in brought if name not in pins and not UNPINNED.fullmatch(name)) == []


@pytest.mark.skipif(sys.platform != "linux", reason="pins are those of Linux")
def test_no_pin_is_a_leftover(brought, pins):
    assert sorted(set(pins) - brought) == []


def test_pins_lie_within_the_bounds_of_pyproject(pyproject, pins):
    project = pyproject["project"]
    listed = [*project["dependencies"], *(line for extra in EXTRAS for line in project["optional-dependencies"][extra])]
    for requirement in map(Requirement, listed):
        assert pins[canonicalize_name(requirement.name)] in requirement.specifier, requirement


def test_the_look_of_the_book_is_pinned(pins):
    assert pins["jupyter-book"] == "1.0.4.post1"
    assert {"sphinx-book-theme", "sphinx-design", "myst-nb", "sphinx", "pydata-sphinx-theme"} <= set(pins)


def test_runtime_needs_no_book_tool(pyproject):
    names = {Requirement(line).name for line in pyproject["project"]["dependencies"]}
    science = {"torch", "torchvision", "numpy", "pandas", "scipy", "scikit-learn", "seaborn"}
    assert names == science | {"matplotlib", "ipython", "pillow", "safetensors", "pooch", "filelock", "tqdm", "typer"}


def test_conda_environment_installs_this_project(root, pyproject):
    environment = yaml.safe_load((root / "environment.yml").read_text(encoding="utf-8"))
    python, pip, by_pip = environment["dependencies"]
    assert SpecifierSet(Requirement(python).specifier) == SpecifierSet(pyproject["project"]["requires-python"])
    assert pip == "pip"
    (constraints, project) = by_pip["pip"]
    assert constraints == "-c constraints.txt"  # conda runs pip in this file's folder
    path, extras = re.fullmatch(r"-e (\S+)\[(.*)\]", project).groups()
    assert path == "." and set(extras.split(",")) == set(pyproject["project"]["optional-dependencies"]) == set(EXTRAS)
    assert environment["name"] == pyproject["project"]["name"]


def test_all_files_name_the_same_pythons(root, pyproject):
    allowed = SpecifierSet(pyproject["project"]["requires-python"])
    fitting = [f"3.{minor}" for minor in range(30) if f"3.{minor}" in allowed]
    makefile = (root / "Makefile").read_text(encoding="utf-8")
    major, first, _, last = re.search(r"\((\d), (\d+)\) <= .* <= \((\d), (\d+)\)", makefile).groups()
    assert [f"{major}.{minor}" for minor in range(int(first), int(last) + 1)] == fitting
    assert sorted(re.search(r"PYTHONS = python3 (.*)", makefile)[1].split()) == [f"python{v}" for v in fitting]
    assert [SpecifierSet(said) for said in re.findall(r'--python "([^"]+)"', makefile)] == [allowed]  # for uv
    assert f"Python {fitting[0]} to {fitting[-1]}" in makefile
    workflow = yaml.safe_load((root / ".github" / "workflows" / "book.yml").read_text(encoding="utf-8"))
    assert workflow["jobs"]["build"]["strategy"]["matrix"]["python"] == fitting


def a_python(folder, name: str, version: tuple[int, int]):
    """An executable that says it is Python of a version, and runs this one."""
    python = folder / name
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" -c "import sys; sys.version_info = {version}; $2"\n')
    python.chmod(0o755)
    return python


@pytest.mark.parametrize("version", [(3, 10), (3, 15)])
def test_make_refuses_another_python_in_a_sentence(root, tmp_path, version):
    python = a_python(tmp_path, "python", version)
    said = _make(root, f"PYTHON={python}", f"VENV={tmp_path / 'venv'}")
    assert f"softlabels needs Python 3.11 to 3.14, and {python} is none of them. Try: make" in said
    assert not (tmp_path / "venv").exists()


def test_make_says_that_there_is_no_such_python(root, tmp_path):
    said = _make(root, "PYTHON=no-such-python", f"VENV={tmp_path / 'venv'}")
    assert "softlabels needs Python 3.11 to 3.14, and no-such-python is none of them" in said


@pytest.mark.parametrize(
    "there, chosen",
    [
        ({"python3": (3, 12)}, "python3"),
        ({"python3": (3, 9), "python3.11": (3, 11)}, "python3.11"),
        ({"python3": (3, 15), "python3.11": (3, 11), "python3.13": (3, 13)}, "python3.13"),
        ({"python3": (3, 9)}, ""),
    ],
)
def test_make_takes_a_python_that_fits(root, tmp_path, there, chosen):
    for name, version in there.items():
        a_python(tmp_path, name, version)
    make = shutil.which("make") or pytest.skip("make is not on this machine")
    printed = subprocess.run(
        [make, "--eval", "which:;$(info chosen: $(PYTHON))@:", "which"],
        cwd=root, env={"PATH": str(tmp_path)}, capture_output=True, text=True,
    )  # fmt: skip
    assert f"chosen: {chosen}".strip() == printed.stdout.strip(), printed.stderr


def test_make_says_where_no_python_fits(root, tmp_path):
    if shutil.which("uv"):
        pytest.skip("uv would fetch one")
    said = _make(root, "PYTHON=", f"VENV={tmp_path / 'venv'}")
    assert "softlabels needs Python 3.11 to 3.14, and none is on this machine." in said


def test_make_says_where_torch_without_cuda_cannot_be_had(root, tmp_path):
    (tmp_path / "bin").mkdir()
    pip = tmp_path / "bin" / "python"  # a pip that reaches its usual index alone
    pip.write_text('#!/bin/sh\ncase "$*" in *--index-url*) exit 1;; esac\n')
    pip.chmod(0o755)
    said = _make(root, "TORCH=cpu", f"VENV={tmp_path}")
    assert "torch without CUDA did not come from https://download.pytorch.org/whl/cpu. Without TORCH=cpu, make" in said
    assert not (tmp_path / "installed").exists()
    assert "There is no TORCH=gpu; choose tested, cpu or own." in _make(root, "TORCH=gpu", f"VENV={tmp_path}")


# What Colab had on 2026-08-19, with Python 3.13 (pip-freeze.txt of github.com/googlecolab/backend-info).
ON_COLAB = """torch==2.11.0 torchvision==0.26.0 numpy==2.1.3 pandas==2.2.3 matplotlib==3.10.0 seaborn==0.13.2
ipython==7.34.0 pillow==11.3.0 scipy==1.16.3 scikit-learn==1.6.1 safetensors==0.8.0 tqdm==4.67.3 typer==0.27.1
pooch==1.9.0 filelock==3.32.3"""


def test_colab_keeps_what_it_has(pyproject):
    there = dict(line.split("==") for line in ON_COLAB.split())
    assert "3.13" in SpecifierSet(pyproject["project"]["requires-python"])
    for requirement in map(Requirement, pyproject["project"]["dependencies"]):
        assert there[requirement.name] in requirement.specifier, requirement


def test_make_says_that_the_folder_was_moved(root, tmp_path):
    (tmp_path / "installed").write_text("/somewhere/else\n")
    said = _make(root, f"VENV={tmp_path}")
    assert f"{tmp_path} was made in /somewhere/else, and this is {root}: the folder was moved or copied. Delete" in said


def test_the_address_stands_once(root):
    address = yaml.safe_load((root / "_config.yml").read_text(encoding="utf-8"))["repository"]["url"]
    where = address.split("://")[1]
    tracked = _git(root, "grep", "--fixed-strings", "--count", where, "--", ".", ":!notebooks")
    assert tracked == ["_config.yml:1"]  # the notebooks' install cells are made from it


def test_readme_names_targets_and_files_that_exist(root):
    readme = (root / "README.md").read_text(encoding="utf-8")
    targets = set(re.findall(r"^(\w+):", (root / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = set(re.findall(r"\bmake (\w+)", readme))
    assert {"book", "test", "lint", "notebooks", "bench", "clean"} <= targets
    assert named and named <= targets
    for path in re.findall(r"\]\(([^)]+)\)", readme):
        assert (root / path).exists(), path


def test_readme_says_how_long_the_way_through_the_code_is(root):
    way = re.findall(r"\]\((\S+\.py)\) \| (\d+) \|", (root / "README.md").read_text(encoding="utf-8"))
    assert len(way) == 5
    for path, said in way:
        lines = len((root / path).read_text(encoding="utf-8").splitlines())
        assert abs(int(said) - lines) <= 0.1 * lines, (path, lines)


def test_readme_promises_what_the_stored_rows_hold(root):
    assert "about six in ten labels that nobody showed them, students of hard labels fewer than one in ten" in (
        root / "README.md"
    ).read_text(encoding="utf-8")
    rows = stored("memorized/two_dimensions")
    soft, hard = (average(rows, "held_out_accuracy", classes=20, labels=kind)[""].mean() for kind in ("soft", "hard"))
    assert round(soft, 1) == 0.6 and hard < 0.1


def test_contributing_is_short(root):
    lines = (root / "CONTRIBUTING.md").read_text(encoding="utf-8").splitlines()
    assert len(lines) <= 70 and max(map(len, lines)) <= 120


def test_contributing_maps_every_room(root):
    page = (root / "CONTRIBUTING.md").read_text(encoding="utf-8")
    rooms = "|".join(line.split(" | ")[0] for line in page.splitlines() if line.startswith("| `"))
    mapped = {name.strip("/") for name in re.findall(r"`(\w+/?)`", rooms)}
    package = root / "src" / "softlabels"
    there = {path.stem for path in package.iterdir() if path.suffix == ".py" or (path / "__init__.py").is_file()}
    assert mapped == there - {"__init__"}


def test_the_pages_of_the_module_name_modules_that_exist(root):
    overview = (root / "book" / "api.md").read_text(encoding="utf-8")
    pages = {path.stem: path.read_text(encoding="utf-8") for path in sorted((root / "book" / "api").glob("*.md"))}
    for name, page in pages.items():
        named = re.findall(r"automodule:: (\S+)", page)
        assert 2 <= len(named) <= 8 and all(module_file(module) for module in named)
        headings = [module.removeprefix("softlabels.") for module in named]
        assert re.findall(r"^## (\S+)$", page, re.MULTILINE) == headings
        (line,) = re.findall(rf"^\| .*\(api/{name}\.md\) \| (.*) \|$", overview, re.MULTILINE)
        assert line == ", ".join(f"`{heading}`" for heading in headings)
    assert len(re.findall(r"\(api/", overview)) == len(pages)


def test_citation_names_both_papers(root):
    citation = yaml.safe_load((root / "CITATION.cff").read_text(encoding="utf-8"))
    papers = {paper["identifiers"][0]["value"] for paper in citation["references"]}
    assert papers == {"arXiv:2406.10485", "arXiv:2506.14457"}
    assert citation["title"] == yaml.safe_load((root / "_config.yml").read_text(encoding="utf-8"))["title"]


def test_the_page_about_the_book_says_how_to_cite_it_and_names_its_sources(root):
    page = (root / "book" / "about.md").read_text(encoding="utf-8")
    config = yaml.safe_load((root / "_config.yml").read_text(encoding="utf-8"))
    (entry,) = re.findall(r"^@misc\{softlabels,$.*?^\}$", page, re.MULTILINE | re.DOTALL)
    assert f"title  = {{{config['title']}}}" in entry and f"year   = {{{config['copyright']}}}" in entry
    assert f"version {softlabels.__version__}}}" in entry
    cited = set(re.findall(r"\{cite:t\}`(\w+)`", page))
    bibliography = (root / "book" / "references.bib").read_text(encoding="utf-8")
    assert "comp6258reproduction" in cited and all(f"{{{key}," in bibliography for key in cited)
    assert "(sources)=" in page and SOURCES["COMP6258"].partition("/tree/")[0] in bibliography


def test_import_is_cheap():
    code = "import sys, softlabels; print({'torch', 'numpy', 'pandas'} & set(sys.modules))"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said.strip() == "set()"


def test_the_example_of_the_module_page_runs(root, capsys):
    page = (root / "book" / "api.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"^```python\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    names = {}
    exec(compile(code, "book/api.md", "exec"), names)
    leak = names["leak"]
    assert abs(leak["hard"] - 1 / 9) < 0.06
    assert leak["soft, τ = 10"] > 0.5 > names["recall"]["soft, τ = 10"]
    assert len(capsys.readouterr().out.splitlines()) == 3


def _git(root, *words):
    """Lines that git prints; skips the test where there is no git or no checkout."""
    try:
        done = subprocess.run(["git", *words], cwd=root, capture_output=True, text=True)
    except OSError:
        pytest.skip("git is not on this machine")
    if done.returncode > 1:
        pytest.skip("not a git checkout")
    return done.stdout.splitlines()


def _make(root, *words):
    """What a make that must fail prints."""
    if shutil.which("make") is None:
        pytest.skip("make is not on this machine")
    done = subprocess.run(["make", "test", *words], cwd=root, capture_output=True, text=True)
    assert done.returncode != 0
    return done.stdout + done.stderr
