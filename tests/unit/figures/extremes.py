"""Made-up studies at the ends of what there may be, drawn by every entry of the registry."""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from zollstock.arrangement import Arranged
from zollstock.figures.maps import Along, MapPage
from zollstock.figures.maps import Path as Walked
from zollstock.figures.registry import FIGURES
from zollstock.figures.repaired_maps import MapSheet
from zollstock.figures.sheets import Strip, strip_steps
from zollstock.figures.style import model_looks
from zollstock.figures.turning import Turn
from zollstock.images.reading import pixel_sha256
from zollstock.images.table import ImageRecord, save_png
from zollstock.jobs.drawing import Data
from zollstock.locate.ranking import RANKED
from zollstock.scoring.inspection import NullCell, NullRow, fitted
from zollstock.significance.beside import Beside

from .attributed import Attributed
from .traced import Traced

STEPS, DRAWN = 17, 24
FLAGS = "entangled;identity_lost;not_monotone;reversed;saturated"


@dataclass(frozen=True)
class Case:
    """One study: how many of each, and what they are called."""

    images: int
    models: int
    properties: int
    classes: int
    title: str
    name: str
    flagged: bool
    folder: Path

    def named(self, kind: str, number: int) -> str:
        """Return a name, told apart at both ends."""
        return f"{kind}{number}_{self.name}_{number}" if self.name else f"{kind}{number}"

    @cached_property
    def models_(self) -> list[str]:
        return [self.named("m", number) for number in range(self.models)]

    @cached_property
    def images_(self) -> list[str]:
        return [self.named("i", number) for number in range(self.images)]

    @cached_property
    def methods_(self) -> list[str]:
        return [self.named("a", number) for number in range(min(self.images, 12))]

    @cached_property
    def titles(self) -> dict[str, str]:
        return {f"p{number}": self.title for number in range(self.properties)}

    def output_of(self, number: int) -> str:
        """Return the class followed on an image: with many classes each has its own."""
        return self.named("c", 0 if self.classes == 2 else number)

    @cached_property
    def table(self) -> pd.DataFrame:
        """Rows of every table that has one per property, model and image."""
        rng = np.random.default_rng(1)
        rows = [
            {"property": p, "model": model, "image": image, "output": self.output_of(number)}
            | {"flags": FLAGS if self.flagged else "", "replicate": 0}
            for p in self.titles
            for model in self.models_
            for number, image in enumerate(self.images_)
        ]
        found = pd.DataFrame(rows)
        score = rng.random(len(found))
        return found.assign(
            statistic="epgm",
            score=score,
            epgm=score,
            corrected=score,
            steps=STEPS,
            value=score,
            placebos=19,
            used=19,
            larger=1,
            p=0.1 * score + 0.05,
            resolution=0.05,
            untested="",
            q_bh=0.1 * score + 0.05,
            of_interest=False,
            unmatched=0,
            match=1.0,
        )

    @cached_property
    def summary(self) -> pd.DataFrame:
        found = self.table.groupby(["property", "model"], sort=False).first().reset_index()
        return found.assign(
            title=self.title,
            placebo=[name == "p0" for name in found["property"]],
            low=0.9 * found["score"],
            high=1.1 * found["score"],
            corrected_low=0.9 * found["score"],
            corrected_high=1.1 * found["score"],
            tested=self.images,
            images=self.images,
        )


def axis() -> Any:
    return np.linspace(-1, 1, STEPS)


class Drawn(Attributed, Data):
    """What each datum of the registry is in such a study."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.models = case.models_
        self.titles = case.titles
        self.title = case.title
        self.axis_title = f"{case.title}, °"
        self.palette, self.alpha, self.statistic = "petroff10", 0.05, "epgm"
        self.unit, self.noun = "deg", "similarity"
        self.period, self.total, self.max_images = None, case.images, DRAWN
        self.editor, self.trained = case.named("e", 1), case.models_
        self.grid_titles = [case.title, case.title]
        self.grid_axes = (np.linspace(0, 1, 5), np.linspace(0, 1, 4))

    @property
    def looks(self) -> Any:
        return model_looks(self.models, self.palette)

    @property
    def boundary(self) -> float | None:
        return 0.5 if self.case.classes == 2 else None

    bounds, flattest = (0.0, 1.0), 0.2

    @property
    def shown(self) -> list[str]:
        return self.case.images_[:DRAWN]

    def strip(self, image: str) -> Strip:
        steps = strip_steps(axis(), 7)
        frames = np.random.default_rng(1).integers(0, 255, (len(steps), 8, 8, 3), np.uint8)
        return Strip(image, frames, axis(), steps)

    @property
    def strips(self) -> Iterator[Strip]:
        return (self.strip(image) for image in self.shown)

    first_strips = strips

    @property
    def outlines(self) -> Any:
        return {image: np.eye(8, dtype=np.float32) for image in self.shown}

    @property
    def telling(self) -> Strip:
        return self.strip(self.case.images_[0])

    @property
    def curves(self) -> Any:
        p = 1 / (1 + np.exp(-5 * axis()))
        return {
            image: {
                model: np.roll(p, place) if place % 2 else 1 - p
                for place, model in enumerate(self.models)
            }
            for image in self.case.images_
        }

    @property
    def turns(self) -> Iterator[tuple[str, list[Turn]]]:
        frames = np.random.default_rng(1).integers(0, 255, (2, 8, 8, 3), np.uint8)
        names = [self.case.named("c", number) for number in range(min(self.case.classes, 6))]
        found = [
            Turn(image, names[0], axis(), {name: axis() for name in names}, (STEPS - 1, 0), frames)
            for image in islice(self.shown, 4)
        ]
        return ((model, found) for model in self.models)

    @property
    def unedited(self) -> Any:
        return {image: dict.fromkeys(self.models, 0.5) for image in self.case.images_}

    @property
    def placebos(self) -> Any:
        beside = Beside(axis()[[0, 8, 16]], np.linspace(-2, 2, 19)[:, None] * np.array([1, 0, 1]))
        return {image: dict.fromkeys(self.models, beside) for image in self.case.images_}

    @property
    def axes_of(self) -> Any:
        return dict.fromkeys(self.case.images_, axis())

    @property
    def first_scores(self) -> pd.DataFrame:
        return self.property_tests

    @property
    def property_tests(self) -> pd.DataFrame:
        return self.case.table[self.case.table["property"] == "p0"]

    @property
    def scores(self) -> pd.DataFrame:
        return self.case.table

    tests = evidence = scores

    @property
    def summary(self) -> pd.DataFrame:
        return self.case.summary

    @property
    def arrangement(self) -> Arranged:
        """Three a row; the last row may lack some."""
        rows = [self.models[k : k + 3] for k in range(0, len(self.models), 3)]
        titles = [self.case.named("r", number) for number in range(len(rows))]
        lines = [[*row, *[None] * (3 - len(row))] for row in rows]
        return Arranged(titles, [self.case.named("k", number) for number in range(3)], lines)

    @property
    def paper(self) -> pd.DataFrame:
        table = self.summary[self.summary["property"] == "p0"]
        return table.assign(paper_grad=0.00123)

    @property
    def nulls(self) -> Any:
        cell = NullCell(axis(), axis(), np.ones((2, STEPS)), np.arange(50.0), 7e-5, 0.5, 0.1, 0.04)
        return [NullRow(image, dict.fromkeys(self.models, cell)) for image in self.shown]

    @property
    def signatures(self) -> Any:
        spacings = np.array([1.0, 2, 4, 8])
        found = fitted(spacings, 0.1 + 0.4 / spacings)
        return {image: dict.fromkeys(self.models, found) for image in self.shown}

    @property
    def steps(self) -> pd.DataFrame:
        rows = {"step": range(STEPS), "axis": axis(), "zero": np.arange(STEPS) == 8}
        rows |= {"meter": self.case.named("k", 1), "value": axis(), "off_target": 0.1}
        rows |= {"pixel_change": 0.1, "pixel_change_outside": np.nan}
        return pd.concat([pd.DataFrame({"image": image} | rows) for image in self.shown])

    @property
    def verdicts(self) -> pd.DataFrame:
        flags = FLAGS if self.case.flagged else ""
        rows = {"meter": self.case.named("k", 1), "flags": flags, "exact_low": 0, "exact_high": 1}
        return pd.DataFrame({"image": self.case.images_} | rows)

    @property
    def grid_surfaces(self) -> Any:
        surface = np.linspace(0, 1, 20).reshape(5, 4)
        return {image: dict.fromkeys(self.models, surface) for image in islice(self.shown, 3)}

    @property
    def grid_scores(self) -> pd.DataFrame:
        parts = {"partial_first": 0.25, "partial_second": 0.5, "interaction": 0.12}
        return self.property_tests.assign(**parts)

    @property
    def images(self) -> list[ImageRecord]:
        pixels = np.zeros((4, 6, 3), np.uint8)
        file = self.case.folder / "black.png"
        save_png(pixels, file)
        sha = pixel_sha256(pixels)
        return [
            ImageRecord(image, self.case.output_of(number), sha, "", file)
            for number, image in enumerate(self.case.images_)
        ]

    @property
    def accuracy(self) -> pd.DataFrame:
        rows = [
            {"model": model, "split": split, "accuracy": 0.5, "n": 100}
            for model in self.models
            for split in self.models[:5]
        ]
        return pd.DataFrame(rows)

    @property
    def pairs(self) -> list[tuple[str, str]]:
        names = list(self.titles)
        return list(zip(names, names[1:] + names[:1], strict=True))[:3]

    @property
    def gate(self) -> dict[str, Any]:
        score = {f"{kind}_{name}": 0.5 for name in self.models for kind in ("score", "exact")}
        flat = {key: [0.4] * 5 for key in ("measured", "exact", "other")}
        rows = [
            {"image": image, "property": "fur", "axis": [-2, -1, 0, 1, 2], "spearman": 1.0}
            | flat
            | score
            for image in self.case.images_
        ]
        criteria = [
            {"name": f"{self.title}: share", "value": 0.5, "bar": 0.4}
            | {"at_least": True, "passed": False}
        ]
        return {"passed": False, "criteria": criteria, "images": rows}

    @property
    def card(self) -> dict[str, Any]:
        use = {"size": [64, 64], "stop": 2.0, "image_guidance": 1.0, "denoising_steps": 20}
        return {"use": use, "parameters": {"vae": 300_000, "unet": 900_000}}

    @property
    def map_pages(self) -> Iterator[MapPage]:
        picture = np.full((8, 12, 3), 90, np.uint8)
        maps = {(m, a): np.eye(8, 12, dtype=np.float32) for m in self.models for a in self.methods}
        along = Along(np.eye(8, 12, dtype=np.float32), -0.25, np.ones((8, 12), np.float32))
        return (
            MapPage(
                image,
                {model: f"P({self.case.output_of(number)})" for model in self.models},
                picture,
                self.models,
                self.methods,
                maps,
                [
                    Walked(title, picture, picture, dict.fromkeys(self.models, along))
                    for title in self.titles.values()
                ],
            )
            for number, image in enumerate(self.shown)
        )

    @property
    def methods(self) -> list[str]:
        return self.case.methods_

    @property
    def ranking(self) -> pd.DataFrame:
        fills = ["mean", "blur", "noise"]
        kinds = [(m, fill, "") for m in ("srg", "lif", "mif") for fill in fills]
        kinds += [("srg", "path", p) for p in self.titles]
        kinds += [(m, "", p) for m in RANKED if m not in ("srg", "lif", "mif") for p in self.titles]
        rows = [
            {"measure": measure, "fill": fill, "property": p, "method": method, "n": 3}
            | {"mean": 0.1, "low": -0.1, "high": 0.2, "apart": 0.1}
            | {"apart_low": 0.0, "apart_high": 0.2}
            for measure, fill, p in kinds
            for method in [*self.methods, "random"]
        ]
        return pd.DataFrame(rows)

    @property
    def likeness(self) -> pd.DataFrame:
        rows = [
            {"measure": measure, "method": one, "other": other, "n": 3}
            | {"mean": -0.123, "low": -0.2, "high": 0.1}
            for measure in ("l1", "spearman")
            for one, other in itertools.combinations(self.methods, 2)
        ]
        columns = ["measure", "method", "other", "n", "mean", "low", "high"]
        return pd.DataFrame(rows, columns=columns)

    @property
    def control(self) -> pd.DataFrame:
        share = {"before": 0.123, "after": 0.456, "placebo": 0.2, "spread": 0.01, "units": -123.4}
        rows = [
            {"method": method, "model": model, "property": p, "images": 3, "placebos": 9} | share
            for method in self.methods
            for model in self.models
            for p in self.titles
        ]
        return pd.DataFrame(rows)

    @property
    def combinations(self) -> pd.DataFrame:
        segments = ["grid: [7, 7], masks: bilinear", "grid: [7, 7], masks: gaussian", "slic: 49"]
        samples = ["random: 0.5, number: 4000", "single: removed, add: [whole]"]
        keys = ("segments", "samples", "attribute", "per", "evaluated")
        attributes = ["rise", "kernel_shap", *self.methods][: 2 + len(self.methods) // 2]
        lists = (segments, samples, attributes, ["pixels", "segments"], ["mean", "noise"])
        several = [*self.models, "all"] if len(self.models) > 1 else self.models
        found = {"lif": 0.5, "mif": 0.4, "srg": -0.123, "low": -0.2, "high": 0.1, "n": 3}
        rows = [
            dict(zip(keys, parts, strict=True))
            | {"model": model, "fill": "mean", "property": "", "number": 4000}
            | found
            for parts in itertools.product(*lists)
            for model in several
        ]
        return pd.DataFrame(rows)

    @property
    def flips(self) -> pd.DataFrame:
        found = {"n": 1234, "flips": 617, "accuracy": 0.71, "accuracy_fair": 0.62}
        found |= {
            "fair_low": 0.5,
            "fair_high": 0.7,
            "lead": 0.1,
            "majority": 0.5,
            "auc": 0.7,
            "low": 0.6,
            "high": 0.8,
        }
        several = [*self.models, "all", "within"] if len(self.models) > 1 else self.models
        predictors = ["property gradient", "property gradient, first half", *self.methods]
        rows = [{"predictor": p, "model": m} | found for p in predictors for m in several]
        return pd.DataFrame(rows)

    @property
    def traced(self) -> Traced:
        return Traced(self.models, list(self.titles), self.title, self.case)

    @property
    def layers(self) -> pd.DataFrame:
        return self.traced.layers

    @property
    def units(self) -> pd.DataFrame:
        return self.traced.units

    @property
    def edges(self) -> pd.DataFrame:
        return self.traced.edges

    @property
    def mediation(self) -> pd.DataFrame:
        return self.traced.mediation

    @property
    def class_graphs(self) -> Any:
        return self.traced.class_graphs

    @property
    def unit_pages(self) -> Any:
        return self.traced.unit_pages

    @property
    def graphs(self) -> pd.DataFrame:
        return self.traced.graphs

    @property
    def stability(self) -> pd.DataFrame:
        return self.traced.stability

    @property
    def drawn_properties(self) -> list[str]:
        return list(self.titles)

    @property
    def repairs(self) -> pd.DataFrame:
        """A method and seed more often than its score is known."""
        rng = np.random.default_rng(3)
        rows = []
        for number, (prop, title) in enumerate(self.titles.items()):
            for model, method, seed in itertools.product(self.models, self.case.methods_, (1, 2)):
                before, after = rng.uniform(0, 0.2, 2)
                row = {"property": prop, "title": title, "against": number == 0, "base": model}
                row |= {
                    "method": method,
                    "seed": seed,
                    "before": before,
                    "before_low": 0.9 * before,
                }
                row |= {"before_high": 1.1 * before, "before_q": 0.01, "after": after, "q": 0.5}
                rows.append(row | {"low": 0.8 * after, "high": 1.2 * after})
        rows[-1]["after"] = np.nan
        return pd.DataFrame(rows)

    @property
    def map_sheets(self) -> list[MapSheet]:
        """A model whose columns are repairs: with a name a method of `locate` and more."""
        (page, *_) = self.map_pages
        picture, names = page.picture, ["before", *self.methods]
        maps = dict.fromkeys(names[:-1], np.eye(8, 12, dtype=np.float32))  # one has no map
        rows = {image: (picture, maps) for image in self.shown[:6]}
        return [
            MapSheet(f"{model}-{shared}", f"{model}: {self.case.title}", names, rows, shared)
            for model in self.models
            for shared in (False, True)
        ]

    @property
    def _mended(self) -> pd.DataFrame:
        keys = ["base", "method", "property"]
        told = self.repairs[self.repairs["seed"] == 1][keys].reset_index(drop=True)
        return told.assign(model=told["base"] + "." + told["method"])

    @property
    def circuits(self) -> pd.DataFrame:
        return self._mended.assign(before=0.98, after=0.0123, kept=1234, gained=999, lost=12)

    @property
    def repaired_units(self) -> pd.DataFrame:
        rng = np.random.default_rng(4)
        values = pd.DataFrame({"before": rng.normal(size=4), "after": rng.normal(size=4)})
        values = values.assign(change=["", "kept", "gained", "lost"])
        values.loc[0, "after"] = np.nan
        return self._mended.merge(values, how="cross")

    @property
    def points(self) -> pd.DataFrame:
        rows = [
            {"base": row.base, "title": row.title, "method": method, "split": self.case.title}
            | {"accuracy": 0.5 + row.after, "score": score, "best": method == ""}
            for row in self.repairs[self.repairs["against"]].itertuples()
            for method, score in (("", row.before), (row.method, row.after))
        ]
        return pd.DataFrame(rows)

    @property
    def mean_curves(self) -> pd.DataFrame:
        """A model from random weights beside each that was pretrained; some accuracy is missing."""
        rng = np.random.default_rng(4)
        kinds = ("pretrained", "random") if len(self.models) > 1 else ("",)
        rows = [
            {"property": prop, "title": title, "architecture": model, "kind": kind}
            | {"epoch": epoch, "score": rng.uniform(0, 0.1), "flips": rng.choice([0, 0.3, 1])}
            | {
                "accuracy": np.nan if kind == "random" else rng.uniform(0.5, 1),
                "split": self.case.title,
            }
            for prop, title in self.titles.items()
            for model in self.models
            for kind in kinds
            for epoch in (1, 2, 40)
        ]
        return pd.DataFrame(rows)

    @property
    def image_curves(self) -> pd.DataFrame:
        return self.mean_curves.assign(image=self.case.images_[0], flips=1.0)

    @property
    def flip_points(self) -> pd.DataFrame:
        return self.mean_curves.assign(checkpoints=3)


def figures_of(entry: Any, case: Case) -> list[Figure]:
    """Draw an entry; of pages the first two."""
    from importlib import import_module

    module, _, name = entry.function.partition(":")
    draw: Callable[..., Any] = getattr(import_module(module), name)
    data = Drawn(case)
    found = draw(**{datum: getattr(data, datum) for datum in entry.takes})
    return [figure for _, figure in islice(found, 2)] if entry.pages else [found]


ENTRIES = {figure.name: figure for figure in FIGURES}
