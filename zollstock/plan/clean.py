"""Removes paths that a study uses no more: ``python -m zollstock.plan.clean [CONFIG ...]``.

Stores of other settings, images that were taken out and placebos beyond the number stay on disk,
so that they are there when they are asked for again. This says what they are and how much room
they take, and removes them after a yes; predictions of properties, placebos and models that the
study has no more go with them. What a manifest of the study names is kept, and all of a property
that has no manifest, since its run was not finished; then stores of all other names are kept too,
since one may be its own under an earlier name. Config files and settings have to be those of the
last run. With ``--all`` all paths and predictions of the study go, finished or not, as after
``snakemake --delete-all-output``, which leaves them.
"""

import argparse
import json
import shutil
import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from snakemake.utils import update_config

from zollstock.errors import ZollstockError
from zollstock.manifests import PICTURES, PLACEBOS, read_manifest
from zollstock.plan.captioned import Captioned
from zollstock.plan.configs import check_keys
from zollstock.plan.origin import check_made_from
from zollstock.plan.outputs import further_outputs
from zollstock.plan.paths import planned_paths
from zollstock.plan.repairing import Repairing
from zollstock.plan.training import Training
from zollstock.settings import Study, parse_study


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


def left_by_snakemake(study: Study, config: str) -> str:
    """Return what is said of ``--delete-all-output``, which knows nothing of stores."""
    return (
        f"zollstock: --delete-all-output leaves paths and predictions of '{study.study}', which a "
        f"new run finds; to remove them too: python -m zollstock.plan.clean --all {config}"
    )


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


def _in_words(size: float) -> str:
    for unit in ("bytes", "kB", "MB", "GB"):
        if size < 1000 or unit == "GB":
            break
        size /= 1000
    return f"{size:.3g} {unit}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code."""
    parser = argparse.ArgumentParser(prog="zollstock.plan.clean", description=__doc__)
    parser.add_argument(
        "config",
        nargs="*",
        default=["config/config.yaml"],
        help="of the study, as snakemake has it",
    )
    parser.add_argument("--results", default="results", help="folder of all results")
    parser.add_argument("--all", action="store_true", help="all paths and predictions")
    parser.add_argument("--yes", action="store_true", help="remove without asking")
    told = parser.parse_args(arguments)
    try:
        found, waiting = _found([Path(file) for file in told.config], Path(told.results), told.all)
    except ZollstockError as error:
        print(f"zollstock: {error}", file=sys.stderr)
        return 1
    for name in waiting:
        print(f"     kept  {name}: its run was not finished; --all takes it too")
    if not found:
        print("Nothing to remove.")
        return 0
    for one in found:
        print(f"{_in_words(one.size()):>9}  {one.what}")
    total = _in_words(sum(one.size() for one in found))
    if not told.yes:
        try:
            answer = input(f"Remove this, {total} in all? It cannot be undone. [y/N] ")
        except EOFError:
            answer = ""
        if answer.strip().lower() not in {"y", "yes"}:
            print("Nothing was removed.")
            return 0
    for one in found:
        one.remove()
    print(f"{total} removed.")
    return 0


def _study(configs: Sequence[Path]) -> Study:
    told: dict[str, Any] = {}
    for config in configs:
        try:
            settings = yaml.safe_load(config.read_text(encoding="utf-8"))
            if not isinstance(settings, dict):
                raise ValueError("it holds no settings")
            update_config(told, settings)
        except (OSError, ValueError, yaml.YAMLError) as error:
            raise ZollstockError(
                config,
                f"cannot be read ({str(error).splitlines()[0]})",
                "the config of a study",
                "Name it: python -m zollstock.plan.clean CONFIG.",
            ) from None
    check_keys(configs)
    return parse_study(told, str(configs[-1]))


def _found(
    configs: Sequence[Path], results: Path, everything: bool
) -> tuple[list[Unused], list[str]]:
    """Return what can go, and the names of what is kept since its run was not finished."""
    study = _study(configs)
    locks = results.parent / ".snakemake" / "locks"
    if locks.is_dir() and any(locks.iterdir()):
        raise ZollstockError(
            locks,
            "holds the lock of a run",
            "no run of Snakemake in this folder",
            "Wait for its end, or unlock the folder with snakemake --unlock.",
        )
    check_made_from(study, results / study.study, configs, settings=not everything)
    folders = [results / study.study / name for name in ("interventions", "predictions")]
    of_checkpoints = results / study.study / "dynamics" / "predictions"
    trainings = results / study.study / "models" / "unfinished"
    if everything:
        there = [folder for folder in (*folders, of_checkpoints, trainings) if folder.is_dir()]
        return [Unused(f"{folder.name}: all of it", [folder]) for folder in there], []
    paths, predictions = folders
    names = {
        name: {"settings": dict(made.settings), "seed": study.seed}
        for name, made in planned_paths(study).items()
    }
    kept = [*names, PICTURES]
    repaired = Repairing(study, Training(study)).repaired
    models = [*study.models, *repaired]
    found = [*unused(paths, names), *unused_predictions(predictions, kept, models)]
    series = [name for name, model in study.models.items() if model.series() is not None]
    found += unused_predictions(of_checkpoints, kept, series)
    outputs = further_outputs(study.scoring.spelled())
    tables = "tables of no output of the study"
    found += unused_within(results / study.study / "outputs", outputs, tables)
    trained = list(Training(study).data)
    found += unused_trainings(trainings, trained)
    captioned = results / study.study / "captioned"
    found += unused_within(captioned, Captioned(study).jobs, "a training on other captions")
    checkpoints = results / study.study / "models" / "checkpoints"
    found += unused_within(checkpoints, series, "checkpoints of no training of the study")
    found += unused_repairs(results / study.study / "repair" / "models", repaired)
    return found, unfinished(paths, names)


if __name__ == "__main__":
    sys.exit(main())
