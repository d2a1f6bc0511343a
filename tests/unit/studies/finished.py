"""A finished study, made by its jobs called as the rules call them, without Snakemake."""

import os
from contextlib import contextmanager
from pathlib import Path

import torch

from zollstock.images.table import read_table
from zollstock.jobs.compare_placebos import compare_placebos
from zollstock.jobs.gather_scores import gather_scores
from zollstock.jobs.infer import infer
from zollstock.jobs.intervene import edits_made
from zollstock.jobs.make_placebos import placebos_made
from zollstock.jobs.measure_edits import measure_edits
from zollstock.jobs.score import score
from zollstock.jobs.select_images import select_images
from zollstock.jobs.summarise_scores import summarise_scores
from zollstock.jobs.whole import whole
from zollstock.models.card import save_model
from zollstock.models.registry import build_model
from zollstock.plan.study import Plan
from zollstock.provenance.record import write_record
from zollstock.settings import parse_study
from zollstock.settings.preprocessing import PreprocessingSettings

CONFIG = {
    "study": "mine",
    "seed": 3,
    "world": {"size": 32},
    "images": {"source": "renderer", "n_per_class": 1},
    "properties": {
        "fur": {"engine": "rendered", "latent": "fur_lightness", "steps": 9, "title": "fur"},
        "noise": {
            "engine": "photometric",
            "operation": "noise",
            "steps": 7,
            "replicates": 2,
            # So that placebos are those of a study of the other property alone.
            "placebo": True,
        },
    },
    "models": {"one": {"weights": "one.pth"}, "two": {"weights": "two.pth"}},
    "placebos": {"steps": 3},
    "inference": {"batch_size": 16, "device": "cpu"},
    "scoring": {"output": "dog", "permutations": 99},
    "figures": {"dpi": 60},
}
CARD = {
    "family": "convmixer",
    "arguments": {"dim": 8, "depth": 1, "kernel_size": 3, "patch_size": 4},
    "classes": ["cat", "dog"],
    "preprocessing": PreprocessingSettings().model_dump(),
}


@contextmanager
def inside(folder):
    """Work in a folder, as a run does."""
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


def save_tiny(folder, name, seed):
    """Save a tiny network whose answers differ from frame to frame."""
    torch.manual_seed(seed)
    module = build_model(CARD["family"], CARD["arguments"], 2).eval()
    with torch.no_grad():
        module[-1].weight.mul_(20)
    folder.mkdir(parents=True, exist_ok=True)
    save_model(module, CARD, folder / f"{name}.safetensors", folder / f"{name}.json")


def make_study(folder):
    """Make the study ``results/mine`` below a folder, record included, and return its folder."""
    with inside(folder):
        plan = Plan(parse_study(CONFIG, "study.yaml"))
        results = Path(plan.results)
        seed, settings = plan.study.seed, plan.settings
        images, pixels = results / "images/images.csv", results / "images/pixels"
        select_images(
            images=settings["images"],
            world=settings["world"],
            seed=seed,
            models=[],
            device="cpu",
            table=images,
            skipped=results / "images/skipped.csv",
            pixels=pixels,
        )
        for number, name in enumerate(plan.models):
            save_tiny(results / "models", name, number)
        files = {name: results / f"interventions/{name}.json" for name in plan.paths}
        shared = {"images": images, "pixels": pixels}
        shared |= {"options": plan.run_options, "watched": [], "threads": 1, "device": "cpu"}
        for name, paths in plan.paths.items():
            extra = {"predictions": [], "edits": [files[of] for of in paths.stands_for]}
            if not paths.placebos:
                extra = {}
            whole(
                placebos_made if paths.placebos else edits_made,
                manifest=files[name],
                name=name,
                names=list(plan.paths),
                max_failed=0,
                cfg=plan.gathering(name) | ({"stop_after": None} if paths.placebos else {}),
                **shared,
                **extra,
            )
        groups = {
            (name, model): results / f"predictions/{name}/{model}.zarr"
            for name in plan.paths
            for model in plan.models
        }
        for model in plan.models:
            infer(
                model=model,
                manifests=list(files.values()),
                predictions=[groups[name, model] for name in plan.paths],
                images=images,
                pixels=pixels,
                pictures=results / f"predictions/pictures/{model}.zarr",
                weights=results / f"models/{model}.safetensors",
                card=results / f"models/{model}.json",
                code=[],
                note=results / f"predictions/{model}.json",
                device="cpu",
                batch_size=16,
                precision="float32",
                shared=False,
                threads=1,
            )
        tables = _scored(plan, results, images, pixels, files, groups)
        parts = {
            "tables": [images, *files.values(), *tables],
            "predictions": list(groups.values()),
        }
        code = Path(folder) / "code"
        code.mkdir()
        (code / "Snakefile").write_text("rule all:\n", encoding="utf-8")
        write_record(results, code, settings, parts, {}, environments="one", checkpoints={})
        return Path(folder) / results


def _scored(plan, results, images, pixels, files, groups):
    """Score, test and summarise; return the tables."""
    scores = results / "scores"
    (scores / "models").mkdir(parents=True)
    (results / "ledger").mkdir()
    for model in plan.models:
        score(
            predictions={name: groups[name, model] for name in plan.properties},
            images=images,
            table=scores / f"models/{model}.parquet",
            classes=None,
            model=model,
            statistics=plan.settings["scoring"]["statistics"],
            output="dog",
            permutations=99,
            seed=plan.study.seed,
        )
    ledgers = {name: results / f"ledger/{name}.csv" for name in plan.properties}
    for name, file in ledgers.items():
        cfg = plan.section("ledger", world="pets", **plan.paths[name].meter)
        measure_edits(
            manifest=files[name],
            images=images,
            pixels=pixels,
            steps=results / f"ledger/{name}.steps.csv",
            verdicts=file,
            cfg=cfg,
        )
    gather_scores(
        tables=[scores / f"models/{model}.parquet" for model in plan.models],
        ledgers=ledgers,
        table=scores / "scores.parquet",
        csv=scores / "scores.csv",
    )
    keys = ("number", "statistic", "steps", "tolerance", "stop_after")
    compare_placebos(
        scores=scores / "scores.parquet",
        images=images,
        edits={name: files[name] for name in plan.properties},
        placebos={name: files[name] for name in plan.placebo_sets},
        predictions=groups,
        placebos_of=plan.placebos_of,
        models=plan.models,
        output="dog",
        interest=2.0,
        test={key: plan.settings["placebos"][key] for key in keys} | {"closed": []},
        table=scores / "tests.parquet",
        csv=scores / "tests.csv",
    )
    summarise_scores(
        table=scores / "scores.parquet",
        tests=scores / "tests.parquet",
        cards=[],
        summary=scores / "summary.csv",
        page=scores / "summary.html",
        properties={
            name: {"title": plan.title_of(name), "placebo": name == "noise"}
            for name in plan.properties
        },
        study="mine",
        output="dog",
        alpha=0.05,
        interest=2.0,
        seed=plan.study.seed,
    )
    return [*ledgers.values(), *scores.glob("*.*")]


def records(results):
    """Return the images of a study."""
    return read_table(results / "images/images.csv", results / "images/pixels")
