"""Checks of the section `repair` against the rest of the study."""

from collections.abc import Mapping, Sequence
from typing import Any

from zollstock.errors import ZollstockError
from zollstock.settings.known import check_known
from zollstock.settings.looked_at import check_one_number
from zollstock.settings.model_traits import ModelTraits
from zollstock.settings.repair.methods import MethodTraits
from zollstock.settings.repair.section import RepairSettings
from zollstock.settings.traits import PropertyTraits


def repaired_models(settings: RepairSettings, models: Mapping[str, ModelTraits]) -> list[str]:
    """Return the models that are repaired: those that are named, or all that can be."""
    if settings.models is not None:
        return list(settings.models)
    return [name for name, model in models.items() if _able(model)]


def check_repair(
    settings: RepairSettings,
    properties: Mapping[str, PropertyTraits],
    models: Mapping[str, ModelTraits],
    kind: str,
    stop_after: int | None,
    world: str,
    where: str,
) -> None:
    """Check that models can be trained further, and that properties can be set in other images.

    Parameters
    ----------
    settings
        The section.
    properties, models
        Of the study: name → settings.
    kind
        Of the output that is followed, the first one.
    stop_after
        The study's `placebos.stop_after`.
    world
        The study's drawn world.
    where
        File and key of the section, for messages.

    Raises
    ------
    ZollstockError
        Naming the key.
    """
    check_one_number(kind, "an output that is one number", where)
    if stop_after:
        raise ZollstockError(
            where,
            "is set beside placebos.stop_after, by which the study's own models say how many "
            "placebos are made",
            "as many placebos for a repaired model as for any other",
            "Remove stop_after, or leave the section out.",
        )
    _check_models(settings, models, where)
    known = [name for name, prop in properties.items() if not prop.grid]
    for key, names in (("against", settings.against), ("keep", settings.keep or [])):
        for name in names:
            check_known(name, known, "a property of this study that is no grid", f"{where}.{key}")
    against = {name: properties[name] for name in settings.against}
    for name, prop in against.items():
        _check_property(name, prop, f"{where}.against")
    for name in repaired_models(settings, models):
        _check_data(name, models[name], against, where)
    for name, method in settings.methods.items():
        looks = method.looks()
        for base in repaired_models(settings, models) if looks else ():
            data = models[base].learns_from()
            assert looks is not None and data is not None
            looks.check(data, world, f"{where}.methods.{name}.wanted")
        mine = {key: against[key] for key in method.against or against}
        _check_groups(name, method, mine, where)


def _able(model: ModelTraits) -> bool:
    """Return whether there is what a model was trained on, and torch can train it further."""
    return model.gradients and model.learns_from() is not None


def _check_models(settings: RepairSettings, models: Mapping[str, ModelTraits], where: str) -> None:
    able = [name for name, model in models.items() if _able(model)]
    for name in settings.models or []:
        check_known(name, models, "a model of this study", f"{where}.models")
        if name not in able:
            raise ZollstockError(
                f"{where}.models",
                f"names '{name}', which is not trained here",
                "a model whose training data the study knows",
                f"Name some of {', '.join(able)}." if able else "Train one: set its training.data.",
            )
    if not able:
        raise ZollstockError(
            f"{where}.models",
            "finds no model that is trained here",
            "one at least, whose training data the study knows",
            "Set trained_on or training.data of a model, or leave the section out.",
        )


def _check_property(name: str, prop: PropertyTraits, where: str) -> None:
    """Check that frames of images that are not the study's can be made."""
    files = prop.user_files()
    if prop.composable is None:
        raise ZollstockError(
            where,
            f"names '{name}', whose frames come from an editor, a program or files",
            "a drawn property, or one that is computed on pixels",
            "Name such a property: only these can be set in images other than the study's.",
        )
    if files.series or files.command or files.pictures or getattr(prop, "mask", None):
        raise ZollstockError(
            where,
            f"names '{name}', which needs files that belong to the study's images",
            "a property without masks and pictures, which training images have none of",
            "Name another one, or add one without.",
        )


def _check_data(
    name: str, model: ModelTraits, against: Mapping[str, PropertyTraits], where: str
) -> None:
    data = model.learns_from()
    if data is None or data.drawn:
        return
    drawn: Sequence[Any] = [key for key, prop in against.items() if prop.composable == "drawn"]
    if drawn:
        raise ZollstockError(
            f"{where}.models",
            f"'{name}' is trained on {data.name()}, in which '{drawn[0]}' cannot be set",
            "a model that is trained on the drawn world",
            "Name such models, or properties that are computed on pixels.",
        )


def _check_groups(
    name: str, method: MethodTraits, against: Mapping[str, PropertyTraits], where: str
) -> None:
    unknown = [key for key, prop in against.items() if prop.composable != "drawn"]
    if "groups" in method.asks_for() and unknown:
        raise ZollstockError(
            f"{where}.methods.{name}",
            f"asks what training images show of '{unknown[0]}', which is not known",
            "drawn properties alone in repair.against",
            "Take another method: difference, counterfactual, projection or dfr on frames.",
        )
