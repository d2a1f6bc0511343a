"""What is odd about a model's answers to the unedited pictures: mistakes that no score shows.

Wrong preprocessing, a softmax too many and classes in another order all leave numbers that look
like any other. Here is what they look like at the pictures themselves. Nothing of it stops a run:
a model may be as bad as that.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from zollstock.errors import nearest, some_of
from zollstock.images.labels import UNLABELLED
from zollstock.wording import counted, two_digits

_SOME = 4
"""Pictures from which on it means something that all are classified alike, or few rightly."""
_EQUAL = 0.25
"""Log odds within which pictures that differ are hardly told apart."""
_MANY, _CLASSES = 8, 10
"""Pictures and classes from which on it means something how sure a model is on average."""
_CHANCE = 3.0
"""Times chance; a softmax of probabilities gives at most e times as much as chance."""

Values = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Answers:
    """What a model says of the study's pictures.

    Attributes
    ----------
    classes
        Names in the order of the outputs, length C.
    labels
        Of each picture, length N; a label need be no class.
    first, second
        Index of the class with the largest output, and of the next one, shape (N,).
    probability
        Of the first, shape (N,).
    odds
        Log odds of the first against all others, shape (N,).
    outputs
        See `zollstock.models.card.Model`.
    """

    classes: Sequence[str]
    labels: Sequence[str]
    first: npt.NDArray[np.intp]
    second: npt.NDArray[np.intp]
    probability: Values
    odds: Values
    outputs: str = "logits"

    @property
    def named(self) -> list[str]:
        """The first class of each picture."""
        return [self.classes[place] for place in self.first]

    @property
    def correct(self) -> list[bool | None]:
        """Whether each picture is classified as its label says; None where that is no class."""
        known = set(self.classes)
        return [
            name == label if label in known else None
            for name, label in zip(self.named, self.labels, strict=True)
        ]


def notices(found: Answers) -> list[str]:
    """Return what a user should look at, a sentence each."""
    return [*_one_class(found), *_below_chance(found), *_strange(found), *_unsure(found)]


def strange_labels(labels: Sequence[str], classes: Sequence[str]) -> list[str]:
    """Return the labels that are no class, sorted; a picture without a label has none."""
    return sorted(set(labels) - {*classes, UNLABELLED})


def _one_class(found: Answers) -> Iterator[str]:
    count = len(found.labels)
    if count < _SOME or len(set(found.named)) > 1:
        return
    all_of_them = f"all {count} pictures are classified as '{found.named[0]}'"
    asked = "are size, mean and std the model's own?"
    known = {label for label, said in zip(found.labels, found.correct, strict=True) if said is None}
    labels = set(found.labels) - known
    if len(labels) > 1:
        yield f"{all_of_them} although their labels differ; {asked}"
    elif not labels and float(np.ptp(found.odds)) <= _EQUAL:
        least, most = (two_digits(float(f(found.probability))) for f in (np.min, np.max))
        between = least if least == most else f"{least} to {most}"
        yield f"{all_of_them} with nearly the same probability ({between}); {asked}"


def _below_chance(found: Answers) -> Iterator[str]:
    said = [right for right in found.correct if right is not None]
    # Half of chance: of eight pictures a biased model may well have one less than chance right.
    if len(said) < _SOME or 2 * sum(said) * len(found.classes) > len(said):
        return
    chance = len(said) / len(found.classes)
    by_chance = two_digits(chance) if chance >= 1 else "at least as many"
    yield (
        f"{sum(said) or 'none'} of {len(said)} labelled pictures "
        f"{'is' if sum(said) <= 1 else 'are'} classified as labelled, where chance gives "
        f"{by_chance}{_taken_for(found)}; are the classes in the order of the outputs, and are "
        "size, mean and std the model's own?"
    )


def _taken_for(found: Answers) -> str:
    """Say which label is most often taken for one other class, where that is the rule."""
    pairs = Counter(
        (label, name)
        for label, name, right in zip(found.labels, found.named, found.correct, strict=True)
        if right is False
    )
    (label, name), times = pairs.most_common(1)[0]
    of = sum(one == label for one in found.labels)
    return f" ('{label}' is called '{name}' {times} of {of} times)" if 2 * times > of > 1 else ""


def _strange(found: Answers) -> Iterator[str]:
    strange = strange_labels(found.labels, found.classes)
    if not strange:
        return
    near = [(label, nearest(label, found.classes)) for label in strange]
    words = [f"'{label}'" + (f" (nearest: '{name}')" if name else "") for label, name in near]
    several = len(strange) > 1
    which = f"{counted(len(strange), 'label')} are" if several else "the label is"
    yield (
        f"{which} no class of the model, so nothing is known of what is right there: "
        f"{some_of(words, 3)}; its {len(found.classes):,} classes are {some_of(found.classes)}"
    )


def _unsure(found: Answers) -> Iterator[str]:
    count = len(found.classes)
    alike = found.outputs in {"sigmoid", "sigmoids"}
    if alike or len(found.labels) < _MANY or count < _CLASSES:
        return
    mean = float(found.probability.mean())
    if mean <= _CHANCE / count:
        twice = ", or is a softmax applied twice" if found.outputs == "probabilities" else ""
        yield (
            f"the largest probability is {two_digits(mean)} on average, near chance "
            f"({two_digits(1 / count)}); is the normalisation right{twice}?"
        )
