"""What of the folders of a study is used no more, for `zollstock.plan.clean`."""

import json
import shutil
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from zollstock.errors import ZollstockError
from zollstock.manifests import PLACEBOS, read_manifest


@dataclass(frozen=True)
class Unused:
    """Files that can go together.

    Attributes
    ----------
    what
        In words.
    places
        Files and folders. The first ones go first: what marks a path as whole.
    """

    what: str
    places: list[Path]

    def size(self) -> int:
        """Return the bytes it takes."""
        return sum(_size(place) for place in self.places)

    def remove(self) -> None:
        """Remove it."""
        for place in self.places:
            if place.is_dir():
                shutil.rmtree(place)
            else:
                place.unlink(missing_ok=True)


def unused(folder: Path, names: Mapping[str, Any]) -> Iterator[Unused]:
    """Yield what of a folder of interventions the study uses no more.

    Parameters
    ----------
    folder
        With stores and manifests.
    names
        The study's properties and sets of placebos, each with what its paths are made from.
    """
    stale, used, unfinished = [], {}, []
    for file in sorted(folder.glob("*.json")):
        name = file.stem
        # What plans and parts are called: the name of a property has no dot.
        if "." not in name and name not in names:
            stale.append(file)
    for name in names:
        found = _manifest(folder, name, names[name])
        if found is not None:
            used[folder / found["store"]] = found["images"]
        else:
            unfinished.append(name)
    for file in stale:
        yield Unused(f"{file.name}: a manifest of no property of the study", [file])
    # A property that waits may have had another name; what a set is called is made by what it is.
    waiting = any(not name.startswith(PLACEBOS) for name in unfinished)
    for store in sorted(folder.glob("*.zarr")):
        name = store.name.rpartition("-")[0]
        if store in used:
            yield from _unused_paths(store, used[store])
            if halves := [*store.rglob("*.partial")]:
                yield Unused(f"{store.name}: {len(halves)} files that a kill cut off", halves)
        elif name not in unfinished and (name in names or not waiting):
            count = len(list((store / "done").glob("c.*")))
            yield Unused(f"{store.name}: {count} paths of other settings", [store])


def unused_predictions(
    folder: Path, names: Sequence[str], models: Sequence[str]
) -> Iterator[Unused]:
    """Yield what of a folder of predictions the study uses no more; `names` as in `unused`."""
    for place in sorted(folder.iterdir()) if folder.is_dir() else []:
        if not place.is_dir():
            # A note: of a model, or of it along placebos.
            if place.suffix == ".json" and place.stem.removesuffix(".placebos") not in models:
                yield Unused(f"{folder.name}/{place.name}: of no model of the study", [place])
        elif place.name not in names:
            what = "predictions along no property of the study"
            yield Unused(f"{folder.name}/{place.name}: {what}", [place])
        else:
            for group in sorted(place.glob("*.zarr")):
                if group.stem not in models:
                    what = "predictions of no model of the study"
                    yield Unused(f"{folder.name}/{place.name}/{group.name}: {what}", [group])


def unused_within(folder: Path, used: Collection[str], what: str) -> Iterator[Unused]:
    """Yield what of a folder is none of those used."""
    for place in sorted(folder.iterdir()) if folder.is_dir() else []:
        if place.name not in used:
            yield Unused(f"{folder.name}/{place.name}: {what}", [place])


def unused_trainings(folder: Path, trained: Collection[str]) -> Iterator[Unused]:
    """Yield what is kept of unfinished trainings of models that the study trains no more."""
    for place in sorted(folder.glob("*.*")):
        if place.stem not in trained:
            yield Unused(f"{folder.name}/{place.name}: training of no model of the study", [place])


def unused_repairs(folder: Path, repaired: Collection[str]) -> Iterator[Unused]:
    """Yield what is kept of unfinished repairs that the study asks for no more."""
    for place in sorted(folder.glob("*.unfinished")):
        if place.stem not in repaired:
            yield Unused(f"{place.name}: repair of no model of the study", [place])


def _manifest(folder: Path, name: str, made_from: Any) -> dict[str, Any] | None:  # noqa: ANN401
    """Return the manifest of a property; None without one, and of one of other settings."""
    file = folder / f"{name}.json"
    if not file.is_file():
        return None
    found = read_manifest(file)
    told = {key: found[key] for key in ("settings", "seed") if key in found}
    same = not told or json.dumps(told, sort_keys=True) == json.dumps(made_from, sort_keys=True)
    return found if same else None


def unfinished(folder: Path, names: Mapping[str, Any]) -> list[str]:
    """Return the properties and sets whose stores have no manifest, or one of other settings."""
    return [
        name
        for name in names
        if _manifest(folder, name, names[name]) is None
        and any(store.name.rpartition("-")[0] == name for store in folder.glob(f"{name}-*.zarr"))
    ]


def _unused_paths(store: Path, entries: Sequence[dict[str, object]]) -> Iterator[Unused]:
    first = _first_draw(store)
    named = {(entry["row"], int(str(entry["draw"])) - first) for entry in entries}
    places: dict[tuple[int, int], list[Path]] = {}
    # `done` goes first: a path is whole or not there.
    for array in ("done", "frames", "recipe", "unedited", "axis", "change"):
        for file in (store / array).glob("c.*[0-9]"):
            row, draw = map(int, file.name.split(".")[1:3])
            if (row, draw) not in named:
                places.setdefault((row, draw), []).append(file)
    if places:
        what = f"{store.name}: {len(places)} paths of images or draws that are used no more"
        yield Unused(what, [file for files in places.values() for file in files])


def _first_draw(store: Path) -> int:
    try:
        return int(
            json.loads((store / "zarr.json").read_text(encoding="utf-8"))["attributes"][
                "first_draw"
            ]
        )
    except (OSError, ValueError, KeyError, TypeError):
        raise ZollstockError(
            store / "zarr.json",
            "is missing or harmed",
            "the description of a store of paths",
            "Run snakemake with --forcerun plan_interventions intervene make_placebos, which mends "
            "it, then try again.",
        ) from None


def _size(place: Path) -> int:
    if place.is_dir():
        return sum(_size(inner) for inner in place.iterdir())
    return place.stat().st_size if place.is_file() else 0
