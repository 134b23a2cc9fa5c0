"""What a module depends on is found without running it."""

from softlabels.code_hash import code_hash, imported_modules, module_closure, module_file


def names(modules):
    return {file.name for file in module_closure(modules)}


def test_imports_are_found_inside_functions_too():
    source = "import a.b\ndef f():\n    from c import d\n"
    assert imported_modules(source) == {"a.b", "c", "c.d"}


def test_the_closure_is_transitive_and_stays_in_the_package():
    found = names(["softlabels.studies.temperature_and_classes"])
    assert {"temperature_and_classes.py", "linear.py", "labels.py", "errors.py", "study.py"} <= found
    assert not {"two_layer.py", "plots.py", "sweep.py"} & found
    assert names(["torch", "softlabels.nothing"]) == set()


def test_a_study_is_not_touched_by_another_studys_code():
    assert code_hash(["softlabels.studies.temperature_and_classes"]) != code_hash(["softlabels.studies.two_dimensions"])
    assert code_hash(["softlabels.labels"]) == code_hash(["softlabels.labels"])


def test_module_file():
    assert module_file("softlabels.labels").name == "labels.py"
    assert module_file("softlabels.studies").name == "__init__.py"
    assert module_file("numpy") is None and module_file("softlabels.labels.soften") is None
