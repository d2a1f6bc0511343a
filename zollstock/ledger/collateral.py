"""What an edit changed besides its target, and whether the picture is still the same one."""

import numpy as np
import numpy.typing as npt
from scipy import ndimage
from skimage.metrics import structural_similarity

from zollstock.images.luma import LUMA
from zollstock.ledger.base import Frames, Series
from zollstock.ledger.masks import CLEAR, Weights

Picture = npt.NDArray[np.uint8]
"""Shape (H, W, 3)."""
Where = npt.NDArray[np.bool_]
"""Shape (H, W)."""

WINDOW = 7
"""Side of the window that SSIM looks through, pixels."""
EDGE_CAP = 0.04
"""Edges of more contrast count as this much: ten grey levels between a pixel's neighbours.

Without the cap a few strong outlines decide, and they fade and swell when fur or background
change as they should: an exact change of the drawn fur's lightness from end to end then keeps
as little of the edges (0.24 to 0.5) as another animal has (up to 0.5). With it the exact
change keeps 0.6 to 0.9, another animal has 0.2, and 0.4 in one case of twenty. Either way it
tells of the whole picture: noise in the fur alone leaves the other edges where they are.
"""


def outside_of(target: Weights) -> Where:
    """Return the pixels that show nothing of the target, (H, W), from its weights (H, W)."""
    return np.asarray(target <= CLEAR)


def similarity(
    frames: Frames, reference: Picture, where: Where | None = None
) -> tuple[Series, Series]:
    """Return the structural similarity to a picture: of the whole, and of a part; (S,) each.

    Source: Wang et al., "Image quality assessment", IEEE TIP 2004, as in scikit-image: the
    mean over the channels and over the 7×7 windows that lie in the picture. The part's is the
    mean over those of its windows that lie in it whole, so that a change beside it is not seen.

    Parameters
    ----------
    frames
        uint8, shape (S, H, W, 3).
    reference
        uint8, shape (H, W, 3).
    where
        The part; (H, W). NaN without one, or if no window fits.
    """
    whole, part = np.full((2, len(frames)), np.nan)
    if min(reference.shape[:2]) < WINDOW:
        return whole, part
    margin = WINDOW // 2
    inner = (slice(margin, -margin),) * 2
    windows = None if where is None else ndimage.minimum_filter(where, WINDOW)[inner]
    for step, frame in enumerate(frames):
        _, full = structural_similarity(
            reference, frame, win_size=WINDOW, channel_axis=2, data_range=255, full=True
        )
        whole[step] = full[inner].mean()
        if windows is not None and windows.any():
            part[step] = full[inner][windows].mean()
    return whole, part


def edge_correlation(frames: Frames, reference: Picture, cap: float = EDGE_CAP) -> Series:
    """Return how much of a picture's edges each frame keeps, (S,), in [−1, 1].

    Pearson's r over the pixels between the Sobel gradient magnitudes of the luminance of the
    frame and of the picture, capped as `EDGE_CAP` tells.

    Parameters
    ----------
    frames
        uint8, shape (S, H, W, 3).
    reference
        uint8, shape (H, W, 3).
    cap
        Largest magnitude, as a difference of luminance in [0, 1] between the pixels on either
        side; infinity for none.

    Returns
    -------
    ndarray
        0 for a frame without edges; NaN if the picture itself has none.
    """
    wanted = _edges(reference, cap)
    wanted_length = np.linalg.norm(wanted)
    if wanted_length == 0:
        return np.full(len(frames), np.nan)
    kept = np.zeros(len(frames))
    for step, frame in enumerate(frames):
        found = _edges(frame, cap)
        length = np.linalg.norm(found)
        if length > 0:
            kept[step] = (found * wanted).sum() / (length * wanted_length)
    return np.clip(kept, -1, 1)


def _edges(picture: Picture, cap: float) -> npt.NDArray[np.float64]:
    """Return the capped magnitudes less their mean, (H, W); exactly 0 if all are equal."""
    luminance = picture @ LUMA / 255
    down, across = ndimage.sobel(luminance, 0), ndimage.sobel(luminance, 1)
    # Sobel's smoothing across the edge has the weights 1, 2, 1.
    magnitude = np.minimum(np.hypot(down, across) / 4, cap)
    if np.ptp(magnitude) < 1e-12:
        return np.zeros_like(magnitude)
    centred: npt.NDArray[np.float64] = magnitude - magnitude.mean()
    return centred
