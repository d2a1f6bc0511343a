"""What is followed of a model's predictions: the forms of ``scoring.output``.

Standard library only, since the settings and the plan read it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from zollstock.errors import ZollstockError, did_you_mean
from zollstock.scoring.constants import MARGIN, VECTOR

PREDICTED, LABEL, LOGIT, SIMILARITY = "predicted", "label", "logit", "similarity"
_LED = (LOGIT, MARGIN, SIMILARITY)

Spelled: TypeAlias = str | int | Mapping[str, Any]
"""An output as it stands in a config: a word, a class, or two sets of classes."""

Kind = Literal["probability", "contrast", "logit", "margin", "similarity", "vector"]

_BETWEEN = {SIMILARITY: "to"}
_WORDS = (PREDICTED, LABEL, MARGIN, VECTOR)


@dataclass(frozen=True)
class Output:
    """One number a frame, as it is taken from what a model says.

    Attributes
    ----------
    kind
        ``probability`` and ``logit`` of a class; its ``margin``, the logit less the largest
        other one; its ``similarity``, for models whose outputs are similarities; ``contrast``,
        the sum of the probabilities of some classes less that of others; ``vector``, all
        probabilities at once.
    by
        How the class is found: the one ``predicted`` for the unedited image, its ``label``, or
        by ``name``. A vector has the predicted one, whose odds tell what is of interest.
    classes
        Names or indices, where they are named; of a contrast the first set.
    against
        The second set; none for a plain sum.
    """

    kind: Kind
    by: Literal["predicted", "label", "name"] = "name"
    classes: tuple[str | int, ...] = ()
    against: tuple[str | int, ...] = ()

    @property
    def name(self) -> str:
        """What it is called in tables and folders: as it is spelled."""
        if self.kind == "vector":
            return VECTOR
        if self.kind == "margin" and self.by == "predicted":
            return MARGIN
        return self.of(self.by if self.by != "name" else _joined(self.classes))

    def of(self, name: str) -> str:
        """Return what is followed on an image whose class has this name, for tables."""
        if self.kind == "vector":
            return VECTOR
        if self.kind == "contrast":
            joined = _joined(self.classes)
            return f"{joined} − {_joined(self.against)}" if self.against else joined
        return name if self.kind == "probability" else f"{self.kind}:{name}"

    @property
    def noun(self) -> str:
        """What the number is."""
        if self.kind == "contrast":
            return "difference of probabilities" if self.against else "probability"
        return "probability" if self.kind == "vector" else self.kind

    @property
    def words(self) -> str:
        """What is followed, in words."""
        if self.kind == "vector":
            return "the probabilities of all classes at once"
        if self.kind == "contrast":
            words = f"the probability of {_quoted(self.classes)}"
            return f"{words} less that of {_quoted(self.against)}" if self.against else words
        known = {
            "predicted": "the class predicted for the unedited picture",
            "label": "the picture's true class",
        }
        whose = known.get(self.by) or _quoted(self.classes)
        if self.kind == "margin":
            whose = "the predicted class" if self.by == "predicted" else whose
            return f"the logit of {whose} less the largest other one"
        return f"the {self.kind} {_BETWEEN.get(self.kind, 'of')} {whose}"

    @property
    def boundary(self) -> float | None:
        """Where the decision turns; None where the output has no such number."""
        if self.kind == "probability" or (self.kind == "contrast" and not self.against):
            return 0.5
        return 0.0 if self.kind in ("margin", "contrast") else None

    @property
    def bounds(self) -> tuple[float, float] | None:
        """Between which numbers it lies; None where there are no such numbers."""
        if self.kind == "contrast" and self.against:
            return -1.0, 1.0
        return (0.0, 1.0) if self.kind in ("probability", "contrast") else None

    @property
    def flattest(self) -> float:
        """The least span of an axis, so that a flat curve looks flat: cosines differ by little."""
        return 0.02 if self.kind == "similarity" else 0.2

    @property
    def has_odds(self) -> bool:
        """Whether a change of it is one of odds, so that its size can be judged."""
        return self.kind != "similarity"

    def indices(
        self, classes: Sequence[str], where: str = "scoring.output", model: str = ""
    ) -> tuple[list[int], list[int]]:
        """Return the indices of the named classes, and of those they are held against.

        Parameters
        ----------
        classes
            Of the model.
        where, model
            The key and the model's name, for the message.

        Raises
        ------
        ZollstockError
            If the model has no such class.
        """
        found = [
            [_index(name, classes, self, where, model) for name in names]
            for names in (self.classes, self.against)
        ]
        return found[0], found[1]


def parse_output(spelled: "Spelled | Output", where: str = "scoring.output") -> Output:
    """Return what an output in a config means.

    Parameters
    ----------
    spelled
        See `ScoringSettings.output`; an `Output` comes back as it is.
    where
        The key, for the message.

    Raises
    ------
    ZollstockError
        If it lacks a class, or a contrast has none, or one twice.
    """
    if isinstance(spelled, Output):
        return spelled
    if isinstance(spelled, Mapping):
        return _contrast(spelled, where)
    if isinstance(spelled, int):
        return Output("probability", classes=(spelled,))
    if spelled == VECTOR:
        return Output("vector", "predicted")
    if spelled == MARGIN:
        return Output("margin", "predicted")
    kind: Kind = "probability"
    for led in _LED:
        if spelled.partition(":")[0] == led and ":" in spelled:
            kind, spelled = led, spelled.partition(":")[2].strip()  # type: ignore[assignment]
            if not spelled:
                raise ZollstockError(
                    where, f"is '{kind}:'", f"'{kind}:' and a class", "Name the class behind it."
                )
            break
    if spelled in (PREDICTED, LABEL):
        return Output(kind, spelled)  # type: ignore[arg-type]
    return Output(kind, classes=(spelled,))


def words_of(output: str, shorten: Callable[[str], str] = str, article: str = "") -> str:
    """Return the axis word of an entry of the column ``output``: P(dog), logit of dog.

    Parameters
    ----------
    output
        Of `Output.of`.
    shorten
        What becomes of the class's name.
    article
        Stands before a noun, in a sentence.
    """
    kind, colon, name = output.partition(":")
    if output == VECTOR:
        return "all classes"
    if colon and name and kind in _LED:
        return f"{article}{kind} {_BETWEEN.get(kind, 'of')} {shorten(name)}"
    return f"P({shorten(output)})"


def _contrast(spelled: Mapping[str, Any], where: str) -> Output:
    classes, against = (tuple(spelled.get(key) or ()) for key in ("classes", "against"))
    several = [*classes, *against]
    twice = [name for name in several if several.count(name) > 1]
    if twice:
        which = "both sets" if twice[0] in classes and twice[0] in against else "one set twice"
        raise ZollstockError(
            where, f"has '{twice[0]}' in {which}", "each class once", "Remove one of them."
        )
    if not classes:
        raise ZollstockError(
            where, "has no classes", "at least one class in `classes`", "Name one."
        )
    return Output("contrast", "name", classes, against)


def _index(name: str | int, classes: Sequence[str], output: Output, where: str, model: str) -> int:
    """Return the index of a class that is named, or numbered."""
    has = f"model '{model}'" if model else "the model"
    if isinstance(name, int) or (output.kind in _LED and name.isdecimal() and name not in classes):
        index = int(name)
        if 0 <= index < len(classes):
            return index
        count = len(classes)
        raise ZollstockError(
            where,
            f"is class index {index}, but {has} has {count} classes",
            f"an index from 0 to {count - 1}",
            "Choose one, or a class name.",
        )
    if name in classes:
        return list(classes).index(name)
    alone = output.kind == "probability"
    words = f"{', '.join(map(repr, _WORDS))} or " if alone else ""
    raise ZollstockError(
        where,
        f"is '{name}', which {has} does not know"
        if alone
        else f"names '{name}', which {has} lacks",
        f"{words}a class that every model has",
        did_you_mean(
            name, classes, did_you_mean(name, _WORDS if alone else (), did_you_mean(name, classes))
        ),
    )


def _joined(names: Sequence[str | int]) -> str:
    return " + ".join(f"class {name}" if isinstance(name, int) else name for name in names)


def _quoted(names: Sequence[str | int]) -> str:
    words = [f"class number {name}" if isinstance(name, int) else f"“{name}”" for name in names]
    return " or ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
