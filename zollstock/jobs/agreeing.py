"""How well a repaired model's explanations agree with maps that people made."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from torch import nn

from zollstock.models.card import Model
from zollstock.repair.agreement import before_and_after
from zollstock.repair.material import Material
from zollstock.repair.methods import maps_of
from zollstock.repair.sources import ceiling_of

MOST = 256
"""Pictures of a set that are compared."""


def agreements(
    before: nn.Module,
    model: Model,
    trained: Material,
    held_out: Material,
    cfg: Mapping[str, Any],
    seed: int,
) -> list[dict[str, Any]]:
    """Return a row a set of pictures with people's maps: those trained on, and others.

    Parameters
    ----------
    before
        The module before its repair.
    model
        After it.
    trained, held_out
        Pictures and maps.
    cfg
        ``wanted``, ``settings`` of the method that is chosen, and ``training``.
    seed
        Of the replicate.

    Returns
    -------
    list
        Columns of `zollstock.repair.tables.TABLES`; nothing where maps are no people's.
    """
    looks = cfg["wanted"]
    ceiling = ceiling_of(looks) if looks else None
    if ceiling is None:
        return []
    rows = []
    for name, one in (("trained", trained), ("held_out", held_out)):
        maps = one.wanted
        assert maps is not None
        places = np.flatnonzero(np.isfinite(maps).all((1, 2)))[:MOST]
        if not len(places):
            continue
        seen = [
            maps_of(
                module,
                trained,
                cfg["settings"],
                one.images[places],
                np.asarray(one.labels)[places],
                device=cfg["training"]["device"],
                seed=seed,
                normalisation=model.normalisation,
            )
            for module in (before, model.module)
        ]
        told = {"source": looks["source"], "explainer": cfg["settings"]["explainer"]["name"]}
        found = before_and_after(seen[0], seen[1], maps[places], ceiling)
        rows.append(told | {"pictures": name, "ceiling": ceiling} | found)
    return rows
