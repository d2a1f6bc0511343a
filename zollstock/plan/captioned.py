"""What the plan knows of models whose checkpoint is trained here, on captions."""

import hashlib
import json
from pathlib import Path
from typing import Any

from zollstock.settings import Study
from zollstock.settings.captions import CaptionTraining

FILES = {
    "config": "config.json",
    "weights": "model.safetensors",
    "tokenizer": "tokenizer.json",
    "told": "tokenizer_config.json",
    "preprocessing": "preprocessor_config.json",
    "card": "card.json",
}
"""What a training writes, as outputs of its rule: a checkpoint of transformers, and its card."""


class Captioned:
    """The trainings on captions of a study; models that are told the same share one.

    Parameters
    ----------
    study
        The checked settings.

    Attributes
    ----------
    jobs
        A hash of what a training depends on → what its job is given.
    """

    def __init__(self, study: Study) -> None:
        self.root = f"results/{study.study}/captioned"
        self.jobs: dict[str, dict[str, Any]] = {}
        self._trained: dict[str, str] = {}
        self._settings: dict[str, CaptionTraining] = {}
        for name, model in study.models.items():
            training = model.learns_captions()
            if training is None:
                continue
            job = training.job(study.world.model_dump())
            told = json.dumps([study.seed, job], sort_keys=True)
            digest = hashlib.sha256(told.encode()).hexdigest()[:12]
            self._trained[name] = digest
            self.jobs[digest], self._settings[digest] = job, training

    def folder_of(self, model: str) -> Path | None:
        """Return the folder that a model is read from; None of one that comes from elsewhere."""
        digest = self._trained.get(model)
        return None if digest is None else Path(self.root) / digest

    def files_of(self, model: str) -> list[str]:
        """Return what is in that folder once the model is trained."""
        folder = self.folder_of(model)
        return [] if folder is None else [str(folder / name) for name in FILES.values()]

    def modules(self, digest: str) -> list[str]:
        """Return the modules of the worlds that a training draws."""
        return self._settings[digest].modules()

    def device(self, digest: str) -> str:
        """Return where it runs."""
        return self._settings[digest].device

    def memory(self, digest: str) -> int:
        """Return megabytes for it: its pictures are held, twice while they are joined."""
        found = self._settings[digest]
        count = sum(pictures.images for pictures in found.pictures) + found.test_images
        return 2000 + round(2 * count * found.size**2 * 3 / 1e6)
