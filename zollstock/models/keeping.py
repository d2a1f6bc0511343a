"""Checkpoints that a training keeps on its way."""

import os
import shutil
from pathlib import Path

from torch import nn

from zollstock.files import sha256_of
from zollstock.models.card import content_of
from zollstock.models.checkpoints import file_of, kept_epochs
from zollstock.models.training import Objective
from zollstock.models.unfinished import Unfinished


class KeepsCheckpoints(Objective):
    """Writes the weights after epochs, beside what a killed training goes on from.

    Parameters
    ----------
    unfinished
        Of the training. Its fingerprint is part of the folder's name, so that what another
        training has left is no part of this one's series.
    epochs
        How many the training has.
    step
        After how many epochs each is kept; the last one always is.
    """

    def __init__(self, unfinished: Unfinished, epochs: int, step: int) -> None:
        self._epochs = kept_epochs(epochs, step)
        mark = unfinished.fingerprint[:16]
        self.folder = unfinished.file.with_name(f"{unfinished.file.stem}.{mark}")
        self._unfinished = unfinished
        if not self.folder.is_dir():
            unfinished.remove()  # what went before is gone: the series begins anew
        self.folder.mkdir(parents=True, exist_ok=True)

    def end_epoch(self, module: nn.Module, epoch: int) -> None:
        """Write the weights, whole or not at all."""
        if epoch + 1 in self._epochs:
            part = self.folder / "part"
            part.write_bytes(content_of(module))
            os.replace(part, self.folder / file_of(epoch + 1))  # noqa: PTH105

    def checksums(self) -> dict[str, str]:
        """Return the SHA-256 of each checkpoint, for the model's card."""
        return {file_of(epoch): sha256_of(self.folder / file_of(epoch)) for epoch in self._epochs}

    def finish(self, folder: Path) -> None:
        """Move the checkpoints to where they stay."""
        folder.mkdir(parents=True, exist_ok=True)
        for epoch in self._epochs:
            os.replace(self.folder / file_of(epoch), folder / file_of(epoch))  # noqa: PTH105
        shutil.rmtree(self.folder)
