"""What the page "Audit your own labels" says turns when its audits find the opposite."""

import numpy as np
import pytest
from sentences import NOTEBOOKS, constant_headlines, says, unturned

from softlabels.audit import HARD, RETEMPERED, SOFT, Report

PAGE = "joined/audit_your_labels"
TITLES = ("Labels of an MLP in scikit-learn.", "Labels of a ConvNet in torch.")
NO_FINDING = ("This is one attack on random canaries",)


def audits(soft, retempered, gained):
    """In place of `audit`: leaks of both kinds of students, and what soft labels teach more than hard ones."""

    def audit(teacher, inputs, classes, planted, split, *, logits=False, student=None, seed=0):
        def found(leak, gained=0.0):
            of = {"test_accuracy": 0.95 + gained, "leak": leak, "plain_recall": leak / 2, "gained": gained, "kl": 0.0}
            return {metric: (value + seed / 1000, value - 0.1, value + 0.1) for metric, value in of.items()}

        students = {"teacher": found(retempered), HARD: found(1 / 9)}
        students |= {SOFT: found(soft, gained), RETEMPERED: found(retempered, -0.1)}
        hits = {name: 30 * metrics["leak"][0] for name, metrics in students.items()}
        return Report(students, hits, 1 / 9, "student", (10.0,), 1, 500, 30, 30, 500)

    return audit


class Untrained:
    """In place of scikit-learn's network."""

    def __init__(self, *_, **__):
        pass

    def fit(self, *_):
        """Nothing is learned."""

    def predict_proba(self, x):
        """Flat labels."""
        return np.full((len(x), 10), 0.1)


def said(*world):
    instead = {"softlabels.audit.audit": audits(*world), "sklearn.neural_network.MLPClassifier": Untrained}
    return says(PAGE, lambda *_: None, scale="smoke", instead=instead)


@pytest.fixture(scope="module")
def leaking():
    return said(0.11, 0.7, 0.02)


@pytest.mark.parametrize("world", [(0.11, 0.11, -0.02), (0.5, 0.01, 0.0)])
def test_no_sentence_stays_when_the_audits_find_the_opposite(leaking, world):
    assert len(leaking) >= 6
    assert not unturned(leaking, said(*world), TITLES + NO_FINDING)


def test_no_headline_is_a_constant_and_the_page_has_an_answer():
    assert not constant_headlines(PAGE)
    assert "## Answer\\n\\n" in (NOTEBOOKS / f"{PAGE}.py").read_text(encoding="utf-8")
