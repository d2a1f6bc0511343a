"""Draw masks of a study's images by a segmentation model."""

import sys
from collections.abc import Sequence
from pathlib import Path

from zollstock.errors import ZollstockError
from zollstock.images.drawn_masks import write_checksums
from zollstock.images.segmenting import Segmenter, save_mask
from zollstock.images.table import read_table
from zollstock.progress import Progress


def segment_images(
    *,
    images: Path,
    pixels: Path,
    folder: str,
    classes: Sequence[str] | None,
    masks: Path,
    threads: int,
    shown: int = 5,
) -> None:
    """Write a grey picture for each image, white where the model sees the classes.

    Parameters
    ----------
    images, pixels
        Table of the images, and the folder with their PNGs.
    folder, classes
        See `zollstock.images.segmenting.Segmenter`.
    masks
        The folder that is written; checksums come beside it.
    threads
        Of torch.
    shown
        How many images without the classes are named.

    Raises
    ------
    ZollstockError
        If the model cannot be loaded, lacks a class, or finds nothing on an image.
    """
    import torch

    torch.set_num_threads(threads)
    segmenter = Segmenter(Path(folder), classes, key="mask.classes")
    masks.mkdir(parents=True, exist_ok=True)
    nothing, records = [], read_table(images, pixels)
    with Progress("masks", len(records)) as count:
        for record in records:
            if save_mask(segmenter.mask(record.pixels()), masks / f"{record.id}.png") is None:
                nothing.append(record.id)
            count(1)
    if not nothing:
        write_checksums(masks, [record.id for record in records])
        return
    # The rest is kept beside: Snakemake removes what a job that fails has written.
    kept = masks.with_name(f"{masks.name}-unfinished")
    if not kept.exists():
        masks.replace(kept)
    more = f" and {len(nothing) - shown} others" if len(nothing) > shown else ""
    print(f"masks of the others: {kept}", file=sys.stderr)
    raise ZollstockError(
        folder,
        f"sees nothing of {', '.join(classes or ['its classes'])} on "
        f"{', '.join(nothing[:shown])}{more}",
        "something on every image",
        f"Name other classes, or take these images out; or move {kept}, paint the masks that it "
        "lacks, and give the property that folder as its mask.",
    )
