"""Set to the value at another image, drawn for each image by its name."""

import torch

from zollstock.errors import ZollstockError
from zollstock.seeds import rng_for
from zollstock.trace.interventions import Context

ON_WEIGHTS = False


def replacement(current: torch.Tensor, context: Context) -> torch.Tensor:
    """Return for each row the values of one of `context.others` that is another image's.

    The draw hangs on the seed and the image's name, never on its row.

    Raises
    ------
    ZollstockError
        If an image has no other one, or names are missing.
    """
    others = context.needed("images to draw from")
    names = list(context.other_images)
    if len(context.images) != len(current) or len(names) != len(others):
        raise ZollstockError(
            "trace: intervention",
            f"has {len(context.images)} and {len(names)} names for {len(current)} and "
            f"{len(others)} inputs",
            "a name of each",
            "Pass the images' names.",
        )
    order = sorted(range(len(names)), key=lambda place: names[place])
    chosen = []
    for image in context.images:
        free = [place for place in order if names[place] != image]
        if not free:
            raise ZollstockError(
                "trace: intervention",
                f"finds no other image for '{image}'",
                "two images or more",
                "Add images, or choose another intervention.",
            )
        chosen.append(free[int(rng_for("resampled", *context.seed, image).integers(len(free)))])
    return others[chosen].to(current)
