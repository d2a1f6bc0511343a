"""Where in the explained picture: maps by the methods of the stage `locate`, parts of choice."""

from collections.abc import Callable
from typing import Any

import gradio as gr

from zollstock.app.launch import told
from zollstock.app.mapped import cards, located_over
from zollstock.app.shown import live_walk
from zollstock.app.working import Work, finished, unless_gone
from zollstock.errors import ZollstockError
from zollstock.report.scrubber import scrubber
from zollstock.settings.locate.methods import METHODS

OWN = "own"
"""What a method that is put together here is called."""
BY_NAME = [name for name in METHODS if name not in ("perturbation", "integrated_gradients")]
SEGMENTERS = ("slic", "grid", "quickshift", "felzenszwalb", "watershed")
SAMPLERS = ("random", "shapley", "single")
FILLS = ("mean", "own_mean", "blur", "noise", "inpaint", "path")
ATTRIBUTERS = ("rise", "lime", "kernel_shap", "difference")
MOST_SAMPLES = 5000


def own_method(
    segmenter: str, segments: int, sampler: str, samples: int, fill: str, attribute: str
) -> dict[str, Any]:
    """Return a perturbation method's settings, as in a config file.

    Parameters
    ----------
    segmenter, segments
        How the picture is cut, and into about how many pieces, where that can be asked for.
    sampler, samples
        Which pieces are kept together, and how often the model is asked, likewise.
    fill, attribute
        What takes their place, and how the answers become a map.
    """
    side = max(2, round(segments**0.5))
    sizes: dict[str, Any] = {"slic": int(segments), "grid": [side, side]}
    numbers: dict[str, Any] = {
        "random": {"random": 0.5, "number": int(samples)},
        "shapley": {"shapley": int(samples)},
        "single": {"single": "removed"},
    }
    return {
        "segments": {segmenter: sizes.get(segmenter, {})},
        "samples": numbers[sampler],
        "fill": fill,
        "attribute": attribute,
    }


def maps_of(
    now: Work | None,
    methods: dict[str, Any],
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> tuple[str, str | None]:
    """Take maps of a finished explanation, and judge them by occlusion.

    Parameters
    ----------
    now
        The visitor's work.
    methods
        Name → settings, as in a config file.
    progress
        See `zollstock.explaining.explanation.Explanation.locate`.

    Returns
    -------
    tuple
        The maps as HTML, and the walk with the located gradient over its frames, where that is
        among the methods.

    Raises
    ------
    ZollstockError
        If there is no explanation or no method, or one does not fit the models.
    """
    made = finished(now, "maps")
    if not methods:
        raise ZollstockError("methods", "there is none", "one or more", "Choose some.")
    maps = made.locate(methods, evaluate={}, progress=progress)
    over = located_over(made, maps)
    return cards(made, maps), scrubber(live_walk(made, over)) if over else None


def where_fields(work: gr.State, walk: gr.HTML, workers: dict[str, Any]) -> gr.HTML:
    """Add the fields and what they show; return the latter.

    Parameters
    ----------
    work
        The visitor's work, whose attribute ``made`` is the explanation.
    walk
        Where its frames are shown, over which the located gradient is laid.
    workers
        How many such jobs run at a time.
    """
    with gr.Row():
        names = gr.Dropdown(
            BY_NAME,
            value=["property", "gradcam"],
            multiselect=True,
            label="Methods",
            scale=2,
            min_width=260,
        )
        own = gr.Checkbox(False, label="and one of these parts:", min_width=120)
    with gr.Row():
        segmenter = gr.Dropdown(list(SEGMENTERS), value="slic", label="Segments", min_width=120)
        segments = gr.Slider(4, 200, value=30, step=1, label="How many", min_width=120)
        sampler = gr.Dropdown(list(SAMPLERS), value="random", label="Samples", min_width=120)
        samples = gr.Slider(50, MOST_SAMPLES, value=500, step=50, label="How many", min_width=120)
        fill = gr.Dropdown(list(FILLS), value="blur", label="Fill", min_width=120)
        attribute = gr.Dropdown(list(ATTRIBUTERS), value="rise", label="Attribute", min_width=120)
    take = gr.Button("Take the maps", elem_id="take-maps")
    shown = gr.HTML(elem_id="maps")

    @told
    def run(
        now: Work | None,
        names: list[str],
        own: bool,
        segmenter: str,
        segments: int,
        sampler: str,
        samples: int,
        fill: str,
        attribute: str,
        bar: gr.Progress = gr.Progress(),  # noqa: B008 - how gradio is asked for one
    ) -> list[Any]:
        methods: dict[str, Any] = {name: {} for name in names}
        if own:
            methods[OWN] = own_method(segmenter, segments, sampler, samples, fill, attribute)

        def told_of(done: int, total: int) -> None:
            bar((done, total), desc="maps are taken and judged", unit="steps")

        found, moving = maps_of(now, methods, told_of)
        return unless_gone(now, [found, moving])

    parts = [segmenter, segments, sampler, samples, fill, attribute]
    take.click(
        run,
        [work, names, own, *parts],
        [shown, walk],
        show_progress="full",
        show_progress_on=shown,
        api_visibility="private",
        **workers,
    )
    return shown
