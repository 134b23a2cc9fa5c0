"""What is read off rows: one function a number, which figure, sentence and verdict all call; one module a page.

`points` has what all pages share, `images` what the pages of paper Q share. A claim names a reading by its function.
"""

import importlib
import pkgutil

PAGES = [importlib.import_module(f"{__name__}.{module.name}") for module in pkgutil.iter_modules(__path__)]
READINGS = {name: reading for page in PAGES for name, reading in vars(page).items() if callable(reading)}
