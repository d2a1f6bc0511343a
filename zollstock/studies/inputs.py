"""Which files of a study its figures are drawn from."""

import re
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from zollstock.locate.names import EXACT, RANDOM
from zollstock.manifests import PICTURES, PLACEBOS
from zollstock.parquet import read_parquet
from zollstock.studies.folder import PARTS, StudyFolder
from zollstock.trace.tables import FILES as TABLES_OF_TRACE

FILES: Mapping[str, str] = {
    # What trace calls `accuracy` is another table, which no figure shows.
    **{name: f"trace/{file}" for name, file in TABLES_OF_TRACE.items()},
    "images": PARTS["images"][0],
    "pixels": "images/pixels",
    "accuracy": "models/accuracy.csv",
    "scores": PARTS["scores"][0],
    "tests": PARTS["tests"][0],
    "summary": PARTS["headline"][0],
    "grids": "scores/grids.parquet",
    "maps": "locate/judged.parquet",
    "ranking": "locate/ranking.csv",
    "control": "locate/control.csv",
    "flips": "locate/flips.csv",
    "likeness": "locate/likeness.csv",
    "combinations": "locate/grid.csv",
    "repairs": "repair/repairs.csv",
    "repaired_accuracy": "repair/accuracy.csv",
    "repaired_units": "repair/units.parquet",
    "circuits": "repair/circuits.csv",
}
"""Input of figures, see `zollstock.figures.registry.SOURCES` → its file in a study's folder."""
MAPS = "locate/maps"
"""Folder with a folder of maps a model."""


def inputs_of(folder: StudyFolder, prop: str | None) -> dict[str, Sequence[Path]]:
    """Return input → its files, whether they are there or not.

    Parameters
    ----------
    folder
        The study.
    prop
        The property that is drawn; None for figures of the whole study.
    """
    root, models = folder.root, folder.models
    files: dict[str, Sequence[Path]] = {name: [root / file] for name, file in FILES.items()}
    files["cards"] = [root / f"models/{model}.json" for model in models]
    files["pictures"] = [root / f"predictions/{PICTURES}/{model}.zarr" for model in models]
    traces = [root / f"trace/models/{model}" for model in models]
    # Models that torch does not run are not traced.
    files["traces"] = [place for place in traces if place.is_dir()] or [root / "trace/models"]
    files["mapped"] = judged_of(folder) or [root / "locate/judged"]
    sets = [name for name in folder.manifests if name.startswith(PLACEBOS)]
    files["tested"] = [] if sets else [root / f"interventions/{PLACEBOS}"]
    if prop is None:
        return files
    manifest = root / f"interventions/{prop}.json"
    placebos = folder.placebos_of(prop) if manifest.is_file() else None
    store = folder.manifest(prop)["store"] if manifest.is_file() else ""
    return files | {
        "manifest": [manifest],
        "frames": [manifest.parent / store],
        "steps": [root / f"ledger/{prop}.steps.csv"],
        "verdicts": [root / f"ledger/{prop}.csv"],
        "predictions": [root / f"predictions/{prop}/{model}.zarr" for model in models],
        "placebo_predictions": [
            root / f"predictions/{placebos}/{model}.zarr" for model in models if placebos
        ],
    }


def mapped_again(folder: StudyFolder) -> list[str]:
    """Return repaired models of which `locate` took maps, the ones that they were before them."""
    cards = folder.cards
    again = [name for name in folder.repaired if (folder.root / MAPS / name).is_dir()]
    return list(dict.fromkeys([str(cards[name]["repaired"]["base"]) for name in again])) + again


def judged_of(folder: StudyFolder) -> list[Path]:
    """Return the tables of judgements of the models of `mapped_again`, share by share."""
    return [table for model in mapped_again(folder) for table in _tables(folder.root, model)]


def judged_maps(root: Path, model: str) -> list[tuple[str, str]]:
    """Return method and image of the maps of a model that its tables of judgements speak of.

    Others may lie there, of settings, or of weights, that the study had before.
    """
    pairs: set[tuple[str, str]] = set()
    for table in _tables(root, model):
        found = read_parquet(table)
        found = found[~found["method"].isin([RANDOM, EXACT])]
        pairs |= set(zip(found["method"], found["image"], strict=True))
    return sorted(pairs)


def _tables(root: Path, model: str) -> list[Path]:
    tables = sorted((root / "locate/judged").glob("*.parquet"))
    return [one for one in tables if re.fullmatch(re.escape(model) + r"\.\d+", one.stem)]


def lacking(needs: Collection[str], files: Mapping[str, Sequence[Path]]) -> list[Path]:
    """Return which files of a figure's inputs are not there.

    An input that a study's folder does not hold, such as an editor's, is none of its files and
    counts as one that is missing.
    """
    found = [Path(name) for name in sorted(set(needs) - set(files))]
    for name in sorted(set(needs) & set(files)):
        found += [file for file in files[name] if not file.exists()]
    return found


def methods_of(root: Path, model: str) -> list[str]:
    """Return the methods whose maps of a model were judged."""
    return list(dict.fromkeys(method for method, _ in judged_maps(root, model)))
