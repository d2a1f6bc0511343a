"""The page: its tabs, and how they come together."""

from typing import Any

import gradio as gr

from zollstock.app.browse import browse_tab
from zollstock.app.comparing import comparing_tab
from zollstock.app.launch import KEPT, QUIET, told
from zollstock.app.live import live_tab
from zollstock.app.material import STUDY, model_choices, models_in
from zollstock.app.painting import painting_tab
from zollstock.app.shelf import Shelf
from zollstock.app.start import Start


def build(start: Start) -> gr.Blocks:
    """Return the page.

    Parameters
    ----------
    start
        What it starts with.

    Raises
    ------
    ZollstockError
        If a folder that was named holds no study.
    """
    shelf = Shelf(start.studies)
    shelf.places  # noqa: B018 - a folder that holds none is told before the page is there
    with gr.Blocks(
        title="zollstock", analytics_enabled=False, delete_cache=(KEPT // 4, KEPT)
    ) as page:
        gr.Markdown("# zollstock\nHow much does a classifier's decision depend on a property?")
        wanted = gr.State(None)
        with gr.Tabs() as tabs:
            with gr.Tab("Browse studies", id="browse"):
                study, image, more = browse_tab(page, shelf)
            with gr.Tab("Compare two models", id="compare"):
                comparing_tab(page, shelf)
            with gr.Tab("Explain one picture", id="explain"):
                *picture, models = live_tab(page, shelf, start, wanted)
            with gr.Tab("Paint a correction", id="paint"):
                painting_tab(page, shelf)

        @told
        def hand_on(study: str | None, image: str | None) -> list[Any]:
            if study is None or image is None:
                return [gr.skip()] * 6
            choices = model_choices(shelf)
            mine = [key for _, key in choices if key in models_in(study, shelf)]
            return [
                (study, image),
                gr.Tabs(selected="explain"),
                STUDY,
                gr.Dropdown(list(shelf.places), value=study),
                gr.Dropdown(shelf.open(study).images, value=image),
                gr.Dropdown(choices, value=mine) if mine else gr.skip(),
            ]

        more.click(hand_on, [study, image], [wanted, tabs, *picture, models], **QUIET)
    return page
