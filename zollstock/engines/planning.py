"""Where the paths of a property go: a store that is found by what makes them."""

import os
import shutil
import tempfile
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from zollstock.draws import drawn_records
from zollstock.engines.base import Engine
from zollstock.errors import ZollstockError
from zollstock.images.table import ImageRecord
from zollstock.paths import PathShape
from zollstock.store import fingerprint, plan_store


def store_name(
    name: str,
    settings: Mapping[str, Any],
    seed: int,
    shape: PathShape,
    versions: Sequence[str] = (),
    *,
    of_set: bool = False,
) -> str:
    """Return the name of a store's folder: a property's, and a hash of what makes its paths.

    Of another setting, seed or shape there is another store, and so it is with other versions of
    costly engines (`raised_versions`). The hash does not hang on the property's name; but that
    of a set of placebos says which edits they are as large as, and has a part in it.
    """
    made_by = {"settings": dict(settings), "seed": seed, "shape": list(shape)}
    if of_set:
        made_by["set"] = name
    if versions:
        made_by["versions"] = list(versions)
    return f"{name}-{fingerprint(made_by).hex()[:8]}.zarr"


def raised_versions(engine: Engine) -> list[str]:
    """Return the versions, other than the first, that an engine and those inside it have by hand.

    These are engines whose paths cost hours, so that one may want to go back to the earlier ones.
    The version of a cheap engine is a hash of its code; its paths are made again in their place.
    """
    own = [engine.version] if engine.version.isdigit() and engine.version != "1" else []
    inner = [getattr(engine, key) for key in ("editor", "first", "second") if hasattr(engine, key)]
    return own + [version for part in inner for version in raised_versions(part)]


def plan_paths(
    engine: Engine,
    settings: Mapping[str, Any],
    images: Sequence[ImageRecord],
    draws: Sequence[int],
    *,
    folder: Path,
    name: str,
    names: Collection[str],
    seed: int,
    variants: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Check an engine's inputs and lay out the store of its paths, keeping what is there.

    Parameters
    ----------
    engine
        Makes the paths.
    settings
        What the frames depend on, the engine's and others.
    images, draws
        Of the study.
    folder
        Where stores lie.
    name
        Of the property, or of the set of placebos.
    names
        All of the study's. A store of none of them, as a property leaves behind that was given
        another name, is taken over; of one of them, it is shared.
    seed
        The study's seed.
    variants
        Of a set of placebos: image id → the sizes that its path is made to.

    Returns
    -------
    dict
        The plan: shape, store, rows (image id → row), draws and facts.

    Raises
    ------
    ZollstockError
        If the engine refuses the images, or a store of an earlier version lies there.
    """
    shape = engine.shape(drawn_records(images, draws))
    versions = raised_versions(engine)
    of_set = variants is not None
    store = folder / store_name(name, settings, seed, shape, versions, of_set=of_set)
    if (folder / f"{name}.zarr").exists():
        raise ZollstockError(
            folder / f"{name}.zarr",
            "is a store of an earlier version, whose paths were made under other seeds",
            f"stores that are named as {store.name}",
            "Move or remove the folder and run again, or go on with the version that made it.",
        )
    if not store.exists():
        _take_over(folder, store, names)
    marks = {
        image.id: fingerprint(
            {"image": image.sha256, "limit": repr((variants or {}).get(image.id))}
        ).hex()[:8]
        for image in images
    }
    recipes = getattr(engine, "gives_recipes", False)
    rows = plan_store(store, shape, [image.id for image in images], draws, marks, recipes=recipes)
    return {
        "shape": shape._asdict(),
        "store": store.name,
        "rows": rows,
        "draws": list(draws),
        "facts": engine.facts(),
    }


def _take_over(folder: Path, store: Path, names: Collection[str]) -> None:
    """Bring a store of the same paths to its new name, from any property that has made them.

    What belongs to no property of the study any more is renamed. That of one it has may be in use:
    names may have changed places, or two properties be alike. Its files get a second name, which
    takes no room; whoever writes puts a new file in the place of an old one, and changes none.
    """
    mark = store.name.rpartition("-")[2]
    there = sorted(folder.glob(f"*-{mark}"))
    for found in there:
        if found.name.removesuffix(f"-{mark}") not in names:
            found.rename(store)
            return
    if there:
        with tempfile.TemporaryDirectory(prefix=".linking-", dir=folder) as place:
            whole = Path(place) / store.name
            # A job may be writing there: a path whose mark is copied first is whole, or its
            # checksum says that it is not.
            with suppress(OSError):  # shutil's error too: the paths are made again then
                for part in ("done", "."):
                    _link(there[0] / part, whole / part)
                whole.rename(store)


def _link(found: Path, place: Path) -> None:
    shutil.copytree(
        found,
        place,
        copy_function=_linked,
        ignore=shutil.ignore_patterns("*.partial"),
        dirs_exist_ok=True,
    )


def _linked(found: str, place: str) -> None:
    if Path(place).exists():
        return
    try:
        os.link(found, place)
    except OSError:  # some file systems have one name for a file
        shutil.copyfile(found, place)
