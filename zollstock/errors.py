"""The one exception a user may see.

Everything a user can cause (a wrong key, an unreadable file, too few images) is
raised as `ZollstockError`; scripts print its message and exit 1 without a traceback.
"""

import difflib
import unicodedata
from collections.abc import Iterable


class ZollstockError(Exception):
    """A mistake that the user can mend.

    Parameters
    ----------
    where
        The file, config key or argument that is wrong.
    found
        What stands there.
    expected
        What was expected instead.
    fix
        The next step for the user.

    Attributes
    ----------
    others
        Further mistakes, where several were found at once.
    """

    def __init__(self, where: object, found: str, expected: str, fix: str) -> None:
        self.others: list[ZollstockError] = []
        self.where = str(where)
        self.found = found
        self.expected = expected
        self.fix = fix
        super().__init__(printable(f"{self.where}: {found}; expected {expected}. {fix}"))


def printable(text: str) -> str:
    r"""Return text that any terminal and file takes, on one line.

    In a name, bytes that are no UTF-8 and signs that move the cursor may stand; they become
    ``\xff`` and ``\n``.
    """
    if text.isprintable():
        return text
    return "".join(map(_shown, text))


def _shown(sign: str) -> str:
    if 0xDC80 <= ord(sign) <= 0xDCFF:  # how Python holds a byte that is no UTF-8
        return f"\\x{ord(sign) & 0xFF:x}"
    moves = unicodedata.category(sign) in {"Cc", "Cs", "Zl", "Zp"}
    return repr(sign)[1:-1] if moves else sign


_ALIKE = 0.65
"""How alike two words are, of 0 to 1, one of which may be a slip for the other."""


def did_you_mean(
    word: object, known: Iterable[str], otherwise: str | None = None, shown: int = 12
) -> str:
    """Return the step that leads from a misspelt word to one of those that are known.

    Parameters
    ----------
    word
        What was found.
    known
        What there is.
    otherwise
        What is said where none is near; by default what there is.
    shown
        The most words that are listed then.
    """
    words = [str(name) for name in known]
    near = nearest(word, words)
    if near is not None:
        return f"Did you mean '{near}'?"
    if otherwise is not None:
        return otherwise
    return f"Known: {some_of(words, shown)}." if words else "There is none here."


def nearest(word: object, known: Iterable[str]) -> str | None:
    """Return the one of the words that are known which may be meant; None where none is near."""
    small = {name.casefold(): name for name in reversed(list(known))}
    near = difflib.get_close_matches(str(word).casefold(), small, n=1, cutoff=_ALIKE)
    return small[near[0]] if near else None


def some_of(words: Iterable[str], shown: int = 5) -> str:
    """Return words joined by commas; of too many the first, and how many others there are."""
    several = list(words)
    left = len(several) - shown
    more = f" and {left} other{'s' if left > 1 else ''}" if left > 0 else ""
    return f"{', '.join(several[:shown])}{more}"
