"""Write the report of a study: one page that works offline."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import pandas as pd

from zollstock.files import read_json
from zollstock.parquet import read_parquet
from zollstock.report.locating import Where
from zollstock.report.page import Study, write_page
from zollstock.report.repairing import Mended
from zollstock.report.tracing import How
from zollstock.report.training import Learnt
from zollstock.scoring.outputs import Spelled

Stage = TypeVar("Stage")

_TEXT = (
    "id",
    "label",
    "image",
    "property",
    "title",
    "model",
    "meter",
    "flags",
    "reason",
    "split",
    "method",
    "predictor",
    "measure",
    "fill",
    "class",
    "of",
    "base",
    "best",
)


def write_report(
    *,
    page: Path,
    files: Mapping[str, Sequence[Path]],
    settings: Mapping[str, Any],
    properties: Mapping[str, str],
    grids: Mapping[str, str],
    editors: Sequence[str],
    outputs: Sequence[Spelled] = (),
    arrange: Mapping[str, Any] | None = None,
) -> None:
    """Write the page from tables and figures.

    Parameters
    ----------
    page
        The file that is written, in the study's folder of results.
    files
        Inputs by name. ``summary``, ``paper``, ``tests``, ``images``: the headline table, the
        paper's measures, the table of tests and the table of images. ``ledgers``: the ledger's
        tables of paths, property by property. ``cards``: the models' cards, in the order of the
        models. ``given``, ``pictures``: what each model was given, and what it says of each
        picture. ``tables``: files whose checksums the page lists. ``further``: headline tables of
        further outputs.

        Without files, or not there, where the study has no such section: ``accuracy`` of the
        trained models; ``judged``, ``ranking``, ``flips`` of the stage `locate`; ``mediation``,
        ``kept_accuracy``, ``graphs``, ``effects`` of `trace`; ``repairs``, ``repaired_accuracy``
        of `repair`; ``series`` of `dynamics`.
    outputs
        What is followed in `further`, in the same order.
    settings, properties, grids, editors, arrange
        See `zollstock.report.page.Study`.
    """

    def only(name: str) -> Path:
        (file,) = files[name]
        return file

    study = Study(
        settings=settings,
        properties=properties,
        grids=grids,
        editors=editors,
        summary=_read(only("summary")),
        paper=_read(only("paper")),
        further=list(zip(outputs, map(_read, files.get("further", ())), strict=True)),
        tests=_read(only("tests")),
        images=_read(only("images")),
        given=_read_words(only("given")),
        pictures=_read_words(only("pictures")),
        accuracy=_read(only("accuracy")) if files.get("accuracy") else None,
        verdicts=dict(zip(properties, map(_read, files["ledgers"]), strict=True)),
        where=_of_stage(Where, files, "judged", "ranking", "flips"),
        how=_of_stage(How, files, "mediation", "kept_accuracy", "graphs", "effects"),
        repaired=_of_stage(Mended, files, "repairs", "repaired_accuracy"),
        learnt=_of_stage(Learnt, files, "series"),
        arrange=arrange,
        models=dict(zip(settings["models"], map(read_json, files["cards"]), strict=True)),
    )
    page.write_text(write_page(study, page.parent, files["tables"]), encoding="utf-8")


def _of_stage(
    form: Callable[..., Stage], files: Mapping[str, Sequence[Path]], *names: str
) -> Stage | None:
    """Return what a stage found, its tables read; None where the study has no such section."""
    if not all(files.get(name) for name in names):
        return None
    return form(*(_read(files[name][0]) for name in names))


def _read(file: Path) -> pd.DataFrame:
    """Read a table; an image may be called "NA" or "007"."""
    if file.suffix == ".parquet":
        return read_parquet(file)
    text = dict.fromkeys(_TEXT, str)
    return pd.read_csv(file, dtype=text, keep_default_na=False, na_values=["", "nan"])


def _read_words(file: Path) -> pd.DataFrame:
    """Read a table whose cells are text; a class may be called "nan"."""
    return pd.read_csv(file, dtype=str, keep_default_na=False)
