import pytest
import torch

from zollstock.editors.architecture import KEEP, Size, build_editor, build_tokenizer
from zollstock.editors.pairs import EDITS

TINY = Size(image=16, autoencoder_channels=8, latent_channels=4, unet_channels=(8, 16))


@pytest.fixture(scope="module")
def editor():
    torch.manual_seed(0)
    return build_editor(list(EDITS), TINY)


def embedding(editor, text):
    tokens = editor.tokenizer(text, padding="max_length", max_length=8, return_tensors="pt")
    with torch.no_grad():
        return editor.text_encoder(tokens.input_ids)[0]


def test_one_token_a_word_between_start_and_end():
    tokenizer = build_tokenizer(list(EDITS))
    for text in EDITS:
        ids = tokenizer(text).input_ids
        assert len(ids) == len(text.split()) + 2
        assert tokenizer.decode(ids, skip_special_tokens=True) == text


def test_a_word_it_does_not_know_is_spelt_out():
    tokenizer = build_tokenizer(list(EDITS))
    assert len(tokenizer("purple").input_ids) == len("purple") + 2


def test_keep_and_the_empty_instruction_are_one_embedding(editor):
    assert torch.equal(embedding(editor, KEEP), embedding(editor, ""))
    assert not torch.equal(embedding(editor, KEEP), embedding(editor, "make the fur lighter"))


def test_the_unet_sees_noisy_and_source_latents(editor):
    assert editor.unet.config.in_channels == 2 * editor.vae.config.latent_channels
    assert editor.vae_scale_factor == TINY.factor == 4


def test_the_schedule_ends_in_pure_noise(editor):
    # Not 0: the sampler divides by it. A part in four thousand of the image is left.
    assert editor.scheduler.alphas_cumprod[-1] == 2.0**-24
    editor.scheduler.set_timesteps(5)
    assert editor.scheduler.timesteps[0] == 999


def test_it_is_what_diffusers_loads(editor, tmp_path):
    from diffusers import DiffusionPipeline

    editor.save_pretrained(tmp_path)
    again = DiffusionPipeline.from_pretrained(tmp_path)
    assert type(again).__name__ == "StableDiffusionInstructPix2PixPipeline"
    assert torch.equal(
        embedding(again, "make the fur darker"), embedding(editor, "make the fur darker")
    )


def test_the_shipped_size_is_small():
    editor = build_editor(list(EDITS))
    counts = {
        name: sum(p.numel() for p in getattr(editor, name).parameters())
        for name in ("vae", "unet", "text_encoder")
    }
    assert sum(counts.values()) * 4 <= 12e6, counts
