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
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml
from snakemake.utils import update_config

from zollstock.errors import ZollstockError
from zollstock.manifests import PICTURES
from zollstock.plan.captioned import Captioned
from zollstock.plan.configs import check_keys
from zollstock.plan.origin import check_made_from
from zollstock.plan.outputs import further_outputs
from zollstock.plan.paths import planned_paths
from zollstock.plan.repairing import Repairing
from zollstock.plan.training import Training
from zollstock.plan.unused import (
    Unused,
    unfinished,
    unused,
    unused_predictions,
    unused_repairs,
    unused_trainings,
    unused_within,
)
from zollstock.settings import Study, parse_study


def left_by_snakemake(study: Study, config: str) -> str:
    """Return what is said of ``--delete-all-output``, which knows nothing of stores."""
    return (
        f"zollstock: --delete-all-output leaves paths and predictions of '{study.study}', which a "
        f"new run finds; to remove them too: python -m zollstock.plan.clean --all {config}"
    )


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
