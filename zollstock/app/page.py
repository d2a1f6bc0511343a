"""The page: its tabs, and how they come together."""

import gradio as gr

from zollstock.app.browse import browse_tab
from zollstock.app.comparing import comparing_tab
from zollstock.app.launch import KEPT
from zollstock.app.live import live_tab
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
        with gr.Tab("Browse studies", id="browse"):
            browse_tab(page, shelf)
        with gr.Tab("Compare two models", id="compare"):
            comparing_tab(page, shelf)
        with gr.Tab("Explain one picture", id="explain"):
            live_tab(page, shelf, start)
        with gr.Tab("Paint a correction", id="paint"):
            painting_tab(page, shelf)
    return page
