"""Whether scores find the images whose decision depends on a property: ROC curves."""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from zollstock.scoring.statistics import evaluate
from zollstock.seeds import rng_for

Array = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

DRAWS = 2000
STATISTICS = ("epgm", "corr", "mi")


def curve(scores: Array, positive: Flags) -> tuple[Array, Array]:
    """Return false and true positive rates as the threshold falls, from (0, 0) to (1, 1).

    Parameters
    ----------
    scores
        Shape (M,), finite; ties are passed in one step.
    positive
        Shape (M,), with at least one of each kind.
    """
    order = np.argsort(-scores, kind="stable")
    last = np.append(np.flatnonzero(np.diff(scores[order])), len(scores) - 1)
    hits = np.cumsum(positive[order])[last]
    wrong = last + 1 - hits
    start = np.zeros(1)
    return (
        np.concatenate([start, wrong / max(wrong[-1], 1)]),
        np.concatenate([start, hits / max(hits[-1], 1)]),
    )


def auc(scores: Array, positive: Flags) -> float:
    """Return the area under the ROC curve: P(score⁺ > score⁻) + ½ P(score⁺ = score⁻).

    NaN without a positive or without a negative. Hanley & McNeil, Radiology 143 (1982).
    """
    return _weighted(_wins(scores, positive), np.ones(positive.sum()), np.ones((~positive).sum()))


def auc_interval(
    scores: Array,
    positive: Flags,
    clusters: Sequence[str],
    *seed: object,
    level: float = 0.95,
) -> tuple[float, float]:
    """Return the percentile bootstrap interval of the AUC, whole clusters (images) redrawn.

    Parameters
    ----------
    scores, positive
        Shape (M,).
    clusters
        The image of each row; its rows are redrawn together.
    *seed
        Names the draw.
    level
        Coverage aimed at.

    Returns
    -------
    low, high
        NaN for fewer than two clusters. Draws that lack a kind are left out.
    """
    names, place = np.unique(np.asarray(clusters), return_inverse=True)
    if len(names) < 2:
        return (np.nan, np.nan)
    rng = rng_for("auc", *seed)
    wins = _wins(scores, positive)
    found = np.empty(DRAWS)
    for draw in range(DRAWS):
        weight = np.bincount(rng.integers(len(names), size=len(names)), minlength=len(names))
        rows = weight[place].astype(np.float64)
        found[draw] = _weighted(wins, rows[positive], rows[~positive])
    if not np.isfinite(found).any():
        return (np.nan, np.nan)
    low, high = np.nanquantile(found, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def _wins(scores: Array, positive: Flags) -> Array:
    """Return, for each pair of a positive and a negative, 1 if it is in order, ½ if tied."""
    up, down = scores[positive][:, None], scores[~positive][None]
    return np.asarray((up > down) + 0.5 * (up == down), dtype=np.float64)


def _weighted(wins: Array, up: Array, down: Array) -> float:
    total = up.sum() * down.sum()
    return float(up @ wins @ down / total) if total else float("nan")


def truths(dense: Array, flips: Flags, threshold: float) -> dict[str, Flags]:
    """Return what is to be found, from exact dense paths: kind → (M,).

    `flips`: the predicted class changes somewhere along the path. `moves`: the followed
    probability covers more than the threshold, or the class changes.

    Parameters
    ----------
    dense
        Exact paths, (M, S).
    flips
        Whether the class changes, (M,).
    threshold
        Smallest range of the probability that counts.
    """
    moves = np.ptp(dense, axis=1) > threshold
    return {"flips": flips.astype(bool), "moves": moves | flips.astype(bool)}


def roc_tables(
    scores: pd.DataFrame, truth: dict[str, Flags], *seed: object
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the table of areas and that of curves.

    Parameters
    ----------
    scores
        Columns model, image, and one per score, named (engine, statistic); M rows.
    truth
        Of `truths`, in the order of the rows.
    *seed
        Names the bootstrap.

    Returns
    -------
    areas
        truth, engine, statistic, model (`all` takes every pair of image and model), n,
        positive, auc, low, high.
    curves
        truth, engine, statistic, false_positive, true_positive, for all models together.
    """
    areas, curves = [], []
    columns = [name for name in scores.columns if isinstance(name, tuple)]
    for kind, flags in truth.items():
        for engine, statistic in columns:
            values = scores[(engine, statistic)].to_numpy(np.float64)
            for model in ["all", *dict.fromkeys(scores["model"])]:
                mine = (scores["model"] == model).to_numpy() | (model == "all")
                mine &= np.isfinite(values)
                positive = flags[mine]
                low, high = auc_interval(
                    values[mine], positive, scores["image"][mine].tolist(), *seed, kind, model
                )
                areas.append(
                    {
                        "truth": kind,
                        "engine": engine,
                        "statistic": statistic,
                        "model": model,
                        "n": int(mine.sum()),
                        "positive": int(positive.sum()),
                        "auc": auc(values[mine], positive),
                        "low": low,
                        "high": high,
                    }
                )
                if model == "all" and 0 < positive.sum() < len(positive):
                    wrong, right = curve(values[mine], positive)
                    curves.append(
                        pd.DataFrame({"false_positive": wrong, "true_positive": right}).assign(
                            truth=kind, engine=engine, statistic=statistic
                        )
                    )
    empty = pd.DataFrame(
        columns=["false_positive", "true_positive", "truth", "engine", "statistic"]
    )
    return pd.DataFrame(areas), pd.concat(curves, ignore_index=True) if curves else empty


def scored(
    models: Sequence[str], images: Sequence[str], paths: Mapping[str, Array]
) -> pd.DataFrame:
    """Return scores of every pair of model and image.

    Parameters
    ----------
    models, images
        Names, M and N of them.
    paths
        Engine → followed probability, (M, N, S).

    Returns
    -------
    DataFrame
        M·N rows, images of the first model first; columns model, image, and (engine, statistic)
        for epgm, |corr| and mi.
    """
    table = pd.DataFrame(
        {"model": np.repeat(list(models), len(images)), "image": list(images) * len(models)}
    )
    for engine, series in paths.items():
        p = series.reshape(-1, series.shape[2])
        for statistic in STATISTICS:
            # A falling curve depends as much as a rising one.
            table[(engine, statistic)] = np.abs(evaluate(statistic, p))
    return table
