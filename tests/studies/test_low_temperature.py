"""Finding N2 at smoke size."""

from softlabels.studies import find
from softlabels.sweep import live


def test_newton_recovers_the_teacher_where_adam_has_not_arrived():
    rows = live("memorized/low_temperature", "smoke", "cpu")
    assert len(rows) == len(find("memorized/low_temperature").grid("smoke"))
    hot = rows[rows.tau == 10]
    newton, adam = hot[hot.solver == "newton"], hot[hot.solver == "adam"]
    assert (newton.agreement == 1).all() and newton.weight_error.max() < 1e-6
    assert adam.weight_error.min() > 0.01 and adam.gradient_norm.min() > newton.gradient_norm.max()
