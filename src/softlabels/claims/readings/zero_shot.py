"""What is read off figure 7: a class without images or without its entries."""

import pandas as pd

from softlabels.claims.readings.images import by_unit, pick
from softlabels.errors import NotRun
from softlabels.store import curves_of


def lost_by_removal(rows: pd.DataFrame, removal: str, unit: str = "draw", **points) -> dict:
    """Accuracy on the treated classes of students from whom nothing was removed, minus that of those treated."""
    treated = pick(rows, removal=removal, **points)
    classes = {int(name) for names in treated["removed"].astype(str) for name in names.split()}
    whole = pick(rows, labels="soft", **points)
    curves = curves_of(rows)
    if curves.empty:
        raise NotRun("the rows have no curves")
    own = curves[(curves["name"] == "class_accuracy") & curves["step"].isin(classes)]
    control = 100 * own.merge(whole[["identity", unit]]).groupby(unit)["value"].mean()
    return {"": (control - by_unit(treated, "class_accuracy", unit)).dropna()}
