"""Local Lipschitz estimate and IROF of any map: what ExplaiNN judges its maps by.

Maps are normalised alike, so that a map's unit is no part of the result; the original's numbers,
in which it is, stand beside.
"""

import numpy as np
import numpy.typing as npt

from zollstock.arrays import Array
from zollstock.errors import ZollstockError
from zollstock.locate.evaluation.curves import Pieces, Predict, occlusion_curves
from zollstock.locate.evaluation.stability import Attribute, Frames
from zollstock.locate.segments import segments_of
from zollstock.seeds import rng_for

COPIES = 10
NOISE = (0.1, 0.1)
"""Mean and deviation of the original's noise, as shares of 255."""
SEGMENTS = 100


def lipschitz(
    attribute: Attribute,
    image: Frames,
    *seed: object,
    mean: float = NOISE[0],
    deviation: float = NOISE[1],
    copies: int = COPIES,
) -> dict[str, float]:
    """Return the largest quotient of a map's and a picture's change under noise.

    max over copies x' of ‖φ(x) − φ(x')‖₂ / ‖x − x'‖₂ (Alvarez-Melis & Jaakkola 2018), pictures in
    0 to 1. The smaller, the steadier.

    Parameters
    ----------
    attribute
        From pictures, uint8 (n, H, W, 3), to maps (n, H, W). NaN counts as 0.
    image
        uint8, (H, W, 3).
    *seed
        Names the draws, e.g. study seed and image id; all methods get the same copies.
    mean, deviation
        Of what is added to each value, as shares of 255.
    copies
        How many.

    Returns
    -------
    dict
        ``lipschitz``: each map divided by its largest absolute value; ``lipschitz_raw``: as they
        are. NaN where the picture's map is 0 throughout, or no copy differs from the picture.

    Raises
    ------
    ZollstockError
        If there are no copies, or the maps' shape does not fit.
    """
    if copies < 1:
        raise ZollstockError("copies", f"are {copies}", "at least 1", "Raise it.")
    noise = rng_for("lipschitz", *seed).normal(mean, deviation, (copies, *image.shape))
    noisy = np.clip(np.rint(image + 255 * noise), 0, 255).astype(np.uint8)
    frames = np.concatenate([image[None], noisy])
    maps = np.nan_to_num(np.asarray(attribute(frames), np.float64))
    if maps.shape != frames.shape[:3]:
        raise ZollstockError(
            "maps", f"have shape {maps.shape}", f"{frames.shape[:3]}", "Return a map a picture."
        )
    apart = (frames[1:].astype(np.float64) - frames[0]).reshape(copies, -1) / 255
    distances = np.linalg.norm(apart, axis=1)
    largest = np.abs(maps).max((1, 2), keepdims=True)
    unit = np.divide(maps, largest, out=np.zeros_like(maps), where=largest > 0)
    found = {"lipschitz": _steepest(unit, distances), "lipschitz_raw": _steepest(maps, distances)}
    return found if largest[0] > 0 else dict.fromkeys(found, float("nan"))


def irof(
    predict: Predict,
    image: Frames,
    values: npt.ArrayLike,
    *seed: object,
    labels: npt.ArrayLike | None = None,
    number: int = SEGMENTS,
) -> dict[str, float]:
    """Return the area under the output while segments are removed, the most important first.

    IROF (Rieger & Hansen 2020): segments are ordered by the map's mean in them, and filled with the
    picture's mean colour one after the other; the curve is p/p₀. The smaller, the better the order.
    Orders are drawn and averaged over where segments are tied.

    Parameters
    ----------
    predict
        From pictures, uint8 (n, H, W, 3), to the followed output, (n,), such as a probability.
    image
        uint8, (H, W, 3).
    values
        A map, (H, W).
    *seed
        Names the draws.
    labels
        Segments, 0 … M − 1, (H, W); by default SLIC with compactness 10.
    number
        Segments that SLIC is asked for; it may find fewer.

    Returns
    -------
    dict
        ``irof``: the area over the share of segments, 1 if nothing matters; ``irof_raw``: over
        their number, as in the original, so that it grows with it; ``irof_segments``: that number.
        Areas are NaN if the whole picture's output is not above 0, since p/p₀ means nothing.
    """
    if labels is None:
        wanted = {"name": "slic", "number": number, "compactness": 10.0}
        labels = segments_of(image, wanted)
    pieces = Pieces.segments(values, labels)
    count = int(pieces.labels.max()) + 1
    fills = {"mean": image.mean((0, 1))[None, None]}
    curves = occlusion_curves(
        predict, image, fills, {"map": pieces}, *seed, steps=count + 1, ways=("mif",)
    )
    curve = curves["map", "mean"].mif
    assert curve is not None
    area = float(np.trapezoid(curve / curve[0])) if curve[0] > 0 else float("nan")
    return {"irof": area / count, "irof_raw": area, "irof_segments": float(count)}


def _steepest(maps: Array, distances: Array) -> float:
    moved = np.linalg.norm((maps[1:] - maps[0]).reshape(len(distances), -1), axis=1)
    apart = distances > 0
    return float((moved[apart] / distances[apart]).max()) if apart.any() else float("nan")
