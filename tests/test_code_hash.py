"""A hash of code that changes when a result can change: read from files that a test writes, none of which runs."""

import functools
import types

import pytest

from softlabels import code_hash as hashing
from softlabels.book.key import code_files
from softlabels.code_hash import code_hash, imported_modules, module_file


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A toy package in place of this one; `package(file=text, …)` writes it, `__` in a name is a folder."""
    root = tmp_path / "softlabels"
    root.mkdir()
    monkeypatch.setattr(hashing, "PACKAGE", root)

    def write(**files):
        for name, text in files.items():
            path = root / (name.replace("__", "/") + ".py")
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
            hashing._module.cache_clear()
        return write

    return write


def hash_of(name, module="softlabels.study_x", **arguments):
    """The hash of a function that is only named: what hashing reads is its file."""
    function = types.FunctionType((lambda: None).__code__, {})
    function.__module__, function.__qualname__ = module, name
    return code_hash(functools.partial(function, **arguments) if arguments else function)


STUDY = '''"""A study."""

import torch

from softlabels import errors, helper
from softlabels.helper import scaled as scale

RATE = 0.5
GRID = {"paper": [1, 2, 3]}


def run(pack, device: str = "cpu") -> list:
    """Run a pack."""
    if not pack:
        raise errors.Wrong(f"There is no pack, {device}; give one.")  # said to people
    return [helper.shifted(scale(x, RATE)) for x in pack if torch.is_tensor(x)]


def another():
    return 1
'''
HELPER = '''"""Helpers."""


def scaled(x, by):
    """x times `by`."""
    return x * by


def shifted(x):
    return x + OFFSET


OFFSET = 2


def unused():
    return 3
'''
ERRORS = "class Wrong(Exception):\n    pass\n"


@pytest.fixture
def toy(package):
    package(study_x=STUDY, helper=HELPER, errors=ERRORS)
    return package


def changed(toy, before, **files):
    toy(**files)
    return hash_of("run") != before


@pytest.mark.parametrize(
    "old, new",
    [
        ('"""Run a pack."""', '"""Run every run of a pack, in its order."""'),
        ("  # said to people", "  # a sentence for people, nothing else"),
        ("There is no pack, {device}; give one.", "Nothing to run on {device}. Name a pack."),
        ("device: str = ", "device: object = "),
        (") -> list:", ") -> list[float]:"),
        ("[1, 2, 3]", "[1, 2, 3, 4]"),
        ("def another():\n    return 1", "def another():\n    return 2"),
        ("from softlabels.helper import scaled as scale", "from softlabels.helper import scaled as times"),
    ],
)
def test_words_grids_and_what_is_not_reached_change_nothing(toy, old, new):
    before = hash_of("run")
    text = STUDY.replace(old, new)
    if "as times" in new:
        text = text.replace("scale(x", "times(x")
    assert text != STUDY and not changed(toy, before, study_x=text)


@pytest.mark.parametrize(
    "old, new",
    [
        ("RATE = 0.5", "RATE = 0.25"),
        ("if not pack", "if pack"),
        ("scale(x, RATE)", "scale(RATE, x)"),
        ("torch.is_tensor", "torch.is_complex"),
        ("helper.shifted(scale(x, RATE))", "scale(helper.shifted(x), RATE)"),
        ('device: str = "cpu"', 'device: str = "cuda"'),
    ],
)
def test_a_number_an_operator_and_another_function_change_it(toy, old, new):
    assert old in STUDY and changed(toy, hash_of("run"), study_x=STUDY.replace(old, new))


@pytest.mark.parametrize("old, new", [("x * by", "x / by"), ("OFFSET = 2", "OFFSET = 3"), ("x + OFFSET", "OFFSET + x")])
def test_so_does_what_is_reached_through_other_files(toy, old, new):
    assert old in HELPER and changed(toy, hash_of("run"), helper=HELPER.replace(old, new))


def test_files_and_functions_may_be_moved_and_renamed(toy):
    before = hash_of("run")
    moved = STUDY.replace(
        "from softlabels import errors, helper", "from softlabels import errors\nfrom softlabels.rooms import tools"
    )
    moved = moved.replace(
        "softlabels.helper import scaled as scale", "softlabels.rooms.tools import multiplied as scale"
    )
    moved = moved.replace("helper.shifted", "tools.moved")
    toy(
        study_x=moved,
        helper="",
        rooms__tools=HELPER.replace("scaled", "multiplied").replace("shifted", "moved"),
    )
    assert hash_of("run") == before
    toy(elsewhere=moved.replace("def run(", "def train("), study_x="")
    assert hash_of("train", "softlabels.elsewhere") == before


def test_line_endings_change_nothing(toy, tmp_path):
    before = hash_of("run")
    for file in (tmp_path / "softlabels").glob("*.py"):
        file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
    hashing._module.cache_clear()
    hashing.code_hash.cache_clear()
    assert hash_of("run") == before


def test_two_functions_that_change_places_are_noticed(toy):
    """The same definitions, the same names: only who calls which has changed."""
    before = hash_of("run")
    swapped = HELPER.replace("def scaled", "def other").replace("def shifted(x)", "def scaled(x, by=1)")
    assert changed(toy, before, helper=swapped.replace("def other(x, by)", "def shifted(x, by=1)"))


def test_a_name_is_followed_through_a_module_that_only_hands_it_on(toy):
    before = hash_of("run")
    toy(
        study_x=STUDY.replace("softlabels.helper import", "softlabels.front import"),
        front="from softlabels.helper import scaled\n",
    )
    assert hash_of("run") == before


def test_recursion_ends(package):
    package(study_x="def run(n):\n    return n and other(n - 1)\n\n\ndef other(n):\n    return run(n)\n")
    before = hash_of("run")
    package(study_x="def run(n):\n    return n and other(n - 2)\n\n\ndef other(n):\n    return run(n)\n")
    assert hash_of("run") != before


FIRST, SECOND = "def first(x):\n    return x + 1\n", "def second(x):\n    return x + 2\n"
MARKS = "def register(f):\n    return f\n\nclass Base:\n    pass\n"
UNRESOLVED = {  # kind -> what stands above `run`, what `run` returns
    "a table of functions": (f"{FIRST}\n{SECOND}\nTABLE = {{'a': first, 'b': second}}\n", "TABLE[x](x)"),
    "a table filled by statements": (f"{SECOND}\nTABLE = {{}}\nTABLE['b'] = second\n", "TABLE[x](x)"),
    "a decorator of the package": (f"from softlabels.marks import register\n\n@register\n{SECOND}\n@register", "x"),
    "a base of the package": (f"from softlabels import marks\n\n{SECOND}\nclass Run(marks.Base):\n    pass\n", "Run()"),
    "a computed base": (f"import torch\n\n{SECOND}\nclass Run(torch.base()):\n    pass\n", "Run()"),
    "getattr with a computed name": (SECOND, "getattr(x, name)(x)"),
    "globals": (SECOND, "globals()[name](x)"),
    "a module handed on": ("from softlabels import others\n", "x(others)"),
    "getattr of a module": ("from softlabels import others\n", "getattr(others, x)(x)"),
    "a method of a class": ("class Run:\n    def second(self, x):\n        return x + 2\n", "Run().second(x)"),
}


@pytest.mark.parametrize("kind", UNRESOLVED)
def test_what_reading_cannot_resolve_counts_as_much_as_it_could_mean(package, kind):
    above, returned = UNRESOLVED[kind]
    study = f"{above}\ndef run(x, name):\n    return {returned}\n"
    files = {"study_x": study, "marks": MARKS, "others": SECOND}
    package(**files)
    before = hash_of("run")
    package(**{name: text.replace("x + 2", "x + 3") for name, text in files.items()})
    assert hash_of("run") != before


def test_a_name_that_is_bound_twice_counts_twice(package):
    package(study_x="RATE = 1\nRATE = RATE + 1\n\ndef run(x):\n    return RATE\n")
    before = hash_of("run")
    package(study_x="RATE = 2\nRATE = RATE + 1\n\ndef run(x):\n    return RATE\n")
    assert hash_of("run") != before


def test_names_of_one_assignment_that_change_places_are_noticed(package):
    package(study_x="LEAST, MOST = 1, 2\n\ndef run(x):\n    return x + LEAST\n")
    before = hash_of("run")
    package(study_x="MOST, LEAST = 1, 2\n\ndef run(x):\n    return x + LEAST\n")
    assert hash_of("run") != before


def test_a_plain_study_does_not_count_its_whole_module(package):
    package(study_x=f"{SECOND}\ndef run(x):\n    return x\n")
    before = hash_of("run")
    package(study_x=f"{SECOND.replace('2', '3')}\ndef run(x):\n    return x\n")
    assert hash_of("run") == before


def test_a_loader_whose_output_has_a_checksum_counts_by_it(package):
    text = "from softlabels.code_hash import pinned\n\nSUM = 'ab'\n\n@pinned(SUM)\ndef load():\n    return 1\n"
    text += "\ndef run(x):\n    return load()\n"
    package(study_x=text)
    before = hash_of("run")
    package(study_x=text.replace("return 1", "return 1 + 0"))
    assert hash_of("run") == before
    package(study_x=text.replace("'ab'", "'cd'"))
    assert hash_of("run") != before


def test_arguments_of_a_partial_function_count(toy):
    assert hash_of("run") != hash_of("run", device="a") != hash_of("run", device="b")
    assert hash_of("run", device="a") == hash_of("run", device="a")


def test_a_function_within_a_function_is_refused(toy):
    with pytest.raises(TypeError, match="not defined at the top level"):
        hash_of("outer.<locals>.run")


def test_every_python_gives_the_same_hash(package):
    """As computed with Python 3.11, 3.12 and 3.13: rows that one has made are no older code to another."""
    package(study_x="class Pack:\n    size: int = 1\n\n\ndef run(x):\n    return [Pack(), x, f'{x:.2f}', lambda: ()]\n")
    assert hash_of("run") == "22641ca359ca8c6a"


def test_this_package_studies_by_studies():
    from softlabels.studies import STUDIES, find

    hashes = {study: code_hash(find(study).run_pack) for study in STUDIES}
    assert hashes["memorized/temperature"] == hashes["memorized/classes"] != hashes["memorized/two_dimensions"]
    code_hash.cache_clear()
    assert hashes == {study: code_hash(find(study).run_pack) for study in reversed(STUDIES)}
    reading = hashing._Reading()
    reading.begin(find("memorized/temperature").run_pack)
    reading.trees()
    reached = {module for module, _ in reading.numbers}
    assert {"softlabels.training.linear", "softlabels.labels", "softlabels.data.synthetic"} <= reached
    assert not {"softlabels.plots", "softlabels.sweep", "softlabels.store", "softlabels.code_hash"} & reached


# ---- files, for pages ----------------------------------------------------------------------------------------------


def names(modules):
    return {file.name for file in code_files(modules)}


def test_imports_are_found_inside_functions_too():
    source = "import a.b\ndef f():\n    from c import d\n"
    assert imported_modules(source) >= {"a.b", "c", "c.d"}


def test_the_closure_is_transitive_and_stays_in_the_package():
    found = names(["softlabels.studies.temperature_and_classes"])
    assert {"temperature_and_classes.py", "linear.py", "labels.py", "errors.py", "study.py"} <= found
    assert not {"plots.py", "sweep.py"} & found
    assert names(["torch", "softlabels.nothing"]) == set()


def test_module_file():
    assert module_file("softlabels.labels").name == "labels.py"
    assert module_file("softlabels.studies").name == "__init__.py"
    assert module_file("numpy") is None and module_file("softlabels.labels.soften") is None
