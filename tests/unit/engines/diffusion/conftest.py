"""Tiny editors with random weights, saved as checkpoints."""

import json

import numpy as np
import pytest
import torch
from diffusers import (
    AutoencoderKL,
    AutoencoderKLQwenImage,
    FlowMatchEulerDiscreteScheduler,
    FluxKontextPipeline,
    FluxPipeline,
    FluxTransformer2DModel,
    PNDMScheduler,
    QwenImageEditPipeline,
    QwenImageTransformer2DModel,
    SD3Transformer2DModel,
    StableDiffusion3Pipeline,
    StableDiffusionPipeline,
    StableDiffusionXLPipeline,
    UNet2DConditionModel,
)
from diffusers.pipelines.qwenimage import pipeline_qwenimage_edit
from tokenizers.pre_tokenizers import ByteLevel
from transformers import (
    CLIPTextConfig,
    CLIPTextModel,
    CLIPTextModelWithProjection,
    Qwen2_5_VLConfig,
    Qwen2_5_VLForConditionalGeneration,
    Qwen2Tokenizer,
    Qwen2VLImageProcessor,
    T5Config,
    T5EncoderModel,
    T5TokenizerFast,
)

from zollstock.editors.architecture import TOKENS, build_tokenizer
from zollstock.engines import make_engine
from zollstock.engines.diffusion import qwen_image_edit
from zollstock.engines.diffusion.base import RunOptions
from zollstock.images.reading import pixel_sha256
from zollstock.images.table import ImageRecord, save_png

WORDS = ("make the fur lighter", "make the fur darker", "a photo of a cat")


@pytest.fixture(autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def picture(tmp_path):
    """Make the record of a picture of height and width."""

    def make(height, width=None, seed=0):
        shape = (height, width or height, 3)
        pixels = np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)
        file = tmp_path / f"{height}-{width}-{seed}.png"
        save_png(pixels, file)
        return ImageRecord("one", "cat", pixel_sha256(pixels), "test", file)

    return make


@pytest.fixture
def engine_for_checkpoint():
    """Make an engine on the CPU with few steps."""

    def make(name, folder, run=None, **settings):
        base = {"checkpoint": str(folder), "instruction": WORDS[0], "steps": 3}
        run = run or RunOptions(device="cpu")
        return make_engine(name, base | settings, run)

    return make


def clip(projected=False, width=16):
    kind = CLIPTextModelWithProjection if projected else CLIPTextModel
    return kind(
        CLIPTextConfig(
            vocab_size=len(build_tokenizer(WORDS)),
            hidden_size=width,
            intermediate_size=16,
            projection_dim=width,
            num_hidden_layers=2,
            num_attention_heads=2,
            max_position_embeddings=TOKENS,
            bos_token_id=0,
            eos_token_id=1,
            pad_token_id=1,
        )
    )


def t5(width=32):
    letters = [(letter, -1.0) for letter in "▁abcdefghijklmnopqrstuvwxyz"]
    tokenizer = T5TokenizerFast(
        vocab=[("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), *letters], extra_ids=0
    )
    config = T5Config(
        vocab_size=len(tokenizer), d_model=width, d_kv=8, d_ff=16, num_layers=1, num_heads=2
    )
    return T5EncoderModel(config), tokenizer


def autoencoder(levels=2, channels=4, **rest):
    return AutoencoderKL(
        down_block_types=("DownEncoderBlock2D",) * levels,
        up_block_types=("UpDecoderBlock2D",) * levels,
        block_out_channels=(8,) * levels,
        norm_num_groups=2,
        latent_channels=channels,
        sample_size=32,
        **rest,
    )


def unet(text_width, **rest):
    """Attention at three resolutions; LEDITS++ reads it at a quarter of the latents'."""
    return UNet2DConditionModel(
        sample_size=16,
        in_channels=4,
        out_channels=4,
        block_out_channels=(8, 8, 8),
        layers_per_block=1,
        down_block_types=("CrossAttnDownBlock2D",) * 3,
        up_block_types=("CrossAttnUpBlock2D",) * 3,
        cross_attention_dim=text_width,
        attention_head_dim=2,
        norm_num_groups=4,
        **rest,
    )


def saved(pipeline, factory, name):
    folder = factory.mktemp(name)
    pipeline.save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def tiny_sd(tmp_path_factory):
    """Stable Diffusion 1.5's parts, with its own sampler; 32×32 pixels."""
    torch.manual_seed(0)
    pipeline = StableDiffusionPipeline(
        vae=autoencoder(),
        text_encoder=clip(),
        tokenizer=build_tokenizer(WORDS),
        unet=unet(16),
        scheduler=PNDMScheduler(beta_schedule="scaled_linear", skip_prk_steps=True, steps_offset=1),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )
    return saved(pipeline, tmp_path_factory, "sd")


@pytest.fixture(scope="session")
def tiny_sdxl(tmp_path_factory):
    """Stable Diffusion XL's parts; 32×32 pixels."""
    torch.manual_seed(1)
    pipeline = StableDiffusionXLPipeline(
        vae=autoencoder(force_upcast=False),
        text_encoder=clip(),
        text_encoder_2=clip(projected=True),
        tokenizer=build_tokenizer(WORDS),
        tokenizer_2=build_tokenizer(WORDS),
        unet=unet(
            32,
            addition_embed_type="text_time",
            addition_time_embed_dim=8,
            projection_class_embeddings_input_dim=16 + 6 * 8,
        ),
        scheduler=PNDMScheduler(beta_schedule="scaled_linear", skip_prk_steps=True, steps_offset=1),
        add_watermarker=False,
    )
    return saved(pipeline, tmp_path_factory, "sdxl")


def flux_parts(guided=True):
    encoder, tokenizer = t5()
    return {
        "vae": autoencoder(shift_factor=0.1, use_quant_conv=False, use_post_quant_conv=False),
        "text_encoder": clip(),
        "tokenizer": build_tokenizer(WORDS),
        "text_encoder_2": encoder,
        "tokenizer_2": tokenizer,
        "transformer": FluxTransformer2DModel(
            in_channels=16,
            num_layers=1,
            num_single_layers=1,
            attention_head_dim=16,
            num_attention_heads=2,
            joint_attention_dim=32,
            pooled_projection_dim=16,
            axes_dims_rope=(4, 4, 8),
            guidance_embeds=guided,
        ),
        "scheduler": FlowMatchEulerDiscreteScheduler(use_dynamic_shifting=True, shift=3.0),
    }


@pytest.fixture(scope="session")
def tiny_kontext(tmp_path_factory):
    torch.manual_seed(2)
    return saved(FluxKontextPipeline(**flux_parts()), tmp_path_factory, "kontext")


@pytest.fixture(scope="session")
def tiny_flux(tmp_path_factory):
    torch.manual_seed(3)
    return saved(FluxPipeline(**flux_parts()), tmp_path_factory, "flux")


@pytest.fixture(scope="session")
def tiny_sd3(tmp_path_factory):
    torch.manual_seed(4)
    encoder, tokenizer = t5()
    pipeline = StableDiffusion3Pipeline(
        vae=autoencoder(shift_factor=0.1, use_quant_conv=False, use_post_quant_conv=False),
        text_encoder=clip(projected=True),
        tokenizer=build_tokenizer(WORDS),
        text_encoder_2=clip(projected=True),
        tokenizer_2=build_tokenizer(WORDS),
        text_encoder_3=encoder,
        tokenizer_3=tokenizer,
        transformer=SD3Transformer2DModel(
            sample_size=16,
            patch_size=2,
            in_channels=4,
            num_layers=1,
            attention_head_dim=8,
            num_attention_heads=2,
            joint_attention_dim=32,
            caption_projection_dim=16,
            pooled_projection_dim=32,
            out_channels=4,
            pos_embed_max_size=32,
        ),
        scheduler=FlowMatchEulerDiscreteScheduler(shift=3.0),
    )
    return saved(pipeline, tmp_path_factory, "sd3")


@pytest.fixture
def small_sources(monkeypatch):
    """Let Qwen-Image-Edit see the source at 64×64 pixels; a megapixel takes long on a CPU."""
    for module in (pipeline_qwenimage_edit, qwen_image_edit):
        monkeypatch.setattr(module, "calculate_dimensions", lambda area, ratio: (64, 64, None))


class _SavedInParts(qwen_image_edit._PictureProcessor):
    """Saved as checkpoints are: without a part for videos nothing can be saved whole."""

    def save_pretrained(self, folder, **_):
        self.image_processor.save_pretrained(folder)
        self.tokenizer.save_pretrained(folder)


MARKS = ("im_start", "im_end", "vision_start", "vision_end", "image_pad", "video_pad")


@pytest.fixture(scope="session")
def tiny_qwen(tmp_path_factory):
    torch.manual_seed(5)
    tokenizer = Qwen2Tokenizer(
        vocab={letter: number for number, letter in enumerate(sorted(ByteLevel.alphabet()))},
        merges=[],
    )
    tokenizer.add_special_tokens({"additional_special_tokens": [f"<|{mark}|>" for mark in MARKS]})
    ids = {mark: tokenizer.convert_tokens_to_ids(f"<|{mark}|>") for mark in MARKS}
    width, heads = 16, 2
    config = Qwen2_5_VLConfig(
        text_config={
            "vocab_size": len(tokenizer),
            "hidden_size": width,
            "intermediate_size": 16,
            "num_hidden_layers": 1,
            "num_attention_heads": heads,
            "num_key_value_heads": heads,
            "rope_parameters": {
                "rope_type": "default",
                "rope_theta": 1e4,
                "mrope_section": [1, 1, 2],
            },
        },
        vision_config={
            "depth": 1,
            "hidden_size": width,
            "intermediate_size": 16,
            "num_heads": heads,
            "out_hidden_size": width,
            "fullatt_block_indexes": [0],
        },
        image_token_id=ids["image_pad"],
        video_token_id=ids["video_pad"],
        vision_start_token_id=ids["vision_start"],
        vision_end_token_id=ids["vision_end"],
    )
    pipeline = QwenImageEditPipeline(
        vae=AutoencoderKLQwenImage(
            base_dim=4,
            z_dim=4,
            dim_mult=[1, 1],
            num_res_blocks=1,
            temperal_downsample=[False],
            latents_mean=[0.0] * 4,
            latents_std=[1.0] * 4,
        ),
        text_encoder=Qwen2_5_VLForConditionalGeneration(config),
        tokenizer=tokenizer,
        processor=_SavedInParts(
            Qwen2VLImageProcessor(min_pixels=56 * 56, max_pixels=112 * 112), tokenizer
        ),
        transformer=QwenImageTransformer2DModel(
            in_channels=16,
            out_channels=4,
            num_layers=1,
            attention_head_dim=16,
            num_attention_heads=2,
            joint_attention_dim=width,
            axes_dims_rope=(4, 4, 8),
        ),
        scheduler=FlowMatchEulerDiscreteScheduler(use_dynamic_shifting=True, shift=1.0),
    )
    folder = saved(pipeline, tmp_path_factory, "qwen")
    index = json.loads((folder / "model_index.json").read_text())
    index["processor"] = ["transformers", "Qwen2VLProcessor"]
    (folder / "model_index.json").write_text(json.dumps(index))
    return folder
