"""What the plan knows of the stage `trace`."""

from typing import Any

from zollstock.plan.training import Training
from zollstock.settings import Study
from zollstock.settings.looked_at import looked_at
from zollstock.settings.trace.section import TraceSettings, modules_of_parts


class Tracing:
    """The stage `trace` of a study; with its defaults where the section is absent.

    Parameters
    ----------
    study
        The checked settings.
    training
        What is known of models that are trained here.

    Attributes
    ----------
    asked
        Whether the study has the section, so that `all` runs the stage.
    settings
        The section.
    properties
        Whose paths are looked at.
    models
        Those that torch runs, so that they can be looked into.
    """

    def __init__(self, study: Study, training: Training) -> None:
        self.asked = study.trace is not None and not study.archive.unpacked
        self.settings = study.trace or TraceSettings()
        self.properties = looked_at(study.properties, self.settings.properties)
        self.models = [name for name, model in study.models.items() if model.gradients]
        self._training = training

    @property
    def absent(self) -> set[str]:
        """Names of inputs of figures that the stage does not make with these settings."""
        absent = set()
        if self.settings.mediation is None:
            absent.add("mediation")
        if self.settings.graph is None:
            absent |= {"graphs", "nodes"}
        if self.settings.stability is None:
            absent.add("stability")
        if self.settings.attribution is None:
            absent |= {"attributions", "attribution_ranking"}
        return absent

    def job(self, model: str) -> dict[str, Any]:
        """Return what the job of a model depends on beside its inputs."""
        tested = self._training.tested()
        trace = self.settings.model_dump()
        if self.settings.attribution is not None:
            trace["attribution"] = self.settings.attribution.job_settings()
        return {"trace": trace, "data": tested.get(model)}

    def files(self, model: str) -> list[str]:
        """Return the user's files that a model is tested with."""
        return self._training.files([model] if model in self._training.data else [])

    def modules(self, model: str) -> list[str]:
        """Return modules that the job finds by name: parts of the stage, and of the data."""
        mine = [model] if model in self._training.data else []
        maps = self.settings.attribution
        found = [] if maps is None else maps.modules()
        return [*modules_of_parts(), *found, *self._training.modules(mine)]
