"""A model as a torch function of pixels: from float frames to the followed output, with gradients.

The numbers are those of `zollstock.inference.forward` and `zollstock.scoring.follow`, which is
checked on the first frames.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import torch

from zollstock.arrays import Array
from zollstock.errors import ZollstockError
from zollstock.inference.batching import BatchSize, free_memory, out_of_memory
from zollstock.inference.forward import Forward, apart, refusal
from zollstock.inference.outputs import as_logits, find_logits
from zollstock.models.card import Model
from zollstock.models.normalisation import GREY
from zollstock.scoring.outputs import Output, Spelled, parse_output

Frames: TypeAlias = npt.NDArray[np.uint8]
Step: TypeAlias = Callable[[torch.Tensor], tuple[torch.Tensor, ...]]


class Differentiable:
    """A model's module on a device, from pixels to logits.

    Parameters
    ----------
    model
        The classifier; it is copied.
    device, dtype
        Where it runs, in which numbers; float64 is for tests and hard cases.
    batch_size
        The most frames a pass; fewer where memory is short.

    Attributes
    ----------
    module
        What is run: in evaluation mode, its parameters without gradients.
    """

    def __init__(
        self,
        model: Model,
        *,
        device: torch.device | str = "cpu",
        dtype: torch.dtype = torch.float32,
        batch_size: int = 16,
    ) -> None:
        self.model, self.device, self.dtype = model, torch.device(device), dtype
        # Apart from what predicts: a module may keep tensors of its first pass, which, made without
        # gradients, would never have any.
        self.module = Forward(model, self.device, torch.float32).module.to(dtype)
        self.module.requires_grad_(False)
        self._batch = BatchSize(batch_size, self.device)
        self._single: bool | None = None

    def pixels(self, frames: Frames) -> torch.Tensor:
        """Return frames as the model sees them, before mean and deviation.

        Parameters
        ----------
        frames
            uint8, shape (N, H, W, 3), of the model's input size.

        Returns
        -------
        Tensor
            0 to 255, shape (N, H, W, channels). Of a model of grey pictures the one channel that
            Pillow makes, rounded as there: what lies between two frames lies between their greys.
        """
        whole = torch.from_numpy(np.ascontiguousarray(frames).copy()).to(self.device)
        if self.model.normalisation.channels == 1:
            shares = torch.tensor(GREY, dtype=torch.int32, device=self.device)
            whole = ((whole.to(torch.int32) * shares).sum(-1, keepdim=True) + 2**15) // 2**16
        return whole.to(self.dtype)

    def logits(self, pixels: torch.Tensor) -> torch.Tensor:
        """Return the logits of pixels, (N, H, W, channels) → (N, classes); gradients pass.

        Raises
        ------
        ZollstockError
            If the model refuses them, or answers otherwise than it does without gradients.
        """
        self.prepare(pixels)
        return self._run(pixels)

    def prepare(self, pixels: torch.Tensor) -> None:
        """Compare with the ordinary inference on the first pixels, once; see `logits`."""
        if self._single is None:
            self._try(pixels.detach()[:2])

    @property
    def single(self) -> bool:
        """Whether the model takes one frame at a time; known after its first pass."""
        return bool(self._single)

    def in_batches(self, step: Step, pixels: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """Return what a step makes of pixels, joined; batches that do not fit are halved.

        Parameters
        ----------
        step
            From pixels (n, H, W, channels) to tensors of n rows each.
        pixels
            Shape (N, H, W, channels), N at least 1.
        """
        parts: list[tuple[torch.Tensor, ...]] = []
        done = 0
        while done < len(pixels):
            size = self._batch.next(len(pixels) - done)
            try:
                parts.append(step(pixels[done : done + size]))
            except Exception as error:
                if isinstance(error, ZollstockError) or not out_of_memory(error) or size == 1:
                    raise
                self._batch.halve(size)
                free_memory()
                continue
            done += size
        return tuple(torch.cat(columns) for columns in zip(*parts, strict=True))

    def follow(self, output: Spelled | Output, chosen: int = -1) -> "GradientModel":
        """Return the function whose value is the followed output; see `GradientModel`."""
        return GradientModel(self, parse_output(output), chosen)

    def _run(self, pixels: torch.Tensor) -> torch.Tensor:
        norm = self.model.normalisation
        count = pixels.shape[-1]
        mean, std = (
            torch.tensor(values[:count], device=self.device) * 255
            for values in (norm.mean, norm.std)
        )
        batch = ((pixels - mean) / std).permute(0, 3, 1, 2).contiguous()
        classes = len(self.model.classes)
        parts = batch.split(1) if self._single else (batch,)
        try:
            found = [find_logits(self.module(part), len(part), classes) for part in parts]
        except ZollstockError:
            raise
        except Exception as error:
            if out_of_memory(error):
                raise
            if pixels.requires_grad and "requires grad" in str(error):  # what leaves torch
                raise _without() from None
            raise refusal(error, *pixels.shape[1:3]) from None
        joined = torch.cat(found) if len(found) > 1 else found[0]
        return as_logits(joined, classes, self.model.outputs, self.dtype)

    @torch.no_grad()
    def _try(self, pixels: torch.Tensor) -> None:
        """Compare with the ordinary inference, which also knows who takes one frame at a time."""
        bytes_ = pixels.round().clamp(0, 255).to(torch.uint8).cpu().numpy()
        frames = np.ascontiguousarray(np.broadcast_to(bytes_, (*bytes_.shape[:3], 3)))
        forward = Forward(self.model, self.device, torch.float32)
        plain = forward(frames)
        self._single = forward.way is not None and forward.way.single
        if apart(plain, self._run(self.pixels(frames)), forward.rounding):
            raise ZollstockError(
                "locate",
                "a model answers otherwise where its gradients are asked for",
                "a function of the frame alone",
                "Let it do nothing else under torch.enable_grad(), or use perturbation methods.",
            )


@dataclass(frozen=True)
class GradientModel:
    """The followed output as a function of pixels.

    Attributes
    ----------
    network
        The model.
    output
        What is followed; one number a frame, so no ``vector``.
    chosen
        Index of the class, where the output names none: of the class that is predicted for the
        image, or of its label, see `zollstock.scoring.follow.chosen_of_pictures`.
    """

    network: Differentiable
    output: Output
    chosen: int = -1

    def __post_init__(self) -> None:
        model, output = self.network.model, self.output
        if output.kind == "vector":
            raise ZollstockError(
                "scoring.output",
                "is 'vector', which is no number whose gradient has a sign",
                "one class, a contrast, a logit or a margin",
                "Follow 'predicted' as well.",
            )
        if output.kind == "similarity" and model.kind != "similarity":
            raise ZollstockError(
                "scoring.output",
                f"is '{output.name}', but a model's outputs are of the kind {model.kind}",
                "models whose outputs are similarities, such as CLIP",
                "Follow a probability, 'logit:' or 'margin:'.",
            )
        if output.by == "name" and output.kind != "contrast":
            object.__setattr__(self, "chosen", output.indices(model.classes)[0][0])
        if output.kind != "contrast" and not 0 <= self.chosen < len(model.classes):
            raise ZollstockError(
                "class to follow",
                f"is number {self.chosen}",
                f"0 to {len(model.classes) - 1}",
                "Name the class that is predicted for the image, or its label.",
            )
        if output.kind == "margin" and len(model.classes) < 2:
            raise ZollstockError(
                "scoring.output", "is a margin of one class", "two or more", "Follow a logit."
            )

    def __call__(self, pixels: torch.Tensor) -> torch.Tensor:
        """Return the followed output, float64, (N, H, W, channels) → (N,); gradients pass."""
        return self.of_logits(self.network.logits(pixels))

    def of_logits(self, logits: torch.Tensor) -> torch.Tensor:
        """Return the followed output of logits, (N, classes) → (N,), float64."""
        model, kind = self.network.model, self.output.kind
        wide = logits.to(widest(logits.device))
        if kind == "margin":
            others = [k for k in range(wide.shape[1]) if k != self.chosen]
            return wide[:, self.chosen] - wide[:, others].amax(1)
        if kind in ("logit", "similarity"):
            return wide[:, self.chosen]
        wide = wide * model.scale
        likely = torch.sigmoid(wide) if model.independent else torch.softmax(wide, 1)
        if kind == "probability":
            return likely[:, self.chosen]
        first, second = self.output.indices(model.classes)
        return likely[:, first].sum(1) - likely[:, second].sum(1)

    def pixels(self, frames: Frames) -> torch.Tensor:
        """Return frames as the model sees them; see `Differentiable.pixels`."""
        return self.network.pixels(frames)

    def values(self, pixels: torch.Tensor) -> Array:
        """Return the followed output in batches, without gradients, shape (N,)."""

        def step(part: torch.Tensor) -> tuple[torch.Tensor, ...]:
            with torch.no_grad():
                return (self(part),)

        return self.network.in_batches(step, pixels)[0].cpu().numpy()

    def gradients(self, pixels: torch.Tensor) -> tuple[Array, torch.Tensor]:
        """Return the followed output and its gradient by the pixels.

        Parameters
        ----------
        pixels
            Shape (N, H, W, channels), 0 to 255.

        Returns
        -------
        values
            Shape (N,).
        gradients
            As `pixels`: change of the output a grey level.

        Raises
        ------
        ZollstockError
            If the model gives no gradients, or some that are not finite.
        """
        values, slopes = self.network.in_batches(self._differentiate, pixels)
        return values.cpu().numpy(), slopes

    def _differentiate(self, pixels: torch.Tensor) -> tuple[torch.Tensor, ...]:
        with torch.enable_grad():
            leaf = pixels.detach().clone().requires_grad_()
            values = self(leaf)
            slope = differentiated(values, leaf)
        return values.detach(), slope


def widest(device: torch.device) -> torch.dtype:
    """Return float64, or float32 where a device has none."""
    return torch.float32 if device.type == "mps" else torch.float64


def differentiated(values: torch.Tensor, at: torch.Tensor) -> torch.Tensor:
    """Return the gradient of each value by its own row of `at`.

    Raises
    ------
    ZollstockError
        If there is none, or it is not finite.
    """
    slope = slope_of(values, at)
    if not bool(torch.isfinite(slope).all()):
        raise ZollstockError(
            "locate",
            "a model's gradient is not finite",
            "numbers",
            "Follow a logit, or use perturbation methods for it.",
        )
    return slope


def slope_of(
    values: torch.Tensor, at: torch.Tensor, *, further: bool = False, where: str = "locate"
) -> torch.Tensor:
    """Return the gradient of each value by its own row of `at`, finite or not.

    Parameters
    ----------
    values, at
        Shape (N,), and what they are a function of, N rows.
    further
        Whether the gradient is to be differentiated itself.
    where
        What asks, for messages.

    Raises
    ------
    ZollstockError
        If there is none.
    """
    if not values.requires_grad:
        raise _without(where)
    try:
        slope: torch.Tensor = torch.autograd.grad(values.sum(), at, create_graph=further)[0]
    except RuntimeError as error:
        if out_of_memory(error):
            raise
        reason = next(iter(str(error).strip().splitlines()), "without a message")
        raise ZollstockError(
            where,
            f"torch cannot differentiate a model ({reason})",
            "a model that is built of differentiable functions",
            "Use perturbation methods for it.",
        ) from None
    return slope


def _without(where: str = "locate") -> ZollstockError:
    return ZollstockError(
        where,
        "a model gives no gradients",
        "one whose outputs torch can differentiate; an ONNX file runs outside of torch",
        "Use perturbation methods for it, or give its torch weights and builder.",
    )
