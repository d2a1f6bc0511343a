"""A model as perturbations ask it: from blended pictures to the outputs that are followed.

Blending is linear and a model's normalisation is affine, so m·x + (1 − m)·r may be made of
pictures that are normalised already. They are normalised once a picture, not once a sample.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

from zollstock.inference.forward import Forward
from zollstock.inference.outputs import as_logits, as_probabilities
from zollstock.locate.differentiable import GradientModel
from zollstock.models.card import Model
from zollstock.models.normalisation import GREY


def _same(pictures: torch.Tensor) -> torch.Tensor:
    return pictures


@dataclass(frozen=True)
class Classifier:
    """What is asked.

    Attributes
    ----------
    outputs
        Of a batch, float32, (n, C, H, W), as `prepare` leaves it: the followed outputs, (n, K).
        It runs in inference mode.
    prepare
        Of pictures of 0 … 255, float32, (n, 3, H, W): what the model takes, (n, C, H, W). It must
        be affine and act on each pixel alone; by default the pictures stay as they are.
    device
        Where both happen.
    rounded
        Whether the model is to see whole numbers of 0 … 255, as bytes are; `prepare` is then
        called with each batch.
    """

    outputs: Callable[[torch.Tensor], torch.Tensor | npt.NDArray[np.floating]]
    prepare: Callable[[torch.Tensor], torch.Tensor] = _same
    device: torch.device | str = "cpu"
    rounded: bool = False


def of_bytes(
    outputs: Callable[[npt.NDArray[np.uint8]], npt.NDArray[np.floating]],
) -> Classifier:
    """Return what asks a function of frames, uint8, (n, H, W, 3), to outputs (n, K)."""

    def of_floats(pictures: torch.Tensor) -> npt.NDArray[np.floating]:
        return outputs(pictures.to(torch.uint8).permute(0, 2, 3, 1).contiguous().numpy())

    return Classifier(of_floats, rounded=True)


def of_model(
    model: Model,
    device: torch.device | str = "cpu",
    classes: Sequence[int] | None = None,
    dtype: torch.dtype = torch.float32,
) -> Classifier:
    """Return what asks a model for probabilities.

    Parameters
    ----------
    model, device, dtype
        See `Asking`.
    classes
        Indices of the classes that are followed, K of them; by default all.
    """

    def probabilities(logits: torch.Tensor) -> npt.NDArray[np.floating]:
        every = as_probabilities(
            logits.cpu().numpy(), independent=model.independent, scale=model.scale
        )
        return every if classes is None else every[:, list(classes)]

    return Asking(model, device, dtype).classifier(probabilities)


class Asking:
    """A model that perturbations ask.

    The way it runs (memory layout, inference mode, single frames) is tried on its first
    pictures, as `zollstock.inference.forward.Forward` does; it is worth to keep this for all
    pictures.

    Parameters
    ----------
    model
        The classifier. Grey ones get their grey as a number, which bytes would round.
    device
        Where it runs.
    dtype
        Numbers that it runs in.
    """

    def __init__(
        self,
        model: Model,
        device: torch.device | str = "cpu",
        dtype: torch.dtype = torch.float32,
    ) -> None:
        self.model, self.device = model, device
        self._forward = Forward(model, torch.device(device), dtype)
        norm = model.normalisation
        self._mean, self._std = (
            torch.tensor(values[: norm.channels], device=device).view(-1, 1, 1) * 255
            for values in (norm.mean, norm.std)
        )
        self._grey = torch.tensor(GREY, device=device).view(1, 3, 1, 1) / 2**16

    def classifier(
        self, of_logits: Callable[[torch.Tensor], torch.Tensor | npt.NDArray[np.floating]]
    ) -> Classifier:
        """Return what asks for something that is made of logits, (n, classes) → (n, K)."""

        def outputs(batch: torch.Tensor) -> torch.Tensor | npt.NDArray[np.floating]:
            return of_logits(self._logits(batch))

        return Classifier(outputs, self._prepare, self.device)

    def followed(self, model: GradientModel) -> Classifier:
        """Return what asks for the followed output alone, as gradients are taken of it."""
        return self.classifier(lambda logits: model.of_logits(logits)[:, None])

    def _prepare(self, pictures: torch.Tensor) -> torch.Tensor:
        if self.model.normalisation.channels == 1:
            pictures = (pictures * self._grey).sum(1, keepdim=True)
        return (pictures - self._mean) / self._std

    def _logits(self, batch: torch.Tensor) -> torch.Tensor:
        with torch.inference_mode(False):
            if self._forward.way is None:
                shape = (2, *batch.shape[2:], 3)
                noise = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
                self._forward.outputs(noise)
        found = self._forward.run(batch)
        return as_logits(found, len(self.model.classes), self.model.outputs)
