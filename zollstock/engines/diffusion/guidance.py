"""A guidance scale per frame, and a UNet that is not asked the same thing twice."""

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn


class PerFrame:
    """Guidance scales of a batch that pass for the one number a pipeline's call takes.

    Pipelines compare the scale with 1 to decide whether to guide at all, and multiply it with
    a difference of predictions. Here every comparison says "guide", so that scales of 0 and
    below are exact too, and the product takes each frame's own scale.

    Parameters
    ----------
    scales
        Shape (frames,).
    axes
        Number of axes of the predictions, frames first; 4 for a UNet, 3 for a transformer.
    """

    def __init__(self, scales: NDArray[np.float64], axes: int = 4) -> None:
        self.values = torch.as_tensor(scales, dtype=torch.float32).reshape(-1, *[1] * (axes - 1))

    def __gt__(self, other: object) -> bool:
        return True

    def __ge__(self, other: object) -> bool:
        return True

    def __mul__(self, difference: torch.Tensor) -> torch.Tensor:
        # Kept there: a copy in every denoising step would make the host wait for the GPU.
        self.values = self.values.to(difference.device)
        return self.values.to(difference.dtype) * difference

    __rmul__ = __mul__


class SharedBranches(nn.Module):
    """Stands in for an InstructPix2Pix UNet and leaves out what is known already.

    The pipeline asks for three branches of every frame: with text, without, and without the
    source. ε = ε(∅,∅) + s_I·(ε(I,∅) − ε(∅,∅)) + s_T·(ε(I,T) − ε(I,∅)), Brooks et al. 2023.

    - At s_I = 1 the third branch cancels.
    - At s_T = 0 the first one does.
    - All frames of a sweep start from the same noise, so the first step is evaluated once
      per instruction.

    What is left out is replaced by an equal prediction, so the pipeline's own arithmetic
    gives the same frames.

    Parameters
    ----------
    unet
        The UNet.
    """

    def __init__(self, unet: nn.Module) -> None:
        super().__init__()
        self.unet = unet
        self._first: tuple[torch.Tensor, torch.Tensor] | None = None
        self._later: tuple[torch.Tensor, torch.Tensor] | None = None
        self._calls = 0
        self.evaluations = 0
        """Samples the UNet has evaluated since `plan`."""

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        """Answer with the UNet's own attribute: its config, its device and the like."""
        try:
            return super().__getattr__(name)
        except AttributeError:
            return getattr(super().__getattr__("unet"), name)

    def plan(
        self,
        scales: NDArray[np.float64],
        texts: NDArray[np.int64],
        image_guidance: float,
        device: torch.device,
        *,
        one_source: bool = True,
    ) -> None:
        """Decide which samples the next sweep evaluates.

        Parameters
        ----------
        scales
            s_T of each frame, shape (frames,).
        texts
            Which instruction each frame has; frames with equal numbers have the same.
        image_guidance
            s_I.
        device
            Where the samples are.
        one_source
            Whether all frames have the same source; only then do they share the first step.
        """
        count = len(scales)
        rows = np.arange(3 * count).reshape(3, count)
        rows[0] = np.where(scales == 0, rows[1], rows[0])
        if image_guidance == 1:
            rows[2] = rows[1]
        first = rows.copy()
        for branch in range(3):
            for text in np.unique(texts):
                same = (texts == text) & (scales != 0) if branch == 0 else np.full(count, True)
                if same.any():
                    first[branch, same] = rows[branch, same][0]
        first[0, scales == 0] = first[1, 0]
        if image_guidance == 1:
            first[2] = first[1]
        if not one_source:
            first = rows
        self._first, self._later = _unique(first, device), _unique(rows, device)
        self._calls = self.evaluations = 0

    def forward(
        self,
        sample: torch.Tensor,
        timestep: torch.Tensor,
        encoder_hidden_states: torch.Tensor,
        added_cond_kwargs: dict[str, torch.Tensor] | None = None,
        **rest: Any,  # noqa: ANN401
    ) -> tuple[torch.Tensor]:
        """Evaluate the planned samples and answer for all; arguments are the UNet's."""
        plan = self._later if self._calls else self._first
        assert plan is not None, "plan() comes first"
        rows, places = plan
        self._calls += 1
        self.evaluations += len(rows)
        if added_cond_kwargs is not None:
            added_cond_kwargs = {key: value[rows] for key, value in added_cond_kwargs.items()}
        # Compiled for one size of batch, the one that most steps have; the first is smaller.
        compiled = getattr(self.unet, "_compiled_call_impl", None) is not None
        ask = self.unet.forward if compiled and plan is self._first else self.unet
        if compiled and sample.device.type == "cuda":
            # The answer of the step before is used up: its CUDA graph may be replayed.
            torch.compiler.cudagraph_mark_step_begin()
        found = ask(
            sample[rows].contiguous(memory_format=torch.channels_last),
            timestep,
            encoder_hidden_states=encoder_hidden_states[rows],
            added_cond_kwargs=added_cond_kwargs,
            **rest,
        )[0]
        return (found[places],)


def _unique(rows: NDArray[np.int64], device: torch.device) -> tuple[torch.Tensor, torch.Tensor]:
    distinct, places = np.unique(rows.ravel(), return_inverse=True)
    return torch.from_numpy(distinct).to(device), torch.from_numpy(places).to(device)
