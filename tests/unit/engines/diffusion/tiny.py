"""Tiny editors with random weights, saved as checkpoints into a folder."""

import json

import diffusers
import torch
import transformers
from tokenizers.pre_tokenizers import ByteLevel

from zollstock.editors.architecture import TOKENS, build_tokenizer
from zollstock.engines.diffusion import qwen_processor

WORDS = ("make the fur lighter", "make the fur darker", "a photo of a cat")


def clip(projected=False, width=16):
    kind = transformers.CLIPTextModelWithProjection if projected else transformers.CLIPTextModel
    return kind(
        transformers.CLIPTextConfig(
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
    tokenizer = transformers.T5TokenizerFast(
        vocab=[("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), *letters], extra_ids=0
    )
    config = transformers.T5Config(
        vocab_size=len(tokenizer), d_model=width, d_kv=8, d_ff=16, num_layers=1, num_heads=2
    )
    return transformers.T5EncoderModel(config), tokenizer


def autoencoder(levels=2, channels=4, **rest):
    return diffusers.AutoencoderKL(
        down_block_types=("DownEncoderBlock2D",) * levels,
        up_block_types=("UpDecoderBlock2D",) * levels,
        block_out_channels=(8,) * levels,
        norm_num_groups=2,
        latent_channels=channels,
        sample_size=32,
        **rest,
    )


def flow_autoencoder():
    return autoencoder(shift_factor=0.1, use_quant_conv=False, use_post_quant_conv=False)


def unet(text_width, **rest):
    """Attention at three resolutions; LEDITS++ reads it at a quarter of the latents'."""
    return diffusers.UNet2DConditionModel(
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


def sampler():
    return diffusers.PNDMScheduler(
        beta_schedule="scaled_linear", skip_prk_steps=True, steps_offset=1
    )


def sd(folder):
    """Stable Diffusion 1.5's parts, with its own sampler; 32×32 pixels."""
    torch.manual_seed(0)
    pipeline = diffusers.StableDiffusionPipeline(
        vae=autoencoder(),
        text_encoder=clip(),
        tokenizer=build_tokenizer(WORDS),
        unet=unet(16),
        scheduler=sampler(),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )
    pipeline.save_pretrained(folder)


def sdxl(folder):
    """Stable Diffusion XL's parts; 32×32 pixels."""
    torch.manual_seed(1)
    pipeline = diffusers.StableDiffusionXLPipeline(
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
        scheduler=sampler(),
        add_watermarker=False,
    )
    pipeline.save_pretrained(folder)


def flux_parts():
    encoder, tokenizer = t5()
    return {
        "vae": flow_autoencoder(),
        "text_encoder": clip(),
        "tokenizer": build_tokenizer(WORDS),
        "text_encoder_2": encoder,
        "tokenizer_2": tokenizer,
        "transformer": diffusers.FluxTransformer2DModel(
            in_channels=16,
            num_layers=1,
            num_single_layers=1,
            attention_head_dim=16,
            num_attention_heads=2,
            joint_attention_dim=32,
            pooled_projection_dim=16,
            axes_dims_rope=(4, 4, 8),
            guidance_embeds=True,
        ),
        "scheduler": diffusers.FlowMatchEulerDiscreteScheduler(
            use_dynamic_shifting=True, shift=3.0
        ),
    }


def kontext(folder):
    torch.manual_seed(2)
    diffusers.FluxKontextPipeline(**flux_parts()).save_pretrained(folder)


def flux(folder):
    torch.manual_seed(3)
    diffusers.FluxPipeline(**flux_parts()).save_pretrained(folder)


def sd3(folder):
    torch.manual_seed(4)
    encoder, tokenizer = t5()
    pipeline = diffusers.StableDiffusion3Pipeline(
        vae=flow_autoencoder(),
        text_encoder=clip(projected=True),
        tokenizer=build_tokenizer(WORDS),
        text_encoder_2=clip(projected=True),
        tokenizer_2=build_tokenizer(WORDS),
        text_encoder_3=encoder,
        tokenizer_3=tokenizer,
        transformer=diffusers.SD3Transformer2DModel(
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
        scheduler=diffusers.FlowMatchEulerDiscreteScheduler(shift=3.0),
    )
    pipeline.save_pretrained(folder)


class _SavedInParts(qwen_processor.PictureProcessor):
    """Saved as checkpoints are: without a part for videos nothing can be saved whole."""

    def save_pretrained(self, folder, **_):
        self.image_processor.save_pretrained(folder)
        self.tokenizer.save_pretrained(folder)


MARKS = ("im_start", "im_end", "vision_start", "vision_end", "image_pad", "video_pad")


def qwen(folder):
    torch.manual_seed(5)
    tokenizer = transformers.Qwen2Tokenizer(
        vocab={letter: number for number, letter in enumerate(sorted(ByteLevel.alphabet()))},
        merges=[],
    )
    tokenizer.add_special_tokens({"additional_special_tokens": [f"<|{mark}|>" for mark in MARKS]})
    ids = {mark: tokenizer.convert_tokens_to_ids(f"<|{mark}|>") for mark in MARKS}
    width, heads = 16, 2
    config = transformers.Qwen2_5_VLConfig(
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
    pipeline = diffusers.QwenImageEditPipeline(
        vae=diffusers.AutoencoderKLQwenImage(
            base_dim=4,
            z_dim=4,
            dim_mult=[1, 1],
            num_res_blocks=1,
            temperal_downsample=[False],
            latents_mean=[0.0] * 4,
            latents_std=[1.0] * 4,
        ),
        text_encoder=transformers.Qwen2_5_VLForConditionalGeneration(config),
        tokenizer=tokenizer,
        processor=_SavedInParts(
            transformers.Qwen2VLImageProcessor(min_pixels=56 * 56, max_pixels=112 * 112), tokenizer
        ),
        transformer=diffusers.QwenImageTransformer2DModel(
            in_channels=16,
            out_channels=4,
            num_layers=1,
            attention_head_dim=16,
            num_attention_heads=2,
            joint_attention_dim=width,
            axes_dims_rope=(4, 4, 8),
        ),
        scheduler=diffusers.FlowMatchEulerDiscreteScheduler(use_dynamic_shifting=True, shift=1.0),
    )
    with torch.no_grad():  # weights as they come hardly heed the text
        for weights in pipeline.transformer.parameters():
            weights.mul_(4)
    pipeline.save_pretrained(folder)
    index = json.loads((folder / "model_index.json").read_text())
    index["processor"] = ["transformers", "Qwen2VLProcessor"]
    (folder / "model_index.json").write_text(json.dumps(index))
