"""What the names of a series' files say: values of the property, places in an order, or nothing."""

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import isfinite

from zollstock.folders import natural

_NUMBER = re.compile(r"[+-]?(?:\d+(?:[.,]\d*)?|[.,]\d+)(?:[eE][+-]?\d+)?")
# A number that the common beginning of names may have cut.
_CUT = re.compile(r"[+-]?(?:\d+(?:[.,]\d*)?(?:[eE][+-]?\d*)?|[.,]\d*)?$")
_UNIT = re.compile(r"\s?(?:[^\W\d_]+|[%°]\w*)")
# Signs that are no ASCII: minus, hyphens, dashes, and the wide and small ones of East Asia.
_MINUS = str.maketrans(dict.fromkeys("−‐‑‒–—﹣－", "-") | dict.fromkeys("＋﹢", "+"))
# Letters that may stand for a sign, as in m30.
_SIGNS = {
    sign: re.compile(rf"(?<![^\W\d_])({words})[ _]?(?=[\d.])", re.IGNORECASE)
    for sign, words in {"-": "minus|neg|m|n", "+": "plus|pos|p"}.items()
}
_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(?:[,_ '’\u00a0\u202f]\d{3})+(?!\d)")
_ORDINALS = {"st", "nd", "rd", "th"}


@dataclass(frozen=True)
class Reading:
    """The order of files by their names.

    Attributes
    ----------
    order
        Places of the files, from the first frame to the last.
    values
        Their values in this order; None where the axis is even.
    why
        What was read, for the run's output.
    unclear
        Why no order is certain, or "".
    """

    order: list[int]
    values: list[float] | None
    why: str
    unclear: str = ""


def read_names(names: Sequence[str], *, even: bool = False) -> Reading:
    """Read the order of files, and their values on the axis, from their names.

    Names that are numbers, a unit behind them or not (``0.25``, ``-30``, ``15deg``, ``1e-3``),
    are values. So are numbers behind words that all names share, if one of them has a sign, a
    decimal point, an exponent or a unit (``rot_-30``, ``gain_0.5``). Whole numbers there
    (``frame_001``) are a counter, which is an order without an axis. All else is ordered by name,
    2 before 10.

    Parameters
    ----------
    names
        Of the files, without their endings.
    even
        Take the order alone.
    """
    texts = [name.translate(_MINUS).strip() for name in names]
    prefix, numbers, words = _numbers(texts)
    if numbers is None:
        order = sorted(range(len(names)), key=lambda place: (natural(texts[place]), names[place]))
        why = "the order of their names, evenly spaced (not all are numbers)"
        return Reading(order, None, why, _mixture(texts) or _contradiction(texts, order))
    if maybe_thousands(numbers):
        why = "has numbers like 1,000, which may be one or a thousand"
        return Reading(list(range(len(names))), None, "", why)
    values = [_amount(number) for number in numbers]
    whole = all(number.isdecimal() for number in numbers)
    # Counters may have more digits than a floating-point number, dates and times above all.
    exact = [int(number) for number in numbers] if whole else values
    order = sorted(range(len(names)), key=exact.__getitem__)
    found = [values[place] for place in order]
    unclear = next(
        (
            f"names {names[order[place]]} and {names[order[place + 1]]}, which are both {value:g}"
            for place, value in enumerate(found[:-1])
            if exact[order[place]] == exact[order[place + 1]]
        ),
        "",
    )
    are_values = not all(number.isdigit() for number in numbers) or any(
        _UNIT.fullmatch(word) for word in words
    )
    if even or (prefix and not are_values) or len(set(found)) < len(set(exact)):
        behind = f" behind '{prefix}'" if prefix else " in their names"
        return Reading(order, None, f"the order of the numbers{behind}, evenly spaced", unclear)
    why = f"the numbers in their names, {found[0]:g} to {found[-1]:g}{_spacing(found)}"
    return Reading(order, found, why, unclear)


def maybe_thousands(numbers: Sequence[str]) -> bool:
    """Return whether the commas in numbers may be those of thousands, as in 1,000."""
    commas = [number.strip() for number in numbers if "," in number]
    return bool(commas) and all(re.fullmatch(r"[+-]?[1-9]\d{0,2},\d{3}", text) for text in commas)


def _mixture(texts: Sequence[str]) -> str:
    """Return what is wrong with numbers that are written in several ways, or ""."""
    matches = [_NUMBER.match(text) for text in texts]
    if not all(matches):
        return ""
    found = [match.group() for match in matches if match]
    units = {text[len(number) :].strip() for text, number in zip(texts, found, strict=True)}
    if any(_THOUSANDS.match(text) for text in texts):
        return "has numbers like 1,000 or 1_000"
    letters = units - {""}
    if letters and (units <= _ORDINALS or letters == set("abcdefgh"[: len(letters)])):
        return ""  # 1st, 2nd; 1, 1a, 1b
    if len(units) > 1 and all(not unit or _UNIT.fullmatch(unit) for unit in units):
        return f"has numbers with several units ({', '.join(map(repr, sorted(units)))})"
    if units == {""}:
        return "has numbers with a decimal point and with a comma"
    return ""


def _contradiction(texts: Sequence[str], order: Sequence[int]) -> str:
    """Return what is wrong where the order of names goes against that of numbers in them, or "".

    In ``-30_a, -20_b`` and ``0.25_a, 0.5_b`` the words behind differ; in ``m30, 0, 30`` a letter
    may be a sign.
    """
    signed, words = list(texts), []
    for sign, letters in _SIGNS.items():
        words.append({word.lower() for text in texts for word in letters.findall(text)})
        signed = [letters.sub(sign, text) for text in signed]
    # Of m1, n1 and p1 none is a sign.
    if any(words) and max(map(len, words)) == 1:
        _, numbers, _ = _numbers(signed)
        if numbers is not None and _falls([_amount(numbers[place]) for place in order]):
            return "has names in which a letter may be the sign of a number"
    prefix = _CUT.sub("", os.path.commonprefix(list(texts)))  # noqa: RUF071 - of letters
    rests = [text[len(prefix) :] for text in texts]
    if prefix[-1:].isalnum() and all(rest.startswith("-") for rest in rests):
        return ""  # hyphens
    matches = [_NUMBER.match(rest) for rest in rests]
    found = [match for match in matches if match]
    behind = [rest[match.end() :] for rest, match in zip(rests, found, strict=False)]
    # Of 1.9.1 and 1.10.1 no part is a value.
    parts = bool(re.search(r"\d[.,]$", prefix)) or any(re.match(r"[.]\d", one) for one in behind)
    if len(found) < len(texts) or parts:
        return ""
    if _falls([_amount(found[place].group()) for place in order]):
        return "has names that go one way by their numbers and another way by their letters"
    return ""


def _falls(values: Sequence[float]) -> bool:
    return any(after < before for before, after in pairwise(values))


def _numbers(texts: Sequence[str]) -> tuple[str, list[str] | None, list[str]]:
    """Return what stands before the numbers, the numbers or None, and what stands behind them."""
    prefix = _CUT.sub("", os.path.commonprefix(list(texts)))  # noqa: RUF071 - of letters
    rests = [text[len(prefix) :] for text in texts]
    if prefix[-1:].isalnum() and all(rest.startswith("-") for rest in rests):
        # As in frame-001: where all have one behind a word it is a hyphen.
        prefix, rests = f"{prefix}-", [rest[1:] for rest in rests]
    matches = [_NUMBER.match(rest) for rest in rests]
    found = [match.group() for match in matches if match]
    words = [rest[len(number) :] for rest, number in zip(rests, found, strict=False)]
    units = {word for word, number in zip(words, found, strict=False) if word or _amount(number)}
    fits = (
        bool(texts)
        and len(found) == len(texts)
        and len(units) <= 1
        # Of 1.2.9 and 1.2.10 no part is a value.
        and not re.search(r"\d[.,]$", prefix)
        and not any(re.match(r"\.\d", word) for word in words)
        and not any("," in number for number in found) * any("." in number for number in found)
        and all(isfinite(_amount(number)) for number in found)
    )
    return prefix, found if fits else None, words


def _amount(number: str) -> float:
    return float(number.replace(",", "."))


def _spacing(values: Sequence[float]) -> str:
    """Return " in unequal steps" where they are: a gap in a counter looks like that."""
    steps = [after - before for before, after in pairwise(values)]
    if not steps or max(steps) - min(steps) <= 1e-6 * max(steps):
        return ""
    return " in unequal steps"
