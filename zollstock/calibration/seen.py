"""What the study's models said of the calibration's images."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from zollstock.errors import ZollstockError

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Seen:
    """Followed probabilities of M models.

    Attributes
    ----------
    models, images
        Names, M and N of them.
    noise
        Along turns of pixel noise, (M, images of noise, 1 + K, S): the path that stands for the
        property first, then the placebos'.
    exact
        Along exact paths, (M, N, D).
    flips
        Whether the predicted class changes along the exact path, (M, N).
    edited
        Along edited paths, (M, N, S); NaN where there is none.
    """

    models: tuple[str, ...]
    images: tuple[str, ...]
    noise: Array
    exact: Array
    flips: npt.NDArray[np.bool_]
    edited: Array

    def write(self, file: Path) -> None:
        """Write all as one ``.npz``."""
        arrays = {name: getattr(self, name) for name in ("noise", "exact", "flips", "edited")}
        names = {"models": list(self.models), "images": list(self.images)}
        np.savez_compressed(file, **names, **arrays)  # type: ignore[arg-type]

    @classmethod
    def read(cls, file: Path) -> "Seen":
        """Read what `write` wrote.

        Raises
        ------
        ZollstockError
            If the file is missing, cut off or harmed; its arrays have checksums.
        """
        try:
            with np.load(file) as found:
                models, images = (tuple(map(str, found[name])) for name in ("models", "images"))
                return cls(
                    models, images, found["noise"], found["exact"], found["flips"], found["edited"]
                )
        except Exception as error:  # each decoder complains in its own way
            raise ZollstockError(
                file,
                f"cannot be read ({str(error) or type(error).__name__})",
                "what the models said of the calibration's images",
                "Run snakemake calibration --forcerun calibrate_models.",
            ) from None
