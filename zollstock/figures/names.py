"""Names beside marks, where they overlap nothing."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.transforms import Bbox

_PLACES = [(9, 0), (-9, 0), (0, 8), (0, -8)]  # of a name beside its mark, in points


def write_names(axes: Axes, points: npt.NDArray[np.float64], names: Sequence[str]) -> None:
    """Write names beside marks, one after the other, where they overlap nothing.

    A name without room is left out, and so is one beside two marks, since it could name the
    wrong one. Marker and colour say the same.

    Parameters
    ----------
    axes
        With all that names must keep off: its texts, and its lines by their gid. Each point of
        a ``mean`` is a mark that may have a name, each of an ``image`` one that has none; a
        ``level`` goes across the panel, and any other line is level too, from its first point
        to its last.
    points
        Where the marks are, in data, shape (N, 2).
    names
        N names; the first have the first choice.
    """
    figure: Any = axes.figure
    renderer, dot = figure.canvas.get_renderer(), figure.dpi / 72
    inside = axes.get_window_extent(renderer)
    taken = [text.get_window_extent(renderer) for text in axes.texts]
    marks = []
    for line in axes.lines:
        kind = line.get_gid()
        places = axes.transData.transform(line.get_xydata())
        half = line.get_markersize() / 2 * dot
        boxes = [Bbox.from_extents(*(place - half), *(place + half)) for place in places]
        if kind == "mean":
            marks += boxes
        elif kind == "image":
            taken += boxes
        elif len(places):
            y = places[0, 1]
            ends = (inside.x0, inside.x1) if kind == "level" else places[[0, -1], 0]
            taken.append(Bbox.from_extents(ends[0], y - 1, ends[1], y + 1))
    taken += marks
    for point, words in zip(points, names, strict=True):
        x, y = axes.transData.transform(point)
        if sum(box.contains(x, y) for box in marks) > 1:
            continue
        for right, up in _PLACES:
            name = axes.annotate(
                str(words),
                point,
                xytext=(right, up),
                textcoords="offset points",
                ha="left" if right > 0 else "right" if right < 0 else "center",
                va="bottom" if up > 0 else "top" if up < 0 else "center",
                fontsize=7,
                color="0.15",
                zorder=7,
                gid="name",
            )
            box = name.get_window_extent(renderer)
            fits = inside.x0 <= box.x0 and box.x1 <= inside.x1 + 12 * dot
            fits = fits and inside.y0 <= box.y0 and box.y1 <= inside.y1
            if fits and not any(box.overlaps(other) for other in taken):
                taken.append(box)
                break
            name.remove()
