"""Explain one picture: choose it, models and a property; look on while it is explained."""

import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gradio as gr

from zollstock.app.exporting import export, new_folder
from zollstock.app.knobs import EDITOR, Knob, editors, kinds, knobs, turned
from zollstock.app.launch import told
from zollstock.app.locating import where_fields
from zollstock.app.material import (
    DRAWN,
    MOST_DRAWN,
    STUDY,
    UPLOAD,
    model_choices,
    model_settings,
    models_of,
    picture_of,
)
from zollstock.app.shelf import Shelf
from zollstock.app.shown import Shown, nulls, progress, results
from zollstock.app.start import Start
from zollstock.errors import ZollstockError
from zollstock.explaining.explanation import Explanation
from zollstock.worlds import facts_of, known_worlds

EVERY = 0.4
"""Seconds between two looks at unfinished work."""
WORKERS = 2
"""Explanations that are made at a time; others wait."""
WORK: dict[str, Any] = {"concurrency_limit": WORKERS, "concurrency_id": "work"}
QUIET: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}


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
    """

    def __init__(self) -> None:
        self.stop = threading.Event()
        self.made: Explanation | None = None
        self.models: list[str] = []
        self.folder: Path | None = None


def live_tab(page: gr.Blocks, shelf: Shelf, start: Start) -> gr.State:
    """Add the tab.

    Parameters
    ----------
    page
        What it is a part of.
    shelf
        The studies, whose images and models can be chosen.
    start
        What its fields hold at first.

    Returns
    -------
    State
        The visitor's `Work`.
    """
    work = gr.State(None, time_to_live=3600, delete_callback=_end)
    values = gr.State({})
    with gr.Row():
        with gr.Column(scale=2, min_width=300):
            picture = _picture_fields(page, shelf, start)
            models = gr.Dropdown([], multiselect=True, label="Models", elem_id="models")
            kind = gr.Dropdown([], label="What is varied", elem_id="kind")
            _knobs_of(page, shelf, kind, picture, values, start)
            with gr.Row():
                placebos = gr.Slider(
                    0,
                    200,
                    value=39,
                    step=1,
                    label="Placebo edits",
                    info="0, or 19 and more",
                    elem_id="placebos",
                )
                seed = gr.Number(start.seed, label="Seed", precision=0, minimum=0)
            output = gr.Textbox(
                "predicted", label="Followed", info="predicted, a class, margin:… or logit:…"
            )
            with gr.Row():
                go = gr.Button("Explain", variant="primary", elem_id="go")
                halt = gr.Button("Stop", elem_id="halt")
        with gr.Column(scale=5, min_width=300):
            bar = gr.HTML("<p>Choose a picture, a model and what is varied, then Explain.</p>")
            walk = gr.HTML(elem_id="live-walk")
            found = gr.HTML(elem_id="found")
            with gr.Accordion("Shuffle test", open=False):
                shuffled = gr.HTML(elem_id="nulls")
            with gr.Accordion("Where in the picture", open=False):
                where_fields(work, WORK)
            with gr.Accordion("Files to take away", open=False):
                write = gr.Button("Make the files", elem_id="write")
                files = gr.File(
                    label="frames, study, figure, animation", file_count="multiple", elem_id="files"
                )

    @told
    def begin() -> Any:  # noqa: ANN401
        choices = model_choices(shelf)
        wanted = [key for words, key in choices if "ImageNet" in words] if start.imagenet else []
        first = [key for _, key in choices][:1]
        return gr.Dropdown(choices, value=wanted or first)

    @told
    def run(
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
        if before is not None:
            before.stop.set()
        now = Work()
        now.models = list(chosen)
        yield [now, progress("models are read", 0, 1), "", "", "", None]
        given = picture_of(
            source, shelf, file=file, world=world, label=label, number=int(number),
            study=study, image=image,
        )  # fmt: skip
        known = kinds(_world(source, world, shelf, study), start)
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
            if step.stage == "curves" or (
                step.stage != "placebos" and time.monotonic() - last > EVERY
            ):
                last, stage = time.monotonic(), step.stage
                yield [now, words, shown.walk(), gr.skip(), gr.skip(), gr.skip()]
            elif time.monotonic() - last > EVERY or step.stage != stage:
                last, stage = time.monotonic(), step.stage
                yield [now, words, *[gr.skip()] * 4]
        now.made = made
        yield [now, progress("done", 1, 1), shown.walk(), results(made), nulls(made), None]

    @told
    def make_files(now: Work | None) -> list[str]:
        if now is None or now.made is None:
            raise ZollstockError("files", "there are none yet", "an explanation", "Explain first.")
        now.folder = new_folder(now.folder)
        settings = model_settings(now.models, now.made.models, shelf)
        return [str(file) for file in export(now.made, settings, now.folder)]

    page.load(begin, None, models, **QUIET)
    go.click(
        run,
        [work, *picture, models, kind, values, placebos, seed, output],
        [work, bar, walk, found, shuffled, files],
        **WORK,
        **QUIET,
    )
    halt.click(_stop, work, bar, queue=False, **QUIET)
    write.click(make_files, work, files, show_progress="full", api_visibility="private")
    return work


def _end(now: Work | None) -> None:
    """Stop the work of a visitor who is gone, and remove the files."""
    if now is not None:
        now.stop.set()
        if now.folder is not None:
            shutil.rmtree(now.folder, ignore_errors=True)


def _stop(now: Work | None) -> Any:  # noqa: ANN401
    if now is not None:
        now.stop.set()
    return gr.skip()


def _world(source: str, world: str, shelf: Shelf, study: str | None) -> str | None:
    """Return the drawn world that a chosen picture comes from; None of a photograph."""
    if source == DRAWN:
        return world
    if source == STUDY and study is not None:
        settings = shelf.open(study).folder
        if settings.section("images").get("source") == "renderer":
            return str(settings.section("world").get("name", "pets"))
    return None


def _picture_fields(page: gr.Blocks, shelf: Shelf, start: Start) -> list[Any]:
    """Add the fields that choose a picture; return them in the order of `picture_of`."""
    first = UPLOAD if start.example is not None else DRAWN
    source = gr.Radio([UPLOAD, DRAWN, STUDY], value=first, label="Picture", elem_id="source")
    example = None if start.example is None else str(start.example)
    file = gr.Image(
        example,
        type="filepath",
        sources=["upload", "clipboard"],
        label="Upload",
        visible=first == UPLOAD,
        height=240,
        elem_id="upload",
    )
    worlds = known_worlds()
    with gr.Row(visible=first == DRAWN) as drawn:
        world = gr.Dropdown(worlds, value="pets", label="World", min_width=110)
        classes = list(facts_of("pets").classes)
        label = gr.Dropdown(classes, value=classes[0], label="Class", min_width=110)
        number = gr.Number(
            0, label="Number", precision=0, minimum=0, maximum=MOST_DRAWN, min_width=80
        )
    with gr.Row(visible=False) as stored:
        study = gr.Dropdown([], label="Study", min_width=110)
        image = gr.Dropdown([], label="Image", min_width=110)

    @told
    def show(source: str) -> list[Any]:
        names = list(shelf.places)
        return [
            gr.Image(visible=source == UPLOAD),
            gr.Row(visible=source == DRAWN),
            gr.Row(visible=source == STUDY),
            gr.Dropdown(names, value=names[0] if names else None) if source == STUDY else gr.skip(),
        ]

    @told
    def of_world(world: str) -> Any:  # noqa: ANN401
        classes = list(facts_of(world).classes)
        return gr.Dropdown(classes, value=classes[0])

    @told
    def of_study(study: str | None) -> Any:  # noqa: ANN401
        images = [] if study is None else shelf.open(study).images
        return gr.Dropdown(images, value=images[0] if images else None)

    source.change(show, source, [file, drawn, stored, study], **QUIET)
    world.change(of_world, world, label, **QUIET)
    study.change(of_study, study, image, **QUIET)
    return [source, file, world, label, number, study, image]


def _knobs_of(
    page: gr.Blocks,
    shelf: Shelf,
    kind: gr.Dropdown,
    picture: list[Any],
    values: gr.State,
    start: Start,
) -> None:
    """Add the knobs of what is varied; they change with it."""
    source, _, world, _, _, study, _ = picture
    lacking = gr.Markdown(visible=False)

    @told
    def choices(source: str, world: str, study: str | None, before: str | None) -> list[Any]:
        of = _world(source, world, shelf, study)
        found = [(one.label, key) for key, one in kinds(of, start).items()]
        keys = [key for _, key in found]
        words = (
            ""
            if editors(None)
            else f"The editor `{EDITOR}` is not offered: its weights are not in "
            "`resources/checkpoints` (`snakemake prefetch_editors` fetches those of a study)."
        )
        return [
            gr.Dropdown(found, value=before if before in keys else keys[0]),
            gr.Markdown(words, visible=bool(words) and source != DRAWN),
        ]

    gr.on(
        [page.load, source.change, world.change, study.change],
        choices,
        [source, world, study, kind],
        [kind, lacking],
        **QUIET,
    )

    @gr.render(inputs=[kind, source, world, study], triggers=[kind.change])
    def turn(key: str | None, source: str, world: str, study: str | None) -> None:
        known = kinds(_world(source, world, shelf, study), start)
        if key not in known:
            return
        every = knobs(known[key])
        fields: dict[str, Any] = {}
        with gr.Row():
            fields |= {one.name: _field(one) for one in every if one.first}
        if others := [one for one in every if not one.first]:
            with gr.Accordion("More knobs", open=False):
                fields |= {one.name: _field(one) for one in others}
        names = list(fields)

        def keep(*turned: Any) -> dict[str, Any]:  # noqa: ANN401
            return {"kind": key, "values": dict(zip(names, turned, strict=True))}

        parts = list(fields.values())
        gr.on(
            [one.change for one in parts], keep, parts, values, trigger_mode="always_last", **QUIET
        )


def _field(knob: Knob) -> Any:  # noqa: ANN401 - a component
    """Return a knob as a component."""
    words = knob.name.replace("_", " ")
    how: dict[str, Any] = {"label": words, "info": knob.about, "min_width": 130}
    if knob.kind == "choice":
        return gr.Dropdown(list(knob.choices), value=knob.value, **how)
    if knob.kind == "switch":
        return gr.Checkbox(bool(knob.value), **how)
    if knob.kind == "text":
        return gr.Textbox(knob.value, **how)
    return gr.Number(knob.value, precision=0 if knob.kind == "whole" else None, **how)
