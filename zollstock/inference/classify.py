"""Whether models classify an image correctly."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from zollstock.errors import ZollstockError, did_you_mean
from zollstock.images.selection import Accept
from zollstock.inference.run import Runner
from zollstock.models.card import Model


def correct_for_all(models: Sequence[Model], device: str = "cpu") -> Accept:
    """Return a test of an image and its label that passes if all models say the label.

    Raises
    ------
    ZollstockError
        When asked for a label that a model does not know.
    """
    runners = [(model, Runner(model, device=device, batch_size=1, shared=True)) for model in models]

    def accept(pixels: npt.NDArray[np.uint8], label: str) -> bool:
        for model, runner in runners:
            if label not in model.classes:
                raise ZollstockError(
                    "images",
                    f"have the label '{label}', which a model does not know",
                    "a class of the model",
                    f"{did_you_mean(label, model.classes)} Rename the label, or name the model's "
                    "classes so.",
                )
            logits = runner.logits(model.geometry.apply(pixels[None]))
            if model.classes[int(logits[0].argmax())] != label:
                return False
        return True

    return accept
