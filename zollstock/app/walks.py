"""A stored path as something to walk through: frames, curves, placebos and maps."""

from collections.abc import Sequence

import matplotlib
import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.colors import to_hex

from zollstock.app.shelf import Book
from zollstock.arrays import Array
from zollstock.figures.maps import nearly_largest
from zollstock.figures.panels import band_of, held, limits_of
from zollstock.figures.sentences import verdict_sentence
from zollstock.figures.style import model_looks
from zollstock.images.geometry import Geometry, geometry_of
from zollstock.locate.names import PATH, PICTURE
from zollstock.paths import pixel_change
from zollstock.profiles import reference_step
from zollstock.report.scrubber import Curve, Overlay, Walk
from zollstock.scoring.outputs import words_of
from zollstock.significance.beside import Beside
from zollstock.wording import two_digits

_COLOURS = "PuOr"
"""Of maps: the colour-blind tell its ends apart, on dark pictures and on light ones."""
_STRONGEST = 0.85
"""How much of the picture the strongest place of a map hides."""


def looks_of(models: Sequence[str], palette: str) -> dict[str, tuple[str, str]]:
    """Return model → colour and dashes as SVG has them; the same as in the figures."""
    found = {}
    for model, look in model_looks(models, palette).items():
        line = look["linestyle"]
        dashes = "" if isinstance(line, str) else " ".join(f"{3 * part:.0f}" for part in line[1])
        found[model] = (to_hex(look["color"]), dashes)
    return found


def stored_walk(book: Book, name: str, image: str) -> Walk:
    """Return the path of an image along a property of a study.

    Parameters
    ----------
    book
        The study.
    name, image
        Which; of replicates the first.

    Raises
    ------
    ZollstockError
        If there is none, or it is harmed.
    """
    data = book.data(name)
    path = book.study.frames(name, image)
    tests = book.verdicts
    tests = tests[(tests["property"] == name) & (tests["image"] == image)]
    rows = {str(row["model"]): row for row in tests.to_dict("records")}
    looks = looks_of(data.models, data.palette)
    curves = []
    for model in data.models:
        row = rows.get(model, {})
        note = verdict_sentence(row, alpha=data.alpha, title=data.title) if row else ""
        curves.append(
            curve_of(
                model,
                data.curves[image][model][: len(path.axis)],
                book.said(name, model, image),
                looks[model],
                followed=words_of(str(row.get("output", ""))) if row else "",
                beside=data.placebos[image].get(model),
                still=data.unedited[image][model],
                bounds=data.bounds,
                note=note,
            )
        )
    return Walk(
        frames=path.frames,
        axis=path.axis,
        start=reference_step(pixel_change(path.frames, path.unedited), path.axis),
        title=f"{image}: {data.title}",
        axis_title=data.axis_title,
        value_title=f"{image}: {book.output.words}, along {data.title}",
        curves=curves,
        overlays=maps_over(book, name, image, path.frames.shape[1:3]),
        limits=walk_limits(curves, data.flattest, data.bounds),
        boundary=data.boundary,
    )


def walk_limits(
    curves: Sequence[Curve], flattest: float, bounds: tuple[float, float] | None
) -> tuple[float, float]:
    """Return limits around all curves and bands, within the bounds of the output."""
    drawn = [np.concatenate([one.values, one.low, one.high]) for one in curves]
    low, high = limits_of(drawn or [np.empty(0)], flattest)
    return (low, high) if bounds is None else (max(low, bounds[0]), min(high, bounds[1]))


def curve_of(
    model: str,
    values: Array,
    said: Sequence[str],
    look: tuple[str, str],
    *,
    followed: str,
    beside: Beside | None,
    still: float,
    bounds: tuple[float, float] | None,
    note: str,
) -> Curve:
    """Return a model's curve with the band of its placebos, as cards of the report draw them.

    Parameters
    ----------
    model, values, said, followed, note
        See `zollstock.report.scrubber.Curve`.
    look
        Colour and dashes.
    beside
        The placebos; None where there are none.
    still
        Output of the unedited picture, from which the placebos' changes are drawn.
    bounds
        Between which numbers the output lies.
    """
    places, low, high = np.empty(0), np.empty(0), np.empty(0)
    band = None if beside is None else band_of(held(still + beside.changes, bounds))
    if beside is not None and band is not None:
        low, high = band
        places = beside.places[: len(low)]
    return Curve(model, values, followed, said, *look, places, low, high, note)


def maps_over(book: Book, name: str, image: str, size: tuple[int, int]) -> dict[str, Overlay]:
    """Return name → the maps that the stage `locate` kept of an image; none without it.

    Of the located gradient it is the one along this property.
    """
    if not (book.folder.root / "locate" / "maps").is_dir():
        return {}
    srg = book.srg[book.srg["image"] == image]
    found = {}
    for model in book.study.models:
        pictures = book.study.maps(image, model, PICTURE)
        along = book.study.maps(image, model, f"{PATH} {name}")
        geometry = geometry_of(book.study.card(model)["preprocessing"])
        across, down = seen_share(geometry, size)
        for words, maps in (("along the path", along), ("of the picture", pictures)):
            for method, values in maps.items():
                # Of both maps of a method the one of the picture is judged.
                judged = maps is pictures or method not in pictures
                note = srg_words(srg, model, method, name) if judged else ""
                over = Overlay(coloured(values), across, down, note)
                found[f"{model}: {method}, {words}"] = over
    return found


def srg_words(table: pd.DataFrame, model: str, method: str, name: str) -> str:
    """Return in words how far a map of an image is right by occlusion, "" where it was not asked.

    The fill `path` puts in a frame of the path along the property `name`.
    """
    if table.empty:
        return ""
    mine = table[(table["model"] == model) & (table["method"] == method)]
    mine = mine[mine["property"].isin(["", name])]
    told = [
        f"{fill} {two_digits(value)}"
        for fill, value in zip(mine["fill"], mine["value"], strict=True)
    ]
    return f"SRG by what is put in: {', '.join(told)}." if told else ""


def seen_share(geometry: Geometry, size: tuple[int, int]) -> tuple[float, float]:
    """Return how wide and high a model's view is, in frames of a size (height, width).

    What it cuts off makes the view smaller than the frame, and what it pads with, larger.
    """
    if geometry.size is None or geometry.fit == "stretch":
        return 1.0, 1.0
    ratios = [view / side for view, side in zip(geometry.size, size, strict=True)]
    scale = max(ratios) if geometry.fit == "crop" else min(ratios)
    if geometry.fit == "crop" and geometry.resize_to:
        scale = geometry.resize_to / min(size)
    down, across = (ratio / scale for ratio in ratios)
    return across, down


def coloured(
    values: npt.NDArray[np.float32], largest: float | None = None
) -> npt.NDArray[np.uint8]:
    """Return signed maps as colours, (…, H, W, 4): the stronger, the less of a picture is seen.

    Parameters
    ----------
    values
        One map or several, (…, H, W).
    largest
        What full colour stands for; by default what nearly all absolute values are below.
    """
    found = np.nan_to_num(np.asarray(values, np.float64))
    top = (nearly_largest(np.abs(found)) if largest is None else largest) or 1.0
    share = np.clip(found / top, -1, 1)
    # Orange raises the output, purple lowers it.
    colours = matplotlib.colormaps[_COLOURS]((1 - share) / 2)
    colours[..., 3] = _STRONGEST * np.abs(share) ** 0.7
    return np.asarray((colours * 255).round(), np.uint8)
