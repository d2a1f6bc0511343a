"""An explanation with named dimensions."""

from typing import TYPE_CHECKING, Any

import numpy as np

from zollstock.studies.arrays import path_as_array, predictions_as_dataset

if TYPE_CHECKING:
    from xarray import Dataset

    from zollstock.explaining.explanation import Explanation


def explanation_as_dataset(made: "Explanation") -> "Dataset":
    """Return what `Explanation.to_xarray` does."""
    path = made.finished_path
    about = {"image": made.picture.id}
    frames = path_as_array(path, made.property, **about)
    whole: Any = frames.rename({made.property: "step"}).to_dataset()
    for model, found in made.predictions.items():
        data = predictions_as_dataset(found, [made.picture.id])
        data = data.isel(image=0, draw=0, drop=True).rename({"class": f"{model}_class"})
        data = data.isel(step=np.isfinite(data["axis"].values)).drop_vars("axis")
        data = data.assign_coords(step=path.axis)
        whole = whole.merge(data.rename({name: f"{model}_{name}" for name in data.data_vars}))
        whole[f"{model}_curve"] = ("step", made.curve(model).to_numpy())
    result: Dataset = whole.rename({"step": made.property}).assign_attrs(about)
    return result
