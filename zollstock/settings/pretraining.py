"""Checks of models that begin from others."""

from collections.abc import Mapping

from zollstock.errors import ZollstockError
from zollstock.settings.known import check_known
from zollstock.settings.model_traits import ModelTraits
from zollstock.settings.training import TrainingSettings

_ALIKE = ("family", "name", "variant", "arguments")
"""Settings that say which architecture a model has."""


def check_starts(
    models: Mapping[str, ModelTraits], pretraining: Mapping[str, ModelTraits], source: str
) -> None:
    """Check models of the section `pretraining`, and which model each begins from.

    Parameters
    ----------
    models, pretraining
        Sections of the study: name → settings.
    source
        The config file, for messages.

    Raises
    ------
    ZollstockError
        Naming the key.
    """
    taken = {name.lower() for name in models}
    every = {**models, **pretraining}
    sections = {name: "models" if name in models else "pretraining" for name in every}
    for name, model in pretraining.items():
        if name.lower() in taken:
            raise ZollstockError(
                f"{source}: pretraining",
                f"has '{name}', which is a model of the study as well",
                "different names (upper and lower case count as equal in keys)",
                "Rename one.",
            )
        taken.add(name.lower())
        model.check_training(f"{source}: pretraining.{name}")
    for name, model in every.items():
        where = f"{source}: {sections[name]}.{name}.training"
        start = model.starts_from()
        if start is None:
            _check_epochs(model, where)
            continue
        expected = "a model of this study, or of its section pretraining"
        check_known(start, every, expected, f"{where}.start_from")
        _check_ends(name, every, where)
        for key in _ALIKE:
            if getattr(model, key, None) != getattr(every[start], key, None):
                raise ZollstockError(
                    f"{where}.start_from",
                    f"names '{start}', whose {key} differ from this model's",
                    "a model of the same architecture, whose last layer alone differs",
                    "Give both the same family and arguments.",
                )


def _check_epochs(model: ModelTraits, where: str) -> None:
    if model.recipe(TrainingSettings()).get("epochs") == 0:
        raise ZollstockError(
            f"{where}.epochs",
            "is 0 without start_from",
            "one epoch at least, or a model to begin from",
            "Set start_from, or train it.",
        )


def _check_ends(name: str, every: Mapping[str, ModelTraits], where: str) -> None:
    """Check that no model begins from itself, by way of others either."""
    seen, at = [name], every[name].starts_from()
    while at is not None and at in every:
        if at in seen:
            raise ZollstockError(
                f"{where}.start_from",
                f"leads back to '{at}': {' → '.join([*seen, at])}",
                "a model that begins from nothing, or from weights of its own, at the end",
                "Correct one of them.",
            )
        seen.append(at)
        at = every[at].starts_from()
