"""LEDITS++ against the public pipeline, and its zero point."""

import numpy as np
import pytest
import torch
from diffusers import LEditsPPPipelineStableDiffusion, LEditsPPPipelineStableDiffusionXL
from PIL import Image

from zollstock.errors import ZollstockError

from .conftest import frames

STEPS = 3
TEXT = "make the fur lighter"
# At 0.65 the quantile lies between two of 16 or 256 values: rounding decides nothing.
THRESHOLD = 0.65
PUBLIC_MASKS = {
    "both": {"use_intersect_mask": True},
    "attention": {"use_intersect_mask": False, "use_cross_attn_mask": True},
    "noise": {"use_intersect_mask": False},
}


@pytest.fixture
def engine(engine_for_checkpoint):
    def make(folder, **settings):
        base = {"stop": 10.0, "denoising_steps": STEPS, "instruction": TEXT}
        return engine_for_checkpoint("ledits_pp", folder, **(base | settings))

    return make


def reconstruction(pipeline, source):
    with torch.inference_mode():
        pixels = pipeline.image_processor.preprocess(source)
        latents = pipeline.vae.encode(pixels).latent_dist.mode()
        return (pipeline.vae.decode(latents).sample / 2 + 0.5).clamp(0, 1)


@pytest.fixture
def source(picture):
    return Image.fromarray(picture(32).pixels())


@pytest.fixture(params=["tiny_sd", "tiny_sdxl"])
def folder(request):
    return request.getfixturevalue(request.param)


@pytest.mark.parametrize("mask", PUBLIC_MASKS)
def test_a_batch_equals_single_calls_of_the_public_pipeline(engine, folder, source, mask):
    mine = engine(folder, mask=mask, edit_threshold=THRESHOLD, warmup_steps=1, zero_noise_steps=1)
    xl = mine.pipeline_name.endswith("XL")
    kind = LEditsPPPipelineStableDiffusionXL if xl else LEditsPPPipelineStableDiffusion
    public = kind.from_pretrained(folder, **mine.replaced_parts())
    public.set_progress_bar_config(disable=True)
    public.invert(
        image=source,
        num_inversion_steps=STEPS,
        generator=torch.Generator().manual_seed(5),
        **({"num_zero_noise_steps": 1} if xl else {}),
    )
    values = [0.5, 4.0, 10.0]
    expected = [
        public(
            editing_prompt=TEXT,
            edit_guidance_scale=value,
            edit_threshold=THRESHOLD,
            edit_warmup_steps=1,
            output_type="pt",
            **PUBLIC_MASKS[mask],
        ).images
        for value in values
    ]
    assert (expected[0] - expected[2]).abs().max() > 1e-2
    torch.testing.assert_close(frames(mine, source, values), torch.cat(expected), atol=1e-4, rtol=0)


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
@pytest.mark.parametrize("source_prompt", ["", "a photo of a cat"])
def test_at_zero_the_noise_maps_lead_back_to_the_image(
    engine, folder, source, source_prompt, dtype
):
    mine = engine(folder, source_prompt=source_prompt, zero_noise_steps=0, dtype=dtype)
    found = frames(mine, source, [0.0, 10.0])
    expected = reconstruction(mine.pipeline, source)[0]
    torch.testing.assert_close(found[0], expected, atol=1e-3, rtol=0)
    assert (found[1] - expected).abs().mean() > 1e-2
    assert mine.facts()["zero"] == "the autoencoder's reconstruction, by inversion"


def test_left_out_noise_maps_are_named(engine, tiny_sdxl, source):
    mine = engine(tiny_sdxl, zero_noise_steps=2)
    assert mine.facts()["zero"].endswith("without the last 2 noise maps")
    found = frames(mine, source, [0.0])[0]
    assert (found - reconstruction(mine.pipeline, source)[0]).abs().mean() > 1e-2


def test_the_source_prompt_matters_away_from_zero(engine, folder, source):
    plain, told = (
        frames(engine(folder, source_prompt=text), source, [10.0]) for text in ("", "a cat")
    )
    assert (plain - told).abs().max() > 1e-3


def test_reversed_guidance_is_below_zero(engine, tiny_sd, picture):
    image = picture(32)
    mine = engine(tiny_sd, reverse=True, steps=3, stop=5.0)
    path = mine.path(image, 5, lambda done: None)
    np.testing.assert_array_equal(path.axis, [-5, 0, 5])
    pipeline = mine.pipeline
    with torch.inference_mode():
        mine.begin(Image.fromarray(image.pixels()), 5)
        expected = pipeline(
            editing_prompt=TEXT,
            edit_guidance_scale=5.0,
            reverse_editing_direction=True,
            output_type="np",
        ).images[0]
    assert np.abs(path.frames[0] - expected * 255).max() <= 1
    assert (path.frames[0] != path.frames[2]).any()


def test_reverse_and_opposite_exclude_each_other(engine, tiny_sd):
    with pytest.raises(ZollstockError, match="beside opposite"):
        engine(tiny_sd, reverse=True, opposite="make the fur darker")


def test_the_sampler_is_the_papers_whatever_the_checkpoint_has(engine, folder):
    scheduler = engine(folder).pipeline.scheduler
    assert type(scheduler).__name__ == "DPMSolverMultistepScheduler"
    assert scheduler.config.algorithm_type == "sde-dpmsolver++"
    assert scheduler.config.beta_schedule == "scaled_linear"
