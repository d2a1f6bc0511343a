"""Maps of an explained picture as the page shows them: each with its SRG, and along the walk."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from zollstock.app.walks import coloured, seen_share
from zollstock.explaining.explanation import Explanation
from zollstock.explaining.where import Maps
from zollstock.figures.maps import largest_of
from zollstock.locate.evaluation.curves import Curves, Way
from zollstock.locate.names import PROPERTY, RANDOM
from zollstock.locate.occlusion import ByFill
from zollstock.report.headline import environment
from zollstock.report.scrubber import Overlay, packed
from zollstock.wording import two_digits

_CARDS = """<div class="zs-report">{% for model in models %}
<p><b>{{ model.name }}</b>: what raises {{ model.followed }} is orange, what lowers it purple.</p>
<div class="zs-cards" style="--photo: url({{ model.photo }})">
{% for card in model.cards %}<figure><div class="zs-card" style="aspect-ratio: {{ model.aspect }}">
<img alt="map by {{ card.name }} of {{ model.name }}" src="{{ card.map }}"></div>
<figcaption><b>{{ card.name }}</b>{% if card.about %}<br>{{ card.about }}{% endif %}</figcaption>
{% if card.rows %}<table><thead><tr><th class="name">fill</th><th>SRG</th><th>random</th><th></th>
</tr></thead><tbody>{% for row in card.rows %}<tr><td class="name">{{ row.fill }}</td>
<td class="score"><b>{{ row.srg }}</b></td><td>{{ row.random }}</td>
<td><svg class="zs-spark" viewBox="-1 -1 42 18" role="img" aria-label="occlusion curves">
<polyline class="zs-lif" points="{{ row.lif }}"/><polyline class="zs-mif" points="{{ row.mif }}"/>
</svg></td></tr>{% endfor %}</tbody></table>{% endif %}</figure>{% endfor %}</div>{% endfor %}
<p class="note"><b>SRG</b>: what remains of the output if the least important pixels go first
(<span class="zs-word-lif">solid</span>), less what remains if the most important do
(<span class="zs-word-mif">dashed</span>), each the mean of its curve. It depends on what is put in,
so every fill is told; <b>path</b> puts in the last frame of the property's path. <b>random</b> is
the SRG of a map of noise, the floor. Maps of the picture have a unit each.
{% if located %}The located gradient is not of the picture: it says where the output's change from
the first frame to the last arises, and its unit is that of all models. It is judged by the fill
path alone, with its sign turned: what the change takes away is what held the output up. Above, it
is laid over each frame.{% endif %} One picture says little of a method.</p></div>"""

_WIDE, _HIGH = 40, 16
"""Of the small curves."""
_SIDE = 160
"""Pixels of a side that maps of steps have at most: there is one of each frame, model and kind."""
_STEP = "located gradient, this step"
_SO_FAR = "located gradient, up to here"
_UNIT = "All steps and models share a unit: what hardly moves is pale."


def cards(made: Explanation, maps: Maps) -> str:
    """Return maps as HTML, a row a model, with what judges each where they were judged."""
    models = []
    for model in made.models:
        photo = maps.page.view(model, maps.page.picture)
        models.append(
            {
                "name": model,
                "followed": maps.page.followed[model],
                "photo": packed(photo, exact=max(photo.shape) <= 256),
                "aspect": f"{photo.shape[1]}/{photo.shape[0]}",
                "cards": list(_cards(maps, model)),
            }
        )
    template = environment().from_string(_CARDS)
    return template.render(models=models, located=bool(maps.located))


def _cards(maps: Maps, model: str) -> Iterable[dict[str, Any]]:
    """Yield what is told of each map of a model."""
    curves = maps.curves.get(model, {})
    spread = _spread(curves.values())
    floor = curves.get(RANDOM, {})

    def card(name: str, method: str, pixels: npt.NDArray[np.uint8], about: str) -> dict[str, Any]:
        rows = [
            {
                "fill": fill,
                "srg": two_digits(one.srg),
                "random": two_digits(floor[fill, prop].srg),
                "lif": _points(one, "lif", spread),
                "mif": _points(one, "mif", spread),
            }
            for (fill, prop), one in curves.get(method, {}).items()
        ]
        return {"name": name, "map": packed(pixels, exact=True), "about": about, "rows": rows}

    for method in maps.page.methods:
        found = maps.page.maps.get((model, method))
        if found is not None:
            yield card(method, method, coloured(found), "")
    if maps.located:
        one, (path,) = maps.located[model], maps.page.paths
        about = f"along {path.title}: {two_digits(one.change, sign=True)}"
        unit = max(largest_of(np.abs(each.map)) for each in maps.located.values())
        yield card("located gradient", PROPERTY, coloured(one.map, unit), about)


def _spread(several: Iterable[ByFill]) -> tuple[float, float]:
    """Return the least and the largest output of all curves of a model."""
    values = [
        curve
        for curves in several
        for one in curves.values()
        for curve in (one.lif, one.mif)
        if curve is not None
    ]
    return (float(np.min(values)), float(np.max(values))) if values else (0.0, 1.0)


def _points(curves: Curves, way: Way, spread: tuple[float, float]) -> str:
    """Return a curve as points of an SVG line."""
    values = curves.lif if way == "lif" else curves.mif
    if values is None:
        return ""
    low, high = spread
    up = (values - low) / (high - low) if high > low else np.full(len(values), 0.5)
    places = zip(_WIDE * curves.shares, _HIGH * (1 - up), strict=True)
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in places)


def located_over(made: Explanation, maps: Maps) -> dict[str, Overlay]:
    """Return name → the located gradient over each frame of the path; none where it was not asked.

    Of each model there are two: where the change of the step arises, and that up to the frame.
    """
    size = made.finished_path.unedited.shape[:2]
    kinds = {
        _STEP: (maps.steps, "Where the change from the frame before arises; the first has none."),
        _SO_FAR: (maps.so_far, "Where the change from the first frame arises."),
    }
    found = {}
    for words, (of, note) in kinds.items():
        values = {model: _shrunk(of(model)) for model in maps.located}
        unit = max(
            (largest_of(np.abs(one)) for every in values.values() for one in every), default=0
        )
        for model, every in values.items():
            across, down = seen_share(maps.page.seen[model], size)
            found[f"{model}: {words}"] = Overlay(
                coloured(every, unit), across, down, f"{note} {_UNIT}"
            )
    return found


def _shrunk(maps: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Return maps, (S, H, W), with sides of `_SIDE` at most: means of what becomes one pixel."""
    height, width = maps.shape[1:]
    scale = _SIDE / max(height, width)
    if scale >= 1:
        return maps
    size = (max(1, round(scale * width)), max(1, round(scale * height)))
    return np.stack(
        [np.asarray(Image.fromarray(one).resize(size, Image.Resampling.BOX)) for one in maps]
    )
