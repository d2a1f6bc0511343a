"""Settings of samples: which segments each of them keeps."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, Tag, model_validator

from zollstock.settings.locate.choice import Choice, Entry, by_form

Share = Annotated[float, Field(gt=0, lt=1)]


class RandomSettings(Entry):
    """Each segment kept with the same probability."""

    kept: Share = Field(0.5, description="Probability that a segment is kept.")

    short: ClassVar[str] = "kept"


class SampleSettings(Choice):
    """How samples are drawn: one of the kinds, and how many."""

    random: (
        Annotated[Annotated[Share, Tag("value")] | Annotated[RandomSettings, Tag("keys")], by_form]
        | None
    ) = Field(None, description="Each segment is kept with this probability, on its own.")
    number: int = Field(1000, ge=1, le=1_000_000, description="Samples of a picture, N.")
    per_segment: float | None = Field(
        None, gt=0, le=1000, description="Samples for each segment, in place of `number`."
    )
    times: int = Field(1, ge=1, le=1000, description="How often each sample is there.")
    add: list[Literal["whole", "empty"]] = Field(
        default=[], description="Samples that are added: with all segments, and with none."
    )

    options: ClassVar[tuple[str, ...]] = ("random",)

    def plain(self) -> dict[str, Any]:
        """Return what `zollstock.locate.samples.draw_samples` takes."""
        rest = {"times": self.times, "add": list(self.add)}
        number = {"number": self.number, "per_segment": self.per_segment}
        return self.plain_entry() | number | rest
