"""From single judgements to tables: which method is how good, and what it says where nothing is.

Judgements are rows of ``model``, ``image``, ``method``, ``property``, ``measure``, ``fill``,
``draw``, ``other`` and ``value``; what does not apply is an empty text or 0.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from zollstock.locate.evaluation.intervals import over_images
from zollstock.locate.flips import foretell
from zollstock.locate.names import RANDOM
from zollstock.significance.roc import auc_lead

COLUMNS = ("model", "image", "method", "property", "measure", "fill", "draw", "other", "value")
_HELD_HIGH = ("noise spearman", "noise ssim", "reference effects", "reference spearman")
BETTER_HIGH = ("srg", "lif", "truth", "mass", "seen", "pointing", "iou", "rank_auc", *_HELD_HIGH)
"""Measures by which a good method has a high value."""
BETTER_LOW = ("mif", "output spearman")
RANKED = (*BETTER_HIGH, *BETTER_LOW)
_LIKENESS = "likeness "
WITHIN = "within"
"""All models, each on its own: differences between models foretell nothing."""
PROPERTY_GRADIENT = "property gradient"
SHARES = ("share_before", "share_after", "share_placebo", "mass_after", "mass_placebo")


def rank_methods(
    judged: pd.DataFrame,
    *seed: object,
    measures: Sequence[str] = RANKED,
    better_low: Sequence[str] = BETTER_LOW,
    against: str = RANDOM,
) -> pd.DataFrame:
    """Return the mean of every measure and method, and how far it is from the random map's.

    Intervals are 95 % bootstrap intervals over images; the models of an image count as its
    replicates. Differences are taken image by image and model by model.

    Parameters
    ----------
    judged
        Judgements.
    *seed
        Names the draws.
    measures, better_low
        What is ranked, and by which of these a good method has a low value.
    against
        The method that is the floor.

    Returns
    -------
    DataFrame
        measure, fill, property, method, n (values), mean, low, high, apart (mean difference to
        the floor), apart_low, apart_high; the best method of each measure first.
    """
    rows = []
    kept = judged[judged["measure"].isin(measures)]
    for (measure, fill, prop), group in kept.groupby(["measure", "fill", "property"], sort=False):
        floor = group[group["method"] == against].set_index(["model", "image"])["value"]
        for method, mine in group.groupby("method", sort=False):
            values, images = mine["value"].to_numpy(np.float64), mine["image"].to_numpy(str)
            keys = pd.MultiIndex.from_frame(mine[["model", "image"]])
            # Held against itself the floor says nothing.
            apart = values - floor.reindex(keys).to_numpy(np.float64)
            apart = apart * np.nan if method == against else apart
            key = (*seed, measure, fill, prop)
            row = {"measure": measure, "fill": fill, "property": prop, "method": method}
            row |= over_images(values, images, *key)._asdict()
            beside = over_images(apart, images, *key)
            row |= {"apart": beside.mean, "apart_low": beside.low, "apart_high": beside.high}
            rows.append(row)
    columns = ["measure", "fill", "property", "method", "n", "mean", "low", "high"]
    table = pd.DataFrame(rows, columns=[*columns, "apart", "apart_low", "apart_high"])
    sign = np.where(table["measure"].isin(better_low), 1.0, -1.0)
    order = {name: place for place, name in enumerate(measures)}
    return (
        table.assign(_place=table["measure"].map(order), _by=sign * table["mean"])
        .sort_values(["_place", "fill", "property", "_by"], kind="stable")
        .drop(columns=["_place", "_by"])
        .reset_index(drop=True)
    )


def control_methods(judged: pd.DataFrame) -> pd.DataFrame:
    """Return what every method says of every model, in units of what placebos make it say.

    The share of a map that lies on the property is taken before the intervention, after it, and
    after placebo edits of the same size. With d = share after a placebo less share before,
    over images and placebos, ``units`` = (mean of after − before, less the mean of d) / standard
    deviation of d. The located property gradient has no before, and a unit, the output's own: the
    mass of its map on the property is held against that along placebo paths. (A share says where
    a change arises, however small it is, and would be the same for a model that hardly moves.)
    Where a model has placebos, images without any are left out.

    Returns
    -------
    DataFrame
        method, model, property, measure (``share``, or ``mass`` in the output's unit), images,
        placebos (values), before, after, placebo, spread, units.
    """
    rows = []
    kept = judged[judged["measure"].isin(SHARES)]
    for (method, model, prop), group in kept.groupby(["method", "model", "property"], sort=False):
        by = {name: part for name, part in group.groupby("measure")}
        measure = "mass" if "mass_after" in by else "share"
        after = by.get(f"{measure}_after")
        if after is None:
            continue
        before = by.get(f"{measure}_before")
        placebo = by.get(f"{measure}_placebo")
        if placebo is not None:
            # Images of which no placebo has the right size are compared with nothing.
            known = set(placebo.loc[np.isfinite(placebo["value"]), "image"])
            after = after[after["image"].isin(known)]
            before = None if before is None else before[before["image"].isin(known)]
        start = pd.Series(dtype=float) if before is None else before.set_index("image")["value"]
        moved = after["value"].to_numpy(np.float64) - _start(start, after)
        chance = (
            np.array([])
            if placebo is None
            else placebo["value"].to_numpy(np.float64) - _start(start, placebo)
        )
        chance = chance[np.isfinite(chance)]
        spread = float(chance.std(ddof=1)) if len(chance) > 1 else np.nan
        far = _finite_mean(moved) - _finite_mean(chance)
        rows.append(
            {
                "method": method,
                "model": model,
                "property": prop,
                "measure": measure,
                "images": int(np.isfinite(moved).sum()),
                "placebos": len(chance),
                "before": _finite_mean(start.to_numpy(np.float64)),
                "after": _finite_mean(after["value"].to_numpy(np.float64)),
                "placebo": _finite_mean(
                    np.array([]) if placebo is None else placebo["value"].to_numpy(np.float64)
                ),
                "spread": spread,
                "units": far / spread if spread > 0 else np.nan,
            }
        )
    columns = ["method", "model", "property", "measure", "images", "placebos", "before", "after"]
    return pd.DataFrame(rows, columns=[*columns, "placebo", "spread", "units"])


def likeness_of_methods(judged: pd.DataFrame, *seed: object) -> pd.DataFrame:
    """Return how alike the maps of the unedited pictures are, by any two methods.

    Returns
    -------
    DataFrame
        measure, method, other, n (values), mean, low, high: 95 % bootstrap intervals over images,
        the models of an image being its replicates. Each pair is there once; ``l1`` and ``l2`` are
        in units of the first one's maps.
    """
    kept = judged[judged["measure"].str.startswith(_LIKENESS)]
    rows = []
    for (measure, method, other), mine in kept.groupby(["measure", "method", "other"], sort=False):
        values, images = mine["value"].to_numpy(np.float64), mine["image"].to_numpy(str)
        told = {"measure": measure.removeprefix(_LIKENESS), "method": method, "other": other}
        rows.append(told | over_images(values, images, *seed, measure)._asdict())
    columns = ["measure", "method", "other", "n", "mean", "low", "high"]
    return pd.DataFrame(rows, columns=columns)


def completeness(judged: pd.DataFrame) -> pd.DataFrame:
    """Return how far each located property gradient is from summing to the change of the output.

    Returns
    -------
    DataFrame
        model, image, method, property, change, variation, incomplete (what is missing, as a share
        of the larger of both), points (gradients that were taken).
    """
    keys, measures = ["model", "image", "method", "property"], ["change", "variation"]
    measures += ["incomplete", "points"]
    of_paths = judged[judged["measure"] == "points"][keys].drop_duplicates()
    table = judged[judged["measure"].isin(measures)].merge(of_paths, on=keys)
    wide = table.pivot_table(index=keys, columns="measure", values="value", sort=False)
    return wide.reindex(columns=measures).reset_index()


def compare_flips(
    judged: pd.DataFrame, paths: pd.DataFrame, models: Sequence[str], *seed: object
) -> pd.DataFrame:
    """Return how well each method and the property gradient foretell changed decisions.

    Parameters
    ----------
    judged
        Judgements; a method's number is its ``map_change``, the mean squared difference of its
        maps at both ends of a path.
    paths
        A row per path: model, image, property, ``flips`` (the predicted class of the last frame is
        not that of the first one), ``score`` (mean absolute change per step along the path, as
        published) and ``half`` (the same over its first half).
    models
        In the order of the rows.
    *seed
        Names the bootstraps.

    Returns
    -------
    DataFrame
        predictor, model (``all`` takes every path, ``within`` too, but compares and thresholds
        paths of the same model alone), n, flips, accuracy, accuracy_fair with its interval,
        majority, auc, low, high; see `zollstock.locate.flips.Foretold`; and lead, lead_low,
        lead_high, by how much the property gradient's area is above this one's. Rows of an image,
        of whatever property, are left out and redrawn together.
    """
    keys = ["model", "image", "property"]
    predictors: dict[str, pd.DataFrame] = {
        PROPERTY_GRADIENT: paths.assign(value=paths["score"]),
        f"{PROPERTY_GRADIENT}, first half": paths.assign(value=paths["half"]),
    }
    changes = judged[judged["measure"] == "map_change"]
    for method, mine in changes.groupby("method", sort=False):
        predictors[str(method)] = paths.merge(mine[[*keys, "value"]], on=keys)
    rows = []
    for predictor, table in predictors.items():
        for model in [*models, "all", WITHIN] if len(models) > 1 else list(models):
            part = table if model in ("all", WITHIN) else table[table["model"] == model]
            strata = part["model"].tolist() if model == WITHIN else None
            values, flipped = part["value"].to_numpy(np.float64), part["flips"].to_numpy(bool)
            images = part["image"].tolist()
            found = foretell(values, flipped, images, *seed, model, strata=strata)
            row: dict[str, object] = {"predictor": predictor, "model": model, **found._asdict()}
            if predictor != PROPERTY_GRADIENT:
                known = part[np.isfinite(values)]
                lead = auc_lead(
                    known["score"].to_numpy(np.float64),
                    known["value"].to_numpy(np.float64),
                    known["flips"].to_numpy(bool),
                    known["image"].tolist(),
                    *seed,
                    model,
                    strata=known["model"].tolist() if model == WITHIN else None,
                )
                row |= dict(zip(("lead", "lead_low", "lead_high"), lead, strict=True))
            rows.append(row)
    return pd.DataFrame(rows)


def _finite_mean(values: np.ndarray) -> float:
    values = values[np.isfinite(values)]
    return float(values.mean()) if len(values) else float("nan")


def _start(start: pd.Series, rows: pd.DataFrame) -> np.ndarray:
    """Return each row's share before; 0 of a method that has none."""
    if start.empty:
        return np.zeros(len(rows))
    return start.reindex(rows["image"]).to_numpy(np.float64)


def table_of(rows: Sequence[Mapping[str, object]]) -> pd.DataFrame:
    """Return judgements as a table of all columns."""
    empty = {"property": "", "fill": "", "draw": 0, "other": ""}
    return pd.DataFrame([empty | dict(row) for row in rows], columns=list(COLUMNS))
