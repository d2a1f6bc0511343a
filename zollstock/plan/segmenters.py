"""What the workflow must know of the models that draw a study's masks."""

from pathlib import Path
from typing import Any

from zollstock.engines.diffusion.places import FETCHED, folder_of, is_hub_id
from zollstock.plan.files import files_of_pretrained
from zollstock.settings import Study
from zollstock.settings.masks import SegmentedMask


class Segmenters:
    """The models that draw masks, each with what it looks for.

    Attributes
    ----------
    masks
        Name of a folder of masks → the settings they are drawn by.
    """

    def __init__(self, study: Study) -> None:
        self.root = Path(study.editing.checkpoints)
        asked = [prop.mask for prop in study.properties.values()]
        self.masks = {one.name(): one for one in asked if isinstance(one, SegmentedMask)}

    def folder(self, name: str) -> Path:
        """Return the folder of the model that draws masks of a name."""
        one = self.masks[name]
        return folder_of(one.segmenter, one.revision, self.root)

    def fetched(self, name: str) -> list[str]:
        """Return the note that the model was fetched, where it comes from a hub."""
        hub = is_hub_id(self.masks[name].segmenter)
        return [str(self.folder(name) / FETCHED)] if hub else []

    def files(self, name: str) -> list[str]:
        """Return the files of a model that lies in a folder of the user's."""
        return [] if self.fetched(name) else files_of_pretrained(self.folder(name))

    def asked(self, name: str) -> dict[str, Any]:
        """Return what the job that draws masks is told."""
        return {"folder": str(self.folder(name)), "classes": self.masks[name].classes}
