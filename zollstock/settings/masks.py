"""Settings of masks: where in pictures something is."""

import json
import re
from collections.abc import Mapping
from hashlib import sha256
from typing import Annotated

from pydantic import Discriminator, Field, Tag

from zollstock.settings.base import NOT_BLANK, Section
from zollstock.settings.traits import Checkpoint


class SegmentedMask(Section):
    """Masks that a segmentation model draws, by a rule of its own, before any frame is made."""

    segmenter: Annotated[str, Field(pattern=NOT_BLANK)] = Field(
        description="A model for semantic segmentation: a hub's id, which is fetched once, or a "
        "folder, as transformers saves them. `{data_dir}` is replaced."
    )
    revision: str | None = Field(None, description="Commit, where it comes from the hub.")
    classes: list[Annotated[str, Field(pattern=NOT_BLANK)]] | None = Field(
        None,
        min_length=1,
        description="What is white: names of the model's classes; null takes all but its "
        "background.",
    )

    def name(self) -> str:
        """Return what its folder of masks is called: readable, and another one for each setting."""
        told = json.dumps(self.model_dump(), sort_keys=True, ensure_ascii=False)
        word = re.sub(r"[^A-Za-z0-9]+", "-", self.segmenter.rstrip("/").rpartition("/")[2])
        return f"{word.strip('-').lower()[:40] or 'masks'}-{sha256(told.encode()).hexdigest()[:8]}"

    def checkpoint(self) -> Checkpoint:
        """Return where the model comes from."""
        return Checkpoint(self.segmenter, self.revision, 1e8)


def _form(value: object) -> str:
    """Return which form of a mask a value is meant as, so that mistakes are told of that alone."""
    return "model" if isinstance(value, Mapping | SegmentedMask) else "text"


Mask = Annotated[
    Annotated[str, Tag("text")] | Annotated[SegmentedMask, Tag("model")], Discriminator(_form)
]
"""The user's mask pictures, a word that means some, or the model that draws them."""


def place_of_masks(mask: Mask | None, folder: str) -> str | None:
    """Return where masks lie; those of a model below a study's folder of masks."""
    return f"{folder}/{mask.name()}" if isinstance(mask, SegmentedMask) else mask
