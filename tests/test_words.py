"""Numbers as readers see them."""

import math

import pytest

from softlabels import words


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (0.98149, "0.981"), (-1.5, "−1.5"), (0, "0"), (999.6, "1000"), (-2.6e-8, "−2.6 × 10⁻⁸"),
        (1600, "1600"), (12_800.4, "12,800"),
        (None, "–"), (math.nan, "–"), (math.inf, "beyond the grid"),
    ],
)  # fmt: skip
def test_leading_digits(value, said):
    assert words.significant(value) == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0.01, "< 0.1 s"), (0.41, "0.4 s"), (3.14159, "3 s"), (89, "89 s"), (120, "2 min"), (7200, "2.0 h"),
        (2 * 86400, "2.0 days"), (250 * 86400, "250 days"),
    ],
)  # fmt: skip
def test_durations(seconds, said):
    assert words.duration(seconds) == said


def test_powers_of_ten_of_nothing():
    assert words.power_of_ten(None) == words.power_of_ten(0) == "–"
