"""What is read off rows: one function a number, which figure, sentence and verdict all call; one module a page.

`points` has what all pages share, `images` what the pages of paper Q share. A claim names a reading by its function.
"""

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterable
from types import ModuleType

from softlabels.errors import SoftLabelsError


def by_name(modules: Iterable[ModuleType]) -> dict[str, Callable]:
    """The functions that modules define. Raises SoftLabelsError where two modules give one name to two functions."""
    readings = {}
    for module in modules:
        for name, reading in inspect.getmembers(module, inspect.isfunction):
            if name.startswith("_") or reading.__module__ != module.__name__:  # private, or imported
                continue
            if name in readings:
                raise SoftLabelsError(f"{readings[name].__module__} and {module.__name__} both define {name}.")
            readings[name] = reading
    return readings


PAGES = [importlib.import_module(f"{__name__}.{module.name}") for module in pkgutil.iter_modules(__path__)]
READINGS = by_name(PAGES)
