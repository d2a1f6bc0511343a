"""Which latent an edited frame shows: a meter's reading, taken back to the drawn world."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from zollstock.images.table import ImageRecord
from zollstock.ledger import exact_readings, make_meter, masks_for
from zollstock.paths import EditPath
from zollstock.worlds import get_world

Array = npt.NDArray[np.float64]


def latent_of(values: Array, exact: Array, low: float, high: float) -> Array:
    """Return which latent an exact intervention would need for a meter to read `values`.

    Parameters
    ----------
    values
        Read from edited frames, (S,).
    exact
        Read from the same image with the latent set to evenly spaced values from `low` to
        `high`, (T,). Where it does not rise, its running maximum is taken.
    low, high
        The latent's range; readings beyond the exact ones give its ends.

    Returns
    -------
    ndarray
        Shape (S,), by linear interpolation between the exact readings.
    """
    rising = np.maximum.accumulate(exact)
    # Interpolation needs each reading once: a flat stretch keeps its first latent.
    kept = np.append(True, np.diff(rising) > 0)
    return np.interp(values, rising[kept], np.linspace(low, high, len(exact))[kept])


def measured(image: ImageRecord, path: EditPath, world: str, latent: str) -> pd.DataFrame:
    """Return what the meter of a latent reads in each frame, and the latent that it stands for.

    Parameters
    ----------
    image
        A drawn image.
    path
        Its frames.
    world
        Name of the drawn world.
    latent
        The latent, and the meter that is named after it.

    Returns
    -------
    DataFrame
        Columns image, step, axis, value (the meter), latent, and share: where in its range the
        latent is, in [0, 1].
    """
    height, width = path.frames.shape[1:3]
    meter = make_meter(latent, world)
    masks = masks_for(meter.region, image, world=world, pattern=None, height=height, width=width)
    values = meter.values(path.frames, 0, masks)
    exact = exact_readings(image, meter, masks, world=world, size=height)
    assert exact is not None, "the world has the latent that the meter is named after"
    low, high = get_world(world).latent_ranges[latent]
    found = latent_of(values, exact, low, high)
    return pd.DataFrame(
        {
            "image": image.id,
            "step": np.arange(len(path.axis)),
            "axis": path.axis,
            "value": values,
            "latent": found,
            "share": (found - low) / (high - low),
        }
    )
