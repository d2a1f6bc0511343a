"""The table of a study's images."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
from PIL import Image

from zollstock.errors import ZollstockError
from zollstock.images.reading import RGB, pixel_sha256

LATENT_PREFIX = "latent_"
_REMEDY = (
    "Run again with --forcerun select_images (of a calibration: calibrate_images). Of an archive, "
    "unpack it again."
)


@dataclass(frozen=True)
class ImageRecord:
    """One image of a study.

    Attributes
    ----------
    id
        Unique name, safe as a file name.
    label
        Name of the true class.
    sha256
        Of the RGB pixels; see `zollstock.images.reading.pixel_sha256`.
    source
        The file it was read from, or the drawn world and its seed.
    file
        The PNG with the pixels, inside the results.
    latents
        Latents of a drawn image; empty for a photograph.
    draw
        Which of its paths is meant, where an image has several; see `zollstock.draws`.
    name
        What the user calls it: what files of the user that belong to it may be named after, too.
    """

    id: str
    label: str
    sha256: str
    source: str
    file: Path
    latents: dict[str, float] = field(default_factory=dict)
    draw: int = 0
    name: str = ""

    def pixels(self) -> RGB:
        """Return the image, uint8, shape (height, width, 3).

        Raises
        ------
        ZollstockError
            If the file is missing, or holds other pixels than were chosen.
        """
        try:
            with Image.open(self.file) as image:
                found = np.array(image.convert("RGB"))
            intact = pixel_sha256(found) == self.sha256
        except Exception:  # each decoder complains in its own way
            intact = False
        if not intact:
            raise ZollstockError(
                self.file,
                "differs from the picture that was chosen" if self.file.exists() else "is missing",
                f"pixels of the checksum {self.sha256[:12]}…",
                _REMEDY,
            )
        return found


def latents_of(images: Sequence[ImageRecord]) -> dict[str, npt.NDArray[np.float64]]:
    """Return the latents of drawn images as a world takes them, (N,) each."""
    return {name: np.array([image.latents[name] for image in images]) for name in images[0].latents}


def check_drawn(images: Sequence[ImageRecord], hint: str) -> None:
    """Raise a `ZollstockError` that ends with `hint` unless all images were drawn."""
    for image in images:
        if not image.latents:
            raise ZollstockError(
                f"image {image.id}", "has no latents", "an image drawn by the renderer", hint
            )


def write_table(records: Sequence[ImageRecord], path: Path) -> None:
    """Write the records as CSV; latents become columns with 17 significant digits."""
    rows = [
        {
            "id": record.id,
            "label": record.label,
            "sha256": record.sha256,
            "source": record.source,
            "file": record.file.name,
        }
        | ({"name": record.name} if record.name else {})
        # Shortest text that reads back to the same float64.
        | {LATENT_PREFIX + name: repr(float(value)) for name, value in record.latents.items()}
        for record in records
    ]
    pd.DataFrame(rows).to_csv(path, index=False)


def read_table(path: Path, folder: Path) -> list[ImageRecord]:
    """Read the table that `write_table` wrote.

    Parameters
    ----------
    path
        The CSV.
    folder
        The folder that holds the PNG files.

    Raises
    ------
    ZollstockError
        If a column is missing, or the table speaks of fewer pictures than lie in the folder, as one
        that was cut off.
    """
    # Python's float() below reads latents back to the bit.
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    missing = {"id", "label", "sha256", "source", "file"} - set(table.columns)
    if missing:
        raise ZollstockError(
            path,
            f"has no column {', '.join(sorted(missing))}",
            "the table that image selection writes",
            _REMEDY,
        )
    surplus = sorted({file.name for file in folder.glob("*.png")} - set(table["file"]))
    if surplus:
        raise ZollstockError(
            path,
            f"does not speak of {surplus[0]}, which lies in {folder}",
            "all pictures that were chosen",
            _REMEDY,
        )
    latents = [name for name in table.columns if name.startswith(LATENT_PREFIX)]
    return [
        ImageRecord(
            id=row["id"],
            label=row["label"],
            sha256=row["sha256"],
            source=row["source"],
            file=folder / row["file"],
            name=row.get("name", ""),
            latents={name.removeprefix(LATENT_PREFIX): float(row[name]) for name in latents},
        )
        for row in table.to_dict("records")
    ]


def save_png(pixels: RGB, path: Path) -> None:
    """Write an image losslessly."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)
