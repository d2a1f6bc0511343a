"""FLUX.1 Kontext against the public pipeline, and its zero points."""

import json
import shutil

import pytest
import torch
from diffusers import FluxKontextPipeline

from zollstock.errors import ZollstockError

from .conftest import frames

TEXT, OTHER = "make the fur lighter", "make the fur darker"
STEPS = 2


@pytest.fixture
def engine(engine_for_checkpoint, tiny_kontext):
    def make(folder=tiny_kontext, **settings):
        base = {"stop": 2.0, "denoising_steps": STEPS, "size": [32, 48], "instruction": TEXT}
        return engine_for_checkpoint("flux_kontext", folder, **(base | settings))

    return make


def one_by_one(folder, source, calls):
    public = FluxKontextPipeline.from_pretrained(folder)
    public.set_progress_bar_config(disable=True)
    return torch.cat(
        [
            public(
                image=source,
                prompt=TEXT,
                height=32,
                width=48,
                max_area=32 * 48,
                _auto_resize=False,
                num_inference_steps=STEPS,
                generator=torch.Generator().manual_seed(5),
                output_type="pt",
                **call,
            ).images
            for call in calls
        ]
    )


def test_weights_of_the_instruction_equal_single_calls(engine, tiny_kontext, source):
    calls = [
        {"true_cfg_scale": value, "negative_prompt": "", "guidance_scale": 3.0}
        for value in (1.01, 1.7)
    ]
    # At 1 the pipeline leaves the prediction without an instruction out.
    expected = one_by_one(tiny_kontext, source, [{"guidance_scale": 3.0}, *calls])
    found = frames(engine(guidance=3.0), source, [1.0, 1.01, 1.7])
    assert found.shape == (3, 3, 32, 48)
    torch.testing.assert_close(found, expected, atol=1e-4, rtol=0)


def test_guidance_scales_equal_single_calls(engine, tiny_kontext, source):
    values = [0.0, 1.0, 4.0]
    expected = one_by_one(tiny_kontext, source, [{"guidance_scale": value} for value in values])
    found = frames(engine(sweep="guidance"), source, values)
    assert (found[0] - found[2]).abs().max() > 1e-3
    torch.testing.assert_close(found, expected, atol=1e-4, rtol=0)


def test_at_zero_the_instruction_has_no_weight(engine, source):
    first = frames(engine(), source, [0.0, 1e-4, 2.0])
    other = frames(engine(instruction=OTHER), source, [0.0])
    torch.testing.assert_close(first[:1], other, atol=1e-6, rtol=0)
    torch.testing.assert_close(first[0], first[1], atol=1e-4, rtol=0)
    assert (first[2] - first[0]).abs().max() > 1e-3


def test_guidance_zero_is_said_to_be_no_reconstruction(engine):
    assert "instruction acts already" in engine(sweep="guidance").facts()["zero"]
    assert engine(sweep="guidance").knob == "guidance scale"
    assert engine().facts()["zero"] == "the editor without an instruction"


def test_a_sweep_of_the_guidance_has_one_direction(engine):
    with pytest.raises(ZollstockError, match="do not meet"):
        engine(sweep="guidance", opposite=OTHER).shape([])


def test_a_model_without_a_guidance_input_cannot_sweep_it(engine, tiny_kontext, tmp_path):
    folder = tmp_path / "plain"
    shutil.copytree(tiny_kontext, folder)
    file = folder / "transformer" / "config.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"guidance_embeds": False}))
    with pytest.raises(ZollstockError, match="takes no guidance scale"):
        engine(folder, sweep="guidance").shape([])
    assert engine(folder).shape([]) == (3, 32, 48)


def test_its_own_size_is_that_of_the_latents(engine):
    """128 latents for the tiny autoencoder of factor 2; a megapixel for the real one."""
    assert engine(size=None).size == (256, 256)
