"""What the plan knows of the stage `locate`."""

from collections.abc import Iterable, Mapping
from typing import Any

from zollstock.plan.files import files_of_pictures
from zollstock.plan.paths import PlannedPaths
from zollstock.settings import Study
from zollstock.settings.locate.grid import modules_of_parts
from zollstock.settings.locate.section import LocateSettings
from zollstock.settings.looked_at import looked_at
from zollstock.worlds import module_of


class Locating:
    """The stage `locate` of a study; with its defaults where the section is absent.

    Parameters
    ----------
    study
        The checked settings.
    paths
        Property or set of placebos → what is known of its paths.
    placebos_of
        Property → the set of placebos that it is compared with.

    Attributes
    ----------
    asked
        Whether the study has the section, so that `all` runs the stage.
    settings
        The section.
    properties
        Whose paths are looked at.
    placebos
        Property → its set of placebos, as far as there is one and it is wanted.
    """

    def __init__(
        self, study: Study, paths: Mapping[str, PlannedPaths], placebos_of: Mapping[str, str]
    ) -> None:
        self._study, self._paths = study, paths
        # Of an archive that was unpacked only what was packed is drawn again: maps are not.
        self.asked = study.locate is not None and not study.archive.unpacked
        self.settings = study.locate or LocateSettings()
        self.properties = looked_at(study.properties, self.settings.properties)
        self.placebos = {
            name: placebos_of[name]
            for name in self.properties
            if name in placebos_of and self.settings.placebos
        }

    @property
    def shares(self) -> list[str]:
        """Names of the jobs of a model, each with a share of the images."""
        return [str(share) for share in range(self.settings.shares)]

    @property
    def manifests(self) -> list[str]:
        """Properties and sets of placebos whose paths are read."""
        return [*self.properties, *dict.fromkeys(self.placebos.values())]

    def files(self) -> list[str]:
        """Return the user's masks and label pictures, as they are now."""
        masks = [file for name in self.properties for file in self._paths[name].masks()]
        labels = dict.fromkeys(place for _, place in self.settings.user_files())
        return [*masks, *(file for place in labels for file in files_of_pictures(place))]

    def methods(self) -> list[dict[str, Any]]:
        """Return what the job is told of each method."""
        return [
            {"name": name, **settings.job_settings()}
            for name, settings in self.settings.methods.items()
        ]

    def methods_of(self, models: Iterable[str]) -> dict[str, list[str]]:
        """Return model → the methods that it can be asked: gradients are not to be had of all."""
        methods = self.settings.methods.items()
        return {
            model: [
                name
                for name, settings in methods
                if self._study.models[model].gradients or not settings.gradients
            ]
            for model in models
        }

    def modules(self) -> list[str]:
        """Return the modules that methods are found in by name, and those of the drawn world.

        All of them, whichever the study has now: maps that are there stay right if it gets more.
        """
        return [*modules_of_parts(), module_of(self._study.world.name)]

    def job(self, model: str) -> dict[str, Any]:
        """Return what the job of a model depends on beside its inputs."""
        able = self.methods_of([model])[model]
        return {
            "images": self.settings.images,
            "methods": [method for method in self.methods() if method["name"] in able],
            "left_out": [name for name in self.settings.methods if name not in able],
            "evaluate": self.settings.evaluate.curves_alone(),
            "stability": self.settings.evaluate.stability_plain(),
            "placebos": self.settings.placebos,
            "frames": self.settings.frames,
            "properties": {
                name: {"placebos": self.placebos.get(name), **self._measured(name)}
                for name in self.properties
            },
        }

    def grid_job(self) -> dict[str, Any]:
        """Return what the job of a grid of methods depends on beside its inputs."""
        grid = self.settings.grid
        return {
            "images": self.settings.images,
            "grid": None if grid is None else grid.job_settings(),
            "evaluate": self.settings.evaluate.curves_alone(),
            "properties": {name: self._measured(name) for name in self.properties},
        }

    def _measured(self, name: str) -> dict[str, Any]:
        """Return how a property is measured; without a meter, the latent that says where it is."""
        told = dict(self._paths[name].meter)
        latent = self._study.properties[name].set_latent()
        unknown = told["meter"]["meter"] is None and told["meter"]["mask"] is None
        return told | ({"latent": latent} if unknown and latent else {})
