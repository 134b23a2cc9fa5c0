"""The exceptions that this package raises on purpose."""


class SoftLabelsError(Exception):
    """A sentence for people: what was wrong, what was given, what is allowed, what to type next."""


class NotRun(Exception):
    """The rows lack a point that a claim names, or the grid ends before the claim could be decided."""
