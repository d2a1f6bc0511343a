"""Predictions that are kept: a model runs only on the paths that it has not seen."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from zollstock.inference.predictions import Predictions, iterate_predictions
from zollstock.inference.seals import Origin, checksum_of_whole, origin_of

Entry = Mapping[str, Any]
"""One path of a manifest."""


class KeptPredictions:
    """What a model has said before of the paths of a property.

    Parameters
    ----------
    root
        The Zarr group; it may be missing, unfinished or harmed.
    model
        See `zollstock.inference.fingerprint`. What another one made is not taken.
    manifest
        Of the property as it is now.

    Attributes
    ----------
    origin
        What the predictions are to be made from.
    missing
        The manifest's entries that the model has not seen; a path that could not be made is one.
    complete
        Whether the group is what it should be, names and order included.
    """

    def __init__(self, root: Path, model: str, manifest: Mapping[str, Any]) -> None:
        self.root = root
        self.entries: list[Entry] = list(manifest["images"])
        steps = int(manifest["shape"]["steps"])
        self.origin = Origin(model, steps, tuple(label_of(entry) for entry in self.entries))
        self._rows: dict[str, int] = {}
        found = origin_of(root)
        usable = found is not None and (found.model, found.steps) == (model, steps)
        if found is not None and usable and checksum_of_whole(root) is not None:
            self._rows = {label.split(" ")[0]: row for row, label in enumerate(found.paths)}
            self.complete = found == self.origin
        else:
            self.complete = False
        self.missing = [entry for entry in self.entries if self._row(entry) is None]

    def _row(self, entry: Entry) -> int | None:
        return None if "failed" in entry else self._rows.get(str(entry["checksum"]))

    def with_new(self, new: Iterator[Predictions]) -> Iterator[Predictions]:
        """Yield the predictions of all paths in the manifest's order, a path at a time.

        Parameters
        ----------
        new
            Those of `missing`, in their order.
        """
        blocks: Iterator[Predictions] = iter(())
        first = 0
        block: Predictions | None = None
        for entry in self.entries:
            row = self._row(entry)
            if row is None:
                yield next(new)
                continue
            # Rows come mostly in order; where one lies further back, reading begins anew.
            if block is None or row < first:
                first, blocks = 0, iterate_predictions(self.root)
                block = next(blocks)
            while row >= first + len(block.images):
                first += len(block.images)
                block = next(blocks)
            yield one_path(block, row - first, entry)


def label_of(entry: Entry) -> str:
    """Return what a path is known by in the seal of predictions."""
    return f"{entry.get('checksum', 'failed')} {entry['draw']} {entry['image']}"


def one_path(block: Predictions, row: int, entry: Entry) -> Predictions:
    """Return one path of several, under the names that it has now."""
    here = slice(row, row + 1)
    return replace(
        block,
        images=[str(entry["image"])],
        draws=[int(entry["draw"])],
        axis=block.axis[here],
        logits=block.logits[here],
        probabilities=block.probabilities[here],
        unedited_logits=block.unedited_logits[here],
        unedited_probabilities=block.unedited_probabilities[here],
    )
