"""What sources of labelled pictures share."""

import sys
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, Protocol, cast

import numpy as np
import numpy.typing as npt

from zollstock.errors import ZollstockError
from zollstock.images.geometry import Geometry
from zollstock.images.reading import RGB, UnusableImage
from zollstock.models import data as sources

Frames = npt.NDArray[np.uint8]
Labels = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Pictures:
    """Labelled pictures, before a model's geometry.

    Attributes
    ----------
    where
        What they are, for messages.
    labels
        The name of each one's class.
    read
        From a place in `labels` to RGB, uint8, shape (height, width, 3); may raise
        `UnusableImage`.
    whole
        Whether each class of a model must be among them.
    latents
        What each was drawn from, (N,) each; empty of what was not drawn.
    names
        Of each one, without its ending: what a user's file that belongs to it is called.
    among
        Names of the set that they are some of; empty of a whole one.
    subjects
        What pictures of one subject share, (N,); empty where each picture is of another one.
    """

    where: str
    labels: Sequence[str]
    read: Callable[[int], RGB]
    whole: bool = True
    latents: Mapping[str, npt.NDArray[np.float64]] = field(default_factory=dict)
    names: Sequence[str] = ()
    among: Sequence[str] = ()
    subjects: Sequence[Hashable] = ()

    def some(self, count: int) -> "Pictures":
        """Return so many of them or all, evenly spread: sets lie class by class."""
        total = len(self.labels)
        count = min(count, total)
        return self.at([place * total // count for place in range(count)])

    def at(self, places: Sequence[int]) -> "Pictures":
        """Return those at these places."""
        labels = [self.labels[place] for place in places]
        latents = {name: values[list(places)] for name, values in self.latents.items()}
        return Pictures(
            self.where,
            labels,
            lambda place: self.read(places[place]),
            whole=False,
            latents=latents,
            names=[self.names[place] for place in places] if self.names else (),
            among=self.among or self.names,
            subjects=[self.subjects[place] for place in places] if self.subjects else (),
        )

    def fitted(self, classes: Sequence[str], geometry: Geometry) -> tuple[Frames, Labels]:
        """Return them as a model takes them; files that cannot be read are passed over.

        Parameters
        ----------
        classes
            The model's, in the order of its outputs.
        geometry
            From an RGB image to its input.

        Returns
        -------
        frames
            uint8, shape (N, height, width, 3).
        labels
            Places in `classes`, shape (N,).

        Raises
        ------
        ZollstockError
            If a label is no class of the model, a class has no picture, or sizes differ.
        """
        strange = sorted({*self.labels} - {*classes})
        if strange:
            raise ZollstockError(
                self.where,
                f"has the label '{strange[0]}', which is no class of the model",
                f"labels out of {_few(classes)}",
                "Correct the model's classes, or leave them out: they are the labels then.",
            )
        frames: list[Frames] = []
        labels: list[int] = []
        skipped: list[str] = []
        for place, label in enumerate(self.labels):
            try:
                frame = geometry.apply(self.read(place)[None])[0]
            except UnusableImage as reason:
                which = self.names[place] if self.names else f"no. {place}"
                skipped.append(f"{which} ({reason})")
                continue
            if frames and frame.shape != frames[0].shape:
                raise ZollstockError(
                    self.where,
                    f"has pictures of {_size(frames[0])} and of {_size(frame)} pixels",
                    "one size of the model's input",
                    "Set preprocessing.size of the model.",
                )
            frames.append(frame)
            labels.append(classes.index(label))
        if skipped:
            print(f"{self.where}: {len(skipped)} skipped, first {skipped[0]}", file=sys.stderr)
        there = {*labels}
        missing = [name for place, name in enumerate(classes) if place not in there]
        if missing and (self.whole or not frames):
            raise ZollstockError(
                self.where,
                f"has no picture of the class '{missing[0]}'",
                f"pictures of each of {_few(classes)}",
                "Add some, or take the class out of the model's classes.",
            )
        return np.stack(frames), np.array(labels, dtype=np.int64)


class Source(Protocol):
    """What a module of this package offers."""

    def training_set(self, data: Mapping[str, Any], classes: Sequence[str], seed: int) -> Pictures:
        """Return what a model of these classes is trained on."""

    def test_sets(self, data: Mapping[str, Any], seed: int) -> Iterator[tuple[str, Pictures]]:
        """Yield the name of each split that accuracy is measured on, and its pictures."""


def source_of(data: Mapping[str, Any]) -> Source:
    """Return the module that reads what settings describe, by their key ``source``."""
    return cast("Source", import_module(f"{sources.__name__}.{data['source']}"))


def _few(names: Sequence[str], most: int = 10) -> str:
    return ", ".join(names[:most]) + (" …" if len(names) > most else "")


def _size(frame: Frames) -> str:
    return f"{frame.shape[0]}×{frame.shape[1]}"
