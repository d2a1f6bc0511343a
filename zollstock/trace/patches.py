"""Where in the picture the units that carry a property are driven by it."""

from collections.abc import Mapping, Sequence

import pandas as pd
import torch

from zollstock.trace.along import Path, slopes_of, whole_slopes
from zollstock.trace.shares import Traced
from zollstock.trace.units import Site


def driving_places(
    paths: Sequence[Traced], sites: Sequence[Site], chosen: Mapping[str, Sequence[int]], most: int
) -> pd.DataFrame:
    """Return the places of maps at which chosen channels carry most of a property's effect.

    Parameters
    ----------
    paths
        Of the property.
    sites
        Places with units.
    chosen
        Name of a site → units. Those that are no maps are passed over: they have no place.
    most
        Images of a unit, those with the largest effect.

    Returns
    -------
    DataFrame
        layer, unit, image, effect (Σ over the frames of ∂p/∂a·Δa at the place), y, x (its middle,
        as shares of the input's height and width), side (height of one of the map's places).
        Effects are of a step a frame, without further points between them.
    """
    rows = []
    maps = [site for site in sites if site.axis == -3 and chosen.get(site.name)]
    for path in paths:
        if not maps:
            break
        along = Path.of(path.network, path.frames)
        slope = whole_slopes(path.network, [site.place for site in maps])
        some = slopes_of(along, along.pieces(), slope)
        for site in maps:
            product = (some.slope(site.place) * some.step(site.place)).double().sum(0)
            for unit in chosen[site.name]:
                rows.append(
                    {"layer": site.name, "unit": int(unit), "image": path.image}
                    | _peak(product[unit])
                )
    columns = ["layer", "unit", "image", "effect", "y", "x", "side"]
    table = pd.DataFrame(rows, columns=columns)
    order = table["effect"].abs().sort_values(ascending=False, kind="stable").index
    kept = table.loc[order].groupby(["layer", "unit"], sort=False).head(most)
    return kept.reset_index(drop=True)


def _peak(effects: torch.Tensor) -> dict[str, float]:
    """Return the place of the largest absolute effect of a map, (H, W)."""
    height, width = effects.shape
    place = int(effects.abs().argmax())
    return {
        "effect": float(effects.flatten()[place]),
        "y": (place // width + 0.5) / height,
        "x": (place % width + 0.5) / width,
        "side": 1 / height,
    }
