"""Where in the explained picture: maps by the methods of the stage `locate`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure

from zollstock.figures.maps import Along, MapPage, draw_maps
from zollstock.figures.maps import Path as Drawn
from zollstock.figures.style import keeping_style, styled
from zollstock.inference.inputs import picture_geometry, picture_inputs
from zollstock.locate.classifier import Asking
from zollstock.locate.differentiable import Differentiable, GradientModel
from zollstock.locate.names import PATH, PICTURE, PROPERTY
from zollstock.locate.study import Located, asked_of
from zollstock.locate.subjects import Subject, ends_of, walk_of
from zollstock.locate.taking import Method, take_maps
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
    """

    maps: Mapping[str, Mapping[str, Mapping[str, Map]]]
    page: MapPage

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


def locate(made: "Explanation", methods: Sequence[str] | Mapping[str, Any]) -> Maps:
    """Take maps of an explained picture, and along its property; see `Explanation.locate`."""
    job = location_job(made.asked, methods)
    several = [Method(**method) for method in job["methods"]]
    path = made.finished_path
    found: dict[str, dict[str, dict[str, Map]]] = {}
    along, change = {}, {}
    located = next((method.name for method in several if method.kind == PROPERTY), None)
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
            evaluate={},
            images=[made.picture],
        )
        subject = _subject(made, follow)
        one = asked_of(study, subject, follow, Asking(runner.model, runner.device))
        taken = take_maps(subject, several, one)
        found[model] = {
            name: {_short(at): values for at, values in of_method.maps.items()}
            for name, of_method in taken.items()
        }
        values = one.values(subject.walks[made.property].frames[[0, -1]])
        change[model] = float(values[1] - values[0])
        along[model] = None if located is None else found[model][located][PATH]
    return Maps(found, _page(made, found, along, change))


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
    along: Mapping[str, Map | None],
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
    models = {model: Along(along[model], change[model], None) for model in found}
    followed = {model: words_of(made.output_of(model)) for model in found}
    seen = {model: runner.model.geometry for model, runner in made.runners.items()}
    picture = made.picture.pixels()
    drawn = [Drawn(made.title, start, end, models)]
    return MapPage(made.picture.id, followed, picture, list(found), methods, pictures, drawn, seen)
