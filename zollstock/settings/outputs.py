"""Checks of what a study follows, against the classes of its models."""

from collections.abc import Mapping, Sequence

from zollstock.errors import ZollstockError
from zollstock.scoring.outputs import Output, Spelled, parse_output


def check_outputs(
    spelled: Sequence[Spelled], models: Mapping[str, Sequence[str]], where: str
) -> None:
    """Check that every model has what is followed, and that nothing is followed twice.

    Parameters
    ----------
    spelled
        The outputs as they stand in the config.
    models
        Model → names of its classes.
    where
        The key, for the message.

    Raises
    ------
    ZollstockError
        If a model lacks a class, or two outputs are one.
    """
    outputs = [parse_output(one, where) for one in spelled]
    met: dict[object, Output] = {}
    for output in outputs:
        places = [output.indices(classes, where, model) for model, classes in models.items()]
        for first, second in places:
            if len({*first, *second}) < len(first) + len(second):
                raise ZollstockError(
                    where,
                    f"names a class twice in '{output.name}', once by its index",
                    "each class once",
                    "Remove one of them.",
                )
        key = (output.kind, output.by, str(places))
        if key in met:
            also = f" ('{met[key].name}')" if met[key].name != output.name else ""
            raise ZollstockError(
                where, f"has '{output.name}' twice{also}", "each output once", "Remove one of them."
            )
        met[key] = output
