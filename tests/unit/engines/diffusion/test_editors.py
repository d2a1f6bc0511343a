"""What holds for every diffusion editor, on tiny ones with random weights."""

import json

import numpy as np
import pytest
import torch
from PIL import Image

from zollstock.engines.diffusion.base import RunOptions
from zollstock.engines.registry import MODULES
from zollstock.errors import ZollstockError

OPPOSITE = "make the fur darker"
CASES = {
    "ledits_pp": ("tiny_sd", "ledits_pp", {"stop": 10.0, "denoising_steps": 3}),
    "ledits_pp xl": (
        "tiny_sdxl",
        "ledits_pp",
        {"stop": 10.0, "denoising_steps": 3, "zero_noise_steps": 1},
    ),
    "flux_kontext": ("tiny_kontext", "flux_kontext", {"stop": 2.0, "denoising_steps": 2}),
    "flux_kontext guidance": (
        "tiny_kontext",
        "flux_kontext",
        {"stop": 4.0, "denoising_steps": 2, "sweep": "guidance"},
    ),
    "qwen_image_edit": ("tiny_qwen", "qwen_image_edit", {"stop": 4.0, "denoising_steps": 2}),
    "flowedit sd3": ("tiny_sd3", "flowedit", {"stop": 1.0, "denoising_steps": 3}),
    "flowedit flux": ("tiny_flux", "flowedit", {"stop": 1.0, "denoising_steps": 3}),
}


@pytest.fixture(scope="module")
def loaded():
    """Engines by case and settings, each loaded once."""
    return {}


@pytest.fixture(params=CASES)
def editor(request, engine_for_checkpoint, small_sources, loaded):
    """Make an engine of one case; the same settings each time but for those given."""
    checkpoint, name, settings = CASES[request.param]
    folder = request.getfixturevalue(checkpoint)

    def make(**changed):
        key = (request.param, repr(sorted(changed.items())))
        if key not in loaded:
            all_settings = {"size": [32, 32]} | settings | changed
            loaded[key] = engine_for_checkpoint(name, folder, **all_settings)
        return loaded[key]

    make.two_sided = request.param != "flux_kontext guidance"
    return make


def test_every_editor_but_one_has_a_case():
    """InstructPix2Pix has a file of its own."""
    editors = {name for name, module in MODULES.items() if ".diffusion." in module}
    assert editors - {name for _, name, _ in CASES.values()} == {"instruct_pix2pix"}


def test_a_path_starts_unedited_and_moves_along_its_axis(editor, picture):
    engine, image = editor(), picture(40, 36)
    counted = []
    path = engine.path(image, 5, counted.append)
    assert path.frames.shape == (*engine.shape([image]), 3) == (3, 32, 32, 3)
    assert path.frames.dtype == np.uint8 and sum(counted) == 3
    np.testing.assert_allclose(path.axis, np.linspace(0, engine.stop, 3))
    np.testing.assert_array_equal(path.unedited, path.frames[0])
    assert (path.frames[1] != path.frames[0]).any()
    assert (path.frames[2] != path.frames[1]).any()


def test_same_seed_same_bytes_and_another_seed_another_path(editor, picture):
    image = picture(32)
    first, other, same = (
        editor().path(image, seed, lambda done: None) for seed in (2**64 - 5, 6, 2**64 - 5)
    )
    np.testing.assert_array_equal(first.frames, same.frames)
    assert (first.frames[-1] != other.frames[-1]).any()


def test_batches_equal_single_frames(editor, picture):
    assert editor().batched
    pixels = Image.fromarray(picture(32).pixels())
    values = np.array([-1.5 if editor.two_sided else 1.0, 0.0, 0.4, 1.5])
    engine = editor(opposite=OPPOSITE) if editor.two_sided else editor()
    with torch.inference_mode():
        session = engine.begin(pixels, 5)
        found = engine.edit(session, values)
        single = torch.cat([engine.edit(session, values[k : k + 1]) for k in range(4)])
    assert found.shape == (4, 3, 32, 32) and found.std() > 0.01
    torch.testing.assert_close(found, single, atol=1e-4, rtol=0)
    assert (found[0] - found[3]).abs().max() > 1e-3


def test_negative_values_are_the_opposite_instruction(editor, picture):
    if not editor.two_sided:
        pytest.skip("its own test says that it has one direction")
    image = picture(32)
    both = editor(opposite=OPPOSITE, steps=5)
    path = both.path(image, 3, lambda done: None)
    np.testing.assert_allclose(path.axis, np.linspace(-both.stop, both.stop, 5))
    np.testing.assert_array_equal(path.unedited, path.frames[2])
    reversed_ = editor(instruction=OPPOSITE).path(image, 3, lambda done: None).frames[::-1]
    # Another batch may round the last bit the other way.
    assert np.abs(path.frames[:3].astype(int) - reversed_).max() <= 1


def network_of(engine):
    return getattr(engine.pipeline, "unet", None) or engine.pipeline.transformer


def test_bfloat16_is_computed_in_and_leaves_the_zero_frame_near(editor, picture):
    rough, fine = editor(dtype="bfloat16"), editor()
    assert (network_of(rough).dtype, network_of(fine).dtype) == (torch.bfloat16, torch.float32)
    found, exact = (e.path(picture(32), 1, lambda done: None).frames for e in (rough, fine))
    apart = np.abs(found.astype(int) - exact)
    # At 0; further on networks of random weights blow any rounding up.
    assert 0 < apart[0].mean() < 8
    assert (found[2] != found[0]).any()


def test_facts_are_json_and_say_where_the_axis_begins(editor):
    facts = editor().facts()
    assert json.loads(json.dumps(facts)) == facts
    assert facts["batches"] == "frames share batches"
    assert facts["zero"] not in {"", "the editor at knob 0", "the photograph"}
    assert editor(axis="paper").facts()["zero"] == "the photograph"


def test_another_pipeline_is_refused_by_name(editor, engine_for_checkpoint, tmp_path):
    (tmp_path / "model_index.json").write_text('{"_class_name": "ShapEPipeline"}')
    engine = editor()
    with pytest.raises(ZollstockError, match="ShapEPipeline") as error:
        editor(checkpoint=str(tmp_path))
    assert engine.pipelines[0] in str(error.value)


def test_a_size_that_the_editor_cannot_make_is_refused(editor):
    with pytest.raises(ZollstockError, match="multiples of"):
        editor(size=[32, 40]).shape([])


def test_too_long_an_instruction_is_refused(editor):
    with pytest.raises(ZollstockError, match="tokens"):
        editor(instruction="fur " * 1100).shape([])


def test_run_options_reach_the_editor_and_change_no_frame(editor, picture, monkeypatch):
    engine, sizes = editor(run=RunOptions(device="cpu", batch_size=2, channels_last=False)), []
    edit = engine.edit
    monkeypatch.setattr(
        engine, "edit", lambda s, values: (sizes.append(len(values)), edit(s, values))[1]
    )
    path = engine.path(picture(32), 5, lambda done: None)
    assert sizes == [2, 1]
    plain = editor()
    expected = plain.path(picture(32), 5, lambda done: None)
    assert np.abs(path.frames.astype(int) - expected.frames).max() <= 1
    if hasattr(plain.pipeline, "unet"):
        weights = next(p for p in network_of(plain).parameters() if p.dim() == 4 and p.shape[2] > 1)
        assert weights.is_contiguous(memory_format=torch.channels_last)
        weights = next(p for p in network_of(engine).parameters() if p.shape == weights.shape)
        assert weights.is_contiguous()


def test_attention_that_would_not_be_sliced_is_refused(editor, picture):
    """diffusers passes over transformers in silence, and LEDITS++ puts its own attention in."""
    engine = editor(run=RunOptions(device="cpu", attention="sliced"))
    with pytest.raises(ZollstockError, match=f"'sliced', and {engine.pipeline_name} cannot"):
        engine.path(picture(32), 5, lambda done: None)
