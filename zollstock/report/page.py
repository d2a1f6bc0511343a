"""The page of a study, from top to bottom: the answer, its evidence, and how it was found."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any

import pandas as pd

from zollstock import __version__
from zollstock.figures.registry import OF_STUDY, PER_GRID, PER_PROPERTY, PER_TURN, Figure
from zollstock.files import sha256_of
from zollstock.report.given import given_to_models
from zollstock.report.headline import answers, environment, table_facts
from zollstock.report.locating import Where, located
from zollstock.report.paper import paper_tables
from zollstock.report.pictures import Album, Picture, pictures_at
from zollstock.report.repairing import Mended, mended
from zollstock.report.tracing import How, traced
from zollstock.report.training import Learnt, learnt
from zollstock.scoring.outputs import Output, Spelled, parse_output
from zollstock.wording import flags_in_words

CARD = 1000
"""Pixels that a card has in the page at most; there are many."""


@dataclass(frozen=True)
class Study:
    """What a page is written from.

    Attributes
    ----------
    settings
        The study's settings, defaults filled in.
    properties
        Name → title, in order; grids of two are not among them.
    grids
        Grid → title.
    editors
        Small editors that were examined.
    summary, tests
        The headline table and the table of tests.
    further
        Further outputs that are followed, each with its headline table.
    images
        The table of images.
    accuracy
        Of the trained models; None where none is.
    verdicts
        Property → the ledger's table of paths.
    models
        Model → its card.
    given, pictures
        What each model was given, and what it says of each unedited picture.
    where
        What the stage `locate` found; None where the study has no such section.
    how
        What the stage `trace` found; None where the study has no such section.
    repaired
        What the stage `repair` found; None where the study has no such section.
    paper, arrange
        The paper's measures, and how models are put into rows and columns, if they are.
    learnt
        What the stage `dynamics` found; None where no model has checkpoints.
    """

    settings: Mapping[str, Any]
    properties: Mapping[str, str]
    grids: Mapping[str, str]
    editors: Sequence[str]
    summary: pd.DataFrame
    paper: pd.DataFrame
    further: Sequence[tuple[Spelled, pd.DataFrame]]
    tests: pd.DataFrame
    images: pd.DataFrame
    accuracy: pd.DataFrame | None
    verdicts: Mapping[str, pd.DataFrame]
    models: Mapping[str, Mapping[str, Any]]
    given: pd.DataFrame
    pictures: pd.DataFrame
    where: Where | None = None
    how: How | None = None
    repaired: Mended | None = None
    arrange: Mapping[str, Any] | None = None
    learnt: Learnt | None = None


def write_page(study: Study, folder: Path, tables: Iterable[Path]) -> str:
    """Return the page as HTML that needs no other file.

    Parameters
    ----------
    study
        What is told.
    folder
        The study's results; figures are taken from ``figures/`` below, as far as they are there.
    tables
        Files that are listed with their checksums.
    """
    settings, summary = study.settings, study.summary
    scoring = settings["scoring"]
    album = Album(folder)
    # The order in which the page has them: what comes first has room for sure.
    given = given_to_models(
        album, folder / "images" / "pixels", study.images, study.given, study.pictures
    )
    of_study = {
        figure.name: _pictures(album, folder, figure.name, study.editors) for figure in OF_STUDY
    }
    where = located(study.where, album, folder, study.properties)
    how = traced(study.how, album, folder, study.properties, summary)
    after = mended(study.repaired, album, folder)
    over_epochs = learnt(study.learnt, album, folder)
    of_property = _of_properties(album, folder, PER_PROPERTY, study.properties)
    of_grid = _of_properties(album, folder, PER_GRID, study.grids)
    of_turn = _of_properties(album, folder, PER_TURN, study.properties)
    template = environment().get_template("page.html")
    return template.render(
        study=settings["study"],
        settings=settings,
        asked=_asked(study),
        answers=answers(summary, study.tests, float(scoring["alpha"])),
        given=given,
        headline=_facts(study, _headline(study), summary),
        paper=paper_tables(study.paper, study.arrange, float(scoring["alpha"])),
        further=[
            (output.words, output.name, _facts(study, output, table))
            for output, table in ((parse_output(one), table) for one, table in study.further)
        ],
        properties=study.properties,
        grids=study.grids,
        figures=of_study,
        of_property=of_property,
        of_grid=of_grid,
        of_turn=of_turn,
        located=where,
        traced=how,
        mended=after,
        learnt=over_epochs,
        ledger=[_ledger_row(study, name) for name in study.properties],
        images=_images(study.images),
        models=_models(study),
        splits=[] if study.accuracy is None else list(dict.fromkeys(study.accuracy["split"])),
        unmatched=int((study.tests["untested"] == "unmatched").sum()),
        rows=len(study.tests),
        version=__version__,
        files=[(file.relative_to(folder).as_posix(), sha256_of(file)) for file in tables],
    )


def _headline(study: Study) -> Output:
    """Return what the study's first table follows."""
    output = study.settings["scoring"]["output"]
    return parse_output(output[0] if isinstance(output, list) else output)


def _facts(study: Study, output: Output, summary: pd.DataFrame) -> dict[str, Any]:
    """Return what the template of a headline table needs."""
    scoring = study.settings["scoring"]
    return table_facts(summary, float(scoring["alpha"]), float(scoring["interest"]), output)


def _asked(study: Study) -> dict[str, Any]:
    return {
        "images": len(study.images),
        "properties": len(study.properties),
        "models": len(study.settings["models"]),
        "followed": _headline(study).words,
        "every": _headline(study).kind == "vector",
    }


def _pictures(album: Album, folder: Path, name: str, editors: Iterable[str]) -> list[Picture]:
    """Return the pictures of one entry of the registry, as far as they are there."""
    names = [name.replace("{editor}", editor) for editor in editors]
    if "{editor}" not in name:
        names = [name]
    found = []
    for one in names:
        found += pictures_at(album, folder / "figures" / one)
    return found


def _of_properties(
    album: Album, folder: Path, figures: Sequence[Figure], names: Iterable[str]
) -> dict[str, dict[str, list[Picture]]]:
    """Return property → kind of figure → pictures; the many cards come last."""
    found: dict[str, dict[str, list[Picture]]] = {name: {} for name in names}
    for figure in sorted(figures, key=lambda figure: figure.pages):
        kind = figure.name.rpartition("/")[2]
        places = {name: figure.name.replace("{property}", name) for name in found}
        if figure.pages:
            cards = _cards(album, {name: folder / "figures" / at for name, at in places.items()})
        else:
            cards = {name: _pictures(album, folder, at, ()) for name, at in places.items()}
        for name, pictures in found.items():
            pictures[kind] = cards[name]
    return found


def _cards(album: Album, folders: Mapping[str, Path]) -> dict[str, list[Picture]]:
    """Return property → its cards; where there is room for some, every property has its first."""
    files = {name: sorted(at.glob("*.png")) for name, at in folders.items()}
    found: dict[str, list[Picture]] = {name: [] for name in folders}
    for row in zip_longest(*files.values()):
        for name, file in zip(files, row, strict=True):
            if file is not None:
                found[name].append(album.take(file, file.stem, widest=CARD))
    return found


def _ledger_row(study: Study, name: str) -> dict[str, Any]:
    """Return what the ledger says of one property, in counts."""
    verdicts = study.verdicts[name]
    flags = [flags_in_words(text) for text in verdicts["flags"]]
    kinds = pd.Series([word for words in flags for word in words], dtype=object).value_counts()
    sizes = study.tests.loc[study.tests["property"] == name, "size"]
    return {
        "title": study.properties[name],
        "engine": study.settings["properties"][name]["engine"],
        "paths": len(verdicts),
        "fine": sum(not words for words in flags),
        "flags": [f"{count} {word}" for word, count in sorted(kinds.items())],
        "size": float(sizes.median()),
    }


def _images(images: pd.DataFrame) -> list[tuple[str, int]]:
    """Return class → number of images, the most frequent first; ten at most."""
    counts = images["label"].value_counts()
    found = [(str(label), int(number)) for label, number in counts.items()]
    rest = sum(number for _, number in found[10:])
    return found[:10] + ([(f"{len(found) - 10} other classes", rest)] if rest else [])


def _models(study: Study) -> list[dict[str, Any]]:
    rows = []
    for name, card in study.models.items():
        given = study.settings["models"][name]
        accuracy = {}
        if study.accuracy is not None:
            mine = study.accuracy[study.accuracy["model"] == name]
            accuracy = dict(zip(mine["split"], mine["accuracy"], strict=True))
        rows.append(
            {
                "name": name,
                "family": card.get("family", given.get("family")),
                "parameters": card.get("parameters"),
                "classes": len(card.get("classes", ())),
                "from": given.get("trained_on") or given.get("weights"),
                "accuracy": accuracy,
            }
        )
    return rows
