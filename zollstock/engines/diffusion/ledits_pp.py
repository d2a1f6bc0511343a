"""LEDITS++ on Stable Diffusion 1.5 and XL: one inversion per image, then a sweep in batches."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from zollstock.engines.diffusion import checkpoints, instructions
from zollstock.engines.diffusion.base import DiffusionEngine
from zollstock.engines.diffusion.parts import per_instruction, trained_size
from zollstock.engines.registry import register
from zollstock.errors import ZollstockError

_RUN_AS = {
    "StableDiffusionPipeline": "LEditsPPPipelineStableDiffusion",
    "StableDiffusionXLPipeline": "LEditsPPPipelineStableDiffusionXL",
}
_MASKS = {
    "both": {"use_intersect_mask": True},
    "attention": {"use_intersect_mask": False, "use_cross_attn_mask": True},
    "noise": {"use_intersect_mask": False, "use_cross_attn_mask": False},
}


@dataclass
class _Session:
    latents: torch.Tensor
    noises: torch.Tensor
    steps: torch.Tensor


@register("ledits_pp")
class LEditsPPEngine(DiffusionEngine):
    """Sweeps the editing guidance s_e; see `DiffusionEngine` for the other parameters.

    The image is inverted once: noise maps z_t are found with which the sampler makes the image
    again. Then every frame runs the sampler with the same maps and

    ε = ε(∅) + s_e·M·(ε(edit) − ε(∅)),

    where the mask M keeps the positions of largest difference and attention; Brack et al.,
    "LEDITS++" (CVPR 2024). At s_e = 0 the maps lead back to the latents they were found from:
    the autoencoder's reconstruction.

    Parameters
    ----------
    source_prompt
        A description of the image. It takes the place of the empty prompt ∅ both in the
        inversion and in the edit, so that knob 0 stays the reconstruction.
    reverse
        With it the axis runs from −stop to stop and negative values guide away from the
        instruction; instead of ``opposite``.
    skip
        Part of the noisiest steps that is left out; the more, the nearer to the image.
    edit_threshold
        Quantile below which M is 0: 0.9 changes a tenth of the image.
    mask
        What M is made from: ``attention`` to the instruction, ``noise`` (the difference of
        predictions), or ``both``.
    warmup_steps
        Steps at the beginning that are not guided.
    zero_noise_steps
        SDXL only: last steps whose noise maps are left out, against artefacts that diffusers
        reports. They smooth all frames, that at knob 0 too; with 0 it is exact.
    """

    pipelines = (*_RUN_AS, *_RUN_AS.values())
    knob = "editing guidance scale"
    multiple = 32

    def __init__(
        self,
        *,
        source_prompt: str = "",
        reverse: bool = False,
        skip: float = 0.15,
        edit_threshold: float = 0.9,
        mask: Literal["both", "attention", "noise"] = "both",
        warmup_steps: int = 0,
        zero_noise_steps: int = 3,
        **settings: Any,  # noqa: ANN401
    ) -> None:
        if reverse and settings.get("opposite"):
            raise ZollstockError(
                "properties: reverse",
                "is set beside opposite",
                "one of them: both say what negative values mean",
                "Remove one.",
            )
        if reverse:
            settings["opposite"] = settings["instruction"]
        super().__init__(**settings)
        self.pipeline_name = _RUN_AS.get(self.pipeline_name, self.pipeline_name)
        self.source_prompt, self.reverse = source_prompt, reverse
        self.skip, self.edit_threshold, self.mask = float(skip), float(edit_threshold), mask
        self.warmup_steps, self.zero_noise_steps = warmup_steps, zero_noise_steps

    @property
    def _xl(self) -> bool:
        return self.pipeline_name.endswith("XL")

    def native_size(self) -> tuple[int, int]:
        """Return the size that the checkpoint's UNet and autoencoder name."""
        return trained_size(self.folder, "unet")

    def check_instruction(self, text: str) -> None:
        """Raise if it or the source's description is too long."""
        for each in filter(None, [text, self.source_prompt]):
            instructions.check(each, self.folder)

    def facts(self) -> dict[str, Any]:
        """Return how the paths are made, for the manifest."""
        zero = "the autoencoder's reconstruction, by inversion"
        if self._xl and self.zero_noise_steps:
            zero += f" without the last {self.zero_noise_steps} noise maps"
        return super().facts() | ({"zero": zero} if self.axis == "zero" else {})

    def replaced_parts(self) -> dict[str, object]:
        """Return the sampler of the paper, and no safety checker: it would blacken frames."""
        from diffusers import DPMSolverMultistepScheduler

        config = checkpoints.read_json_file(self.folder / "scheduler" / "scheduler_config.json")
        scheduler = DPMSolverMultistepScheduler.from_config(
            config,
            algorithm_type="sde-dpmsolver++",
            solver_order=2,
            use_karras_sigmas=False,
            # The inversion computes the last noise map too, and with two steps' memory. The
            # sampler must take that step likewise, or the reconstruction is not exact.
            final_sigmas_type="sigma_min",
            lower_order_final=False,
        )
        return {"scheduler": scheduler} | ({} if self._xl else {"safety_checker": None})

    def load(self) -> Any:  # noqa: ANN401
        """Load the pipeline, corrected for batches.

        Only the UNet runs in a shorter type: noise maps that were found and used with different
        rounding do not lead back to the image.
        """
        from zollstock.engines.diffusion import ledits_pipelines as made

        loaded = super().load()
        for name in ("vae", "text_encoder", "text_encoder_2"):
            if hasattr(loaded, name):
                getattr(loaded, name).to(torch.float32)
        loaded.unet.register_forward_pre_hook(made.before, with_kwargs=True)
        loaded.unet.register_forward_hook(made.after)
        if self._xl:
            zeros = loaded.config.force_zeros_for_empty_prompt
            parts = {"force_zeros_for_empty_prompt": zeros, "add_watermarker": False}
            pipeline = made.SweepXL(**loaded.components, **parts)
        else:
            pipeline = made.Sweep(**loaded.components, requires_safety_checker=False)
            pipeline.source_prompt = self.source_prompt
        pipeline.set_progress_bar_config(disable=True)
        return pipeline

    def tune(self, pipeline: Any) -> None:  # noqa: ANN401
        """Apply the memory layout only: the method reads attention maps in a way of its own."""
        if self.run.channels_last:
            pipeline.unet.to(memory_format=torch.channels_last)
        if self.run.attention == "sliced":
            self._slice_attention(pipeline)

    def begin(self, image: Image.Image, seed: int) -> _Session:
        """Invert the image."""
        pipeline = self.pipeline
        extra: dict[str, Any] = {}
        if self._xl:
            extra["num_zero_noise_steps"] = self.zero_noise_steps
            extra["negative_prompt"] = self.source_prompt or None
        pipeline.invert(
            image=image,
            source_prompt="",
            num_inversion_steps=self.denoising_steps,
            skip=self.skip,
            generator=torch.Generator().manual_seed(seed),
            **extra,
        )
        return _Session(pipeline.init_latents, pipeline.zs, pipeline.inversion_steps)

    def edit(self, session: _Session, values: NDArray[np.float64]) -> torch.Tensor:
        """Run the public pipeline once per instruction."""
        return per_instruction(values, lambda text, scales: self._edit(session, text, scales))

    def _edit(self, session: _Session, text: int, scales: NDArray[np.float64]) -> torch.Tensor:
        pipeline, count = self.pipeline, len(scales)
        # What `invert` leaves for the call, once for every frame.
        pipeline.batch_size = count
        pipeline.init_latents = session.latents.expand(count, -1, -1, -1)
        pipeline.zs = session.noises.expand(-1, count, -1, -1, -1)
        pipeline.inversion_steps = session.steps
        latents = session.latents
        return torch.as_tensor(
            pipeline(
                editing_prompt=self.opposite if text else self.instruction,
                negative_prompt=[self.source_prompt] * count if self.source_prompt else None,
                reverse_editing_direction=bool(text) and self.reverse,
                edit_guidance_scale=torch.as_tensor(scales, dtype=latents.dtype)
                .to(latents.device)
                .reshape(-1, 1, 1, 1),
                edit_threshold=self.edit_threshold,
                edit_warmup_steps=self.warmup_steps,
                output_type="pt",
                **_MASKS[self.mask],
            ).images
        )
