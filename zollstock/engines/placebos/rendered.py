"""Placebo paths of drawn images: their nuisances are drawn again."""

from collections.abc import Mapping, Sequence
from pathlib import Path as FilePath
from typing import Any

import numpy as np

from zollstock import paths, profiles
from zollstock.engines.base import source_version
from zollstock.engines.placebos import matched, ways
from zollstock.engines.placebos.matched import MatchedPlacebo
from zollstock.engines.placebos.ways import Array, Picture, Pictures, furthest_end
from zollstock.engines.registry import register
from zollstock.images.table import ImageRecord, check_drawn, latents_of
from zollstock.paths import PathShape, pixel_change
from zollstock.seeds import seed_for
from zollstock.worlds import check_choice, folders_of, get_world
from zollstock.worlds.base import Latents, World

_FILES = tuple(
    FilePath(file)
    for file in (__file__, matched.__file__, ways.__file__, paths.__file__, profiles.__file__)
)


class Nuisances:
    """The pictures that differ from an image in its nuisances alone.

    The picture at t on the way to a draw z′ has the latents z + t·(z′ − z). Beyond t = 1 each
    latent goes on as far as the world's range of it allows.

    Parameters
    ----------
    world, size, latents
        The drawn world, the size of its pictures, and the nuisances that change.
    start
        Latents of the image, (1,) each.
    label
        Its class, by number.
    """

    def __init__(
        self, world: World, size: int, latents: Sequence[str], start: Latents, label: int
    ) -> None:
        self.world, self.size, self.latents, self.start = world, size, latents, start
        self.label = label
        self.image: Picture = self._render(start)[0]
        self._furthest: float | None = None

    def others(self, seed: int, count: int) -> Latents:
        """Return draws of all latents, from a seed."""
        seeds = np.array([seed_for(seed, "other", k) for k in range(count)], np.uint64)
        return self.world.sample(np.full(count, self.label), seeds)

    def between(self, other: Mapping[str, Any], t: Array) -> tuple[Pictures, Array]:
        """Return the pictures at t (n,) on the ways to n draws, and how far they are, (n,)."""
        mixed = {name: np.repeat(value, len(t)) for name, value in self.start.items()}
        for name in self.latents:
            low, high = self.world.latent_ranges.get(name, (-np.inf, np.inf))
            # Latents without a range have been drawn from theirs: they stop where the draw is.
            share = t if name in self.world.latent_ranges else np.minimum(t, 1.0)
            mixed[name] = np.clip(
                self.start[name] + share * (other[name] - self.start[name]), low, high
            )
        frames = self._render(mixed)
        return frames, pixel_change(frames, self.image)

    def furthest(self) -> float:
        """Return about how far any way leads: the furthest end of many, the same for all draws."""
        if self._furthest is None:
            self._furthest = furthest_end(self, self.label)
        return self._furthest

    def _render(self, latents: Latents) -> Pictures:
        return self.world.render(latents, size=self.size, masks=False).frames


@register("placebo_rendered")
class RenderedPlacebo(MatchedPlacebo):
    """Draws the image again with all nuisance latents on their way to another draw.

    For each frame that the edit is compared at there is one that is as far from the image. Frames
    before and behind the edit's reference lie on two ways; see
    `zollstock.engines.placebos.ways.DrawnWay`.

    Parameters
    ----------
    world, size
        The drawn world, and the height and width of its pictures.
    latents
        The nuisances; None takes all of the world's that are not `tested`.
    tested
        Latents that the study's properties vary.
    steps
        Frames on a path.
    tolerance
        By which share a frame's size may be off.
    profiles
        Image id → the profile of its edit, pairs of side and size; see `zollstock.profiles`.
    """

    def __init__(
        self,
        *,
        world: str,
        size: int,
        latents: Sequence[str] | None,
        tested: Sequence[str],
        steps: int,
        tolerance: float,
        profiles: Mapping[str, Sequence[Sequence[float]]] | None = None,
    ) -> None:
        self.version = source_version(*_FILES, *folders_of(world))
        self.world = get_world(world)
        self.size = size
        known = self.world.nuisances
        for name in latents or ():
            check_choice("placebos.latents", name, known)
        self.latents = list(latents or [name for name in known if name not in tested])
        super().__init__(steps=steps, tolerance=tolerance, profiles=profiles)

    def shape(self, images: Sequence[ImageRecord]) -> PathShape:
        """Return the common size; raise if an image was not drawn."""
        check_drawn(images, "Give placebos.instructions or placebos.series for photographs.")
        return PathShape(self.steps, self.size, self.size)

    def inputs(self, image: ImageRecord) -> dict[str, str]:
        """Return the image's latents and the sizes asked for."""
        latents = {name: repr(value) for name, value in image.latents.items()}
        return latents | {"profile": self.profile_text(image)}

    def facts(self) -> dict[str, Any]:
        """Return how the paths are made, for the manifest."""
        return {"world": self.world.name, "placebo": "nuisances drawn again"} | {
            "latents": self.latents
        }

    def start_of(self, image: ImageRecord) -> Nuisances:
        """Return the pictures that differ from an image in its nuisances."""
        label = self.world.class_names.index(image.label)
        return Nuisances(self.world, self.size, self.latents, latents_of([image]), label)
