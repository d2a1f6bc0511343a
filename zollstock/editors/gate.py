"""The gate: whether a small editor does what its instructions say, and nothing else.

Everything is compared with the drawn world, where the same image can be made again with the
property set exactly.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.stats import spearmanr

from zollstock.editors.pairs import EDITS
from zollstock.editors.training import to_model
from zollstock.engines.diffusion.instruct_pix2pix import InstructPix2PixEngine
from zollstock.images.table import ImageRecord, latents_of
from zollstock.inference.run import Runner
from zollstock.ledger.collateral import edge_correlation
from zollstock.ledger.meters import mean_luminance
from zollstock.models.card import Model
from zollstock.paths import pixel_change
from zollstock.profiles import reference_step
from zollstock.scoring.statistics import evaluate
from zollstock.seeds import seed_for
from zollstock.worlds import get_world
from zollstock.worlds.base import over_range

SWEEPS = {
    "fur": ("make the fur lighter", "make the fur darker"),
    "background": ("make the background brighter", "make the background darker"),
}
"""Property → instruction and its opposite."""


@dataclass(frozen=True)
class Criterion:
    """One line of the gate.

    Attributes
    ----------
    name
        What is measured.
    value, bar
        What was found, and what is asked for.
    at_least
        Whether the bar is a least value rather than a most one.
    """

    name: str
    value: float
    bar: float
    at_least: bool

    @property
    def passed(self) -> bool:
        """Whether the bar is met; NaN never is."""
        return self.value >= self.bar if self.at_least else self.value <= self.bar


@dataclass(frozen=True)
class Gate:
    """What the gate found.

    Attributes
    ----------
    criteria
        The bars.
    images
        One row per image and property: curves and shares, for the report.
    """

    criteria: list[Criterion]
    images: list[dict[str, Any]] = field(default_factory=list)

    @property
    def passed(self) -> bool:
        """Whether every bar is met."""
        return all(criterion.passed for criterion in self.criteria)

    def as_dict(self) -> dict[str, Any]:
        """Return the findings as JSON-able values."""
        return {
            "passed": self.passed,
            "criteria": [
                asdict(criterion) | {"passed": criterion.passed} for criterion in self.criteria
            ],
            "images": self.images,
        }


def run_gate(
    engines: Mapping[str, InstructPix2PixEngine],
    keep: InstructPix2PixEngine,
    models: Mapping[str, Model],
    records: Sequence[ImageRecord],
    *,
    world: str,
    size: int,
    output: str,
    seed: int,
    device: str = "cpu",
) -> Gate:
    """Examine an editor on held-out images.

    Parameters
    ----------
    engines
        A two-sided sweep per key of `SWEEPS`.
    keep
        The sweep of the instruction to do nothing.
    models
        ``unbiased`` and the biased ones.
    records
        Images with latents; the editor has not seen them.
    world, size
        Of the images.
    output
        The class whose probability is scored.
    seed
        Of the editor's noise.
    device
        Where the models run: ``auto``, ``cpu``, ``cuda`` or ``mps``.

    Returns
    -------
    Gate
        Spearman correlations and shares as in the criteria's names; all dimensionless.
    """
    drawn = get_world(world)
    runners = {name: Runner(model, device=device, batch_size=64) for name, model in models.items()}
    biased = [name for name in models if name != "unbiased"]

    def score(probabilities: NDArray[np.float32], runner: Runner) -> float:
        return float(evaluate("epgm", probabilities[:, runner.model.classes.index(output)]))

    rows: list[dict[str, Any]] = []
    for record in records:
        latents = latents_of([record])
        masks = drawn.render(latents, size=size)
        weights = {name: masks.regions[name][0] for name in ("fur", "background")}
        source = masks.frames[0]
        path_seed = seed_for(seed, "gate", record.id)
        # The autoencoder is the same in every engine.
        again = _reconstruction(keep, source)
        kept = edge_correlation(again[None], source)[0]
        still = keep.path(record, path_seed, _quiet).frames
        still_scores = {
            f"still_{model_name}": score(runner.probabilities(still), runner)
            for model_name, runner in runners.items()
        }
        for name, engine in engines.items():
            path = engine.path(record, path_seed, _quiet)
            latent = EDITS[SWEEPS[name][0]].latent
            exact = over_range(drawn, latents, latent, len(path.axis), size)
            meters = {key: mean_luminance(path.frames, mask) for key, mask in weights.items()}
            truth = {key: mean_luminance(exact, mask) for key, mask in weights.items()}
            other = next(key for key in weights if key != name)
            zero = reference_step(pixel_change(path.frames, path.unedited), path.axis)
            edges = edge_correlation(path.frames, source)
            row: dict[str, Any] = {
                "image": record.id,
                "property": name,
                "axis": path.axis.tolist(),
                "measured": meters[name].tolist(),
                "exact": truth[name].tolist(),
                "other": meters[other].tolist(),
                "spearman": float(spearmanr(path.axis, meters[name])[0]),
                "covered": float(np.ptp(meters[name]) / np.ptp(truth[name])),
                "off_target": float(np.ptp(meters[other]) / np.ptp(meters[name])),
                "edges_zero": float(edges[zero] / kept),
                "edges_full": float(min(edges[0], edges[-1]) / kept),
            }
            for model_name, runner in runners.items():
                found = runner.probabilities(path.frames)
                row[f"score_{model_name}"] = score(found, runner)
                row[f"exact_{model_name}"] = score(runner.probabilities(exact), runner)
                top = found.argmax(axis=1)
                row[f"flips_{model_name}"] = float(np.mean(top[[0, -1]] != top[zero]))
            rows.append(row | still_scores)
    return Gate(_criteria(rows, list(models), biased), rows)


def _criteria(
    rows: Sequence[Mapping[str, Any]], models: Sequence[str], biased: Sequence[str]
) -> list[Criterion]:
    criteria = []
    for name in SWEEPS:
        mine = [row for row in rows if row["property"] == name]
        criteria += [
            Criterion(
                f"{name}: lightness against guidance, Spearman, worst image",
                min(row["spearman"] for row in mine),
                0.95,
                True,
            ),
            Criterion(
                f"{name}: share of the exact range covered, mean",
                float(np.mean([row["covered"] for row in mine])),
                0.60,
                True,
            ),
            Criterion(
                f"{name}: off-target change as a share of the target's, mean",
                float(np.mean([row["off_target"] for row in mine])),
                0.15,
                False,
            ),
        ]
    fur = [row for row in rows if row["property"] == "fur"]
    still = [
        max(row[f"still_{name}"] for name in biased) / max(row[f"score_{name}"] for name in biased)
        for row in fur
    ]
    pairs = [(row[f"score_{name}"], row[f"exact_{name}"]) for row in rows for name in models]
    told = [row[f"score_{name}"] > row["score_unbiased"] for row in fur for name in biased]
    criteria += [
        Criterion(
            "doing nothing: score as a share of a biased model's fur score, worst image",
            float(max(still)),
            0.05,
            False,
        ),
        Criterion(
            "edges kept at zero edit, of what the autoencoder keeps, mean",
            float(np.mean([row["edges_zero"] for row in rows])),
            0.90,
            True,
        ),
        Criterion(
            "edges kept at full edit, of what the autoencoder keeps, mean",
            float(np.mean([row["edges_full"] for row in rows])),
            0.80,
            True,
        ),
        Criterion(
            "full fur edits that flip the unbiased model's decision",
            float(np.mean([row["flips_unbiased"] for row in fur])),
            0.05,
            False,
        ),
        Criterion(
            "scores against exact interventions, Spearman over images, models and properties",
            float(spearmanr(*np.array(pairs).T)[0]),
            0.80,
            True,
        ),
        Criterion(
            "biased models told from the unbiased one by their fur score, share of images",
            float(np.mean(told)),
            0.90,
            True,
        ),
    ]
    return criteria


def _reconstruction(engine: InstructPix2PixEngine, source: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return what the autoencoder alone makes of an image."""
    vae = engine.pipeline.vae
    with torch.inference_mode():
        pixels = to_model(source[None]).to(engine.pipeline.device, vae.dtype)
        again = vae.decode(vae.encode(pixels).latents).sample[0].float().cpu()
    scaled = ((again.clamp(-1, 1) + 1) * 127.5).round().to(torch.uint8)
    return scaled.permute(1, 2, 0).contiguous().numpy()


def _quiet(_: int) -> None:
    pass
