"""Letters that no font of this machine has: they are spelled out, so that names stay distinct."""

import re
import sys
import unicodedata
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from typing import Any

import matplotlib
from fontTools import subset
from matplotlib.figure import Figure
from matplotlib.font_manager import (
    FontProperties,
    findfont,
    fontManager,
    get_font,
    get_font_names,
)
from matplotlib.text import Text

FONT = "DejaVu Sans"
# Asked in this order for what it lacks, where they are installed.
_FURTHER = (
    *(f"Noto Sans{kind}" for kind in ("", " CJK SC", " CJK JP", " SC", " JP", " KR")),
    *(f"Noto Sans {script}" for script in ("Devanagari", "Bengali", "Tamil", "Thai", "Symbols 2")),
    *("Source Han Sans SC", "WenQuanYi Zen Hei", "Droid Sans Fallback", "Unifont"),
    *("PingFang SC", "Hiragino Sans", "Apple SD Gothic Neo", "Arial Unicode MS"),
    *("Microsoft YaHei", "Yu Gothic", "Malgun Gothic", "Nirmala UI"),
)
_WEIGHTS = ("normal", "bold")
_MARK = "\u200e"
_LEFTWARD = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
# From one such letter to another, with no letter of another kind in between.
_LEFTWARD_PART = re.compile(f"{_LEFTWARD.pattern}(?:[\\W\\d_]*{_LEFTWARD.pattern})*")
# Tables of a font that say how to set text; in a PDF each letter has its place already.
_SETTING = ("GSUB", "GPOS", "GDEF", "MATH", "kern")
# Encodings of their own, pictures instead of outlines, or boxes for every letter there is.
_UNFIT = re.compile(r"^cm[a-z]+\d+$|STIXNonUnicode|STIXSize|Color Emoji|Last ?Resort")


@cache
def families() -> list[str]:
    """Return the fonts of all figures, the first one first."""
    return [FONT, *(name for name in _FURTHER if name in get_font_names())]


def fonts_for(words: str) -> list[str]:
    """Return the fonts of all figures, and any others that have letters of a text."""
    if words.isascii():
        return families()
    others = {_another(letter) for letter in words if _lacking(letter)} - {None}
    return [*families(), *sorted(map(str, others))]


def spelled(words: str) -> str:
    """Return a text in which letters that no font has are numbers, as 杯 is ``[676F]``."""
    return words if words.isascii() else "".join(map(_spelled, words))


def directed(words: str) -> str:
    """Return a line that runs from left to right, with words of Hebrew or Arabic as a whole in it.

    A line that begins with such a word would run from right to left altogether, and a number
    behind it would stand before it. Marks without width (U+200E) tell where such words end.
    """
    if words.isascii() or not _LEFTWARD.search(words):
        return words
    return _MARK + _LEFTWARD_PART.sub(lambda part: part.group() + _MARK, words.replace(_MARK, ""))


def with_all_letters(figure: Figure, make: Callable[[], object]) -> None:
    """Draw; where a letter turned out to be missing, spell texts out and draw again.

    To look at all texts beforehand would cost a tenth of the time of drawing.
    """
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("default")
        warnings.filterwarnings("always", message="Glyph")
        make()
    lacking = [one for one in said if str(one.message).startswith("Glyph")]
    for other in said:
        if other not in lacking:
            warnings.warn_explicit(other.message, other.category, other.filename, other.lineno)
    if lacking:
        _spell_out(figure)
        make()


def _spell_out(figure: Figure) -> None:
    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis):
            labels = [label.get_text() for label in axis.get_ticklabels()]
            if any(spelled(label) != label for label in labels):
                axis.set_ticks(axis.get_ticklocs(), labels=[spelled(label) for label in labels])
    for text in figure.findobj(Text):
        assert isinstance(text, Text)
        words = text.get_text()
        text.set_fontfamily(fonts_for(words))
        text.set_text(spelled(words))


@contextmanager
def keeping_fonts(figure: Figure) -> Iterator[None]:
    """Keep fonts in a PDF that is written within: whole, or as outlines.

    Of fonts that happen to be installed some cannot be packed as they are.
    """
    words = {text.get_text() for text in figure.findobj(Text) if isinstance(text, Text)}
    own = get_font(findfont(FontProperties(family=[FONT])))
    letters = {letter for text in words if not text.isascii() for letter in text}
    strange = any(not own.get_char_index(ord(letter)) for letter in letters)
    with matplotlib.rc_context({"pdf.fonttype": 3} if strange else {}), lean_fonts():
        yield


@contextmanager
def lean_fonts() -> Iterator[None]:
    """Leave out what a PDF does not need of its fonts: to pack it was a sixth of a job's time."""
    load = subset.load_font

    def load_lean(*args: Any, **how: Any) -> Any:  # noqa: ANN401 - fontTools' own
        font = load(*args, **how)
        for table in _SETTING:
            if table in font:
                del font[table]
        return font

    subset.load_font = load_lean
    try:
        yield
    finally:
        subset.load_font = load


@cache
def _lacking(letter: str) -> bool:
    """Return whether the fonts of all figures lack a letter."""
    if letter.isascii():
        return False
    return not any(_has(family, letter) for family in families())


def _has(family: str, letter: str) -> bool:
    """Return whether a font has a letter in each of the weights that figures use.

    A bold face often has fewer: matplotlib's own STIX has kana in the regular one alone.
    """
    faces = (findfont(FontProperties(family=[family], weight=each)) for each in _WEIGHTS)
    return all(get_font(face).get_char_index(ord(letter)) for face in faces)


@cache
def _another(letter: str) -> str | None:
    """Return any other font of this machine that has a letter."""
    for entry in sorted(
        fontManager.ttflist, key=lambda entry: (entry.style != "normal", entry.name)
    ):
        if not _UNFIT.search(entry.name):
            with suppress(Exception):  # whatever lies on a machine
                font = get_font(entry.fname)
                known = font.scalable and font.get_char_index(ord(letter))
                if known and _has(entry.name, letter):
                    return entry.name
    return None


@cache
def _spelled(letter: str) -> str:
    if letter.isascii():
        return letter
    if not _lacking(letter):
        return letter
    if unicodedata.category(letter) in {"Cc", "Cf"} or _another(letter):  # joiners are no letters
        return letter
    number = f"[{ord(letter):04X}]"
    _say(f"{letter} is shown as {number}")
    return number


def _say(example: str, said: list[str] = []) -> None:  # noqa: B006 - once for all figures of a job
    if not said:
        said.append(example)
        print(
            f"figures: no font here has all letters of names and titles, so {example}, and others "
            "alike; install one that has them, e.g. Noto Sans CJK for Chinese and Japanese",
            file=sys.stderr,
        )
