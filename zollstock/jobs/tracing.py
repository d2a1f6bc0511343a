"""What is traced through a model: paths of properties, and images of classes."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch

from zollstock.images.table import ImageRecord
from zollstock.inference.inputs import picture_inputs
from zollstock.jobs.locating import FollowedModel
from zollstock.locate.differentiable import Frames, GradientModel
from zollstock.locate.subjects import Walk, read_subject
from zollstock.manifests import read_manifest, store_of
from zollstock.models.data.base import Labels, source_of
from zollstock.scoring.outputs import parse_output
from zollstock.trace.class_images import ClassImages, split_class
from zollstock.trace.layers import Wiring
from zollstock.trace.network import Network, follow_model
from zollstock.trace.shares import Traced
from zollstock.trace.units import Site, inner_sites

STUDY = "the study's images"
MOST = 10
"""Classes that a graph is looked for in if none is named."""


class TracedModel:
    """A model that is looked into.

    Parameters
    ----------
    followed
        The model, and what is followed on each image.
    records
        The images that are looked at.
    kinds
        What counts as a unit.
    frames
        At how many frames of a path the model is asked.

    Attributes
    ----------
    wiring
        Its layers, from the first image.
    sites
        Places with units, but for the last layer, which is the answer.
    """

    wiring: Wiring
    sites: tuple[Site, ...]

    def __init__(
        self,
        followed: FollowedModel,
        records: Sequence[ImageRecord],
        kinds: Sequence[str],
        frames: int,
    ) -> None:
        self._followed, self._records, self._frames = followed, list(records), frames
        self._by_id = {record.id: record for record in followed.records}
        self._networks: dict[int, Network] = {}
        first = self._records[0]
        (still,) = picture_inputs([first], self.geometry)
        one = self._model(first)
        pixels = one.pixels(still.frames[:1])
        one.network.prepare(pixels)
        network = follow_model(one)
        self.wiring, self.sites = inner_sites(network, pixels, kinds)

    @property
    def geometry(self) -> Any:  # noqa: ANN401
        """From a picture to the model's input."""
        return self._followed.network.model.geometry

    @property
    def classes(self) -> Sequence[str]:
        """Names of the model's classes."""
        return self._followed.network.model.classes

    def logits(self, pixels: torch.Tensor) -> torch.Tensor:
        """Return the logits of pixels, (N, classes)."""
        return self._followed.network.logits(pixels)

    def pixels(self, frames: Frames) -> torch.Tensor:
        """Return frames as the model sees them."""
        return self._followed.network.pixels(frames)

    def paths(self, manifest: Path, name: str) -> list[Traced]:
        """Return the paths of a property, those that failed left out."""
        where = {name: (read_manifest(manifest), store_of(manifest))}
        found = []
        for record in self._records:
            subject = read_subject(record, self.geometry, where, {}, 0, self._by_id)
            walk: Walk | None = subject.walks.get(name)
            if walk is not None:
                model = self._model(record)
                frames = self.pixels(walk.thinned(self._frames))
                # Images of which the same class is followed share a network, and a pass.
                network = self._networks.setdefault(model.chosen, follow_model(model))
                found.append(Traced(record.id, network, frames))
        return found

    def in_frames(self, places: pd.DataFrame, manifest: Path) -> pd.DataFrame:
        """Return places in the model's input, y, x and side, as shares of a property's frames."""
        shape = read_manifest(manifest)["shape"]
        top, left, high, wide = self.geometry.shown(int(shape["height"]), int(shape["width"]))
        return places.assign(
            y=top + high * places["y"], x=left + wide * places["x"], side=high * places["side"]
        )

    def follow_class(self, index: int) -> Network:
        """Return the network whose followed output is a class's logit."""
        return follow_model(self.following(index, "logit:predicted"))

    def following(self, index: int, output: str) -> GradientModel:
        """Return the model with an output of a class, such as ``logit:predicted``, followed."""
        return GradientModel(self._followed.network, parse_output(output), index)

    def labelled(
        self, data: Mapping[str, Any] | None, seed: int, most: int
    ) -> dict[str, tuple[Frames, Labels]]:
        """Return labelled pictures that the model was not trained on, split by split.

        Those that it is tested with, if it was trained here, at most so many of each; else the
        study's, as far as their labels are classes of the model, none being otherwise known.
        """
        if data is not None:
            sets = source_of(data).test_sets(data, seed)
            return {
                name: pictures.some(most).fitted(self.classes, self.geometry)
                for name, pictures in sets
            }
        known = [record for record in self._followed.records if record.label in self.classes]
        if not known:
            return {}
        frames = [still.frames[0] for still in picture_inputs(known, self.geometry)]
        if len({frame.shape for frame in frames}) > 1:
            return {}
        labels = np.array([list(self.classes).index(record.label) for record in known])
        return {STUDY: (np.stack(frames), labels)}

    def halves(self, paths: Sequence[Traced]) -> tuple[list[Traced], list[Traced], bool]:
        """Return the paths that find what is important, those that judge it, and if they differ.

        Of each label every second image. With fewer than four paths all do both.
        """
        if len(paths) < 4:
            return list(paths), list(paths), False
        seen: dict[str, int] = {}
        halves: tuple[list[Traced], list[Traced]] = ([], [])
        for path in paths:
            label = self._by_id[path.image].label
            halves[seen.get(label, 0) % 2].append(path)
            seen[label] = seen.get(label, 0) + 1
        if not halves[1]:  # each image has a label of its own
            return list(paths[::2]), list(paths[1::2]), True
        return *halves, True

    def class_images(
        self, frames: Frames, labels: Labels, wanted: Sequence[str] | None, count: int
    ) -> tuple[list[ClassImages], list[str]]:
        """Return images of classes that are classified right, and the classes that have too few."""
        pixels = self.pixels(frames)
        with torch.no_grad():
            named = torch.cat([self.logits(part).argmax(1) for part in pixels.split(64)]).cpu()
        places = [int(one) for one in np.unique(labels)]
        names = [self.classes[place] for place in places][:MOST] if wanted is None else wanted
        found, few = [], []
        for name in names:
            index = list(self.classes).index(name) if name in self.classes else -1
            right = [k for k in np.flatnonzero(labels == index) if int(named[k]) == index]
            others = [int(k) for k in np.flatnonzero(labels != index)]
            images = split_class(pixels, [int(k) for k in right], index, name, count, others)
            if images is None:
                few.append(name)
            else:
                found.append(images)
        return found, few

    def _model(self, record: ImageRecord) -> GradientModel:
        return self._followed.follow(record)
