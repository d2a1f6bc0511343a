"""Where in the explained picture: maps by the methods of the stage `locate`."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.figure import Figure

from zollstock.figures.maps import Along, MapPage, draw_maps
from zollstock.figures.maps import Path as Drawn
from zollstock.figures.style import keeping_style, styled
from zollstock.inference.inputs import picture_geometry, picture_inputs
from zollstock.locate.asked import Asked
from zollstock.locate.classifier import Asking
from zollstock.locate.differentiable import Differentiable, GradientModel
from zollstock.locate.judging import Judge
from zollstock.locate.names import PICTURE, PROPERTY, RANDOM
from zollstock.locate.occlusion import ByFill, rows_of
from zollstock.locate.property_gradient import LocatedGradient
from zollstock.locate.study import Located, asked_of
from zollstock.locate.subjects import Subject, ends_of, in_order, walk_of
from zollstock.locate.taking import Method, Taken, take_maps
from zollstock.plan.asking import location_job
from zollstock.scoring.outputs import parse_output, words_of

if TYPE_CHECKING:
    from zollstock.explaining.explanation import Explanation

Map = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Maps:
    """Maps of one picture.

    Attributes
    ----------
    maps
        Model → method → frame (``picture``, ``path``, ``first``, ``last``) → map, float32, (H, W),
        of the model's input size. Above 0 a place raises what is followed.
    page
        What is drawn.
    curves
        Model → method → occlusion curves by fill, the random map's behind them; empty where maps
        were not judged.
    located
        Model → the located property gradient, where it is among the methods.
    order
        Of the path's frames, see `zollstock.locate.subjects.in_order`.
    """

    maps: Mapping[str, Mapping[str, Mapping[str, Map]]]
    page: MapPage
    curves: Mapping[str, Mapping[str, ByFill]]
    located: Mapping[str, LocatedGradient]
    order: npt.NDArray[np.intp]

    @property
    def judged(self) -> pd.DataFrame:
        """A row each: model, method, measure (``lif``, ``mif``, ``srg``), fill, property, value."""
        rows = [
            {"model": model, "method": method, **row}
            for model, of_model in self.curves.items()
            for method, curves in of_model.items()
            for row in rows_of(curves)
        ]
        columns = ["model", "method", "measure", "fill", "property", "value"]
        return pd.DataFrame(rows, columns=columns)

    def steps(self, model: str) -> Map:
        """Return where the change from the frame before arises, (S, H, W), as the frames stand.

        Each sums to what the output changes by in this step; at the first frame there is nothing.
        """
        pieces = self.located[model].pieces
        found = np.zeros((len(pieces) + 1, *pieces.shape[1:]), np.float32)
        found[self.order[1:]] = pieces
        return found

    def so_far(self, model: str) -> Map:
        """Return where the change from the first frame arises, (S, H, W); the sums of `steps`."""
        steps = self.steps(model)
        found = np.empty_like(steps)
        found[self.order] = steps[self.order].cumsum(axis=0, dtype=np.float64)
        return found

    def plot(self) -> Figure:
        """Draw maps of the picture, and below where the change along the property arises."""
        with styled():
            ((_, figure),) = draw_maps(iter([self.page]))
        return keeping_style(figure)

    def _repr_png_(self) -> bytes:
        return self.plot()._repr_png_()  # type: ignore[attr-defined, no-any-return]

    def __repr__(self) -> str:
        methods = list(dict.fromkeys(name for found in self.maps.values() for name in found))
        return f"<Maps of {self.page.image}: {', '.join(self.maps)} by {', '.join(methods)}>"


def locate(
    made: "Explanation",
    methods: Sequence[str] | Mapping[str, Any],
    evaluate: Mapping[str, Any] | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Maps:
    """Take maps of an explained picture, and along its property; see `Explanation.locate`."""
    job = location_job(made.asked, methods, evaluate)
    several = [Method(**method) for method in job["methods"]]
    path = made.finished_path
    found: dict[str, dict[str, dict[str, Map]]] = {}
    change: dict[str, float] = {}
    curves: dict[str, dict[str, ByFill]] = {}
    gradients: dict[str, LocatedGradient] = {}
    located = next((method.name for method in several if method.kind == PROPERTY), None)
    each = 1 if evaluate is None else 2
    total = each * len(made.runners)
    for model, runner in made.runners.items():
        chosen = int(made.followed[model].chosen[0])
        network = Differentiable(runner.model, device=runner.device)
        follow = GradientModel(network, parse_output(made.asked.output), chosen)
        prop = {**job["properties"][made.property], "placebos": None}
        height, width = path.unedited.shape[:2]
        prop["manifest"] = {"shape": {"height": height, "width": width}}
        study = Located(
            several,
            {made.property: prop},
            placebos=0,
            frames=job["frames"],
            world=made.asked.study["world"]["name"],
            seed=int(made.asked.study["seed"]),
            evaluate=job["evaluate"],
            images=[made.picture],
        )
        subject = _subject(made, follow)
        one = asked_of(study, subject, follow, Asking(runner.model, runner.device))
        progress(each * len(found), total)
        taken = take_maps(subject, several, one)
        if evaluate is not None:
            progress(each * len(found) + 1, total)
            curves[model] = _judged(study, subject, one, taken, made.property)
        found[model] = {
            name: {_short(at): values for at, values in of_method.maps.items()}
            for name, of_method in taken.items()
        }
        values = one.values(subject.walks[made.property].frames[[0, -1]])
        change[model] = float(values[1] - values[0])
        if located is not None:
            gradients[model] = taken[located].located[made.property]
    along = {model: one.map for model, one in gradients.items()}
    order = in_order(path.axis)
    return Maps(found, _page(made, found, along, change), curves, gradients, order)


def _judged(
    study: Located, subject: Subject, asked: Asked, taken: Mapping[str, Taken], along: str
) -> dict[str, ByFill]:
    """Return the occlusion curves of each method, and those of a random map."""
    judge = Judge(subject, asked, study.evaluate)
    found = {one.name: judge.curves(one, taken[one.name].maps, along) for one in study.methods}
    return {**found, RANDOM: judge.floor()}


def _short(frame: str) -> str:
    """Return a frame's name without that of the property: there is but one."""
    return frame.partition(" ")[0]


def _subject(made: "Explanation", follow: GradientModel) -> Subject:
    """Return the picture and its path as a model sees them."""
    path, geometry = made.finished_path, follow.network.model.geometry
    walk = walk_of(path, geometry)
    height, width = path.unedited.shape[:2]
    fitted = picture_geometry(geometry, {"height": height, "width": width})
    (still,) = picture_inputs([made.picture], fitted)
    return Subject(made.picture, still.frames[0], {made.property: walk})


def _page(
    made: "Explanation",
    found: Mapping[str, Mapping[str, Mapping[str, Map]]],
    along: Mapping[str, Map],
    change: Mapping[str, float],
) -> MapPage:
    start, end = ends_of(made.finished_path)
    pictures = {
        (model, method): frames[PICTURE]
        for model, of_model in found.items()
        for method, frames in of_model.items()
        if PICTURE in frames
    }
    methods = list(dict.fromkeys(method for _, method in pictures))
    models = {model: Along(along.get(model), change[model], None) for model in found}
    followed = {model: words_of(made.output_of(model)) for model in found}
    seen = {model: runner.model.geometry for model, runner in made.runners.items()}
    picture = made.picture.pixels()
    drawn = [Drawn(made.title, start, end, models)]
    return MapPage(made.picture.id, followed, picture, list(found), methods, pictures, drawn, seen)
