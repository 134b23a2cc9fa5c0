"""The settings of a study's grid as rows, for worlds to put metrics on."""

import dataclasses
from functools import cache

import pandas as pd

from softlabels.studies import find


@cache  # every world assigns to a copy
def settings_of(study: str, scale: str, seeds: int | None = 3) -> pd.DataFrame:
    rows = pd.DataFrame(dataclasses.asdict(settings) for settings in find(study).grid(scale, seeds))
    rows.attrs = {"study": study, "scale": scale}
    return rows
