"""Qwen-Image-Edit against the public pipeline, its text encoder and its zero point."""

import shutil

import pytest
import torch
from diffusers import QwenImageEditPipeline

from zollstock.engines.diffusion.qwen_image_edit import _say_where_the_picture_is
from zollstock.errors import ZollstockError

from .conftest import frames

TEXT = "make the fur lighter"
STEPS = 2


@pytest.fixture
def engine(engine_for_checkpoint, tiny_qwen, small_sources):
    def make(**settings):
        base = {"stop": 4.0, "denoising_steps": STEPS, "size": [32, 48], "instruction": TEXT}
        return engine_for_checkpoint("qwen_image_edit", tiny_qwen, **(base | settings))

    return make


def test_a_batch_equals_single_calls_of_the_public_pipeline(engine, tiny_qwen, source):
    mine = engine()
    public = QwenImageEditPipeline.from_pretrained(tiny_qwen, **mine.replaced_parts())
    public.set_progress_bar_config(disable=True)
    public.text_encoder.register_forward_pre_hook(_say_where_the_picture_is, with_kwargs=True)
    # At 1 the pipeline leaves the prediction without an instruction out.
    calls = [{}, *({"true_cfg_scale": scale, "negative_prompt": " "} for scale in (1.01, 4.0))]
    expected = torch.cat(
        [
            public(
                image=source,
                prompt=TEXT,
                height=32,
                width=48,
                num_inference_steps=STEPS,
                generator=torch.Generator().manual_seed(5),
                output_type="pt",
                **call,
            ).images
            for call in calls
        ]
    )
    found = frames(mine, source, [1.0, 1.01, 4.0])
    assert found.shape == (3, 3, 32, 48)
    assert (found[0] - found[2]).abs().max() > 1e-3
    torch.testing.assert_close(found, expected, atol=1e-4, rtol=0)


def test_the_text_encoder_knows_where_the_picture_is(engine, source):
    pipeline = engine().pipeline
    shown = source.resize((64, 64))
    inputs = pipeline.processor(
        text=[pipeline.prompt_template_encode.format(TEXT)], images=shown, return_tensors="pt"
    )
    assert inputs["mm_token_type_ids"].any()
    with torch.inference_mode():
        states = pipeline.text_encoder(**inputs, output_hidden_states=True).hidden_states[-1]
        found = pipeline.encode_prompt(TEXT, image=shown)[0]
    expected = states[:, pipeline.prompt_template_encode_start_idx :]
    torch.testing.assert_close(found, expected, atol=1e-6, rtol=0)
    plain = QwenImageEditPipeline(**pipeline.components)
    plain.text_encoder._forward_pre_hooks.clear()
    plain.text_encoder._forward_pre_hooks_with_kwargs.clear()
    with torch.inference_mode():
        without = plain.encode_prompt(TEXT, image=shown)[0]
    assert (without - expected).abs().max() > 1e-4


def test_the_zero_frame_is_the_limit_of_small_guidance(engine, source):
    found = frames(engine(), source, [0.0, 1e-5, 4.0])
    torch.testing.assert_close(found[0], found[1], atol=1e-4, rtol=0)
    assert (found[2] - found[0]).abs().max() > 1e-3


def test_its_own_size_is_a_megapixel(engine):
    assert engine(size=None).size == (1024, 1024)


def test_a_checkpoint_without_its_processor_is_refused(engine, tiny_qwen, tmp_path):
    shutil.copytree(tiny_qwen, tmp_path / "harmed", ignore=shutil.ignore_patterns("processor"))
    with pytest.raises(ZollstockError, match="processor: cannot be read"):
        engine(checkpoint=str(tmp_path / "harmed")).load()
