"""Interventions: what a unit's value or an edge's weight is replaced with. A module each.

A module offers ``ON_WEIGHTS``, whether it can be done to weights, which hang on no image, and
``replacement(current, context) -> tensor`` of the shape of `current`. Which one is chosen decides
the result: 0 is far from what most units ever return, and what another image's unit returns is not.
"""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import ModuleType
from typing import Any

import torch

from zollstock.entries import find_entry, known_entries
from zollstock.errors import ZollstockError


@dataclass(frozen=True)
class Context:
    """What an intervention may need.

    Attributes
    ----------
    settings
        Of the intervention.
    seed
        Names the draw, such as (study seed, layer).
    images
        Names of the rows of `current`, N.
    others
        What is at this place for other inputs, (M, …): of other images, or, row by row, of the
        same image at another frame.
    other_images
        Their images' names, M.
    """

    settings: Mapping[str, Any] = field(default_factory=dict)
    seed: tuple[object, ...] = ()
    images: Sequence[str] = ()
    others: torch.Tensor | None = None
    other_images: Sequence[str] = ()

    def needed(self, why: str) -> torch.Tensor:
        """Return `others`.

        Raises
        ------
        ZollstockError
            If there are none.
        """
        if self.others is None or not len(self.others):
            raise ZollstockError(
                "trace: intervention", "lacks other inputs", why, "Pass them as `others`."
            )
        return self.others


def named(context: Context | None, name: str) -> Context:
    """Return a context whose seed names a layer as well."""
    base = context or Context()
    return replace(base, seed=(*base.seed, name))


def known_interventions() -> list[str]:
    """Return the names of all interventions."""
    return known_entries(sys.modules[__name__])


def find_intervention(name: str) -> ModuleType:
    """Return the module of an intervention; errors as `zollstock.entries.find_entry`."""
    return find_entry(sys.modules[__name__], name)
