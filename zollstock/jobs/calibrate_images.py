"""Draw the images of the calibration."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from zollstock.images.selection import select_rendered
from zollstock.images.table import write_table
from zollstock.seeds import seed_for
from zollstock.worlds import get_world


def calibrate_images(
    *, world: Mapping[str, Any], images: int, seed: int, table: Path, pixels: Path
) -> None:
    """Draw images and write their table.

    Parameters
    ----------
    world
        ``name``, ``size``, ``bias`` and ``shape_noise`` of the drawn world.
    images
        How many; rounded up, so that there are as many of each class.
    seed
        The study's.
    table, pixels
        The table and the new folder of pictures that are written.
    """
    drawn = get_world(world["name"])
    pixels.mkdir(parents=True)
    selection = select_rendered(
        drawn,
        n_per_class=-(-images // len(drawn.class_names)),
        # Other images than the study's and the training's.
        seed=seed_for(seed, "calibration"),
        folder=pixels,
        distribution=drawn.distributions[0],
        size=world["size"],
        bias=world["bias"],
        shape_noise=world["shape_noise"],
    )
    write_table(selection.images, table)
