"""How an editor is run: what is compiled, fused and kept on the device."""

import numpy as np
import pytest
import torch

from zollstock.engines.diffusion.base import RunOptions
from zollstock.engines.diffusion.guidance import PerFrame

SETTINGS = {"stop": 3.0, "denoising_steps": 3, "image_guidance": 1.0}


@pytest.fixture
def compiled(monkeypatch):
    """Note how modules are compiled; what is compiled counts its calls and runs as it is."""
    asked = {}

    def compile_(module, **how):
        name = type(module).__name__
        asked[name] = how | {"sizes": []}

        def call(*args, **kwargs):
            asked[name]["sizes"].append(len(args[0]))
            return module.forward(*args, **kwargs)

        module._compiled_call_impl = call

    monkeypatch.setattr(torch.nn.Module, "compile", compile_)
    return asked


def test_a_mode_compiles_the_steps_that_share_a_size(compiled, engine_for_checkpoint, picture):
    run = RunOptions(device="cpu", compile="reduce-overhead")
    plain = engine_for_checkpoint("instruct_pix2pix", "pets", **SETTINGS)
    image = picture(64)
    expected = plain.path(image, 3, lambda done: None)
    engine = engine_for_checkpoint("instruct_pix2pix", "pets", run, **SETTINGS)
    found = engine.path(image, 3, lambda done: None)
    unet = compiled["UNet2DConditionModel"]
    assert (unet["mode"], unet["dynamic"]) == ("reduce-overhead", False)
    # Three frames, of which knob 0 needs one branch: five samples; the first step has two.
    assert unet["sizes"] == [5, 5]
    np.testing.assert_array_equal(found.frames, expected.frames)


def test_true_compiles_once_for_all_sizes(compiled, engine_for_checkpoint, picture):
    run = RunOptions(device="cpu", compile=True)
    engine = engine_for_checkpoint("instruct_pix2pix", "pets", run, **SETTINGS)
    engine.path(picture(64), 3, lambda done: None)
    assert compiled["UNet2DConditionModel"]["dynamic"] is True


def test_fused_projections_give_the_same_frames(engine_for_checkpoint, picture):
    image = picture(64)
    plain, fused = (
        engine_for_checkpoint(
            "instruct_pix2pix", "pets", RunOptions(device="cpu", fuse_projections=on), **SETTINGS
        )
        for on in (False, True)
    )
    frames = [engine.path(image, 3, lambda done: None).frames for engine in (plain, fused)]
    assert np.abs(frames[0].astype(int) - frames[1]).max() <= 1
    names = [name for name, _ in fused.pipeline.unet.unet.named_modules()]
    assert any(name.endswith(("to_qkv", "to_kv")) for name in names)


def test_scales_are_brought_to_the_device_once():
    scales = PerFrame(np.array([0.0, 1.0, 2.0]))
    ones = torch.ones(3, 1, 1, 1, device="meta")
    assert (scales * ones).device.type == "meta"
    assert scales.values.device.type == "meta"
