"""Explain one picture: choose it, models and a property; look on while it is explained."""

from collections.abc import Iterator
from typing import Any

import gradio as gr

from zollstock.app.carrying import unit_fields
from zollstock.app.exporting import export, new_folder
from zollstock.app.fields import knob_fields, picture_fields
from zollstock.app.launch import QUIET, told
from zollstock.app.locating import where_fields
from zollstock.app.material import model_choices, model_settings
from zollstock.app.shelf import Shelf
from zollstock.app.start import Start
from zollstock.app.working import Work, end_work, explained, finished, stop_work

WORKERS = 2
"""Explanations that are made at a time; others wait."""
WORK: dict[str, Any] = {"concurrency_limit": WORKERS, "concurrency_id": "work"}


def live_tab(page: gr.Blocks, shelf: Shelf, start: Start, wanted: gr.State) -> list[Any]:
    """Add the tab; return its fields of a study's pictures: source, study, image, and models.

    Parameters
    ----------
    page
        What it is a part of.
    shelf
        The studies, whose images and models can be chosen.
    start
        What its fields hold at first.
    wanted
        See `zollstock.app.fields.picture_fields`.
    """
    work = gr.State(None, time_to_live=3600, delete_callback=end_work)
    values = gr.State({})
    with gr.Row():
        with gr.Column(scale=2, min_width=300):
            picture = picture_fields(shelf, start, wanted)
            models = gr.Dropdown([], multiselect=True, label="Models", elem_id="models")
            kind = gr.Dropdown([], label="What is varied", elem_id="kind")
            knob_fields(page, shelf, kind, picture, values, start)
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
            bar, *shown, maps, units, write, files = _shown(work)

    @told
    def begin() -> Any:  # noqa: ANN401
        choices = model_choices(shelf)
        wanted = [key for words, key in choices if "ImageNet" in words] if start.imagenet else []
        first = [key for _, key in choices][:1]
        return gr.Dropdown(choices, value=wanted or first)

    @told
    def run(before: Work | None, *asked: Any) -> Iterator[list[Any]]:  # noqa: ANN401
        others = ["", ""]  # maps and units are of the explanation before
        for found in explained(shelf, start, before, *asked):
            yield [*found, *others]
            others = [gr.skip(), gr.skip()]

    @told
    def make_files(now: Work | None) -> list[str]:
        made = finished(now, "files")
        assert now is not None, "it has an explanation"
        now.folder = new_folder(now.folder)
        settings = model_settings(now.models, made.models, shelf)
        return [str(file) for file in export(made, settings, now.folder)]

    page.load(begin, None, models, **QUIET)
    event = go.click(
        run,
        [work, *picture, models, kind, values, placebos, seed, output],
        [work, bar, *shown, files, maps, units],
        **WORK,
        **QUIET,
    )
    event.failure(lambda: "<p>Nothing was explained.</p>", None, bar, **QUIET)
    halt.click(stop_work, work, bar, queue=False, **QUIET)
    write.click(make_files, work, files, show_progress="full", api_visibility="private")
    return [picture[0], *picture[-2:], models]


def _shown(work: gr.State) -> list[Any]:
    """Add what is shown, and return it: progress, walk, results, shuffle test, maps and units.

    Behind them stands what makes files, and what holds them.
    """
    bar = gr.HTML("<p>Choose a picture, a model and what is varied, then Explain.</p>")
    walk = gr.HTML(elem_id="live-walk")
    found = gr.HTML(elem_id="found")
    with gr.Accordion("Shuffle test", open=False):
        shuffled = gr.HTML(elem_id="nulls")
    with gr.Accordion("Where in the picture", open=False):
        maps = where_fields(work, walk, WORK)
    with gr.Accordion("Through which units", open=False):
        units = unit_fields(work, WORK)
    with gr.Accordion("Files to take away", open=False):
        write = gr.Button("Make the files", elem_id="write")
        files = gr.File(
            label="frames, study, figure, animation", file_count="multiple", elem_id="files"
        )
    return [bar, walk, found, shuffled, maps, units, write, files]
