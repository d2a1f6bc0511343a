"""What is explained in a training: a module, a number of each picture, and what explainers need.

Unlike in `zollstock.locate`, the module is the one that is trained, its input is normalised
already, and what comes out is differentiable in its weights.
"""

import hashlib
from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from zollstock.errors import ZollstockError, did_you_mean
from zollstock.locate.differentiable import slope_of
from zollstock.repair.activations import Flat
from zollstock.seeds import rng_for, seed_for
from zollstock.trace.network import logits_of
from zollstock.worlds.noise import uniform

Answer = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]


def _of_target(values: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    return values.gather(1, targets[:, None])[:, 0]


OUTPUTS: dict[str, Answer] = {
    "logit": _of_target,
    "log_probability": lambda logits, targets: _of_target(logits.log_softmax(1), targets),
    "probability": lambda logits, targets: _of_target(logits.softmax(1), targets),
    "log_probabilities": lambda logits, targets: logits.log_softmax(1).sum(1),
}
"""From logits (N, C) and classes (N,) to the number that is explained, (N,). The last one is the
sum over all classes, which Ross et al. 2017 (RRR) penalise."""

_LINEAR, _POINTS = {"logit"}, 32


@dataclass(frozen=True)
class Explained:
    """The number that is explained, as a function of inputs.

    Attributes
    ----------
    module
        In evaluation mode.
    targets
        The class of each picture, int64, (N,).
    output
        A key of `OUTPUTS`.
    """

    module: nn.Module
    targets: torch.Tensor
    output: str = "logit"

    def __post_init__(self) -> None:
        if self.output not in OUTPUTS:
            raise ZollstockError(
                "repair: output",
                f"is '{self.output}'",
                f"one of {', '.join(OUTPUTS)}",
                did_you_mean(self.output, OUTPUTS),
            )

    def __call__(self, inputs: torch.Tensor) -> torch.Tensor:
        """Return the number of each input, (K·N, …) → (K·N,): all N pictures, K times over."""
        return self.of_logits(logits_of(self.module(inputs)))

    def of_logits(self, logits: torch.Tensor) -> torch.Tensor:
        """Return the number of each row of logits, (K·N, C) → (K·N,)."""
        times = len(logits) // len(self.targets)
        return OUTPUTS[self.output](logits, self.targets.repeat(times))

    @property
    def points(self) -> int:
        """How many points its mean gradient along a line of logits asks for."""
        return 1 if self.output in _LINEAR else _POINTS

    def repeated(self, times: int) -> "Explained":
        """Return it for all pictures so many times over."""
        return replace(self, targets=self.targets.repeat(times))

    def slopes(self, inputs: torch.Tensor) -> torch.Tensor:
        """Return the gradient by the inputs, of their shape, itself differentiable by weights.

        Raises
        ------
        ZollstockError
            If the module gives none.
        """
        further = torch.is_grad_enabled()
        with torch.enable_grad():
            leaf = inputs.detach().clone().requires_grad_()
            with Flat() as mode:
                values = self(leaf)
            with mode.for_inputs():
                return slope_of(values, leaf, further=further, where="repair")


@dataclass(frozen=True)
class Draws:
    """Chance, a generator for each picture: what is drawn hangs on no place in a batch.

    Attributes
    ----------
    seed
        Of the study or training.
    keys
        What each picture's draws hang on, such as its number and the epoch.
    """

    seed: int
    keys: Sequence[Hashable]

    @classmethod
    def of_content(cls, inputs: torch.Tensor, seed: int = 0) -> "Draws":
        """Return draws that hang on what each input holds."""
        plain = inputs.detach().cpu().contiguous()
        return cls(seed, [hashlib.sha256(one.numpy().tobytes()).hexdigest() for one in plain])

    def repeated(self, times: int) -> "Draws":
        """Return other draws for each of so many rounds over all pictures."""
        return Draws(self.seed, [(key, k) for k in range(times) for key in self.keys])

    def each(self, what: str) -> Iterator[np.random.Generator]:
        """Yield the generator of each picture."""
        for key in self.keys:
            yield rng_for(self.seed, "repair", what, key)

    def uniform(self, what: str, times: int) -> npt.NDArray[np.float64]:
        """Return so many numbers of (0, 1) for each picture, (N, times), without a generator."""
        seeds = np.array([seed_for(self.seed, "repair", key) for key in self.keys], np.uint64)
        return np.stack([uniform(seeds, f"repair: {what} {k}") for k in range(times)], 1)

    def normal(self, what: str, times: int, like: torch.Tensor) -> torch.Tensor:
        """Return normal numbers, (times·N, …), for pictures (N, …)."""
        shape = times, *like.shape[1:]
        drawn = [rng.standard_normal(shape, dtype=np.float32) for rng in self.each(what)]
        return by_rounds(torch.from_numpy(np.stack(drawn)).to(like))


@dataclass(frozen=True)
class Given:
    """What explainers are given beside inputs and settings.

    Attributes
    ----------
    baseline
        What stands for nothing being there: a number, or a tensor that broadcasts to the inputs.
        0 is the mean colour of the normalisation.
    baselines
        A set of such pictures, (M, channels, H, W), where one is drawn.
    segments
        Numbers of segments from 0 without gaps, int64, (H, W), or of each picture, (N, H, W).
    draws
        See `Draws`; by default of what the inputs hold.
    """

    baseline: torch.Tensor | float = 0.0
    baselines: torch.Tensor | None = None
    segments: torch.Tensor | None = None
    draws: Draws = field(default_factory=lambda: Draws(0, []))

    def start(self, inputs: torch.Tensor) -> torch.Tensor:
        """Return the baseline of each input, of their shape."""
        return torch.as_tensor(self.baseline).to(inputs).expand_as(inputs)

    def repeated(self, times: int) -> "Given":
        """Return it for all pictures so many times over."""
        found = replace(self, draws=self.draws.repeated(times))
        if isinstance(self.baseline, torch.Tensor) and self.baseline.ndim == 4:
            found = replace(found, baseline=self.baseline.repeat(times, 1, 1, 1))
        if self.segments is not None and self.segments.ndim == 3:
            found = replace(found, segments=self.segments.repeat(times, 1, 1))
        return found

    def drawn(self, what: str, times: int, inputs: torch.Tensor) -> torch.Tensor:
        """Return baselines drawn from the set, (times·N, …).

        Raises
        ------
        ZollstockError
            If there is no set.
        """
        if self.baselines is None or not len(self.baselines):
            raise ZollstockError(
                f"repair: {what}",
                "is given no baselines",
                "some pictures to compare with, such as training images",
                "Pass them as `baselines`.",
            )
        count = len(self.baselines)
        places = (self.draws.uniform(what, times) * count).astype(np.int64)
        rows = by_rounds(torch.from_numpy(places)).to(inputs.device)
        return self.baselines.to(inputs)[rows]

    def parts(self, inputs: torch.Tensor) -> torch.Tensor:
        """Return the segment of each pixel, (N, H, W).

        Raises
        ------
        ZollstockError
            If there are none, or if they do not fit the inputs.
        """
        found = self.segments
        if found is None or found.shape[-2:] != inputs.shape[-2:]:
            shape = "none" if found is None else f"of shape {tuple(found.shape)}"
            raise ZollstockError(
                "repair: segments",
                f"are {shape} for inputs of {tuple(inputs.shape[-2:])} pixels",
                "the number of a segment at each pixel",
                "Pass them as `segments`.",
            )
        return found.to(inputs.device).expand(len(inputs), *inputs.shape[-2:])


def by_rounds(values: torch.Tensor) -> torch.Tensor:
    """Return (N, K, …) as (K·N, …): all pictures of the first round, then of the next."""
    return values.transpose(0, 1).reshape(-1, *values.shape[2:])


def rounds(values: torch.Tensor, times: int) -> torch.Tensor:
    """Return (K·N, …) as (K, N, …)."""
    return values.reshape(times, -1, *values.shape[1:])


@contextmanager
def quiet(module: nn.Module) -> Iterator[nn.Module]:
    """Hold a module in evaluation mode; afterwards each part is in the mode that it was in.

    So batch norms neither use nor change what they keep of a batch.
    """
    modes = [(part, part.training) for part in module.modules()]
    module.eval()
    try:
        yield module
    finally:
        for part, mode in modes:
            part.training = mode
