"""What is read off shuffled, random and noisy labels, and off the baselines that a soft label has to beat."""

import pandas as pd

from softlabels.claims.readings.images import gap
from softlabels.claims.readings.points import curve

KINDS = {"soft": {"labels": "soft"}, "hard": {"labels": "hard"}, "shuffled": {"labels": "soft", "shuffled": True}}
CERTAINTIES = (0.8, 0.9, 0.95)  # what a random soft label gives the class
FAIR = {  # what a soft label has to beat besides: baselines of ours
    "class mean": {"labels": "class mean"},
    "smoothed 0.8": {"labels": "smoothed hard", "certainty": 0.8},
    "smoothed 0.9": {"labels": "smoothed hard", "certainty": 0.9},
    "teacher's class": {"labels": "teacher's class"},
}
TREATED = KINDS | {f"random {p:g}": {"labels": "random soft", "certainty": p} for p in CERTAINTIES}


def gains(rows: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Points above hard labels of the same images, for each kind of label: draws × IPC."""
    return {kind: curve(rows, "ipc", gap, of=points, to=KINDS["hard"]) for kind, points in (TREATED | FAIR).items()}


def own_or_mean(rows: pd.DataFrame) -> pd.DataFrame:
    """An image's own soft label minus the mean label of its class, in points: draws × IPC."""
    return curve(rows, "ipc", gap, of=KINDS["soft"], to=FAIR["class mean"])


def noise_loss(rows: pd.DataFrame) -> pd.DataFrame:
    """Noisy minus plain soft labels in points: draws × (IPC, amount of noise, share of the labels with noise)."""
    noisy = rows.loc[rows["noise_share"] > 0, ["ipc", "noise_amount", "noise_share"]].drop_duplicates()
    losses = {
        (ipc, amount, share): gap(rows, {"noise_amount": amount, "noise_share": share}, {}, labels="soft", ipc=ipc)[""]
        for ipc, amount, share in sorted(noisy.itertuples(index=False, name=None))
    }
    return pd.DataFrame(losses)
