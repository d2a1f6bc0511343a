"""Settings of how maps are evaluated."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from zollstock.settings.base import Section

Curve = Literal["lif", "mif"]


def _once(value: list[str]) -> list[str]:
    if len(set(value)) < len(value):
        raise ValueError("each once")
    return value


class EvaluationSettings(Section):
    """How far maps can be believed."""

    steps: int = Field(
        10, ge=2, le=1000, description="Points of an occlusion curve, both ends included."
    )
    fills: Annotated[list[str], Field(min_length=1), AfterValidator(_once)] = Field(
        default=["mean", "blur", "path", "noise"],
        description="What is put in where a picture is taken away, each reported by itself: the "
        "result depends on it, even its sign.",
    )
    curves: Annotated[list[Curve], Field(min_length=1), AfterValidator(_once)] = Field(
        default=["lif", "mif"],
        description="Least important first, most important first; their difference needs both.",
    )
    by: Literal["pixels", "segments"] = Field(
        "pixels", description="What is taken away as a whole."
    )
    ties: int = Field(8, ge=1, le=1000, description="Orders that are drawn where values are tied.")
    least: float = Field(
        0.01,
        gt=0,
        description="A curve that falls by less than this from end to end is not normalised.",
    )
    noise: float = Field(
        0.05, gt=0, le=1, description="Of the noise under which maps should hold, of 1 for 255."
    )
    draws: int = Field(4, ge=1, le=100, description="Noisy pictures.")
