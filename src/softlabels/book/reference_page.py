"""What the page on the reference code takes from rows: findings with their verdicts, and numbers in sentences."""

from softlabels.book.rendering import SCALES, Book, badge, cell_text, shown

FINDINGS = {  # claim -> the heading on the page that it belongs to, and that heading's anchor
    "N1": ("Where a student begins", "where-a-student-begins"),
    "N2": ("Until convergence", "until-convergence"),
    "N3": ("Which entries are cut", "which-entries-are-cut"),
}


def findings(book: Book) -> str:
    """A paragraph a finding: its place on the page, its statement, and what was measured at each scale that ran."""
    claims = {claim["id"]: claim for claim in book.facts["claims"] if claim["id"] in FINDINGS}
    lines = []
    for name, claim in sorted(claims.items()):
        heading, anchor = FINDINGS[name]
        ran = [scale for scale in SCALES if (claim.get(scale) or {}).get("verdict", "not run") != "not run"]
        measured = "; ".join(f"at {scale} scale {measurement(claim[scale])}" for scale in ran) or "not run yet"
        statement, quantity = cell_text(claim["statement"]), cell_text(claim["quantity"])
        lines.append(f"- **{name}, [{heading}](#{anchor}).** {statement} Measured: {quantity}; {measured}.")
    return "\n".join(lines)


def measurement(verdict: dict) -> str:
    """`0.62 [0.55, 0.69] over 3 replicates` and the verdict."""
    value, low, high = (verdict.get(name) for name in ("value", "low", "high"))
    words = [badge(verdict["verdict"], verdict["verdict"])]
    if value is not None:
        words.append(shown(float(value)))
    if low is not None and high is not None:
        words.append(f"[{shown(float(low))}, {shown(float(high))}]")
    if verdict.get("n"):
        words.append(f"over {verdict['n']} replicates")
    return " ".join(words)


def level(book: Book) -> str:
    """How far figure 4a's thresholds move when a mean accuracy must be exactly 1."""
    found = book.facts["reference"]["level"]
    if not found:
        return "There are no rows of figure 4a yet."
    moved = found["moved"]
    return (
        f"In our rows of figure 4a ({found['scale']} scale, {found['seeds']} seeds, {found['temperatures']} "
        f"temperatures) asking for 1.0 in place of 0.99 moves the teacher's threshold at {moved['teacher']} of the "
        f"temperatures, the first α of full recovery at {moved['recovery']} and the last α that shuffled students fit "
        f"at {moved['shuffled']}, by at most {found['most']:.2g} in α."
    )


def teacher_panel(book: Book) -> str:
    """How far figure 10's first panel is from the teacher that it names."""
    found = book.facts["reference"]["teacher_panel"]
    if not found:
        return "There are no rows of figure 10 yet."
    return (
        f"In our rows of figure 10 ({found['scale']} scale, {found['seeds']} seeds, d = {found['d']}) the two "
        f"differ by at most {found['most']:.2g}, at α = {found['alpha']:.3g}."
    )


def seed_13(book: Book) -> str:
    """What the teacher of figure 1's data set knows by heart."""
    found = book.facts["reference"]["seed_13"]
    if not found:
        return "There are no rows of that data set yet."
    return f"Our run of that data set ({found['scale']} scale) gives {100 * found['accuracy']:.1f} %."


def best_on_test(book: Book) -> str:
    """What choosing an evaluation adds to a student of paper Q."""
    found = book.facts["reference"]["best_on_test"]
    if not found:
        return "There are no rows of figure 2 yet."
    said = []
    for fact in found:
        least, most = fact["evaluations"]
        times = f"{least}" if least == most else f"{least} to {most}"
        said.append(
            f"{fact['test']:+.2f} points at {fact['scale']} scale ({fact['students']} students, {times} evaluations "
            f"each; chosen on validation images {fact['validation']:+.2f})"
        )
    differences = ", ".join(said).replace("-", "−")
    return (
        f"In our rows of figure 2 it differs from the last by {differences}. It is taken over all official test "
        "images, ours over those that do not validate: where the two parts are not equally hard, it can be the lower."
    )


def spread(book: Book) -> str:
    """How far students, image draws and teachers of paper Q are apart."""
    found = book.facts["reference"]["spread"]
    if not found:
        return "There are no rows of those yet."
    ipc, students, draws, teachers = (
        " / ".join(f"{value:.3g}" for value in found[name]) for name in ("ipc", "students", "draws", "teachers")
    )
    return (
        f"In our rows of them ({found['scale']} scale, {ipc} images a class) the standard deviation is {students} "
        f"points among students on the same images and labels, {draws} among means of image draws and {teachers} "
        "among means of teachers."
    )


def student_epochs(book: Book) -> str:
    """Paper Q's own cell after different numbers of the student's epochs."""
    found = book.facts["reference"]["student_epochs"]
    if not found:
        return "There are no rows at the paper's size yet."
    said = [f"{100 * f['accuracy']:.1f} % after {f['epochs']} epochs ({f['students']} students)" for f in found]
    return (
        f"At the paper's size, on Tiny ImageNet with one image a class and the teacher of epoch 11, ours reach "
        f"{', '.join(said)}; table 2 has 7.6 (0.3)."
    )


def starts(book: Book) -> str:
    """What students of figure 9 name with the teacher's start, with their own, and mixed as the released code mixes."""
    found = book.facts["reference"]["starts"]
    if not found:
        return "There are no rows at the paper's size yet."
    shared, own = found["shared"], found["independent"]
    return (
        f"At the published size (figure 9, teacher stopped at 5,000 steps, τ = 10, ρ = 0.9; {found['replicates']} "
        f"replicates of ours), students name {shared:.3f} of the held-out pairs with the shared start and {own:.3f} "
        f"with an independent one, and at most {found['fresh']:.3f} of fresh pairs. Two shared repeats and one "
        f"independent, as the released driver would make them, average {(2 * shared + own) / 3:.2f}; the figure that "
        "the released notebook holds, drawn from earlier runs, shows 0.69."
    )
