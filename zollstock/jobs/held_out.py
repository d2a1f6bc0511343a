"""What is measured of a model after each epoch of its repair, on images held out of it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from torch import nn

from zollstock.engines.base import FailedPath, make_paths
from zollstock.engines.placebos.references import Lent
from zollstock.engines.registry import engine_for
from zollstock.images.table import ImageRecord
from zollstock.jobs.repairing import Edits, edits_of, recorded
from zollstock.models.card import Model
from zollstock.models.data.base import Pictures
from zollstock.paths import pixel_change
from zollstock.profiles import profile_of
from zollstock.repair.beside import Beside, combined, measured_beside
from zollstock.repair.material import Images, Material
from zollstock.repair.measuring import accuracies, probabilities
from zollstock.seeds import seed_for


class Validation:
    """What is measured of a model after each epoch, on images that it is not trained on.

    Parameters
    ----------
    model
        For its normalisation.
    paths
        Of each property that should matter no longer, with placebos beside.
    held_out
        The same images as they are, and what each shows where that is known.
    statistic
        Of the placebo test; see `zollstock.significance.compared.PLACEBO_STATISTICS`.
    device
        Where it runs.
    """

    def __init__(
        self,
        model: Model,
        paths: Mapping[str, Beside],
        held_out: Material,
        statistic: str,
        device: str,
    ) -> None:
        self._model, self._paths, self._held_out = model, paths, held_out
        self._statistic, self._device = statistic, device

    def __call__(self, module: nn.Module) -> dict[str, float]:
        """Return numbers of `zollstock.repair.beside.combined`, and the worst group's accuracy.

        Their names begin with ``valid_``; of groups nothing is told where they are not known.
        """
        module.to(self._device)  # what no training moved is where it was read
        how = (self._model.normalisation, self._device)
        found = combined(
            [measured_beside(module, one, self._statistic, *how) for one in self._paths.values()]
        )
        shown = self._held_out
        if shown.groups is not None:
            said = probabilities(module, shown.images, *how)
            found["worst_group"] = accuracies(said, shown.labels, shown.groups)["worst_group"]
        return {f"valid_{key}": value for key, value in found.items()}


def beside_of(
    pictures: Pictures,
    model: Model,
    properties: Mapping[str, Mapping[str, Any]],
    placebos: Mapping[str, Mapping[str, Any]],
    frames: int,
    seed: int,
    *,
    most: int,
) -> dict[str, Beside]:
    """Return frames of pictures along properties, each path with a placebo as large as it.

    Parameters
    ----------
    pictures, model, properties, frames, seed
        As in `zollstock.jobs.repairing.paths_of`.
    placebos
        Property → settings of the engine that makes its placebos, as far as one can.
    most
        Placebos that are tried: making one takes as long as twenty drawn pictures or more.
    """
    found = {}
    with recorded(pictures) as records:
        for name, settings in properties.items():
            edits = edits_of(name, settings, records, model, frames, seed)
            found[name] = Beside(edits.paths(model), None, np.zeros(0, np.intp))
            if name in placebos:
                mine = [records[place] for place in edits.places[:most]]
                made = _placebos_of(mine, edits, placebos[name], seed_for(seed, "placebo", name))
                if made:
                    rows = np.array(list(made))
                    of = replace(
                        edits, frames=np.stack(list(made.values())), labels=edits.labels[rows]
                    )
                    found[name] = replace(found[name], placebos=of.paths(model), rows=rows)
    return found


def _placebos_of(
    records: Sequence[ImageRecord], edits: Edits, settings: Mapping[str, Any], seed: int
) -> dict[int, Images]:
    """Return number of an edit → frames of a placebo, of those that one fits."""
    count, steps = len(records), edits.frames.shape[1]
    unedited = {record.id: edits.unedited[number] for number, record in enumerate(records)}
    profiles = {
        name: profile_of(pixel_change(path, picture), steps)
        for (name, picture), path in zip(unedited.items(), edits.frames[:count], strict=True)
    }
    given = {**settings, "steps": steps, "profiles": profiles}
    engine = engine_for(given, None, Lent(unedited))
    seeds = [seed_for(seed, record.id) for record in records]
    made = make_paths(engine, records, seeds, lambda number: None)
    return {
        number: path.frames for number, path in enumerate(made) if not isinstance(path, FailedPath)
    }
