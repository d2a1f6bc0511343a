"""How maps are judged."""

from typing import Literal

from pydantic import Field

from zollstock.settings.base import Section


class EvaluationSettings(Section):
    """Occlusion curves; other judgements need no settings."""

    steps: int = Field(
        10, ge=2, le=1000, description="Points of an occlusion curve, both ends included."
    )
    fills: list[Literal["mean", "blur", "path", "noise"]] = Field(
        default=["mean", "blur", "path", "noise"],
        description="What is put in where something is taken away; `path` is the last frame of "
        "the property's path.",
    )
    curves: list[Literal["lif", "mif"]] = Field(
        default=["lif", "mif"],
        description="The least important first, the most important first; SRG needs both.",
    )
    ties: int = Field(
        2,
        ge=1,
        le=100,
        description="Orders that are drawn of pixels whose values are equal; curves are their "
        "mean. Each costs as much as another map.",
    )
