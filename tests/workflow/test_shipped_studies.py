"""The studies that want a user's files, run as they are on files that tests make."""

import math

import numpy as np
import pandas as pd
import pytest
import torch
import yaml
from PIL import Image, ImageDraw

from tests.tiny_models import save_clip
from tests.workflow.conftest import ROOT
from zollstock.arrangement import arranged
from zollstock.errors import ZollstockError
from zollstock.settings import check_prerequisites, parse_study

pytestmark = pytest.mark.workflow

STUDIES = ROOT / "config" / "studies"


def checkpoint(workspace, settings):
    """Return the folder in which a checkpoint of a hub is looked for before it is fetched."""
    name = f"{settings['checkpoint'].replace('/', '--')}@{settings['revision']}"
    folder = workspace.folder / "resources" / "checkpoints" / name
    folder.mkdir(parents=True)
    return folder


def toy(angle, legs, neck, colour, size):
    """Draw a toy animal on a turntable: its length is seen from the side only."""
    width, height = size
    picture = Image.new("RGB", size, (214, 214, 208))
    draw = ImageDraw.Draw(picture)
    along = math.cos(math.radians(angle))  # 1: looks to the right, 0: towards us
    middle, ground = width / 2, 0.82 * height
    draw.ellipse((0.1 * width, ground - 8, 0.9 * width, ground + 16), fill=(120, 110, 100))
    half = height * (0.12 + 0.16 * abs(along))
    body = ground - legs * height
    for x in (-0.8 * half, 0.6 * half):
        draw.rectangle((middle + x, body, middle + x + 0.06 * height, ground), fill=colour)
    draw.ellipse((middle - half, body - 0.2 * height, middle + half, body + 8), fill=colour)
    head = middle + along * 0.9 * half
    top = body - (0.1 + neck) * height
    draw.line((head, body - 0.1 * height, head, top), fill=colour, width=8)
    reach = 0.12 * height * along
    draw.ellipse((head + reach - 12, top - 10, head + reach + 12, top + 10), fill=colour)
    if along > -0.3:  # an eye, unless it looks away
        draw.ellipse((head + reach - 3, top - 4, head + reach + 3, top + 2), fill=(10, 10, 10))
    return picture


TOYS = {
    "elephant": (0.22, 0.05, (120, 122, 130)),
    "giraffe": (0.3, 0.3, (205, 160, 70)),
    "stegosaurus": (0.14, 0.0, (70, 125, 70)),
}


def fill_turntable(folder, step=30):
    """Photographs of each figure at every `step` degrees; the last ones are of another size."""
    for name, form in TOYS.items():
        (folder / name).mkdir(parents=True)
        for angle in range(0, 360, step):
            size = (320, 240) if angle < 300 else (400, 300)
            toy(angle, *form, size).save(folder / name / f"{angle:03}.jpg", quality=95)


def test_photographs_from_a_turntable_and_clip(workspace):
    config = STUDIES / "clip.yaml"
    settings = yaml.safe_load(config.read_text())
    save_clip(checkpoint(workspace, settings["models"]["clip"]))
    fill_turntable(workspace.folder / settings["data_dir"])
    run = workspace.run(config)
    assert run.code == 0, run.text
    results = workspace.results("clip")
    scores = pd.read_csv(results / "scores" / "scores.csv")
    epgm = scores[scores["statistic"] == "epgm"].set_index("image")
    assert epgm["output"].to_dict() == {name: f"similarity:{name}" for name in TOYS}
    assert (epgm["steps"] == 12).all()
    # A full turn has a range and a way, but no direction.
    assert (epgm["score"] >= 2 * epgm["range"] - epgm["score"]).all() and (epgm["range"] > 0).all()
    assert scores[["direction", "tv_ratio"]].isna().all(axis=None)
    tests = pd.read_csv(results / "scores" / "tests.csv")
    assert tests["signed"].isna().all() and (tests["statistic"] == "range").all()
    assert tests["value"].notna().all()
    summary = pd.read_csv(results / "scores" / "summary.csv")
    assert summary["direction"].isna().all() and summary["score"].notna().all()
    for name in TOYS:
        (folder,) = (results / "outputs").glob(f"*{name}")
        further = pd.read_csv(folder / "scores.csv")
        assert set(further["output"]) == {f"similarity:{name}"}
        assert further["direction"].isna().all()
        assert pd.read_csv(folder / "tests.csv")["signed"].isna().all()
    # What follows the own class and what follows this class agree on this class's figure.
    further = further.set_index(["image", "statistic"])["score"]
    assert further["stegosaurus", "epgm"] == pytest.approx(epgm.loc["stegosaurus", "score"])
    ledger = pd.read_csv(results / "ledger" / "angle.csv")
    assert ledger["spearman"].isna().all()
    assert "which an axis that closes on itself does not have" in (
        (results / "report.html").read_text()
    )
    assert (results / "figures" / "angle" / "paths" / "giraffe.png").is_file()
    assert (results / "figures" / "angle" / "turn" / "clip.png").is_file()


def test_a_turn_of_more_than_a_period_ends_in_one_line(workspace):
    config = yaml.safe_load((STUDIES / "clip.yaml").read_text())
    save_clip(checkpoint(workspace, config["models"]["clip"]))
    fill_turntable(workspace.folder / config["data_dir"])
    (workspace.folder / "clip.csv").write_text((STUDIES / "clip.csv").read_text())
    config["properties"]["angle"]["period"] = 180
    run = workspace.run(config, "results/clip/scores/scores.csv")
    assert run.code == 1 and "Traceback" not in run.text
    line = next(line for line in run.text.splitlines() if line.startswith("zollstock: "))
    assert "properties.angle: has the period 180, but the axis of 'elephant' runs from 0" in line


def save_convmixers(folder):
    """Save untrained ConvMixers as the authors saved theirs."""
    from zollstock.models.convmixer import convmixer

    folder.mkdir(parents=True)
    parameters = {"dim": 256, "depth": 8, "kernel_size": 7, "patch_size": 5, "n_classes": 2}
    for seed, name in enumerate(("unbiased", "dark-cats-bias", "dark-dogs-bias")):
        torch.manual_seed(seed)
        state = convmixer(**parameters).state_dict()
        saved = {"paras": parameters, "state_dict": state, "performance": 0.5}
        torch.save(saved, folder / f"convmixer_{name}.pth")


def save_editor(folder, instruction, monkeypatch):
    """Save a tiny random InstructPix2Pix that reads the instruction."""
    from zollstock.editors import architecture

    monkeypatch.setattr(architecture, "TOKENS", 16)  # as many as the instruction needs
    torch.manual_seed(0)
    tiny = architecture.Size(
        image=32, autoencoder_channels=8, latent_channels=4, unet_channels=(8, 16)
    )
    pipeline = architecture.build_editor([instruction.replace("'", "")], tiny)
    with torch.no_grad():  # untrained weights hardly react to the text
        for name, weight in pipeline.unet.named_parameters():
            if "attn2" in name:
                weight.mul_(4)
    pipeline.save_pretrained(folder)


def clone(workspace):
    """Lay out what the study reads of the authors' repository."""
    folder = workspace.folder / "resources" / "Interventional-XAI"
    save_convmixers(folder / "checkpoints" / "cats-vs-dogs")
    photo = folder / "example_images" / "cvd" / "dog_001.jpg"
    photo.parent.mkdir(parents=True)
    rng = np.random.default_rng(0)
    coarse = Image.fromarray(rng.integers(0, 256, (6, 8, 3), dtype=np.uint8))
    coarse.resize((320, 240), Image.Resampling.BICUBIC).save(photo)
    return folder


def test_without_the_clone_the_run_says_what_to_clone(workspace):
    run = workspace.run(STUDIES / "cats-vs-dogs.yaml", "--dry-run")
    assert run.code == 1 and "Traceback" not in run.text
    assert "checkpoints/cats-vs-dogs/convmixer_unbiased.pth" in run.text
    assert "git clone https://github.com/PropGrad/Interventional-XAI" in run.text


def test_the_authors_repository_as_it_lies_on_disk_is_planned_whole(workspace):
    clone(workspace)
    run = workspace.run(STUDIES / "cats-vs-dogs.yaml", "--dry-run")
    assert run.code == 0, run.text
    jobs = run.jobs()
    assert (jobs["import_checkpoint"], jobs["infer"], jobs["fetch_checkpoint"]) == (3, 3, 1)


def test_cats_and_dogs_of_the_paper_from_the_clone_to_the_report(workspace, monkeypatch):
    config = STUDIES / "cats-vs-dogs.yaml"
    settings = yaml.safe_load(config.read_text())
    moved = workspace.folder / "elsewhere"
    clone(workspace).rename(moved)
    editing = settings["properties"]["fur_white"]
    save_editor(checkpoint(workspace, editing), editing["instruction"], monkeypatch)
    run = workspace.run(config, "--config", f"data_dir={moved}")
    assert run.code == 0, run.text
    results = workspace.results("cats-vs-dogs")
    scores = pd.read_csv(results / "scores" / "scores.csv")
    assert set(scores["model"]) == {"unbiased", "dark_cats", "dark_dogs"}
    assert (scores["image"] == "dog_001").all() and (scores["output"] == "dog").all()
    grad = scores[scores["statistic"] == "paper_grad"]
    assert (grad["steps"] == 17).all() and (grad["score"] > 0).all()
    assert grad["direction"].notna().all()
    assert (results / "figures" / "fur_white" / "paths" / "dog_001.png").is_file()


def lay_out_networks(workspace):
    """Put files where the grid of methods looks for torchvision's weights and photographs."""
    folder = workspace.folder / "resources" / "perturbation"
    (folder / "photographs").mkdir(parents=True)
    for name in ("alexnet-owt-7be5be79", "vgg16-397923af", "resnet50-0676ba61"):
        (folder / f"{name}.pth").touch()
    Image.new("RGB", (300, 240), (90, 120, 60)).save(folder / "photographs" / "lawn.png")


def test_the_grid_of_methods_of_the_paper_says_what_it_needs_and_is_planned(workspace):
    run = workspace.run(STUDIES / "perturbation.yaml", "--dry-run")
    assert run.code == 1 and "Traceback" not in run.text
    assert "resnet50-0676ba61.pth" in run.text and "download.pytorch.org" in run.text
    lay_out_networks(workspace)
    run = workspace.run(STUDIES / "perturbation.yaml", "locate", "--dry-run")
    assert run.code == 0, run.text
    jobs = run.jobs()
    assert (jobs["import_checkpoint"], jobs["locate_grid"], jobs["rank_grid"]) == (3, 3, 1)


def test_the_grids_of_methods_have_the_papers_size():
    from zollstock.settings.locate.grid import MethodGridSettings

    grids = [
        MethodGridSettings.model_validate(yaml.safe_load(file.read_text())["locate"]["grid"])
        for file in (STUDIES / "perturbation.yaml", STUDIES / "perturbation-digits.yaml")
    ]
    assert [len(grid.passes()) for grid in grids] == [3 * (2 + 2 + 1 + 1), 3 * 4]
    assert [len(grid.attributers()) for grid in grids] == [6, 6]


def test_clickme_says_what_it_needs_and_is_planned(workspace):
    from zollstock.images.layouts.clickme import PARTS, files_of

    config = STUDIES / "clickme.yaml"
    run = workspace.run(config, "--dry-run")
    assert run.code == 1 and "Traceback" not in run.text
    assert "10images.pt: is missing; expected ClickMe on Imagenette" in run.text
    folder = workspace.folder / "resources" / "clickme"
    for part in PARTS:
        for file in files_of(folder / "clickmette", part).values():
            file.parent.mkdir(parents=True, exist_ok=True)
            file.touch()
    (folder / "photographs").mkdir()
    Image.new("RGB", (300, 240), (90, 120, 60)).save(folder / "photographs" / "lawn.png")
    for target, rule, count in (("repair", "repair_model", 2), ("to_paint", "write_maps", 1)):
        run = workspace.run(config, target, "--dry-run")
        assert run.code == 0, run.text
        assert run.jobs()[rule] == count


LESIONS = ("nevus", "melanoma")


def parsed(name):
    file = STUDIES / f"{name}.yaml"
    return parse_study(yaml.safe_load(file.read_text()), str(file))


@pytest.mark.parametrize("name", ["lesions", "lesions-isic"])
def test_the_study_of_lesions_has_the_papers_twelve_cells(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    lay_out_isic(tmp_path / "resources" / "isic")
    study = parsed(name)
    check_prerequisites(study, name)
    places = arranged(study.figures.arrange.model_dump(), study.models)
    assert len(places.rows) == 4
    assert len(places.columns) == 3
    assert all(model for line in places.models for model in line)
    for line, start in zip(places.models, study.pretraining, strict=True):
        *learnt, alone = (study.models[model] for model in line)
        assert all(model.learns_from() for model in learnt)
        # Pretrained only: nothing is learnt behind it, and the last layer is as it was drawn.
        assert alone.starts_from() == start
        assert alone.recipe(study.training)["epochs"] == 0
    assert study.scoring.output == "nevus"


def lay_out_isic(folder):
    """Lay out pictures as config/studies/lesions-isic.yaml says."""
    black = Image.new("RGB", (16, 16))
    learnt = [f"train_{kind}/{label}" for kind in ("clean", "biased") for label in LESIONS]
    for part in (*learnt, "test/melanoma", "patches", "patch_masks"):
        (folder / part).mkdir(parents=True)
        for number in range(20 if part in learnt else 2):
            black.save(folder / part / f"m{number}.png")


def test_without_photographs_of_lesions_it_is_said_how_to_lay_them_out(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ZollstockError) as found:
        check_prerequisites(parsed("lesions-isic"), "lesions-isic")
    words = " ".join(map(str, (found.value, *found.value.others)))
    assert "resources/isic/test" in words
    assert "isic-archive.com" in words


@pytest.mark.parametrize("name", ["flips", "flips-lesions"])
def test_studies_of_changed_decisions_have_the_papers_methods_and_fit_two_cores(name):
    study = parsed(name)
    methods = study.locate.methods
    assert set(methods) == {"gradcam", "ig", "occlusion", "lime", "shap", "deeplift"}
    assert study.locate.images == "all"
    assert study.images.n_per_class * len(study.images.classes or ["cat", "dog"]) <= 100
    for method in ("lime", "shap"):
        assert methods[method].job_settings()["settings"]["samples"]["number"] <= 256
    # Networks that attend or norm layers have their gradients there.
    assert methods["deeplift"].uncovered == "gradient"
