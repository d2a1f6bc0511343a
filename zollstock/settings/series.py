"""What the plan asks of a model that is the last checkpoint of a series."""

from dataclasses import dataclass

from zollstock.errors import ZollstockError
from zollstock.models.checkpoints import Checkpoint, every, files_like, of_files, of_training


@dataclass(frozen=True)
class SeriesTraits:
    """The checkpoints of one training.

    Attributes
    ----------
    text
        As the config has them: ``every epoch``, ``every n epochs`` or a pattern of files.
    """

    text: str

    @property
    def step(self) -> int | None:
        """After how many epochs each the training here keeps one; None of files of the user's."""
        return every(self.text)

    def files(self) -> list[str]:
        """Return the user's files, none of a training here."""
        return [] if self.step is not None else files_like(self.text)

    def last(self) -> str:
        """Return the user's last file; the pattern itself if it matches none, to be said so."""
        return (self.files() or [self.text])[-1]

    def checkpoints(self, folder: str, epochs: int) -> list[Checkpoint]:
        """Return all of them, of a training here of so many epochs those in a folder."""
        if self.step is not None:
            return of_training(folder, epochs, self.step)
        return of_files(self.files())

    def check(self, where: str, trained: bool) -> None:
        """Check that they can be there.

        Raises
        ------
        ZollstockError
            Naming what is wrong.
        """
        if self.step == 0:
            raise ZollstockError(
                where, f"is '{self.text}'", "every 1 epochs or more", "Correct the number."
            )
        if self.step and not trained:
            raise ZollstockError(
                where,
                f"is '{self.text}' for a model that is not trained here",
                "a path with * like runs/*/epoch_*.pth",
                "Name your checkpoints, or set training.data.",
            )
        if self.step is None and len(self.files()) < 2:
            count = len(self.files())
            raise ZollstockError(
                where,
                f"is '{self.text}', which matches {count or 'no'} file{'s' * (count != 1)}",
                "`every epoch`, `every N epochs`, or a path with * that means at least two files",
                "Correct it; a single file of weights is `weights`.",
            )
