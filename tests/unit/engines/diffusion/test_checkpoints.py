import pytest

from zollstock.engines.diffusion.checkpoints import checksum, load_pipeline, open_folder
from zollstock.engines.diffusion.places import folder_of, is_hub_id
from zollstock.errors import ZollstockError


def test_a_hub_id_has_its_folder_named_by_revision(tmp_path):
    folder = folder_of("timbrooks/instruct-pix2pix", "31519b5", tmp_path)
    assert folder == tmp_path / "timbrooks--instruct-pix2pix@31519b5"


def test_a_local_folder_is_taken_as_it_is(tmp_path):
    assert folder_of(str(tmp_path), None) == tmp_path
    assert not is_hub_id(str(tmp_path))


def test_what_to_fetch_and_where_to_put_it(tmp_path):
    with pytest.raises(ZollstockError) as error:
        open_folder("owner/name", "abc", tmp_path)
    text = str(error.value)
    assert "snakemake prefetch_editors" in text
    assert "https://huggingface.co/owner/name" in text
    assert str(tmp_path / "owner--name@abc") in text


def test_a_folder_that_is_no_checkpoint(tmp_path):
    with pytest.raises(ZollstockError, match=r"model_index\.json is missing"):
        open_folder(str(tmp_path), None)


def test_a_harmed_index_is_a_message(tmp_path):
    (tmp_path / "model_index.json").write_text("{")
    with pytest.raises(ZollstockError, match="cannot be loaded"):
        load_pipeline(tmp_path, "StableDiffusionInstructPix2PixPipeline", None)


def test_pickled_weights_are_never_read(tmp_path):
    """Only .safetensors are; a folder with .bin files alone is refused."""
    import torch

    from zollstock.editors.architecture import Size, build_editor

    tiny = Size(image=16, autoencoder_channels=8, latent_channels=4, unet_channels=(8, 16))
    build_editor(["go"], tiny).save_pretrained(tmp_path)
    weights = tmp_path / "unet" / "diffusion_pytorch_model.safetensors"
    torch.save({}, tmp_path / "unet" / "diffusion_pytorch_model.bin")
    weights.unlink()
    with pytest.raises(ZollstockError, match="cannot be loaded"):
        load_pipeline(tmp_path, "StableDiffusionInstructPix2PixPipeline", torch.float32)


def test_the_checksum_is_of_names_and_contents(tmp_path):
    file = tmp_path / "a.json"
    file.write_text("1")
    first = checksum(tmp_path)
    (tmp_path / "notes.md").write_text("not part of it")
    checksum.cache_clear()
    assert checksum(tmp_path) == first
    file.write_text("2")
    checksum.cache_clear()
    assert checksum(tmp_path) != first
