"""What is said of drawn pictures: a caption each, from names of its class and words of latents.

Captions say what a study's settings give them to say. Nothing else about a picture, such as the
side that a figure is seen from, reaches a model that reads them.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from zollstock.seeds import seed_for
from zollstock.worlds import get_world
from zollstock.worlds.base import Latents
from zollstock.worlds.datasets import sample_dataset


@dataclass(frozen=True)
class Captioned:
    """Pictures with what is said of them.

    Attributes
    ----------
    images
        uint8, (N, H, W, 3).
    captions
        N texts.
    labels
        Place of each one's class in `classes`, (N,).
    classes
        World and class, of all worlds in turn.
    """

    images: npt.NDArray[np.uint8]
    captions: list[str]
    labels: npt.NDArray[np.int64]
    classes: list[tuple[str, str]]


def draw_captioned(sets: Sequence[Mapping[str, Any]], seed: int) -> Captioned:
    """Draw pictures of one or several worlds, and say a caption of each.

    Parameters
    ----------
    sets
        For each ``world`` (as `zollstock.worlds.datasets.sample_dataset` takes it),
        ``distribution``, ``images``, ``names``, ``templates`` and ``words``.
    seed
        Of the study.
    """
    images, labels = [], []
    captions: list[str] = []
    classes: list[tuple[str, str]] = []
    for found in sets:
        world = found["world"]
        key = (seed, "captioned", world["name"])
        latents, kinds = sample_dataset(world, found["distribution"], found["images"], key)
        drawn = get_world(world["name"])
        images.append(drawn.render(latents, size=world["size"], masks=False).frames)
        captions += captions_of(found, latents, kinds, key)
        labels.append(kinds + len(classes))
        classes += [(world["name"], name) for name in drawn.class_names]
    return Captioned(np.concatenate(images), captions, np.concatenate(labels), classes)


def captions_of(
    found: Mapping[str, Any],
    latents: Latents,
    labels: npt.NDArray[np.integer],
    seed: tuple[object, ...],
) -> list[str]:
    """Return a caption of each picture; that of picture k depends on the seed, it and k alone.

    Parameters
    ----------
    found
        ``world``, ``names``, ``templates`` and ``words``.
    latents, labels
        Of the N pictures.
    seed
        What names the set.
    """
    world = get_world(found["world"]["name"])
    said = {
        name: _words(latents[name], world.latent_ranges[name], found["words"][name])
        for name in found["words"]
    }
    captions = []
    for place, label in enumerate(labels):
        draw = seed_for(*seed, "caption", place)
        template = found["templates"][draw % len(found["templates"])]
        names = found["names"][world.class_names[label]]
        told = {"": names[(draw >> 32) % len(names)]}
        told |= {name: words[place] for name, words in said.items()}
        captions.append(filled(template, told))
    return captions


def filled(template: str, told: Mapping[str, str]) -> str:
    """Return a template with words in the place of ``{name}``, and single spaces."""
    return " ".join(re.sub(r"\{(\w*)\}", lambda place: told[place[1]], template).split())


def _words(
    values: npt.NDArray[np.floating], legal: tuple[float, float], words: Sequence[str]
) -> list[str]:
    """Return the word of the part of the legal range that each value lies in."""
    low, high = legal
    parts = np.floor((values - low) / (high - low) * len(words)).astype(int)
    return [words[part] for part in np.clip(parts, 0, len(words) - 1)]
