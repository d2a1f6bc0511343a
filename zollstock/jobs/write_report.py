"""Write the report of a study: one page that works offline."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from zollstock.files import read_json
from zollstock.parquet import read_parquet
from zollstock.report.locating import Where
from zollstock.report.page import Study, write_page
from zollstock.report.repairing import Mended
from zollstock.report.tracing import How
from zollstock.report.training import Learnt
from zollstock.scoring.outputs import Spelled

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
    summary: Path,
    paper: Path,
    tests: Path,
    images: Path,
    ledgers: Sequence[Path],
    cards: Sequence[Path],
    given: Path,
    pictures: Path,
    accuracy: Path | None,
    tables: Sequence[Path],
    settings: Mapping[str, Any],
    properties: Mapping[str, str],
    grids: Mapping[str, str],
    editors: Sequence[str],
    further: Sequence[Path] = (),
    outputs: Sequence[Spelled] = (),
    judged: Path | None = None,
    ranking: Path | None = None,
    flips: Path | None = None,
    mediation: Path | None = None,
    kept_accuracy: Path | None = None,
    graphs: Path | None = None,
    effects: Path | None = None,
    repairs: Path | None = None,
    repaired_accuracy: Path | None = None,
    arrange: Mapping[str, Any] | None = None,
    series: Path | None = None,
) -> None:
    """Write the page from tables and figures.

    Parameters
    ----------
    page
        The file that is written, in the study's folder of results.
    summary, paper, tests, images
        The headline table, the paper's measures, the table of tests and the table of images.
    ledgers
        The ledger's table of paths, property by property.
    cards
        The models' cards, in the order of the models.
    given, pictures
        What each model was given, and what it says of each picture.
    accuracy
        Of the trained models; None without any.
    tables
        Files whose checksums the page lists.
    further, outputs
        Headline tables of further outputs, and what these are, in one order.
    judged, ranking, flips
        Tables of the stage `locate`; None where the study has no such section.
    mediation, kept_accuracy, graphs, effects
        Tables of the stage `trace`; None where the study has no such section.
    repairs, repaired_accuracy
        Tables of the stage `repair`; None where the study has no such section.
    series
        Table of the stage `dynamics`; None where no model has checkpoints.
    settings, properties, grids, editors, arrange
        See `zollstock.report.page.Study`.
    """
    study = Study(
        settings=settings,
        properties=properties,
        grids=grids,
        editors=editors,
        summary=_read(summary),
        paper=_read(paper),
        further=list(zip(outputs, map(_read, further), strict=True)),
        tests=read_parquet(tests),
        images=_read(images),
        given=_read_words(given),
        pictures=_read_words(pictures),
        accuracy=_read(accuracy) if accuracy else None,
        verdicts=dict(zip(properties, map(_read, ledgers), strict=True)),
        where=Where(read_parquet(judged), _read(ranking), _read(flips))
        if judged and ranking and flips
        else None,
        how=How(_read(mediation), _read(kept_accuracy), _read(graphs), _read(effects))
        if mediation and kept_accuracy and graphs and effects
        else None,
        repaired=Mended(_read(repairs), _read(repaired_accuracy))
        if repairs and repaired_accuracy
        else None,
        arrange=arrange,
        learnt=Learnt(_read(series)) if series else None,
        models=dict(zip(settings["models"], map(read_json, cards), strict=True)),
    )
    page.write_text(write_page(study, page.parent, tables), encoding="utf-8")


def _read(file: Path) -> pd.DataFrame:
    """Read a table; an image may be called "NA" or "007"."""
    text = dict.fromkeys(_TEXT, str)
    return pd.read_csv(file, dtype=text, keep_default_na=False, na_values=["", "nan"])


def _read_words(file: Path) -> pd.DataFrame:
    """Read a table whose cells are text; a class may be called "nan"."""
    return pd.read_csv(file, dtype=str, keep_default_na=False)
