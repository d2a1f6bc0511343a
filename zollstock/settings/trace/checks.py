"""Checks of the section `trace` against the rest of the study."""

from collections.abc import Mapping, Sequence

from zollstock.errors import ZollstockError
from zollstock.settings.known import check_known
from zollstock.settings.trace.section import TraceSettings


def check_traced_models(
    settings: TraceSettings,
    gradients: Mapping[str, bool],
    classes: Mapping[str, Sequence[str] | None],
    where: str,
) -> None:
    """Check that a model can be looked into, and that classes are the models'.

    Parameters
    ----------
    settings
        The section.
    gradients
        Model → whether it gives gradients.
    classes
        Model → its classes, None where they are not known yet.
    where
        File and key of the section, for messages.

    Raises
    ------
    ZollstockError
        Naming the key.
    """
    if not any(gradients.values()):
        raise ZollstockError(
            where,
            "finds no model with layers to look into: they run outside of torch",
            "one model at least that torch runs",
            "Give a model's torch weights and builder, or leave the section out.",
        )
    known = [found for found in classes.values() if found is not None]
    wanted = settings.graph.classes if settings.graph is not None else None
    for name in wanted or []:
        if len(known) == len(classes):
            every = sorted({one for found in known for one in found})
            check_known(name, every, "a class of a model", f"{where}.graph.classes")
