"""What happens between Explain and the last number: a visitor's work, bit by bit."""

import shutil
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import gradio as gr

from zollstock.app.fields import world_of
from zollstock.app.knobs import kinds, turned
from zollstock.app.material import models_of, picture_of
from zollstock.app.shelf import Shelf
from zollstock.app.shown import Shown, nulls, progress, results
from zollstock.app.start import Start
from zollstock.errors import ZollstockError
from zollstock.explaining.explanation import Explanation

EVERY = 0.4
"""Seconds between two looks at unfinished work."""


class Work:
    """What one visitor has asked for last.

    Attributes
    ----------
    stop
        Set when nobody waits for it any more.
    made
        The explanation.
    models
        Keys of the models that were chosen.
    folder
        Where its files were written.
    gone
        Whether the visitor has asked for something else since.
    """

    def __init__(self) -> None:
        self.stop = threading.Event()
        self.made: Explanation | None = None
        self.models: list[str] = []
        self.folder: Path | None = None
        self.gone = False


def explained(
    shelf: Shelf,
    start: Start,
    before: Work | None,
    source: str,
    file: str | None,
    world: str,
    label: str | None,
    number: float,
    study: str | None,
    image: str | None,
    chosen: list[str],
    key: str | None,
    turns: dict[str, Any],
    placebos: float,
    seed: float,
    output: str,
) -> Iterator[list[Any]]:
    """Explain a picture, and yield what the page shows of it.

    Parameters
    ----------
    shelf, start
        The studies, and what the page started with.
    before
        What the visitor asked for last; it ends.
    source, file, world, label, number, study, image
        The picture; see `zollstock.app.material.picture_of`.
    chosen
        Keys of models.
    key, turns
        What is varied, and its knobs.
    placebos, seed, output
        See `zollstock.explain`.

    Yields
    ------
    list
        The work, progress, the walk, the results, the shuffle test, and no files.

    Raises
    ------
    ZollstockError
        If what was asked for cannot be made.
    """
    end_work(before)
    now = Work()
    now.models = list(chosen)
    yield [now, progress("models are read", 0, 1), "", "", "", None]
    given = picture_of(
        source, shelf, file=file, world=world, label=label, number=int(number),
        study=study, image=image,
    )  # fmt: skip
    known = kinds(world_of(source, world, shelf, study), start)
    if key not in known:
        raise ZollstockError("what is varied", "is not chosen", "a property", "Choose one.")
    mine = turns if turns.get("kind") == key else {}
    made = Explanation(
        given,
        models_of(now.models, shelf),
        turned(known[key], mine.get("values", {})),
        placebos=int(placebos),
        seed=int(seed),
        output=output.strip() or "predicted",
    )
    shown, last, stage = Shown(made), 0.0, ""
    for step in made.steps():
        if now.stop.is_set():
            yield [now, "<p>Stopped; what was made is shown.</p>", shown.walk(), "", "", None]
            return
        words = shown.take(step)
        if step.stage == "curves" or (step.stage != "placebos" and time.monotonic() - last > EVERY):
            last, stage = time.monotonic(), step.stage
            yield [now, words, shown.walk(), gr.skip(), gr.skip(), gr.skip()]
        elif time.monotonic() - last > EVERY or step.stage != stage:
            last, stage = time.monotonic(), step.stage
            yield [now, words, *[gr.skip()] * 4]
    now.made = made
    yield [now, progress("done", 1, 1), shown.walk(), results(made), nulls(made), None]


def end_work(now: Work | None) -> None:
    """Stop the work of a visitor who is gone, and remove the files."""
    if now is not None:
        now.gone = True
        now.stop.set()
        if now.folder is not None:
            shutil.rmtree(now.folder, ignore_errors=True)


def stop_work(now: Work | None) -> Any:  # noqa: ANN401
    """Let a visitor's work end at its next step."""
    if now is not None:
        now.stop.set()
    return gr.skip()


def finished(now: Work | None, what: str) -> Explanation:
    """Return the explanation that a visitor has.

    Parameters
    ----------
    now
        The visitor's work.
    what
        What is to be made of it, for the message.

    Raises
    ------
    ZollstockError
        If there is none.
    """
    if now is None or now.made is None:
        raise ZollstockError(what, "there are none yet", "an explanation", "Explain first.")
    return now.made


def unless_gone(now: Work | None, shown: Sequence[Any]) -> list[Any]:
    """Return what is to be shown, but nothing of work that the visitor has left behind.

    None stays as it is on the page, too.
    """
    left = now is not None and now.gone
    return [gr.skip() if left or one is None else one for one in shown]
