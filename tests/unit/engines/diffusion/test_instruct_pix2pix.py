"""The sweep engine against the public pipeline, one call per frame."""

import json

import numpy as np
import pytest
import torch
from diffusers import (
    AutoencoderKL,
    EulerAncestralDiscreteScheduler,
    EulerDiscreteScheduler,
    StableDiffusionInstructPix2PixPipeline,
    StableDiffusionXLInstructPix2PixPipeline,
    UNet2DConditionModel,
)
from PIL import Image
from transformers import CLIPTextConfig, CLIPTextModelWithProjection

from zollstock.editors.architecture import Size, build_editor, build_text_encoder, build_tokenizer
from zollstock.editors.pairs import EDITS
from zollstock.engines import make_engine
from zollstock.engines.base import FailedPath, ShowsFrames
from zollstock.engines.diffusion.base import RunOptions
from zollstock.errors import ZollstockError
from zollstock.images.reading import pixel_sha256
from zollstock.images.table import ImageRecord, save_png

LIGHTER, DARKER = "make the fur lighter", "make the fur darker"
TINY = Size(image=16, autoencoder_channels=8, latent_channels=4, unet_channels=(8, 16))
STEPS = 3


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """An untrained editor of our own format, deterministic sampler."""
    torch.manual_seed(0)
    folder = tmp_path_factory.mktemp("small")
    build_editor(list(EDITS), TINY).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def ancestral(tmp_path_factory):
    """SD 1.5's parts, tiny, with the sampler of the paper: noise at every step."""
    torch.manual_seed(1)
    folder = tmp_path_factory.mktemp("ancestral")
    editor = build_editor(list(EDITS), TINY)
    editor.vae = AutoencoderKL(
        down_block_types=("DownEncoderBlock2D",) * 3,
        up_block_types=("UpDecoderBlock2D",) * 3,
        block_out_channels=(4, 8, 8),
        norm_num_groups=2,
        latent_channels=4,
    )
    editor.scheduler = EulerAncestralDiscreteScheduler(beta_schedule="scaled_linear")
    editor.save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def xl(tmp_path_factory):
    torch.manual_seed(2)
    folder = tmp_path_factory.mktemp("xl")
    tokenizer = build_tokenizer(list(EDITS))
    encoder = build_text_encoder(TINY, tokenizer)
    second = CLIPTextModelWithProjection(
        CLIPTextConfig(
            vocab_size=len(tokenizer),
            hidden_size=32,
            intermediate_size=32,
            projection_dim=32,
            num_hidden_layers=1,
            num_attention_heads=2,
            max_position_embeddings=8,
            bos_token_id=0,
            eos_token_id=1,
            pad_token_id=1,
        )
    )
    unet = UNet2DConditionModel(
        sample_size=4,
        in_channels=8,
        out_channels=4,
        block_out_channels=(8, 16),
        layers_per_block=1,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        cross_attention_dim=64,
        attention_head_dim=2,
        norm_num_groups=4,
        addition_embed_type="text_time",
        addition_time_embed_dim=8,
        projection_class_embeddings_input_dim=32 + 6 * 8,
    )
    vae = AutoencoderKL(
        down_block_types=("DownEncoderBlock2D",) * 3,
        up_block_types=("UpDecoderBlock2D",) * 3,
        block_out_channels=(4, 8, 8),
        norm_num_groups=2,
        latent_channels=4,
    )
    StableDiffusionXLInstructPix2PixPipeline(
        vae=vae,
        text_encoder=encoder,
        text_encoder_2=second,
        tokenizer=tokenizer,
        tokenizer_2=tokenizer,
        unet=unet,
        scheduler=EulerDiscreteScheduler(beta_schedule="scaled_linear"),
        add_watermarker=False,
    ).save_pretrained(folder)
    return folder


@pytest.fixture
def image(tmp_path):
    pixels = np.random.default_rng(0).integers(0, 256, (16, 16, 3), dtype=np.uint8)
    return record(pixels, tmp_path / "image.png")


def record(pixels, file):
    save_png(pixels, file)
    return ImageRecord("one", "cat", pixel_sha256(pixels), "test", file)


def engine_at(folder, run=None, **settings):
    base = {"instruction": LIGHTER, "stop": 6.0, "steps": 5, "denoising_steps": STEPS}
    settings = {"checkpoint": str(folder)} | base | settings
    return make_engine("instruct_pix2pix", settings, run or RunOptions(device="cpu"))


def one_by_one(pipeline_class, folder, pixels, scales, image_guidance, seed, **size):
    """Frames of the public pipeline, one call each; it leaves guidance out at 1 and below."""
    pipeline = pipeline_class.from_pretrained(folder)
    pipeline.set_progress_bar_config(disable=True)
    return torch.cat(
        [
            pipeline(
                LIGHTER,
                image=Image.fromarray(pixels),
                num_inference_steps=STEPS,
                guidance_scale=float(scale),
                image_guidance_scale=image_guidance,
                generator=torch.Generator().manual_seed(seed),
                output_type="pt",
                **size,
            ).images
            for scale in scales
        ]
    )


@pytest.mark.parametrize("batch", [1, 3, 8])
@pytest.mark.parametrize("image_guidance", [1.0, 1.5])
@pytest.mark.parametrize("checkpoint", ["small", "ancestral"])
def test_batches_equal_single_calls_of_the_public_pipeline(
    request, image, checkpoint, image_guidance, batch
):
    folder = request.getfixturevalue(checkpoint)
    # 10 frames: batches of 3 and 8 leave a remainder.
    scales = np.linspace(1.01, 15, 10)
    engine = engine_at(folder, image_guidance=image_guidance)
    session = engine.begin_checked(image.pixels(), 7)
    parts = [engine.edit(session, scales[k : k + batch]) for k in range(0, 10, batch)]
    expected = one_by_one(
        StableDiffusionInstructPix2PixPipeline, folder, image.pixels(), scales, image_guidance, 7
    )
    assert expected.std() > 0.01
    torch.testing.assert_close(torch.cat(parts), expected, atol=1e-4, rtol=0)


@pytest.mark.parametrize("image_guidance", [1.0, 1.5])
def test_the_same_holds_for_xl(xl, image, image_guidance):
    scales = np.array([1.5, 4.0, 9.0])
    engine = engine_at(xl, image_guidance=image_guidance)
    assert engine.size == (16, 16)
    found = engine.edit(engine.begin_checked(image.pixels(), 7), scales)
    expected = one_by_one(
        StableDiffusionXLInstructPix2PixPipeline,
        xl,
        image.pixels(),
        scales,
        image_guidance,
        7,
        height=16,
        width=16,
    )
    torch.testing.assert_close(found, expected, atol=1e-4, rtol=0)


def test_zero_guidance_ignores_the_instruction(small, image):
    zero = np.zeros(1)
    sessions = (
        (engine, engine.begin_checked(image.pixels(), 7))
        for engine in (engine_at(small), engine_at(small, instruction="make the fur darker"))
    )
    first, second = (engine.edit(session, zero) for engine, session in sessions)
    torch.testing.assert_close(first, second, atol=0, rtol=0)


def test_the_zero_frame_is_the_limit_of_small_guidance(small, image):
    engine = engine_at(small)
    frames = engine.edit(engine.begin_checked(image.pixels(), 7), np.array([0.0, 1e-4, 3.0]))
    torch.testing.assert_close(frames[0], frames[1], atol=1e-4, rtol=0)
    assert (frames[2] - frames[0]).abs().max() > 1e-3


def test_a_two_sided_axis_puts_the_opposite_instruction_below_zero(small, image):
    both = engine_at(small, opposite=DARKER, steps=5)
    other = engine_at(small, instruction=DARKER, steps=3)
    path = both.path(image, 3, lambda done: None)
    np.testing.assert_allclose(path.axis, [-6, -3, 0, 3, 6])
    np.testing.assert_array_equal(path.unedited, path.frames[2])
    reversed_ = other.path(image, 3, lambda done: None).frames[::-1]
    # Another batch may round the last bit the other way.
    assert np.abs(path.frames[:3].astype(int) - reversed_).max() <= 1


def test_keep_reads_as_no_instruction_at_all(small, image):
    engine = engine_at(small, instruction="keep", stop=20.0)
    path = engine.path(image, 3, lambda done: None)
    assert np.abs(path.frames.astype(int) - path.frames[0]).max() <= 1


def test_the_papers_axis_puts_the_photograph_first(small, image):
    path = engine_at(small, axis="paper", stop=15.0, steps=9).path(image, 3, lambda done: None)
    assert path.axis[1] == 1.01 and path.axis[-1] == 15.0 and len(path.axis) == 10
    np.testing.assert_allclose(np.diff(path.axis), np.diff(path.axis)[0])
    np.testing.assert_array_equal(path.frames[0], image.pixels())
    np.testing.assert_array_equal(path.unedited, image.pixels())


def test_an_adaptive_path_has_at_most_its_budget_and_ascends(small, image):
    engine = engine_at(small, steps="adaptive", budget=9, tolerance=1e-6)
    counted = []
    path = engine.path(image, 3, counted.append)
    assert engine.shape([image]).steps == 9 == sum(counted)
    assert 5 <= len(path.axis) <= 9
    assert (np.diff(path.axis) > 0).all() and path.axis[0] == 0 and path.axis[-1] == 6


def test_the_uNet_is_asked_no_more_than_needed(small, image):
    engine = engine_at(small, image_guidance=1.0)
    engine.edit(engine.begin_checked(image.pixels(), 7), np.array([0.0, 1.0, 2.0, 3.0]))
    # First step: one text and one image branch. Later: three texts and four images.
    assert engine.pipeline.unet.evaluations == 2 + (STEPS - 1) * 7
    engine = engine_at(small, image_guidance=1.5)
    engine.edit(engine.begin_checked(image.pixels(), 7), np.array([1.0, 2.0, 3.0]))
    assert engine.pipeline.unet.evaluations == 3 + (STEPS - 1) * 9


def test_seeds_decide(ancestral, image):
    engine = engine_at(ancestral)
    first, same, other = (engine.path(image, seed, lambda done: None) for seed in (1, 1, 2**64 - 1))
    np.testing.assert_array_equal(first.frames, same.frames)
    assert (first.frames != other.frames).any()


@pytest.mark.parametrize("shape", [(20, 16, 3), (16, 33, 3), (17, 19, 3)])
@pytest.mark.parametrize("fit", ["crop", "stretch"])
def test_images_of_any_shape_are_brought_to_the_editors_size(small, tmp_path, shape, fit):
    pixels = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    engine = engine_at(small, fit=fit, steps=3)
    path = engine.path(record(pixels, tmp_path / "odd.png"), 1, lambda done: None)
    assert path.frames.shape == (3, 16, 16, 3)
    assert engine.facts()["fit"] == fit


def test_bfloat16_runs(small, image):
    path = engine_at(small, dtype="bfloat16", steps=3).path(image, 1, lambda done: None)
    plain = engine_at(small, steps=3).path(image, 1, lambda done: None)
    assert np.abs(path.frames.astype(int) - plain.frames).mean() < 8


# --- what goes wrong -----------------------------------------------------------------


def test_nan_fails_the_path(small, image, monkeypatch):
    engine = engine_at(small)

    def broken(session, values):
        frames = torch.rand(len(values), 3, 16, 16)
        frames[values >= 3] = torch.nan
        return frames

    monkeypatch.setattr(engine, "edit", broken)
    with pytest.raises(FailedPath, match="NaN or infinity at guidance scale 3"):
        engine.path(image, 1, lambda done: None)


def test_a_black_frame_fails_the_path(small, image, monkeypatch):
    engine = engine_at(small)
    monkeypatch.setattr(engine, "edit", lambda session, values: torch.zeros(len(values), 3, 16, 16))
    with pytest.raises(FailedPath, match="a black frame at guidance scale 0"):
        engine.path(image, 1, lambda done: None)


def test_a_batch_that_does_not_fit_is_halved(small, image, monkeypatch):
    engine = engine_at(small, RunOptions(device="cpu", batch_size=8), steps=9)
    expected = engine.path(image, 1, lambda done: None)
    edit, sizes = engine.edit, []

    def limited(session, values):
        sizes.append(len(values))
        if len(values) > 3:
            raise torch.OutOfMemoryError("no room")
        return edit(session, values)

    monkeypatch.setattr(engine, "edit", limited)
    path = engine.path(image, 1, lambda done: None)
    assert sizes == [5, 2, 2, 2, 2, 1]
    assert np.abs(path.frames.astype(int) - expected.frames).max() <= 1


def test_frames_are_shown_as_they_are_made(small, image):
    engine = engine_at(small, RunOptions(device="cpu", batch_size=4), steps=9)
    assert isinstance(engine, ShowsFrames)
    shown = []
    engine.frames_made = lambda values, frames: shown.append((values, frames))
    path = engine.path(image, 1, lambda done: None)
    assert [len(values) for values, _ in shown] == [3, 3, 3]
    assert np.array_equal(np.concatenate([values for values, _ in shown]), path.axis)
    assert np.array_equal(np.concatenate([frames for _, frames in shown]), path.frames)


def test_too_little_memory_for_one_frame_is_a_message(small, image, monkeypatch):
    def never(session, values):
        raise RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory")

    engine = engine_at(small)
    monkeypatch.setattr(engine, "edit", never)
    with pytest.raises(ZollstockError, match=r"one frame does not fit.*bfloat16"):
        engine.path(image, 1, lambda done: None)


def test_another_fault_is_not_taken_for_memory(small, image, monkeypatch):
    def broken(session, values):
        raise RuntimeError("something else")

    engine = engine_at(small)
    monkeypatch.setattr(engine, "edit", broken)
    with pytest.raises(RuntimeError, match="something else"):
        engine.path(image, 1, lambda done: None)


def test_a_size_that_the_editor_cannot_make(small, image):
    with pytest.raises(ZollstockError, match=r"is 20×18.*multiples of 8"):
        engine_at(small, size=[20, 18]).shape([image])


def test_an_instruction_that_would_be_cut(ancestral, image):
    long = " ".join(["make the fur lighter"] * 4)
    with pytest.raises(ZollstockError, match=r"has 18 tokens.*at most 8"):
        engine_at(ancestral, instruction=long).shape([image])


def test_an_instruction_the_small_editor_never_learnt(small, image, tmp_path):
    (small / "editor.json").write_text(json.dumps({"instructions": [*EDITS, "keep"]}))
    try:
        with pytest.raises(
            ZollstockError, match=r"is 'make the fur white'.*Did you mean 'make the"
        ):
            engine_at(small, instruction="make the fur white").shape([image])
        engine_at(small).shape([image])
    finally:
        (small / "editor.json").unlink()


def test_a_checkpoint_of_another_pipeline(small, tmp_path):
    (tmp_path / "model_index.json").write_text('{"_class_name": "FluxPipeline"}')
    with pytest.raises(ZollstockError, match="is a FluxPipeline"):
        engine_at(tmp_path)


def test_weights_that_do_not_fit_their_config(small, image, tmp_path):
    copy = tmp_path / "copy"
    StableDiffusionInstructPix2PixPipeline.from_pretrained(small).save_pretrained(copy)
    config = json.loads((copy / "unet" / "config.json").read_text())
    (copy / "unet" / "config.json").write_text(json.dumps(config | {"out_channels": 5}))
    with pytest.raises(ZollstockError, match="cannot be loaded as a StableDiffusionInstruct"):
        engine_at(copy).path(image, 1, lambda done: None)


def test_a_unet_without_room_for_the_source(small, image, tmp_path):
    torch.manual_seed(0)
    editor = build_editor(list(EDITS), TINY)
    editor.unet = UNet2DConditionModel(
        sample_size=4,
        in_channels=4,
        out_channels=4,
        block_out_channels=(8, 16),
        layers_per_block=1,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        cross_attention_dim=32,
        attention_head_dim=1,
        norm_num_groups=4,
    )
    editor.save_pretrained(tmp_path)
    with pytest.raises(ZollstockError, match=r"UNet of 4 input channels.*8: noisy latents"):
        engine_at(tmp_path).path(image, 1, lambda done: None)


def test_float16_on_a_cpu_is_refused(small, image):
    with pytest.raises(ZollstockError, match="is float16 on a CPU"):
        engine_at(small, dtype="float16").path(image, 1, lambda done: None)


def test_sliced_attention_is_sliced_and_changes_no_frame(small, image):
    run = RunOptions(device="cpu", attention="sliced")
    sliced, plain = engine_at(small, run=run, steps=3), engine_at(small, steps=3)
    found, expected = (e.path(image, 5, lambda done: None).frames for e in (sliced, plain))
    assert np.abs(found.astype(int) - expected).max() <= 1
    kinds = [type(p).__name__ for p in sliced.pipeline.unet.attn_processors.values()]
    assert set(kinds) == {"SlicedAttnProcessor"}


def test_an_attention_back_end_that_is_not_there(small, image):
    run = RunOptions(device="cpu", attention="no-such-thing")
    with pytest.raises(ZollstockError, match=r"editing.attention: is 'no-such-thing'"):
        engine_at(small, run).path(image, 1, lambda done: None)
