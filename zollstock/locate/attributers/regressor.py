"""Any regressor of scikit-learn, by name."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from zollstock.arrays import Array, Flags
from zollstock.errors import ZollstockError, did_you_mean
from zollstock.locate.attributers import Ends
from zollstock.locate.regression import kernel_weights
from zollstock.locate.sides import sides

_WHERE = "locate: attribute.regressor"


def attribute(y: Array, z: Flags, settings: Mapping[str, Any], ends: Ends) -> Array:
    """Fit ``model`` with ``arguments`` and return what it says of segments.

    A linear one has coefficients. One that has importances alone, as forests do, does not say
    which way: they get the sign of the difference of means. ``kernel`` and ``width`` weigh the
    samples, where the regressor takes weights. Where something is drawn the seed is fixed. All is
    NaN with fewer than two samples.

    Raises
    ------
    ZollstockError
        If there is no such regressor, or if it takes no such arguments, no weights, or has
        neither coefficients nor importances.
    """
    if len(y) < 2:
        return np.full((z.shape[1], y.shape[1]), np.nan)
    x = z.astype(float)
    weights = None
    if settings["kernel"] != "none":
        weights = kernel_weights(settings["kernel"], z, settings["width"])
    return np.stack([_fitted(x, column, weights, settings) for column in y.T], 1)


def _fitted(x: Array, y: Array, weights: Array | None, settings: Mapping[str, Any]) -> Array:
    regressor = _made(settings["model"], settings["arguments"])
    try:
        if weights is None:
            regressor.fit(x, y)
        else:
            regressor.fit(x, y, sample_weight=weights)
    except (TypeError, ValueError) as error:
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise ZollstockError(
            _WHERE,
            f"{settings['model']} refuses the samples ({reason})",
            "a regressor that fits them, with weights where there is a kernel",
            "Choose another one, correct its arguments, or set kernel: none.",
        ) from None
    if hasattr(regressor, "coef_"):
        return np.asarray(regressor.coef_, np.float64).reshape(-1)
    if not hasattr(regressor, "feature_importances_"):
        raise ZollstockError(
            _WHERE,
            f"{settings['model']} has neither coefficients nor importances",
            "a regressor that says something of each segment",
            "Choose another one, such as Lasso or RandomForestRegressor.",
        )
    difference = sides(y[:, None], x > 0).difference[:, 0]
    found: Array = np.asarray(regressor.feature_importances_) * np.sign(difference)
    return found


def _made(name: str, arguments: Mapping[str, Any]) -> Any:  # noqa: ANN401
    from sklearn.utils import all_estimators

    known = dict(all_estimators(type_filter="regressor"))
    if name not in known:
        raise ZollstockError(
            f"{_WHERE}.model",
            f"is '{name}'",
            "a regressor of scikit-learn",
            did_you_mean(name, known, "Such as LinearRegression, Lasso, RandomForestRegressor."),
        )
    try:
        regressor = known[name](**arguments)
        if "random_state" in regressor.get_params():
            regressor.set_params(random_state=arguments.get("random_state", 0))
    except TypeError as error:
        raise ZollstockError(
            f"{_WHERE}.arguments",
            f"do not fit {name} ({error})",
            "keyword arguments of its class",
            "Correct them in the config.",
        ) from None
    return regressor
