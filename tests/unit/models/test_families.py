"""Families by name: each with a tiny random model, from its settings to predictions and back."""

import json
import subprocess
import sys

import numpy as np
import pytest
import torch
from pydantic import ValidationError

from tests.tiny_models import PROCESSOR, VIT, save_clip, save_vit
from zollstock.errors import ZollstockError
from zollstock.images.geometry import Geometry
from zollstock.inference.run import Runner
from zollstock.jobs.import_checkpoint import import_checkpoint
from zollstock.models.card import load_model
from zollstock.models.registry import FAMILIES, known_families
from zollstock.settings.families import ClipModel, TransformersModel
from zollstock.settings.models import MODEL_FORMS, OWN

FRAMES = np.random.default_rng(0).integers(0, 256, (3, 40, 52, 3), dtype=np.uint8)


@pytest.fixture
def imported(tmp_path):
    """Import a model by its settings as the rule does; return it as it is run, and its card."""

    def run(settings, folder=None):
        given = settings.job_settings() | ({"folder": str(folder)} if folder else {})
        files = tmp_path / "model.safetensors", tmp_path / "model.json"
        import_checkpoint(model=given, weights=files[0], card=files[1])
        return load_model(*files), json.loads(files[1].read_text())

    return run


@pytest.fixture(scope="module")
def vit(tmp_path_factory):
    """A random ViT as save_pretrained writes it, sharded."""
    folder = tmp_path_factory.mktemp("vit")
    module = save_vit(folder, ["crane", "cat", "crane"], max_shard_size="4KB")
    assert (folder / "model.safetensors.index.json").is_file()
    return folder, module


def test_every_form_of_the_settings_has_a_module_and_every_module_a_form():
    assert set(known_families()) - set(FAMILIES) == set(MODEL_FORMS) - {OWN}


def test_transformers_needs_its_folder_alone(vit, imported, capsys):
    folder, module = vit
    model, card = imported(TransformersModel(family="transformers", checkpoint=str(folder)), folder)
    assert model.classes == ("crane", "cat", "crane (2)")
    assert "class 2 is called 'crane (2)'" in capsys.readouterr().err
    assert model.geometry == Geometry((32, 32), "bicubic", "crop", 36)
    assert model.normalisation.mean == (0.4, 0.5, 0.6)
    assert (card["outputs"], card["channels"], card["proved"]) == ("logits", 3, True)
    inputs = model.normalisation.apply(model.geometry.apply(FRAMES))
    with torch.inference_mode():
        expected = module(inputs).logits.numpy()
    found = Runner(model, device="cpu").logits(model.geometry.apply(FRAMES))
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_a_contradiction_between_the_user_and_the_model_is_said(vit, imported, capsys):
    settings = TransformersModel(
        family="transformers", checkpoint="x", classes=["crane (2)", "cat", "crane"],
        preprocessing={"mean": 0.1, "resize": "bicubic"},
    )  # fmt: skip
    model, card = imported(settings, vit[0])
    said = capsys.readouterr().err
    assert "mean is [0.1, 0.1, 0.1], though the model's own is [0.4, 0.5, 0.6]" in said
    assert "in another order than the model's own: output 0 is 'crane (2)' here" in said
    assert "resize" not in said
    assert (model.classes[0], card["preprocessing"]["mean"]) == ("crane (2)", [0.1] * 3)
    assert len(card["notes"]) == 2


def test_a_checkpoint_without_its_head_is_refused(vit, tmp_path, imported):
    from transformers import ViTConfig, ViTModel

    ViTModel(ViTConfig(**VIT)).save_pretrained(tmp_path / "body")
    settings = TransformersModel(family="transformers", checkpoint="x")
    with pytest.raises(ZollstockError, match=r"lacks \d+ tensors \(first: classifier\.bias\)"):
        imported(settings, tmp_path / "body")


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda at: (at / "config.json").unlink(), r"config\.json: is missing"),
        (lambda at: (at / "config.json").write_text("{"), r"config\.json: cannot be read"),
        (lambda at: (at / "config.json").write_text('{"model_type": "no"}'), "cannot be loaded"),
        (lambda at: [f.unlink() for f in at.glob("*.safetensors")], "cannot be loaded"),
        (
            lambda at: (at / "preprocessor_config.json").unlink(),
            r"preprocessing\.mean: is not given, and the model does not say",
        ),
    ],
)
def test_a_harmed_folder_is_one_line(vit, tmp_path, imported, spoil, message):
    for file in vit[0].iterdir():
        (tmp_path / "copy").mkdir(exist_ok=True)
        (tmp_path / "copy" / file.name).write_bytes(file.read_bytes())
    spoil(tmp_path / "copy")
    with pytest.raises(ZollstockError, match=message):
        imported(TransformersModel(family="transformers", checkpoint="x"), tmp_path / "copy")


def test_as_many_names_are_wanted_as_there_are_outputs(vit, imported):
    settings = TransformersModel(family="transformers", checkpoint="x", classes=["a", "b"])
    with pytest.raises(ZollstockError, match="has 2 names, and the model has 3 outputs"):
        imported(settings, vit[0])


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    """A random CLIP with a tokenizer of letters."""
    folder = tmp_path_factory.mktemp("clip")
    return folder, *save_clip(folder)


def test_clip_gives_cosines_and_the_softmax_that_it_was_trained_with(clip, imported):
    folder, module, tokeniser = clip
    settings = ClipModel(family="clip", checkpoint=str(folder), classes=["cat", "dog", "bee"])
    model, card = imported(settings, folder)
    assert (model.outputs, model.kind, card["proved"]) == ("similarity", "similarity", True)
    frames = model.geometry.apply(FRAMES)
    tokens = tokeniser(
        [f"a photo of a {name}." for name in model.classes], padding=True, return_tensors="pt"
    )
    with torch.inference_mode():
        whole = module(pixel_values=model.normalisation.apply(frames), **tokens)
    runner = Runner(model, device="cpu")
    found = runner.logits(frames)
    scale = float(module.logit_scale.exp())
    np.testing.assert_allclose(found, whole.logits_per_image.numpy() / scale, atol=1e-5)
    expected = whole.logits_per_image.softmax(-1).numpy()
    np.testing.assert_allclose(runner.probabilities(FRAMES), expected, atol=1e-4)
    assert "text" not in " ".join(card["arguments"]["config"])


def test_several_texts_of_a_class_are_averaged_on_the_sphere(clip, imported):
    folder = clip[0]
    one = {"cat": ["cat"], "dog": ["a photo of a dog."]}
    cat, _ = imported(ClipModel(family="clip", checkpoint="x", classes=one), folder)
    two = {"cat": ["a cute cat"], "dog": ["b"]}
    cute, _ = imported(ClipModel(family="clip", checkpoint="x", classes=two), folder)
    both = {"cat": ["cat", "a cute cat"], "dog": ["b"]}
    mean, _ = imported(ClipModel(family="clip", checkpoint="x", classes=both), folder)
    total = cat.module.texts[0] + cute.module.texts[0]
    torch.testing.assert_close(mean.module.texts[0], total / total.norm())
    templates = ["{}", "a cute {}"]
    made = ClipModel(family="clip", checkpoint="x", classes=["cat", "b"], templates=templates)
    torch.testing.assert_close(imported(made, folder)[0].module.texts[0], mean.module.texts[0])


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"classes": ["cat"]}, "two names or more"),
        ({"classes": ["cat", " "]}, "names, none of them blank"),
        ({"classes": {"cat": ["cat"], "dog": ["a", " "]}}, "none of them blank"),
        ({"classes": {"cat": ["cat"]}}, "two classes or more"),
        ({"classes": {"cat": [], "dog": ["dog"]}}, "at least 1 item"),
        ({"classes": ["cat", "dog"], "templates": ["a photo"]}, "where the class's name goes"),
        ({"classes": ["cat", "dog"], "templates": []}, "at least 1 item"),
    ],
)
def test_wrong_classes_and_templates_are_refused(keys, message):
    with pytest.raises(ValidationError, match=message):
        ClipModel(family="clip", checkpoint="x", **keys)


def test_clip_without_a_tokenizer_says_what_is_missing(clip, tmp_path, imported):
    clip[1].save_pretrained(tmp_path / "bare")
    (tmp_path / "bare" / "preprocessor_config.json").write_text(json.dumps(PROCESSOR))
    settings = ClipModel(family="clip", checkpoint="x", classes=["cat", "dog"])
    with pytest.raises(ZollstockError, match="has no tokenizer that can be read"):
        imported(settings, tmp_path / "bare")


def test_no_family_imports_transformers_but_those_that_need_it():
    code = (
        "import sys; from zollstock.models import registry; import importlib;"
        "[importlib.import_module(f'zollstock.models.families.{n}')"
        " for n in registry.known_families()];"
        "import zollstock.jobs.import_checkpoint, zollstock.jobs.infer;"
        "print([n for n in ('transformers', 'timm', 'torchvision', 'onnxruntime')"
        " if n in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
