"""Numbers as readers see them: true minus signs, few digits, intervals in brackets, durations in words."""

import math


def number(value: float, digits: int = 1) -> str:
    """A number for sentences and tables: `3.5`, `−0.3`, `0.0`; – where there is none."""
    return "–" if value != value else f"{value:z.{digits}f}".replace("-", "−")


def signed(value: float, digits: int = 1) -> str:
    """A difference: `+3.5`, `−0.3`, `0.0`; – where there is none."""
    text = number(value, digits)
    return f"+{text}" if value > 0 and text != number(0, digits) else text


def interval(bounds: tuple[float, float, float], digits: int = 1, write=number, unit: str = "") -> str:
    """A mean with the ends of its 95 % interval, `62 % [57, 67]`; the mean alone where there are none."""
    mean, low, high = (write(value, digits) for value in bounds)
    return f"{mean}{unit}" + ("" if low == "–" else f" [{low}, {high}]")


def significant(value: float | None, digits: int = 3) -> str:
    """A number of any size by its leading digits: `0.982`, `−1.5`, `1600`, `12,800`, `2.6 × 10⁻⁸`; – for none.

    Infinity is what lies beyond the grid that was run.
    """
    if value is None or value != value:
        return "–"
    if abs(value) == float("inf"):
        return "beyond the grid"
    if 0 < abs(value) < 1e-4:
        return power_of_ten(value).replace("-", "−")
    short = f"{value:.{digits}g}"
    if abs(float(short)) >= 1000:
        short = f"{value:,.0f}" if abs(value) >= 10_000 else f"{value:.0f}"
    return short.replace("-", "−")


def duration(seconds: float) -> str:
    """Seconds in words: `< 0.1 s`, `0.4 s`, `3 s`, `12 min`, `5.2 h`, `2.0 days`."""
    if seconds < 1:
        return "< 0.1 s" if seconds < 0.1 else f"{seconds:.1f} s"
    if seconds < 100:
        return f"{seconds:.0f} s"
    if seconds < 6000:
        return f"{seconds / 60:.0f} min"
    hours = seconds / 3600
    return f"{hours:.1f} h" if hours < 36 else f"{hours / 24:,.{1 if hours < 2400 else 0}f} days"


def power_of_ten(number: float | None) -> str:
    """A large number in two digits, for sentences without typeset mathematics: `9.5 × 10¹⁷`; – for nothing."""
    if not number:
        return "–"
    mantissa, exponent = f"{number:.1e}".split("e")
    return f"{mantissa} × 10{str(int(exponent)).translate(str.maketrans('-0123456789', '⁻⁰¹²³⁴⁵⁶⁷⁸⁹'))}"


def capital(text: str) -> str:
    """A text as a sentence begins: its first letter large, the others as they are."""
    return text[:1].upper() + text[1:]


def count(number: int, what: str) -> str:
    """A number of things: `1 teacher`, `6 teachers`."""
    return f"{number} {what}{'' if number == 1 else 's'}"


def listed(values, form: str = "") -> str:
    """Values one after the other, each in a format of Python: `1, 5, 10`."""
    return ", ".join(format(value, form) for value in values)


def size(count: float) -> str:
    """Bytes in words, with a space that does not break: `60 kB`."""
    units = ("B", "kB", "MB", "GB", "TB")
    power = min(int(math.log10(max(count / 0.9995, 1)) // 3), len(units) - 1)  # 999.5 kB are written as 1 MB
    return f"{count / 1000**power:.3g}\u00a0{units[power]}"
