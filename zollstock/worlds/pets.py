"""Cats and dogs, drawn: a structural causal model with an exact `do`.

A picture is a function of its latents and of nothing else. `do(fur_lightness=0.9)` draws the
same animal in the same room under the same pixel noise, in lighter fur.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from zollstock.errors import ZollstockError
from zollstock.worlds.animal import FURRY, PARTS, Fur, draw_fur, fur_colour, place
from zollstock.worlds.base import Latents, Rendered, check_choice, check_values
from zollstock.worlds.face import face_layers
from zollstock.worlds.noise import normal, smooth_fields, uniform
from zollstock.worlds.parts import Visible
from zollstock.worlds.scenery import CLUTTER, Columns, draw_background, draw_occluder
from zollstock.worlds.shapes import Plane, paint

SMALLEST = 8
"""Least height and width of a picture in pixels."""
CHUNK = 16
"""Images drawn at once at 64×64: the planes then stay in the processor's cache."""

RANGES: dict[str, tuple[float, float]] = {
    "dogness": (0.0, 1.0),
    "fur_lightness": (0.0, 1.0),
    "fur_saturation": (0.0, 1.0),
    "fur_hue": (0.0, 1.0),
    "fur_texture": (0.0, 0.15),
    "stripes": (0.0, 1.0),
    "background_brightness": (0.0, 1.0),
    "background_hue": (0.0, 1.0),
    "background_clutter": (0.0, 1.0),
    "position_x": (-0.4, 0.4),
    "position_y": (-0.3, 0.3),
    "size": (0.6, 1.4),
    "tilt": (-0.6, 0.6),
    "turn": (-1.0, 1.0),
    "light_direction": (-1.0, 1.0),
    "eye_hue": (0.0, 1.0),
    "noise_amplitude": (0.0, 0.2),
    "noise_angle": (0.0, 1.0),
    "occluder": (0.0, 1.0),
}
"""Latents that may serve as a property. Angles `tilt` in radians; `light_direction` from left
(−1) over above (0) to right (1), in quarter turns; `noise_angle` in quarter turns."""

DRAWN: dict[str, tuple[float, float]] = {
    "fur_lightness": (0.0, 1.0),
    "fur_saturation": (0.1, 0.9),
    "fur_hue": (0.0, 1.0),
    "fur_texture": (0.02, 0.06),
    "background_brightness": (0.0, 1.0),
    "background_hue": (0.0, 1.0),
    "background_clutter": (0.3, 1.0),
    "horizon": (0.2, 0.8),
    "position_x": (-0.16, 0.16),
    "position_y": (-0.08, 0.08),
    "size": (0.86, 1.12),
    "tilt": (-0.25, 0.25),
    "turn": (-1.0, 1.0),
    "light_direction": (-1.0, 1.0),
    "eye_hue": (0.0, 1.0),
    "noise_amplitude": (0.005, 0.025),
    "noise_angle": (0.0, 1.0),
    "occluder_x": (-0.7, 0.7),
    "occluder_top": (-0.2, 0.7),
    "occluder_width": (0.05, 0.14),
    "occluder_lean": (-0.3, 0.3),
    "occluder_hue": (0.0, 1.0),
} | {
    f"clutter_{k}_{what}": span
    for k in range(CLUTTER)
    for what, span in (
        ("x", (-1.0, 1.0)),
        ("y", (-1.0, 1.0)),
        ("size", (0.15, 0.5)),
        ("tone", (0.0, 1.0)),
        ("hue", (0.0, 1.0)),
    )
}
"""Latents drawn uniformly, with the range they are drawn from."""

DISTRIBUTIONS = ("unbiased", "dark_cats", "dark_dogs")
SEEN = ("background", "outline", *PARTS, "occluder")
"""What a picture is put together from."""
DARK_FUR, LIGHT_FUR = (0.0, 0.4), (0.6, 1.0)
STRIPED, OCCLUDED = 0.3, 0.2
"""Shares of images with stripes and with something in front."""


class Pets:
    """Cats (label 0) and dogs (label 1); see `zollstock.worlds.base.World`."""

    name = "pets"
    class_names = ("cat", "dog")
    latent_ranges = RANGES
    distributions = DISTRIBUTIONS
    part_names = SEEN
    nuisances = tuple(name for name in DRAWN if name != "fur_lightness")

    def sample(
        self,
        labels: NDArray[np.integer],
        seeds: NDArray[np.uint64],
        distribution: str = "unbiased",
        bias: float = 0.98,
        shape_noise: float = 0.30,
    ) -> Latents:
        """Draw the latents of N images, each from its own label and seed alone.

        Parameters
        ----------
        labels
            0 cat, 1 dog; shape (N,).
        seeds
            uint64, shape (N,).
        distribution
            `unbiased`, `dark_cats` (light dogs) or `dark_dogs` (light cats).
        bias
            Share of images of a biased distribution whose fur lightness follows the class.
        shape_noise
            Standard deviation of each part's class evidence around the animal's, and of the
            animal's around its class (0.7 of it).

        Returns
        -------
        Latents
            float64 arrays of shape (N,).

        Raises
        ------
        ZollstockError
            For an unknown distribution, a label that is neither 0 nor 1, or unequal lengths.
        """
        check_choice("distribution", distribution, DISTRIBUTIONS)
        labels, seeds = np.asarray(labels), np.asarray(seeds).astype(np.uint64)
        if labels.shape != seeds.shape or not np.isin(labels, (0, 1)).all():
            raise ZollstockError(
                "labels",
                f"shape {labels.shape} beside {seeds.shape} seeds",
                "one label, 0 or 1, per seed",
                "Pass arrays of equal length.",
            )
        latents: Latents = {}
        noise = 0.7 * shape_noise * normal(seeds, "dogness")
        latents["dogness"] = np.clip(labels + noise, 0.0, 1.0)
        for part in PARTS:
            latents[f"{part}_jitter"] = shape_noise * normal(seeds, f"{part}_jitter")
        for name, (low, high) in DRAWN.items():
            latents[name] = low + (high - low) * uniform(seeds, name)
        if distribution != "unbiased":
            dark = (labels == 0) == (distribution == "dark_cats")
            least = np.where(dark, DARK_FUR[0], LIGHT_FUR[0])
            most = np.where(dark, DARK_FUR[1], LIGHT_FUR[1])
            follows = uniform(seeds, "bias") < bias
            plain = latents["fur_lightness"]
            latents["fur_lightness"] = np.where(follows, least + (most - least) * plain, plain)
        draw = uniform(seeds, "stripes")
        latents["stripes"] = np.where(draw < STRIPED, 0.4 + 2.0 * draw, 0.0)
        latents["occluder"] = (uniform(seeds, "occluder") < OCCLUDED).astype(np.float64)
        latents["tail_side"] = np.where(uniform(seeds, "tail_side") < 0.5, -1.0, 1.0)
        latents["noise_seed"] = np.floor(uniform(seeds, "noise_seed") * 2.0**32)
        return latents

    def do(self, latents: Latents, name: str, values: ArrayLike) -> Latents:
        """Set one latent and leave all others.

        Parameters
        ----------
        latents
            Of one image, or of as many as there are values.
        name
            A key of `latent_ranges`.
        values
            A number or shape (S,).

        Returns
        -------
        Latents
            New arrays: (S,) from one image and S values, (N,) from N images and one or N.

        Raises
        ------
        ZollstockError
            For an unknown latent, a value out of range, or numbers that do not match.
        """
        check_choice("latent", name, list(RANGES))
        values = check_values(name, values, *RANGES[name])
        count = len(latents[name])
        if count != len(values) and 1 not in (count, len(values)):
            raise ZollstockError(
                f"latent {name}",
                f"{len(values)} values for {count} images",
                "one image, one value, or as many of both",
                "Set the images one by one.",
            )
        shape = (max(count, len(values)),)
        changed = {key: np.broadcast_to(column, shape).copy() for key, column in latents.items()}
        changed[name] = np.broadcast_to(values, shape).copy()
        return changed

    def render(
        self, latents: Latents, size: int = 64, masks: bool = True, parts: bool = False
    ) -> Rendered:
        """Draw N pictures; see `zollstock.worlds.base.Rendered`.

        Parameters
        ----------
        latents
            As `sample` and `do` return them, or read back from a table.
        size
            Height and width in pixels, at least 8.
        masks
            False leaves the masks empty and saves their memory.
        parts
            Whether to tell the share of each part, `SEEN`. The outline is painted around all fur
            at once; the legs are of the body, mouth and tongue of the muzzle.

        Raises
        ------
        ZollstockError
            If `size` is below 8.
        """
        if size < SMALLEST:
            raise ZollstockError(
                "size", f"{size} pixels", f"at least {SMALLEST}", "Draw larger pictures."
            )
        count = len(latents["noise_seed"])
        frames = np.empty((count, size, size, 3), dtype=np.uint8)
        kept = count if masks else 0
        fur, background, features = (
            np.empty((kept, size, size), dtype=np.float32) for _ in range(3)
        )
        seen = np.empty((count if parts else 0, len(SEEN), size, size), dtype=np.float32)
        step = max(1, CHUNK * 64 * 64 // (size * size))
        for start in range(0, count, step):
            part = slice(start, min(start + step, count))
            chunk = {key: np.asarray(column[part]) for key, column in latents.items()}
            shares = seen[part] if parts else None
            drawn = _draw(chunk, size, frames[part], masks, shares)
            if masks:
                fur[part], background[part], features[part] = drawn
        return Rendered(frames, fur, background, features, seen)


def _columns(latents: Latents) -> Columns:
    """Return the latents as (N, 1, 1) float32, angles as cosine and sine."""
    light = latents["light_direction"] * (np.pi / 2)
    noise = latents["noise_angle"] * (np.pi / 2)
    angles = {
        "tilt_cos": np.cos(latents["tilt"]),
        "tilt_sin": np.sin(latents["tilt"]),
        "light_x": np.sin(light),
        "light_y": -np.cos(light),
        "noise_cos": latents["noise_amplitude"] * np.cos(noise),
        "noise_sin": latents["noise_amplitude"] * np.sin(noise),
    }
    return {
        key: column.astype(np.float32)[:, None, None] for key, column in (latents | angles).items()
    }


def _draw(
    latents: Latents,
    size: int,
    frames: NDArray[np.uint8],
    masks: bool,
    shares: NDArray[np.float32] | None,
) -> tuple[Plane, ...]:
    """Draw a chunk into `frames` (n, size, size, 3); return fur, background, features or ().

    The share of each part goes into `shares`, (n, parts, size, size).
    """
    columns = _columns(latents)
    count = len(frames)
    evidence: Columns = {
        part: np.clip(columns["dogness"] + columns[f"{part}_jitter"], -0.1, 1.1) for part in PARTS
    }
    pixel = 2.0 / size
    axis = ((np.arange(size, dtype=np.float32) + 0.5) * np.float32(pixel) - 1.0).astype(np.float32)
    # Copies, since a broadcast view hands its odd memory layout on to every result.
    x = np.ascontiguousarray(np.broadcast_to(axis[None, None, :], (count, size, size)))
    y = np.ascontiguousarray(np.broadcast_to(axis[None, :, None], (count, size, size)))
    grain, other_grain, texture = smooth_fields(latents["noise_seed"], size)

    canvas = draw_background(x, y, columns, pixel)
    pose = place(x, y, columns, pixel)
    fur = draw_fur(pose, evidence, columns, texture, parts=shares is not None)
    paint(canvas, (0.07, 0.05, 0.05), fur.outline * 0.75)
    paint(canvas, fur_colour(fur, columns), fur.weight)
    layers = None if fur.parts is None else _animal(fur, fur.parts)
    covered = np.zeros_like(x) if masks else None
    for name, colour, weight in face_layers(pose, evidence, columns):
        paint(canvas, colour, weight)
        if covered is not None:
            np.maximum(covered, weight, out=covered)
        if layers is not None:
            layers.lay(name, weight)
    occluder = draw_occluder(canvas, x, y, columns, pixel)
    if layers is not None and shares is not None:
        layers.lay("occluder", occluder)
        np.maximum(layers.shares, 0.0, out=shares)  # rounding may have left −1e-7

    grain *= columns["noise_cos"]
    other_grain *= columns["noise_sin"]
    grain += other_grain
    for channel, plane in enumerate(canvas):
        plane += grain
        plane *= 255.0
        plane += 0.5
        np.clip(plane, 0.0, 255.0, out=plane)
        frames[..., channel] = plane
    if covered is None:
        return ()
    seen = 1.0 - occluder
    visible = fur.weight * (1.0 - covered) * seen
    behind = (1.0 - np.maximum(fur.weight, 0.75 * fur.outline)) * (1.0 - covered) * seen
    return visible, behind, covered * seen


def _animal(fur: Fur, parts: Visible) -> Visible:
    """Return what is seen of the room and of a fur whose parts have these shares."""
    seen = Visible(SEEN, fur.weight)
    seen.lay("outline", fur.outline * 0.75)
    seen.lay_all({name: fur.weight * parts.shares[:, k] for k, name in enumerate(FURRY)})
    return seen
