"""What scores of edited paths are worth: analytic classifiers on the latents that frames show."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from zollstock.calibration.classifiers import Analytic
from zollstock.calibration.truth import (
    as_columns,
    errors,
    estimates,
    exact_probabilities,
    exact_scores,
)
from zollstock.images.table import ImageRecord, latents_of

Array = npt.NDArray[np.float64]


def latent_paths(edits: pd.DataFrame) -> dict[str, Array]:
    """Return image → the latent along its edited path, as a share of its range, (S,)."""
    return {
        str(image): rows.sort_values("step")["share"].to_numpy(np.float64)
        for image, rows in edits.groupby("image", sort=True)
    }


def points(
    formulas: Sequence[Analytic],
    images: Sequence[ImageRecord],
    edits: pd.DataFrame | None,
    world: str,
    steps: int,
) -> pd.DataFrame:
    """Return scores of the analytic classifiers on exact and edited paths, beside the truth.

    Parameters
    ----------
    formulas
        The analytic classifiers.
    images
        Drawn images.
    edits
        Of `zollstock.calibration.reading.measured`, all images; None without an editor.
    world
        Name of the drawn world.
    steps
        Of the exact paths.

    Returns
    -------
    DataFrame
        Columns classifier, image, engine (`exact`, `edited`), truth (closed form over the whole
        range), covered (the same between the smallest and largest latent of the path), and the
        scores of `estimates`. An image whose edits failed has no edited row.
    """
    latents = latents_of(images)
    walked = latent_paths(edits) if edits is not None else {}
    tables = []
    for classifier in formulas:
        truth = exact_scores(classifier, latents)
        found = estimates(exact_probabilities(classifier, latents, world, steps))
        names = [image.id for image in images]
        facts = {"classifier": classifier.name, "image": names, "truth": truth}
        tables.append(pd.DataFrame(facts | {"engine": "exact", "covered": truth} | found))
        rows = []
        for n, image in enumerate(images):
            if image.id not in walked:
                continue
            x = walked[image.id][None]
            one = as_columns({name: value[n : n + 1] for name, value in latents.items()})
            ends = x.min(axis=1, keepdims=True), x.max(axis=1, keepdims=True)
            scores = estimates(classifier.probability(one, x))
            rows.append(
                {
                    "classifier": classifier.name,
                    "image": image.id,
                    "engine": "edited",
                    "truth": truth[n],
                    "covered": float(classifier.variation(one, *ends)[0, 0]),
                }
                | {name: float(score[0]) for name, score in scores.items()}
            )
        tables.append(pd.DataFrame(rows))
    return pd.concat([table for table in tables if len(table)], ignore_index=True)


def truth_table(scores: pd.DataFrame) -> pd.DataFrame:
    """Return bias, RMSE, largest error and rank correlation per classifier, engine and statistic.

    Parameters
    ----------
    scores
        Of `points`.

    Returns
    -------
    DataFrame
        Columns classifier (`all` takes them together), engine, statistic, against (`truth`, or
        `covered`: only the part of the range that the path went through), and those of
        `zollstock.calibration.truth.errors`.
    """
    rows = []
    statistics = [name for name in ("epgm", "paper_grad") if name in scores]
    kinds = [*dict.fromkeys(scores["classifier"]), "all"]
    for engine, mine in scores.groupby("engine", sort=False):
        for kind in kinds:
            part = mine if kind == "all" else mine[mine["classifier"] == kind]
            for statistic in statistics:
                for against in ("truth", "covered"):
                    found = errors(part[statistic].to_numpy(float), part[against].to_numpy(float))
                    facts = {"classifier": kind, "engine": engine, "statistic": statistic}
                    rows.append(facts | {"against": against} | found)
    return pd.DataFrame(rows)
