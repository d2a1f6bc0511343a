"""Letters that no font of this machine has: they are spelled out, so that names stay distinct."""

import sys
import warnings
from collections.abc import Callable
from functools import cache

from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, get_font, get_font_names
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


@cache
def families() -> list[str]:
    """Return the fonts of all figures, the first one first."""
    return [FONT, *(name for name in _FURTHER if name in get_font_names())]


def spelled(words: str) -> str:
    """Return a text in which letters that no font has are numbers, as 杯 is ``[676F]``."""
    return words if words.isascii() else "".join(map(_spelled, words))


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
        text.set_text(spelled(text.get_text()))


@cache
def _spelled(letter: str) -> str:
    if letter.isascii():
        return letter
    for family in families():
        font = get_font(findfont(FontProperties(family=[family])))
        if font.get_char_index(ord(letter)):
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
