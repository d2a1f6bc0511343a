"""Tiny random models of transformers, saved as a hub would have them."""

import json

import pytest
import torch

VIT = {
    "hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16,
    "image_size": 32, "patch_size": 8,
}  # fmt: skip
PROCESSOR = {
    "do_resize": True, "size": {"shortest_edge": 36}, "resample": 3, "do_center_crop": True,
    "crop_size": {"height": 32, "width": 32}, "do_rescale": True, "rescale_factor": 1 / 255,
    "do_normalize": True, "image_mean": [0.4, 0.5, 0.6], "image_std": [0.2, 0.3, 0.25],
}  # fmt: skip


def save_vit(folder, labels, **saving):
    """Save a random ViT in half precision; return it in float32."""
    transformers = pytest.importorskip("transformers")
    torch.manual_seed(0)
    named = dict(enumerate(labels))
    config = transformers.ViTConfig(**VIT, num_labels=len(labels), id2label=named)
    module = transformers.ViTForImageClassification(config).eval()
    module.half().save_pretrained(folder, **saving)
    (folder / "preprocessor_config.json").write_text(json.dumps(PROCESSOR))
    return module.float()


def save_clip(folder):
    """Save a random CLIP whose tokenizer knows letters; return it and the tokenizer."""
    transformers = pytest.importorskip("transformers")
    letters = [*"abcdefghijklmnopqrstuvwxyz."]
    words = [*letters, *(f"{letter}</w>" for letter in letters), "<|startoftext|>", "<|endoftext|>"]
    (folder / "vocab.json").write_text(json.dumps({word: at for at, word in enumerate(words)}))
    (folder / "merges.txt").write_text("#version: 0.2\n")
    tokeniser = transformers.CLIPTokenizer(str(folder / "vocab.json"), str(folder / "merges.txt"))
    tokeniser.save_pretrained(folder)
    torch.manual_seed(0)
    sides = {"hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 1}
    reading = {"vocab_size": len(words), "max_position_embeddings": 40, "num_attention_heads": 2}
    ends = {"bos_token_id": len(words) - 2, "eos_token_id": len(words) - 1}
    config = transformers.CLIPConfig(
        text_config=sides | reading | ends,
        vision_config=sides | {"num_attention_heads": 2, "image_size": 32, "patch_size": 8},
        projection_dim=12,
    )
    module = transformers.CLIPModel(config).eval()
    module.save_pretrained(folder)
    (folder / "preprocessor_config.json").write_text(json.dumps(PROCESSOR))
    return module, tokeniser
