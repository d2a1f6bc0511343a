"""zollstock measures how much an image classifier's decision depends on a property."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zollstock.explaining.explanation import Explanation as Explanation
    from zollstock.explaining.explanation import explain as explain
    from zollstock.explaining.inside import trace_units as trace_units
    from zollstock.explaining.mending import accuracy as accuracy
    from zollstock.explaining.mending import repair_model as repair_model
    from zollstock.explaining.pictures import drawn_images as drawn_images
    from zollstock.figures.plots import plot_frames as plot_frames
    from zollstock.figures.plots import plot_null as plot_null
    from zollstock.figures.plots import plot_series as plot_series
    from zollstock.figures.plots import plot_shuffles as plot_shuffles
    from zollstock.scoring.effects import mean_gradient as mean_gradient
    from zollstock.scoring.facade import Zollstock as Zollstock
    from zollstock.scoring.statistics import prediction_flips as prediction_flips
    from zollstock.significance.facade import placebo_test as placebo_test
    from zollstock.studies.study import Study as Study

__version__ = "0.3.0"

_LAZY = {
    "accuracy": "zollstock.explaining.mending",
    "repair_model": "zollstock.explaining.mending",
    "trace_units": "zollstock.explaining.inside",
    "Explanation": "zollstock.explaining.explanation",
    "Study": "zollstock.studies.study",
    "Zollstock": "zollstock.scoring.facade",
    "drawn_images": "zollstock.explaining.pictures",
    "explain": "zollstock.explaining.explanation",
    "mean_gradient": "zollstock.scoring.effects",
    "placebo_test": "zollstock.significance.facade",
    "plot_frames": "zollstock.figures.plots",
    "plot_null": "zollstock.figures.plots",
    "plot_series": "zollstock.figures.plots",
    "plot_shuffles": "zollstock.figures.plots",
    "prediction_flips": "zollstock.scoring.statistics",
}
__all__ = ["__version__", *_LAZY]


def __getattr__(name: str) -> object:
    """Import a public name on its first use, so that ``import zollstock`` stays cheap."""
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value: object = getattr(import_module(_LAZY[name]), name)
    globals()[name] = value
    return value
