"""Predictions on disk: one Zarr group per property and model."""

import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from zollstock.errors import ZollstockError
from zollstock.inference.seals import Origin, check_seal, write_seal
from zollstock.manifests import PICTURES

if TYPE_CHECKING:
    import zarr


@dataclass(frozen=True)
class Predictions:
    """What a model says along every path.

    Attributes
    ----------
    images
        Image id of each path, length N.
    classes
        Class names, length C.
    axis
        float64, shape (N, S).
    logits, probabilities
        float32, shape (N, S, C).
    unedited_logits, unedited_probabilities
        float32, shape (N, C): for the unedited images.
    facts
        How the model was run.
    draws
        Which draw of its image each path is, length N; see `zollstock.draws`. Zeros by default.
    """

    images: list[str]
    classes: tuple[str, ...]
    axis: npt.NDArray[np.float64]
    logits: npt.NDArray[np.float32]
    probabilities: npt.NDArray[np.float32]
    unedited_logits: npt.NDArray[np.float32]
    unedited_probabilities: npt.NDArray[np.float32]
    facts: dict[str, str | int] = field(default_factory=dict)
    draws: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        if not self.draws:
            object.__setattr__(self, "draws", [0] * len(self.images))


_DIMENSIONS = {
    "axis": ("path", "step"),
    "logits": ("path", "step", "class"),
    "probabilities": ("path", "step", "class"),
    "unedited_logits": ("path", "class"),
    "unedited_probabilities": ("path", "class"),
}


def pictures_beside(root: Path) -> Path:
    """Return the same model's predictions of the study's pictures themselves."""
    return root.parent.parent / PICTURES / root.name


BLOCK_BYTES = 8 * 2**20
"""About how many bytes of probabilities are held, written and read at a time."""
BLOCK_PATHS = 1024
"""How many paths at most."""


def joined(parts: Iterable[Predictions]) -> Predictions:
    """Return predictions that came in parts as one; the facts are those of the last."""
    several = list(parts)
    arrays = {
        name: np.concatenate([getattr(part, name) for part in several]) for name in _DIMENSIONS
    }
    images = [image for part in several for image in part.images]
    draws = [draw for part in several for draw in part.draws]
    last = several[-1]
    return Predictions(images, last.classes, facts=last.facts, draws=draws, **arrays)


def write_predictions(
    parts: Iterable[Predictions], root: Path, count: int, origin: Origin | None = None
) -> None:
    """Write predictions as they come, so that memory does not grow with the images.

    The arrays have named dimensions; image ids, draws and class names are attributes, and
    coordinates of the paths and classes. What is there is replaced when all is written.

    Parameters
    ----------
    parts
        Of one model along one property.
    root
        Folder of the Zarr group.
    count
        How many paths all parts have together.
    origin
        What they were made from, to be found by it again.
    """
    import zarr  # scores of arrays of your own need none

    fresh = root.with_name(f"{root.name}.new")
    group = zarr.create_group(fresh, overwrite=True)
    images: list[str] = []
    draws: list[int] = []
    waiting: list[Predictions] = []
    block, last = 0, None

    def flush() -> None:
        part = joined(waiting)
        for name in _DIMENSIONS:
            group[name][len(images) : len(images) + len(part.images)] = getattr(part, name)  # type: ignore[index]
        images.extend(part.images)
        draws.extend(part.draws)
        waiting.clear()

    try:
        for last in parts:
            if not block:
                block = _create(group, last, count)
            waiting.append(last)
            if sum(len(part.images) for part in waiting) >= block:
                flush()
        if waiting:
            flush()
    except BaseException:
        shutil.rmtree(fresh, ignore_errors=True)
        raise
    if last is None or len(images) != count:
        raise ValueError(f"{len(images)} of {count} paths were predicted")
    classes = list(last.classes)
    coordinate(group, "image", "path", np.array(images, dtype=np.dtypes.StringDType()))
    coordinate(group, "draw", "path", np.array(draws))
    coordinate(group, "class", "class", np.array(classes, dtype=np.dtypes.StringDType()))
    group.attrs.update({"images": images, "draws": draws, "classes": classes, "facts": last.facts})
    write_seal(fresh, origin)
    shutil.rmtree(root, ignore_errors=True)
    fresh.rename(root)


def coordinate(group: "zarr.Group", name: str, dimension: str, values: npt.NDArray[Any]) -> None:
    """Write the coordinate of a dimension."""
    array = group.create_array(
        name,
        shape=values.shape,
        chunks=values.shape,
        dtype="string" if values.dtype.kind == "T" else values.dtype,
        dimension_names=(dimension,),
    )
    array[:] = values


def _create(group: "zarr.Group", like: Predictions, count: int) -> int:
    """Create the arrays of all paths and return how many paths a chunk has."""
    a_path = like.probabilities[0].nbytes
    block = max(1, min(count, BLOCK_PATHS, BLOCK_BYTES // max(a_path, 1)))
    for name, dimensions in _DIMENSIONS.items():
        values = getattr(like, name)
        group.create_array(
            name,
            shape=(count, *values.shape[1:]),
            chunks=(block, *values.shape[1:]),
            dtype=values.dtype,
            dimension_names=dimensions,
        )
    return block


@contextmanager
def reading(root: Path) -> Iterator["zarr.Group"]:
    """Open predictions that are whole; errors as in `iterate_predictions`."""
    import zarr

    check_seal(root)
    try:
        yield zarr.open_group(root, mode="r")
    except (FileNotFoundError, KeyError, ValueError) as error:
        raise ZollstockError(
            root, f"holds no predictions ({error})", "a Zarr group", "Run the workflow again."
        ) from None


def predicted_classes(root: Path) -> tuple[str, ...]:
    """Return the class names alone; errors as in `iterate_predictions`."""
    with reading(root) as group:
        return _classes(group)


def iterate_predictions(root: Path) -> Iterator[Predictions]:
    """Yield what `write_predictions` wrote, in parts of about `BLOCK_BYTES`.

    Raises
    ------
    ZollstockError
        If the group is missing, incomplete or changed since it was written.
    """
    with reading(root) as group:
        classes = _classes(group)
        found: dict[str, Any] = {name: group[name] for name in _DIMENSIONS}
        attrs: dict[str, Any] = dict(group.attrs)
        images = [str(name) for name in attrs["images"]]
        draws = [int(draw) for draw in attrs["draws"]]
        block = found["probabilities"].chunks[0]
        for first in range(0, len(images), block):
            rows = slice(first, first + block)
            arrays = {name: np.asarray(array[rows]) for name, array in found.items()}
            facts = dict(attrs["facts"])
            yield Predictions(images[rows], classes, facts=facts, draws=draws[rows], **arrays)


def _classes(group: "zarr.Group") -> tuple[str, ...]:
    names: Any = group.attrs["classes"]
    return tuple(str(name) for name in names)


def read_predictions(root: Path) -> Predictions:
    """Read all that `write_predictions` wrote; errors as in `iterate_predictions`."""
    return joined(iterate_predictions(root))
