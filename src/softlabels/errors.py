"""The one exception that this package raises on purpose."""


class SoftLabelsError(Exception):
    """A sentence for people: what was wrong, what was given, what is allowed, what to type next."""
