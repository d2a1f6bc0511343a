"""Whether scores find the images whose decision depends on a property: ROC curves."""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from zollstock.scoring.statistics import evaluate
from zollstock.significance.roc import auc, auc_interval, curve

Array = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

STATISTICS = ("epgm", "corr", "mi")


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
