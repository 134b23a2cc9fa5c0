"""What is read off the page on GPT-2 and its stand-in: the printed accuracies, and the control with shuffled labels."""

import pandas as pd

from softlabels.claims.readings.points import at

PRINTED = {0.2: 0.2385, 0.5: 0.5863, 0.8: 0.7283}  # ρ -> held-out accuracy that the released notebook prints
WORKSHOP = {0.15: 0.04, 0.55: 0.40, 0.95: 0.76}  # the same of the authors' own stand-in, read off their notebook's plot


def shuffled(rows: pd.DataFrame) -> pd.DataFrame:
    """The stand-in's control: students of shuffled labels, where a class has two or more examples to shuffle."""
    rows = at(rows, shuffled=True)
    return rows[(rows["rho"] * rows["per_class"] + 1e-9).astype(int) > 1]
