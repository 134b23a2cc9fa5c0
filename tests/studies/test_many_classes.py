"""The network that stands in for the language model."""

from softlabels.studies import find

STUDY = find("memorized/many_classes")


def test_smoke_rows(tmp_path):
    for pack in STUDY.packs("smoke"):
        rows = STUDY.run_pack(pack, "cpu", tmp_path)
        assert [row.settings for row in rows] == pack
        assert all({"held_out_accuracy", "student_train_accuracy"} <= row.curves.keys() for row in rows)


def test_scales():
    quick, paper = STUDY.grid("quick"), STUDY.grid("paper")
    assert {(s.c, s.per_class, s.tau, s.shuffled) for s in quick} == {(100, 5, 20.0, False), (100, 5, 20.0, True)}
    assert {s.seed for s in quick} == set(range(5))
    assert {(s.d, s.c, s.hidden, s.per_class, s.teacher_steps, s.student_lr, s.student_steps) for s in paper} == {
        (900, 300, 500, 10, 500, 1e-3, 1000)  # the authors' workshop notebook
    }
    assert {s.rho for s in paper} == {0.15, 0.25, 0.35, 0.45, 0.55, 0.65, 0.75, 0.85, 0.95}
