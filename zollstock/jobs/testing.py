"""What jobs that test models share: the splits of pictures, and what each model says of them."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from zollstock.inference.run import Runner
from zollstock.models.card import load_model
from zollstock.models.data.base import Labels, Pictures, source_of


class Said(NamedTuple):
    """What models say of the pictures of a split.

    Attributes
    ----------
    split
        Its name.
    pictures
        Before a model's geometry.
    logits, labels
        Model → (N, C), and → places in its classes, (N,).
    """

    split: str
    pictures: Pictures
    logits: dict[str, npt.NDArray[np.floating]]
    labels: dict[str, Labels]


def splits_of(
    data: Mapping[str, Mapping[str, Any]], seed: int
) -> Iterator[tuple[list[str], Iterator[tuple[str, Pictures]]]]:
    """Yield models that are tested with the same pictures, and these, split by split.

    Parameters
    ----------
    data, seed
        See `said_of_splits`.
    """
    groups: dict[str, list[str]] = {}
    for name, mine in data.items():
        groups.setdefault(json.dumps(mine, sort_keys=True), []).append(name)
    for told, names in groups.items():
        found = json.loads(told)
        yield names, source_of(found).test_sets(found, seed)


def said_of_splits(
    models: Mapping[str, tuple[Path, Path]],
    data: Mapping[str, Mapping[str, Any]],
    seed: int,
    device: str,
) -> Iterator[Said]:
    """Yield what models say of each split that they are tested with.

    Parameters
    ----------
    models
        Name → weights and card.
    data
        Name → ``source``, and what else that module in `zollstock.models.data` reads. Models that
        are tested with the same pictures share them.
    seed
        Of the study.
    device
        ``auto``, ``cpu``, ``cuda`` or ``mps``.
    """
    runners = {
        name: Runner(load_model(*files), device=device, batch_size=64, shared=True)
        for name, files in models.items()
    }
    for names, splits in splits_of({name: data[name] for name in models}, seed):
        for split, pictures in splits:
            said = Said(split, pictures, {}, {})
            for name in names:
                model = runners[name].model
                images, said.labels[name] = pictures.fitted(model.classes, model.geometry)
                said.logits[name] = runners[name].logits(images)
            yield said
