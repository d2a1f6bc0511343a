"""Settings of training on Imagenette's pictures that have ClickMe maps."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from zollstock.images.layouts.clickme import CLASSES, check_files, files_of, files_there
from zollstock.settings.data_traits import DataTraits

if TYPE_CHECKING:
    from zollstock.settings.training import TrainingSettings


class ClickmeData(DataTraits):
    """Imagenette's pictures that have ClickMe maps, as ixai lays them out."""

    source: Literal["clickme"] = "clickme"
    path: str = Field(
        description="The folder of `10images.pt` and the others, see docs/repair.md. `{data_dir}` "
        "is replaced."
    )

    def class_names(self, world: str) -> list[str]:
        """Return Imagenette's."""
        return list(CLASSES.values())

    def count(self, defaults: "TrainingSettings") -> int:
        """Return about how many there may be: a file's size says it, of 224 × 224 pixels."""
        file = files_of(Path(self.path), "train")["images"]
        return file.stat().st_size // (4 * 3 * 224**2) if file.is_file() else 0

    def place(self) -> str:
        """Return the folder."""
        return self.path

    def files(self) -> list[str]:
        """Return the files of tensors."""
        return files_there(Path(self.path))

    def check(self, where: str, classes: Sequence[str], world: str) -> None:
        """Check that the files are there."""
        check_files(Path(self.path))
        super().check(where, classes, world)
