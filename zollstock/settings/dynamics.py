"""The section `dynamics`: the checkpoints of trainings, measured one by one."""

from collections.abc import Mapping

from pydantic import Field, model_validator

from zollstock.errors import ZollstockError
from zollstock.settings.base import Name, Section
from zollstock.settings.known import check_known
from zollstock.settings.looked_at import check_name, looked_at
from zollstock.settings.model_traits import ModelTraits
from zollstock.settings.traits import PropertyTraits


class TwoStarts(Section):
    """Models of one architecture, by what their trainings began with."""

    pretrained: Name | None = Field(None, description="Which began with weights of another task.")
    random: Name | None = Field(None, description="Which began with random weights.")

    @model_validator(mode="after")
    def _one_at_least(self) -> "TwoStarts":
        if self.pretrained is None and self.random is None:
            raise ValueError("name a model: pretrained, random or both")
        return self


class DynamicsSettings(Section):
    """How scores move while models learn: of models with `checkpoints`."""

    properties: list[Name] | None = Field(
        None,
        description="Along which all checkpoints are run; by default all but placebos and grids.",
    )
    architectures: dict[str, TwoStarts] = Field(
        default={},
        description="Which models figures show together, e.g. `ResNet: {pretrained: resnet_tuned, "
        "random: resnet_new}`. By default each on its own.",
    )


def check_dynamics(
    settings: DynamicsSettings,
    properties: Mapping[str, PropertyTraits],
    models: Mapping[str, ModelTraits],
    stop_after: int | None,
    source: str,
) -> None:
    """Check the section against the rest of the study.

    Parameters
    ----------
    settings
        The section.
    properties, models
        Of the study: name → settings.
    stop_after
        The study's `placebos.stop_after`.
    source
        The config file, for messages.

    Raises
    ------
    ZollstockError
        Naming the key.
    """
    series = [name for name, model in models.items() if model.series() is not None]
    where = f"{source}: dynamics"
    for name in settings.properties or ():
        check_name(name, looked_at(properties, None), f"{where}.properties")
    for key, starts in settings.architectures.items():
        for name in filter(None, (starts.pretrained, starts.random)):
            expected = "a model of this study with `checkpoints`"
            check_known(name, series, expected, f"{where}.architectures.{key}")
    if series and stop_after:
        raise ZollstockError(
            f"{source}: models.{series[0]}.checkpoints",
            "is set beside placebos.stop_after, by which finished models say how many placebos "
            "are made",
            "as many placebos for every checkpoint",
            "Remove stop_after or checkpoints.",
        )
    if series and not looked_at(properties, settings.properties):
        raise ZollstockError(
            f"{where}.properties",
            "leaves no property",
            "one at least that is no placebo and no grid",
            "Name one, or remove checkpoints.",
        )
