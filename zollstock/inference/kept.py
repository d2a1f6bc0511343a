"""Predictions that are kept: a model runs only on the paths that it has not seen."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from zollstock.inference.predictions import Predictions, iterate_predictions
from zollstock.inference.seals import Origin, checksum_of_whole, origin_of

Entry = Mapping[str, Any]
"""One path of a manifest."""


class Kept:
    """A group of predictions that is there, beside what it is to be.

    Parameters
    ----------
    root
        The Zarr group; it may be missing, unfinished or harmed.
    model
        Fingerprint of what is to be run, see `zollstock.inference.fingerprint`.
    manifest
        Of the property as it is now.

    Attributes
    ----------
    entries
        Of the manifest.
    origin
        What the predictions are to be made from.
    before
        What those that are there were made from; None where they cannot be used.
    complete
        Whether the group is what it should be, names and order included.
    """

    def __init__(self, root: Path, model: str, manifest: Mapping[str, Any]) -> None:
        self.root = root
        self.entries: list[Entry] = list(manifest["images"])
        steps = int(manifest["shape"]["steps"])
        self.origin = Origin(model, steps, tuple(label_of(entry) for entry in self.entries))
        found = origin_of(root)
        usable = found is not None and self._usable(found)
        self.before = found if usable and checksum_of_whole(root) is not None else None
        self.complete = self.before == self.origin
        paths = () if self.before is None else self.before.paths
        self._rows = {label.split(" ")[0]: row for row, label in enumerate(paths)}

    def _usable(self, found: Origin) -> bool:
        """Return whether anything of a whole group can be used."""
        return found.steps == self.origin.steps

    def row(self, entry: Entry) -> int | None:
        """Return where a path is in the group; None of one that is not, or could not be made."""
        return None if "failed" in entry else self._rows.get(str(entry["checksum"]))


def notes_of(every: Iterable[Kept]) -> dict[str, dict[str, str | None]]:
    """Return property → what its predictions were made from, and their checksum."""
    return {
        kept.root.parent.name: {
            "made_by": kept.origin.model,
            "checksum": checksum_of_whole(kept.root),
        }
        for kept in every
    }


class KeptPredictions(Kept):
    """What a model has said before of the paths of a property; what another one said is not taken.

    Attributes
    ----------
    missing
        The manifest's entries that the model has not seen; a path that could not be made is one.
    """

    def __init__(self, root: Path, model: str, manifest: Mapping[str, Any]) -> None:
        super().__init__(root, model, manifest)
        self.missing = [entry for entry in self.entries if self.row(entry) is None]

    def _usable(self, found: Origin) -> bool:
        return super()._usable(found) and found.model == self.origin.model

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
            row = self.row(entry)
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
