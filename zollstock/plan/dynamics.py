"""What the plan knows of the stage `dynamics`: the checkpoints of trainings."""

from collections.abc import Mapping
from typing import Any

from zollstock.manifests import PICTURES
from zollstock.models.checkpoints import Checkpoint
from zollstock.plan.training import Training
from zollstock.settings import Study
from zollstock.settings.looked_at import looked_at


class Dynamics:
    """The stage `dynamics` of a study.

    Parameters
    ----------
    study
        The checked settings.
    training
        What is known of models that are trained here.
    placebos_of
        Property → its set of placebos.

    Attributes
    ----------
    series
        Model → its checkpoints, of models that have any.
    trained
        Those of them that are trained here.
    asked
        Whether there is one, so that `all` runs the stage.
    properties, sets
        Along which checkpoints are run, and what they are compared with.
    folder
        With all that the stage writes.
    """

    def __init__(self, study: Study, training: Training, placebos_of: Mapping[str, str]) -> None:
        self._study = study
        results = f"results/{study.study}"
        self.folder = f"{results}/dynamics"
        self.series: dict[str, list[Checkpoint]] = {}
        self.trained: list[str] = []
        for name, model in study.models.items():
            series = model.series()
            if series is None or study.archive.unpacked:
                continue
            epochs = training.recipe(name).get("epochs", 0)
            folder = f"{results}/models/checkpoints/{name}"
            self.series[name] = series.checkpoints(folder, epochs)
            if series.step is not None:
                self.trained.append(name)
        self.asked = bool(self.series)
        self.properties = looked_at(study.properties, study.dynamics.properties)
        sets = [placebos_of[name] for name in self.properties if name in placebos_of]
        self.sets = list(dict.fromkeys(sets))

    def files(self, model: str) -> list[str]:
        """Return the user's files with a model's checkpoints, none of one trained here."""
        if model in self.trained:
            return []
        return [one.file for one in self.series[model]]

    def job(self, model: str) -> dict[str, Any]:
        """Return what the job that runs a model's checkpoints is told of them."""
        key = self._study.models[model].job_settings().get("key")
        checkpoints = [vars(one) for one in self.series[model]]
        return {"checkpoints": checkpoints, "key": None if model in self.trained else key}

    def predictions(self, models: list[str]) -> list[str]:
        """Return the Zarr groups of predictions, property by property."""
        names = [*self.properties, *self.sets]
        return [self._group(name, model) for name in names for model in models]

    def pictures(self, model: str) -> str:
        """Return the Zarr group of what a model's checkpoints say of the pictures themselves."""
        return self._group(PICTURES, model)

    def _group(self, name: str, model: str) -> str:
        return f"{self.folder}/predictions/{name}/{model}.zarr"

    def told(self) -> dict[str, list[dict[str, Any]]]:
        """Return model → its checkpoints, as JSON has them."""
        return {name: [vars(one) for one in mine] for name, mine in self.series.items()}

    def groups(self) -> list[dict[str, str]]:
        """Return architecture, model and kind (pretrained, random or "") of each model drawn."""
        given = self._study.dynamics.architectures
        if not given:
            return [{"architecture": name, "model": name, "kind": ""} for name in self.series]
        return [
            {"architecture": key, "model": name, "kind": kind}
            for key, starts in given.items()
            for kind, name in (("pretrained", starts.pretrained), ("random", starts.random))
            if name is not None
        ]
