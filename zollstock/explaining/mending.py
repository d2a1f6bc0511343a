"""A repaired copy of a model: trained further so that a property matters no longer."""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import replace
from typing import Any

import numpy as np

from zollstock.errors import ZollstockError
from zollstock.explaining.given import models_of
from zollstock.explaining.pictures import picture_of, world_of
from zollstock.images.table import latents_of
from zollstock.jobs.repairing import FRAMES, groups_of, material_of, paths_of
from zollstock.models.card import Model
from zollstock.models.data.base import Pictures
from zollstock.plan.asking import asked, needs_of_repair, with_fewer
from zollstock.repair.measuring import accuracies, probabilities
from zollstock.repair.methods import repaired
from zollstock.seeds import seed_for


def repair_model(
    model: Any,  # noqa: ANN401
    images: Sequence[Any],
    property: str | Mapping[str, Any],
    method: str = "difference",
    *,
    frames: int = 4,
    seed: int = 0,
    training: Mapping[str, Any] | None = None,
    **settings: Any,  # noqa: ANN401
) -> Model:
    """Return a repaired copy of a model; the model stays as it is.

    What is trained with is made by the functions that the stage `repair` of a study calls. It is
    one repair, with one setting and its last epoch; a study tries several and chooses by pictures
    that it was not trained with. Measure it on pictures that are not among these.

    Parameters
    ----------
    model
        See `zollstock.explaining.given.models_of`; it has to return logits.
    images
        Pictures with labels, as `zollstock.drawn_images` draws them. A path is made of each.
    property
        What should matter no longer; as in `zollstock.explain`.
    method
        A method of docs/repair.md.
    frames
        How many of a path's frames are used.
    seed
        Of all chance.
    training
        What of `zollstock.repair.methods.TRAINING` is otherwise: ``epochs``, ``learning_rate`` ….
    **settings
        Of the method.

    Raises
    ------
    ZollstockError
        If the method lacks something, or a label is no class of the model.
    """
    ((name, before),) = models_of(model).items()
    if before.outputs != "logits":
        raise ZollstockError(
            f"repair_model(): {name}", f"returns {before.outputs}", "a model that returns logits",
            "Take another model.",
        )  # fmt: skip
    records = [picture_of(image) for image in images]
    if not records:
        raise ZollstockError(
            "repair_model(): images", "are none", "pictures with labels", "Give some."
        )
    world = world_of(records[0])
    found = asked(property, models={name: before.classes}, world=world, seed=seed)
    pictures = Pictures(
        "repair_model(): images",
        [record.label for record in records],
        lambda place: records[place].pixels(),
        whole=False,
        latents=latents_of(records) if world is not None else {},
    )
    needs = needs_of_repair(method, settings)
    paths = {}
    if needs & {"paths", "wanted"}:
        paths = paths_of(pictures, before, {found.name: with_fewer(found, frames)}, frames, seed)
    varied = [found.name] if world is not None else []
    groups = groups_of(pictures, varied, world["name"] if world is not None else "")
    looks = {"source": FRAMES} if "wanted" in needs else None
    material = material_of(pictures, before, paths, groups, looks)
    state = repaired(
        before.module,
        material,
        {"name": method, **settings},
        training=training,
        seed=seed_for(seed, "repair", 0),
        normalisation=before.normalisation,
    ).state
    module = deepcopy(before.module)
    module.load_state_dict(state)
    return replace(before, module=module.eval())


def accuracy(model: Any, images: Sequence[Any], device: str = "cpu") -> float:  # noqa: ANN401
    """Return the share of pictures whose label a model says.

    Parameters
    ----------
    model
        See `zollstock.explaining.given.models_of`.
    images
        Pictures with labels that are classes of the model.
    device
        Where it runs.
    """
    ((_, found),) = models_of(model).items()
    records = [picture_of(image) for image in images]
    labels = np.array([found.classes.index(record.label) for record in records])
    shown = np.concatenate([found.geometry.apply(record.pixels()[None]) for record in records])
    said = probabilities(found.module, shown, found.normalisation, device)
    return accuracies(said, labels, None)["accuracy"]
