"""The models that a picture is shown to: files, settings, modules, or what ships."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from zollstock.errors import ZollstockError, did_you_mean, some_of
from zollstock.ids import safe_id
from zollstock.inference.probe import examined
from zollstock.models.card import Model, load_model
from zollstock.models.reading import named
from zollstock.models.registry import known_families, read_model
from zollstock.models.shipped import SHIPPED, shipped_models

WHERE = "explain(): models"


def models_of(given: Any) -> dict[str, Model]:  # noqa: ANN401
    """Return name → model.

    Parameters
    ----------
    given
        A model, a list of models, or name → model. A model is a `zollstock.models.card.Model`; the
        name of one that ships (`zollstock.models.shipped`); the path of a ``.safetensors`` file
        with its card beside it; the name of a family that needs no settings; the settings of a
        model, as a config file has them; or ``{"module": torch module, "classes": …,
        "preprocessing": …}``.

    Raises
    ------
    ZollstockError
        If one is none of these, cannot be read, or is no function of the frame.
    """
    if isinstance(given, Mapping) and not {"module", "family"} & set(given):
        found = {str(name): one for name, one in given.items()}
    else:
        several = [given] if not isinstance(given, list | tuple) else list(given)
        found = {}
        for one in several:
            name = _name_of(one)
            if name in found:
                name = f"{name}_{len(found) + 1}"
            found[name] = one
    if not found:
        raise ZollstockError(WHERE, "are none", "at least one model", "Give one.")
    return {name: _model_of(name, one) for name, one in found.items()}


def _name_of(one: Any) -> str:  # noqa: ANN401
    """Return what a model without a name is called."""
    if isinstance(one, str | Path):
        return safe_id(Path(one).stem) or "model"
    if isinstance(one, Mapping):
        one = one.get("module", one.get("family", one))
        if isinstance(one, str):
            return safe_id(one) or "model"
    module = one.module if isinstance(one, Model) else one
    return type(module).__name__.lower()


def _model_of(name: str, one: Any) -> Model:  # noqa: ANN401
    where = f"{WHERE}.{name}"
    if isinstance(one, Model):
        return one
    if isinstance(one, torch.nn.Module):
        raise ZollstockError(
            where,
            "is a torch module, which does not say what its outputs and inputs mean",
            "{'module': it, 'classes': ['cat', 'dog'], 'preprocessing': {'size': 64, 'mean': 0.5, "
            "'std': 0.5}}",
            "Give class names in the order of its outputs, and how a picture becomes its input.",
        )
    if isinstance(one, Mapping):
        return _of_settings(one, where)
    if isinstance(one, str | Path):
        return _of_word(one, where)
    raise ZollstockError(
        where,
        f"is {type(one).__name__}",
        "a path, a name, settings, or a torch module with its classes",
        "See docs/library.md.",
    )


def _of_word(one: str | Path, where: str) -> Model:
    path = Path(one)
    if str(one) in shipped_models():
        path = SHIPPED / f"{one}.safetensors"
    elif str(one) in known_families():
        return _of_settings({"family": str(one)}, where)
    if path.suffix == ".safetensors" and path.is_file() and path.with_suffix(".json").is_file():
        return load_model(path, path.with_suffix(".json"))
    known = [*shipped_models(), *known_families()]
    raise ZollstockError(
        where,
        f"is '{one}'" + (", which has no card beside it" if path.is_file() else ""),
        f"a .safetensors file with its .json beside it, or one of {some_of(known, 20)}",
        "Files of your own need classes and preprocessing: give settings, {'family': …, "
        "'weights': …}."
        if path.is_file() or path.suffix
        else did_you_mean(str(one), known, "See docs/library.md."),
    )


def _of_settings(given: Mapping[str, Any], where: str) -> Model:
    from zollstock.plan.asking import model_settings  # only these models need the settings

    if "module" in given:
        module, rest = given["module"], {k: v for k, v in given.items() if k != "module"}
        if not isinstance(module, torch.nn.Module):
            raise ZollstockError(
                f"{where}.module", f"is {type(module).__name__}", "a torch module", "Give one."
            )
        settings = model_settings({"family": "given:module"} | rest, where)
        return examined(module.eval(), _known(settings))
    read = read_model(model_settings(given, where))
    found = {"classes": read.classes, "preprocessing": read.preprocessing}
    return examined(read.module.eval(), found | {"outputs": read.outputs, "scale": read.scale})


def _known(settings: Mapping[str, Any]) -> dict[str, Any]:
    classes, _ = named(settings["classes"])
    return {"classes": classes, **{key: settings[key] for key in ("preprocessing", "outputs")}}
