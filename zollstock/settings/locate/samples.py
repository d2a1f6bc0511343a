"""Settings of samples: which segments each of them keeps."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, Tag, model_validator

from zollstock.settings.locate.choice import Choice, Entry, by_form

Share = Annotated[float, Field(gt=0, lt=1)]
Count = Annotated[int, Field(ge=1, le=1_000_000)]
Distribution = Literal["uniform", "normal", "beta"]


class RandomSettings(Entry):
    """Each segment kept with the same probability."""

    kept: Share = Field(0.5, description="Probability that a segment is kept.")

    short: ClassVar[str] = "kept"


class UniqueSettings(Entry):
    """Random coalitions, no two of which are alike."""

    kept: Share = Field(0.5, description="Probability that a segment is kept.")

    short: ClassVar[str] = "kept"


class PerSampleSettings(Entry):
    """A probability of its own for each sample."""

    distribution: Distribution = Field(
        "uniform",
        description="Of the probability that a segment is kept: `uniform`; `normal`, of mean 0.5 "
        "and standard deviation 1, cut to [0, 1]; `beta`, with both parameters 1.5.",
    )

    short: ClassVar[str] = "distribution"


class SingleSettings(Entry):
    """One segment at a time."""

    which: Literal["removed", "kept"] = Field(
        "removed", description="Whether it alone is taken away, or it alone is kept."
    )

    short: ClassVar[str] = "which"


class ShapleySettings(Entry):
    """Coalitions by size, from the smallest and the largest inwards, in pairs of opposites."""

    number: Count = Field(1000, description="Samples of a picture, N.")

    short: ClassVar[str] = "number"


class ExhaustiveSettings(Entry):
    """All 2^M coalitions of M segments, 16 at most."""


class SampleSettings(Choice):
    """How samples are drawn: one of the kinds, and how many."""

    random: (
        Annotated[Annotated[Share, Tag("value")] | Annotated[RandomSettings, Tag("keys")], by_form]
        | None
    ) = Field(
        None,
        description="Each segment is kept with this probability, on its own.",
    )
    unique: (
        Annotated[Annotated[Share, Tag("value")] | Annotated[UniqueSettings, Tag("keys")], by_form]
        | None
    ) = Field(
        None,
        description="The same, but no two samples are alike.",
    )
    per_sample: (
        Annotated[
            Annotated[Distribution, Tag("value")] | Annotated[PerSampleSettings, Tag("keys")],
            by_form,
        ]
        | None
    ) = Field(
        None,
        description="Each sample has a probability of its own, which is drawn.",
    )
    single: (
        Annotated[
            Annotated[Literal["removed", "kept"], Tag("value")]
            | Annotated[SingleSettings, Tag("keys")],
            by_form,
        ]
        | None
    ) = Field(
        None,
        description="A sample for each segment, which is taken away or kept alone.",
    )
    shapley: (
        Annotated[Annotated[Count, Tag("value")] | Annotated[ShapleySettings, Tag("keys")], by_form]
        | None
    ) = Field(
        None,
        description="Coalitions by size, as Kernel SHAP weighs them: how many.",
    )
    exhaustive: ExhaustiveSettings | None = Field(
        None,
        description="All 2^M coalitions, of 16 segments at most; `exhaustive: {}`.",
    )
    joined: list["PartOfSamples"] | None = Field(
        None, min_length=1, description="Several kinds, each with a share of `number`."
    )
    number: Count | None = Field(
        None, description="Samples of a picture, N; 1000 by default, where the kind has no own."
    )
    per_segment: float | None = Field(
        None, gt=0, le=1000, description="Samples for each segment, in place of `number`."
    )
    times: int = Field(1, ge=1, le=1000, description="How often each sample is there.")
    add: list[Literal["whole", "empty"]] = Field(
        default=[], description="Samples that are added: with all segments, and with none."
    )

    options: ClassVar[tuple[str, ...]] = (
        "random",
        "unique",
        "per_sample",
        "single",
        "shapley",
        "exhaustive",
        "joined",
    )

    @model_validator(mode="after")
    def _numbered(self) -> "SampleSettings":
        several = self.number is not None or self.per_segment is not None
        if several and self.chosen in {"single", "exhaustive"}:
            raise ValueError(f"no number, which {self.chosen} has of its own; times repeats it")
        if self.number is not None and (self.per_segment is not None or self.shapley is not None):
            raise ValueError("one number of samples")
        return self

    def plain(self) -> dict[str, Any]:
        """Return what `zollstock.locate.samples.draw_samples` takes."""
        if self.joined is not None:
            own: dict[str, Any] = {
                "name": "joined",
                "parts": [part.plain() for part in self.joined],
            }
        else:
            own = self.plain_entry()
        number = own.get("number", 1000 if self.number is None else self.number)
        rest = {"times": self.times, "add": list(self.add)}
        return own | {"number": number, "per_segment": self.per_segment} | rest

    @property
    def sizable(self) -> bool:
        """Whether a number of samples can be set, which the segments do not say."""
        return self.per_segment is None and self.chosen not in {"single", "exhaustive"}

    @property
    def numbered(self) -> bool:
        """Whether a number of samples is given that is not the default one."""
        return self.number is not None or self.shapley not in (None, ShapleySettings())

    def sized(self, number: int) -> "SampleSettings":
        """Return the same with so many samples."""
        if self.shapley is not None:
            return self.model_copy(update={"shapley": ShapleySettings(number=number)})
        return self.model_copy(update={"number": number})

    def kinds(self) -> set[str]:
        """Return the names of all samplers that are used."""
        inner = [part.kinds() for part in self.joined or ()]
        return {self.chosen}.union(*inner)

    def most(self) -> int | None:
        """Return the largest number of samples; None where it hangs on the segments."""
        if self.per_segment is not None or self.chosen in {"single", "exhaustive", "joined"}:
            return None
        return int(self.plain()["number"]) * self.times + len(self.add)


class PartOfSamples(SampleSettings):
    """One of several kinds of samples that are joined."""

    share: float = Field(1.0, gt=0, description="Share of all samples, next to the others'.")

    def plain(self) -> dict[str, Any]:
        """Return what a part is, with its share."""
        return super().plain() | {"share": self.share}
