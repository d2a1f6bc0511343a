"""FlowEdit: from the image straight to its edit, without inversion, on SD 3 and FLUX.1."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from zollstock.engines.diffusion import instructions
from zollstock.engines.diffusion.base import DiffusionEngine
from zollstock.engines.diffusion.flow_models import FLOW_MODELS, Condition, FlowModel
from zollstock.engines.diffusion.parts import trained_size
from zollstock.engines.registry import register
from zollstock.errors import ZollstockError


@dataclass(frozen=True)
class _Step:
    """One step from noise level `sigma` to `after`, with what all frames share in it."""

    sigma: float
    after: float
    noises: list[torch.Tensor]
    source_velocities: list[torch.Tensor]


@dataclass(frozen=True)
class _Session:
    latents: torch.Tensor
    texts: list[list[Condition]]
    steps: list[_Step]
    sampled: list[_Step]


@register("flowedit")
class FlowEditEngine(DiffusionEngine):
    """Sweeps the strength s of the edit; see `DiffusionEngine` for the other parameters.

    Kulikov, Kleiner, Huberman-Spiegelglas & Michaeli, "FlowEdit" (arXiv 2412.08629, 2024).
    From Z = X, the image's latents, for the noise levels σ from the ``n_max``-th last to 0:

    - z_src = (1 − σ)·X + σ·N with fresh noise N,
    - z_tar = z_src + Z − X,
    - V_Δ = V(z_tar; s) − V(z_src; 0), averaged over ``n_avg`` noises,
    - Z ← Z + (σ_next − σ)·V_Δ.

    The paper's V(z_tar) is the velocity under the target prompt. Here it is

    V(z; s) = v(z | source, g_source) + s·(v(z | target, g_target) − v(z | source, g_source)).

    At s = 1 this is the paper's method. At s = 0 both velocities are one and the same, V_Δ = 0
    and Z stays X: the autoencoder's reconstruction, exactly. Between them each frame is edited
    all the way, towards a text between the two. In SD 3 g is classifier-free guidance,
    v(∅) + g·(v(text) − v(∅)); FLUX.1 [dev] is told g as an input.

    All frames see the same noise, and z_src is the same for all of them, so its velocities are
    evaluated once per path.

    Parameters
    ----------
    source_prompt
        A description of the image as it is; ``instruction`` describes it after the edit.
    source_guidance, target_guidance
        g of the two prompts; by default the paper's, 3.5 and 13.5 for SD 3, 1.5 and 5.5 for
        FLUX.1.
    n_max
        How many of the sampler's last steps edit; fewer keep more of the image. By default the
        paper's part of ``denoising_steps``: 33 of 50 for SD 3, 24 of 28 for FLUX.1.
    n_min
        The last of them that sample from the velocity V alone. With any, s = 0 is no longer
        exact: those steps draw the finest detail anew.
    n_avg
        Noises over which V_Δ is averaged.
    """

    pipelines = tuple(FLOW_MODELS)
    knob = "strength of the edit"
    multiple = 16

    def __init__(
        self,
        *,
        source_prompt: str = "",
        source_guidance: float | None = None,
        target_guidance: float | None = None,
        n_max: int | None = None,
        n_min: int = 0,
        n_avg: int = 1,
        **settings: Any,  # noqa: ANN401
    ) -> None:
        super().__init__(**settings)
        kind = FLOW_MODELS[self.pipeline_name]
        self.source_prompt = source_prompt
        self.guidance = (
            kind.guidance[0] if source_guidance is None else float(source_guidance),
            kind.guidance[1] if target_guidance is None else float(target_guidance),
        )
        self.n_max = round(kind.begins * self.denoising_steps) if n_max is None else n_max
        self.n_min, self.n_avg = n_min, n_avg
        if not 0 <= self.n_min < self.n_max <= self.denoising_steps or self.n_avg < 1:
            raise ZollstockError(
                "properties: n_max",
                f"is {self.n_max}, with n_min {self.n_min}, n_avg {self.n_avg} and "
                f"{self.denoising_steps} denoising steps",
                "0 ≤ n_min < n_max ≤ denoising_steps and n_avg ≥ 1",
                "Correct them.",
            )
        self._model: FlowModel | None = None

    @property
    def model(self) -> FlowModel:
        """The pipeline as a velocity field."""
        if self._model is None:
            self._model = FLOW_MODELS[self.pipeline_name](self.pipeline)
        return self._model

    def native_size(self) -> tuple[int, int]:
        """Return the size the checkpoint was trained at."""
        return trained_size(self.folder, "transformer")

    def check_instruction(self, text: str) -> None:
        """Raise if it or the source's description is too long."""
        for name, most in FLOW_MODELS[self.pipeline_name].tokenizers:
            if (self.folder / name).is_dir():
                for each in (text, self.source_prompt):
                    instructions.check(each, self.folder, name, most)
                return

    def facts(self) -> dict[str, Any]:
        """Return how the paths are made, for the manifest."""
        zero = "the autoencoder's reconstruction"
        if self.n_min:
            zero += f", its last {self.n_min} steps sampled anew"
        return super().facts() | ({"zero": zero} if self.axis == "zero" else {})

    def begin(self, image: Image.Image, seed: int) -> _Session:
        """Encode image and prompts; evaluate what all frames share."""
        model = self.model
        latents = model.encode(image)
        targets = [self.instruction] + ([self.opposite] if self.opposite else [])
        texts = [model.conditions(self.source_prompt, target, self.guidance) for target in targets]
        sigmas = model.sigmas(self.denoising_steps, *self.size)
        levels = list(pairwise(sigmas))[-self.n_max :]
        edited = len(levels) - self.n_min
        generator = torch.Generator().manual_seed(seed)
        steps = [
            self._shared(latents, sigma, after, texts[0], generator)
            for sigma, after in levels[:edited]
        ]
        # Sampling goes on from one noisy image: only its first step needs a noise.
        sampled = [
            _Step(sigma, after, [_noise(latents, generator)] if k == 0 else [], [])
            for k, (sigma, after) in enumerate(levels[edited:])
        ]
        return _Session(latents, texts, steps, sampled)

    def _shared(
        self,
        latents: torch.Tensor,
        sigma: float,
        after: float,
        conditions: list[Condition],
        generator: torch.Generator,
    ) -> _Step:
        weights = torch.tensor([self.model.weights(self.guidance)[0]])
        noises = [_noise(latents, generator) for _ in range(self.n_avg)]
        velocities = [
            self._velocity(_noisy(latents, noise, sigma), sigma, [conditions], weights)
            for noise in noises
        ]
        return _Step(sigma, after, noises, velocities)

    def _velocity(
        self,
        latents: torch.Tensor,
        sigma: float,
        texts: list[list[Condition]],
        weights: torch.Tensor,
    ) -> torch.Tensor:
        """Return Σ_c weights[:, c]·v(latents | condition c), leaving out what no frame weighs."""
        total = torch.zeros_like(latents)
        used = [c for c in range(weights.shape[1]) if weights[:, c].any()]
        asked = [conditions[c] for c in used for conditions in texts]
        found = self.model.velocity(latents.repeat(len(used), 1, 1, 1), sigma, asked)
        for c, part in zip(used, found.chunk(len(used)), strict=True):
            total += weights[:, c].to(latents.device).reshape(-1, 1, 1, 1) * part
        return total

    def edit(self, session: _Session, values: NDArray[np.float64]) -> torch.Tensor:
        """Solve the ODE for all values at once."""
        edited = session.latents.repeat(len(values), 1, 1, 1)
        # At 0 nothing moves; leaving these frames out keeps rounding from moving them either.
        moving = np.flatnonzero(values) if not session.sampled else np.arange(len(values))
        if len(moving):
            edited[torch.from_numpy(moving)] = self._solve(session, values[moving])
        return self.model.decode(edited)

    def _solve(self, session: _Session, values: NDArray[np.float64]) -> torch.Tensor:
        source = session.latents
        texts = [session.texts[int(value < 0)] for value in values]
        strength = torch.as_tensor(np.abs(values), dtype=torch.float32)[:, None]
        at_source, at_target = (torch.tensor([row]) for row in self.model.weights(self.guidance))
        weights = at_source + strength * (at_target - at_source)
        z = source.repeat(len(values), 1, 1, 1)
        for step in session.steps:
            change = torch.zeros_like(z)
            for noise, velocity in zip(step.noises, step.source_velocities, strict=True):
                # Written so that z = source gives z_tar = z_src to the bit.
                z_tar = _noisy(source, noise, step.sigma) + (z - source)
                change += self._velocity(z_tar, step.sigma, texts, weights) - velocity
            z = z + (step.after - step.sigma) * change / len(step.noises)
        for step in session.sampled:
            for noise in step.noises:
                z = _noisy(source, noise, step.sigma) + (z - source)
            z = z + (step.after - step.sigma) * self._velocity(z, step.sigma, texts, weights)
        return z


def _noise(latents: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    # Drawn on the CPU, so that every device sees the same.
    return torch.randn(latents.shape, generator=generator).to(latents.device)


def _noisy(latents: torch.Tensor, noise: torch.Tensor, sigma: float) -> torch.Tensor:
    return (1 - sigma) * latents + sigma * noise
