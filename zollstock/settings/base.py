"""What every section of the settings shares."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

NOT_BLANK = r"\S"
NAME_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9_-]*$"

Name = Annotated[str, Field(pattern=NAME_PATTERN, max_length=64)]
"""A name that is safe as a file name on every system and in a Snakemake wildcard."""

Seed = Annotated[int, Field(ge=0, lt=2**63)]

Instruction = Annotated[str, Field(pattern=NOT_BLANK)]
"""What an editor is told."""

Pixels = Annotated[int, Field(ge=1, le=8192)]
HeightWidth = Annotated[list[Pixels], Field(min_length=2, max_length=2)]
"""Height and width in pixels."""


class Section(BaseModel):
    """A section that refuses unknown keys and cannot be changed."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


def check_differ(key: str, values: Sequence[object]) -> None:
    """Raise a `ValueError` if something is there twice."""
    if len(set(values)) < len(values):
        raise ValueError(f"{key} must differ")
