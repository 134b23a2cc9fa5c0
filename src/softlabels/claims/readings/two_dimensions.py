"""What the page on the reference code reads off figure 1; the page on figures 1 and 7 itself shows averages alone."""

import pandas as pd


def teacher_of_figure_1(rows: pd.DataFrame) -> dict | None:
    """Accuracy of the teacher of figure 1's published data set (seed 13), and the scale; None where it was not run."""
    own = rows[(rows["published_seed"] == 13) & (rows["classes"] == 3)]
    return {"scale": rows.attrs["scale"], "accuracy": own["teacher_accuracy"].mean()} if len(own) else None
