"""Where a model may look, as settings: a class a source of maps."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, get_args

from pydantic import BeforeValidator, Field, model_validator

from zollstock.errors import ZollstockError, did_you_mean
from zollstock.folders import files_below
from zollstock.images.layouts.clickme import check_files, files_there
from zollstock.settings.base import Section
from zollstock.settings.data_traits import DataTraits
from zollstock.worlds import check_choice, facts_of

_LEAST = "Training pictures that need a map at least."


class WantedTraits(Section):
    """What the plan asks of a source of maps."""

    short: ClassVar[str | None] = None
    """The key that stands for all where `wanted: {SOURCE: …}` has no mapping."""

    source: str

    def files(self) -> list[str]:
        """Return the user's files that are read."""
        return []

    def check(self, data: DataTraits, world: str, where: str) -> None:
        """Check what is there, and that it fits what a model is trained on.

        Raises
        ------
        ZollstockError
            Naming what is wrong at `where`.
        """


class FramesWanted(WantedTraits):
    """Where no frame of a picture's paths differs: what `against` changes may explain nothing."""

    source: Literal["frames"] = "frames"


class DrawnWanted(WantedTraits):
    """The drawn world's own masks of its pictures."""

    source: Literal["drawn"] = "drawn"
    only: list[str] | None = Field(
        None, min_length=1, description="Masks or parts of the world that a model may look at."
    )
    all_but: list[str] | None = Field(
        None, min_length=1, description="Or those that it may not look at."
    )
    least: int = Field(8, ge=1, description=_LEAST)

    @model_validator(mode="after")
    def _one(self) -> "DrawnWanted":
        if (self.only is None) == (self.all_but is None):
            raise ValueError("drawn takes one of only and all_but")
        return self

    def check(self, data: DataTraits, world: str, where: str) -> None:
        """Check that pictures are drawn, and that the world has what is named."""
        if not data.drawn:
            raise ZollstockError(
                where,
                f"is 'drawn', and a model is trained on {data.name()}",
                "models that are trained on the drawn world",
                "Take masks, or name other models in repair.models.",
            )
        facts = facts_of(world)
        known = list(dict.fromkeys(facts.regions + facts.parts))
        for name in [*(self.only or []), *(self.all_but or [])]:
            check_choice(f"{where}: {world}", name, known)


class FolderWanted(WantedTraits):
    """Files that are named after training pictures."""

    short: ClassVar[str | None] = "folder"

    folder: str = Field(
        description="Of pictures that are named after training pictures, and searched to any "
        "depth. `{data_dir}` is replaced."
    )
    least: int = Field(8, ge=1, description=_LEAST)

    def files(self) -> list[str]:
        """Return them."""
        return files_below(self.folder)

    def check(self, data: DataTraits, world: str, where: str) -> None:
        """Check that there are some."""
        if not self.files():
            empty = Path(self.folder).is_dir()
            raise ZollstockError(
                f"{where}.folder",
                f"is '{self.folder}', which {'holds no file' if empty else 'is no folder'}",
                "a folder of pictures that are named after training pictures",
                "Put them there; docs/repair.md says how they are named.",
            )


class MasksWanted(FolderWanted):
    """Mask pictures of the size of the pictures that they are named after."""

    source: Literal["masks"] = "masks"
    white: Literal["may", "may_not"] = Field(
        "may", description="What is white: where a model may look, or where it may not."
    )


class PaintedWanted(FolderWanted):
    """Maps that `snakemake to_paint` wrote and you painted: white is where a model may look."""

    source: Literal["painted"] = "painted"


class ClickmeWanted(WantedTraits):
    """ClickMe's maps of Imagenette, for models that are trained on the source `clickme`."""

    short: ClassVar[str | None] = "folder"

    source: Literal["clickme"] = "clickme"
    folder: str = Field(description="As ixai lays it out. `{data_dir}` is replaced.")
    least: int = Field(8, ge=1, description=_LEAST)

    def files(self) -> list[str]:
        """Return the files of tensors, as far as they are there."""
        return files_there(Path(self.folder))

    def check(self, data: DataTraits, world: str, where: str) -> None:
        """Check that the files are there, and that models learn from the same."""
        check_files(Path(self.folder))
        place = data.place() if data.source == "clickme" else None
        if place is None or Path(place).resolve() != Path(self.folder).resolve():
            raise ZollstockError(
                where,
                f"is 'clickme' of '{self.folder}', and a model is trained on "
                f"{place or data.name()}",
                "models that are trained on these pictures",
                f"Set training.data: {{source: clickme, path: {self.folder}}} of the model.",
            )


_Any = FramesWanted | DrawnWanted | MasksWanted | PaintedWanted | ClickmeWanted
SOURCES: dict[str, type[WantedTraits]] = {
    one.model_fields["source"].default: one for one in get_args(_Any)
}
"""Source → its settings."""


def spelled(value: Any) -> Any:  # noqa: ANN401 - as YAML has it
    """Return `frames`, `{masks: FOLDER}` or `{drawn: {only: […]}}` with the key `source`.

    Raises
    ------
    ValueError
        If there is no such source.
    """
    told = {value: None} if isinstance(value, str) else value
    if not isinstance(told, Mapping) or "source" in told:
        return told
    name = next(iter(told), "")
    if len(told) != 1 or name not in SOURCES:
        hint = did_you_mean(str(name), SOURCES, f"Name one of {', '.join(SOURCES)}.")
        given = ", ".join(map(str, told)) or "nothing"
        raise ValueError(f"has {given}; one source is meant. {hint}")
    inner, short = told[name], SOURCES[name].short
    if isinstance(inner, Mapping):
        return {"source": name, **inner}
    return {"source": name} | ({short: inner} if short and inner is not None else {})


Wanted = Annotated[
    _Any,
    Field(discriminator="source"),
    BeforeValidator(spelled),
]
