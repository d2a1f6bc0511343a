"""Drawn images, exact paths, and a tiny CLIP."""

import numpy as np
import pytest

from zollstock.images.table import ImageRecord
from zollstock.ledger import rendered_masks
from zollstock.paths import EditPath
from zollstock.worlds import get_world

WORLD = get_world("pets")
SIZE = 64


@pytest.fixture(scope="session")
def drawn():
    """Return a function seed → ImageRecord."""

    def make(seed):
        latents = WORLD.sample(np.array([seed % 2]), np.array([seed], dtype=np.uint64))
        values = {name: float(column[0]) for name, column in latents.items()}
        return ImageRecord(f"pet{seed}", "cat", "00", "pets", None, values)

    return make


@pytest.fixture(scope="session")
def exact():
    """Return a function (record, latent, axis) → the exact path."""

    def make(record, latent, axis):
        latents = {name: np.array([value]) for name, value in record.latents.items()}
        axis = np.asarray(axis, dtype=np.float64)
        # The axis may be signed strengths; the latent runs from end to end along it.
        values = (axis - axis.min()) / np.ptp(axis)
        frames = WORLD.render(WORLD.do(latents, latent, values), size=SIZE).frames
        return EditPath(frames, axis, WORLD.render(latents, size=SIZE).frames[0])

    return make


@pytest.fixture(scope="session")
def fur_path(drawn, exact):
    """Return record, exact path of 21 steps along fur lightness, and masks."""
    record = drawn(4)
    path = exact(record, "fur_lightness", np.linspace(0, 1, 21))
    return record, path, rendered_masks(record, "pets", SIZE, SIZE)


@pytest.fixture(scope="session")
def clip_folder(tmp_path_factory):
    """Return the folder of a CLIP with random weights."""
    import torch
    from transformers import CLIPConfig, CLIPImageProcessorPil, CLIPModel, CLIPTokenizer

    words = ["dark", "light", "fur"]
    vocabulary = {"<|startoftext|>": 0, "<|endoftext|>": 1}
    merges = []
    for word in words:
        pieces = [*word[:-1], f"{word[-1]}</w>"]
        for piece in pieces:
            vocabulary.setdefault(piece, len(vocabulary))
        left = pieces[0]
        for right in pieces[1:]:
            if (left, right) not in merges:
                merges.append((left, right))
            left += right
            vocabulary.setdefault(left, len(vocabulary))
    tokenizer = CLIPTokenizer(vocab=vocabulary, merges=merges, model_max_length=8)
    layer = {
        "hidden_size": 16,
        "intermediate_size": 32,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
    }
    torch.manual_seed(0)
    model = CLIPModel(
        CLIPConfig(
            text_config=layer
            | {
                "vocab_size": len(tokenizer),
                "max_position_embeddings": 8,
                "bos_token_id": 0,
                "eos_token_id": 1,
                "pad_token_id": 1,
            },
            vision_config=layer | {"image_size": 32, "patch_size": 8},
            projection_dim=8,
        )
    )
    folder = tmp_path_factory.mktemp("clip")
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    size = {"height": 32, "width": 32}
    CLIPImageProcessorPil(size={"shortest_edge": 32}, crop_size=size).save_pretrained(folder)
    assert (folder / "model.safetensors").is_file()
    return folder
