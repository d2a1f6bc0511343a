"""Numbers and flags as words: the same in figures, tables and the report."""

import math


def show(p: float, alpha: float = math.nan) -> str:
    """Return a p or q as text of two digits; of more where two would cross alpha."""
    if not math.isfinite(p):
        return "–"
    for digits in range(2, 8):
        text = f"{p:.{digits}f}" if p >= 0.095 else f"{p:.{digits}g}"
        if (float(text) <= alpha) == (p <= alpha):
            break
    return text


def two_digits(value: float, sign: bool = False) -> str:
    """Return a number as text of two significant digits, without an exponent from 0.0001 on."""
    if not math.isfinite(value):
        return "–"
    plus = "+" if sign else ""
    if value == 0:
        return "0"
    text = f"{value:{plus}.0f}" if abs(value) >= 9.95 else f"{value:{plus}#.2g}"
    return text.replace("-", "−", 1) if text.startswith("-") else text


def with_unit(words: str, unit: str | None) -> str:
    """Return what an axis counts, with its unit."""
    return f"{words}, {unit}" if unit else words


def percent(share: float) -> str:
    """Return a share as text; what is not all or nothing is not rounded to it."""
    texts = [f"{100 * share:.{digits}f}" for digits in range(5)]
    within = [text for text in texts if float(text) not in (0, 100)]
    return f"{next(iter(within), texts[0])} %"


def counted(number: int, word: str, several: str = "") -> str:
    """Return a number with its noun: "1 image", "2 images"."""
    return f"{number} {word if number == 1 else several or word + 's'}"


def listed(words: list[str], most: int = 6) -> str:
    """Return words joined by commas and "and"; of too many, how many more there are."""
    if len(words) > most:
        words = [*words[: most - 1], f"{len(words) - most + 1} more"]
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def flags_in_words(text: object) -> list[str]:
    """Return a row's flags in words."""
    joined = text if isinstance(text, str) else ""
    return [flag.replace("_", " ") for flag in joined.split(";") if flag]
