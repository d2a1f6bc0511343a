"""Fields of "explain": the picture, what is varied, and its knobs."""

from typing import Any

import gradio as gr

from zollstock.app.knobs import EDITOR, Knob, editors, kinds, knobs
from zollstock.app.launch import QUIET, told
from zollstock.app.material import DRAWN, MOST_DRAWN, STUDY, UPLOAD
from zollstock.app.shelf import Shelf
from zollstock.app.start import Start
from zollstock.worlds import facts_of, known_worlds


def world_of(source: str, world: str, shelf: Shelf, study: str | None) -> str | None:
    """Return the drawn world that a chosen picture comes from; None of a photograph."""
    if source == DRAWN:
        return world
    if source == STUDY and study is not None:
        settings = shelf.open(study).folder
        if settings.section("images").get("source") == "renderer":
            return str(settings.section("world").get("name", "pets"))
    return None


def picture_fields(shelf: Shelf, start: Start, wanted: gr.State) -> list[Any]:
    """Add the fields that choose a picture; return them in the order of `picture_of`.

    Parameters
    ----------
    shelf, start
        The studies, and what the fields hold at first.
    wanted
        Study and image that a visitor comes with from another tab: fields that are hidden take
        no value.
    """
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
            0,
            label="Number",
            precision=0,
            minimum=0,
            maximum=MOST_DRAWN,
            min_width=80,
            elem_id="number",
        )
    with gr.Row(visible=False) as stored:
        study = gr.Dropdown([], label="Study", min_width=110)
        image = gr.Dropdown([], label="Image", min_width=110, elem_id="explained-image")

    @told
    def show(source: str, wanted: tuple[str, str] | None) -> list[Any]:
        names = list(shelf.places)
        kept = wanted[0] if wanted is not None else next(iter(names), None)
        return [
            gr.Image(visible=source == UPLOAD),
            gr.Row(visible=source == DRAWN),
            gr.Row(visible=source == STUDY),
            gr.Dropdown(names, value=kept) if source == STUDY else gr.skip(),
        ]

    @told
    def of_world(world: str) -> Any:  # noqa: ANN401
        classes = list(facts_of(world).classes)
        return gr.Dropdown(classes, value=classes[0])

    @told
    def of_study(study: str | None, wanted: tuple[str, str] | None) -> Any:  # noqa: ANN401
        images = [] if study is None else shelf.open(study).images
        kept = wanted[1] if wanted is not None and wanted[0] == study else next(iter(images), None)
        return gr.Dropdown(images, value=kept)

    source.change(show, [source, wanted], [file, drawn, stored, study], **QUIET)
    world.change(of_world, world, label, **QUIET)
    study.change(of_study, [study, wanted], image, **QUIET)
    return [source, file, world, label, number, study, image]


def knob_fields(
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
        of = world_of(source, world, shelf, study)
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
        known = kinds(world_of(source, world, shelf, study), start)
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
