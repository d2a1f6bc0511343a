"""What a meter reads when the property is set exactly."""

import numpy as np

from zollstock.images.table import ImageRecord
from zollstock.ledger.masks import MaskSet
from zollstock.ledger.meters import Meter, Series
from zollstock.worlds import get_world

STEPS = 9


def exact_series(
    image: ImageRecord, meter: Meter, masks: MaskSet | None, *, world: str, size: int
) -> Series | None:
    """Return a meter's values over the whole range of the latent it is named after, (9,).

    Parameters
    ----------
    image
        The image.
    meter
        Of the ledger.
    masks
        Of the image at this size.
    world, size
        The drawn world, and the height and width of its pictures.

    Returns
    -------
    ndarray or None
        None for a photograph, or a meter that is named after no latent.
    """
    if not image.latents:
        return None
    drawn = get_world(world)
    if meter.name not in drawn.latent_ranges:
        return None
    latents = {name: np.array([value]) for name, value in image.latents.items()}
    swept = drawn.do(latents, meter.name, np.linspace(*drawn.latent_ranges[meter.name], STEPS))
    return meter.values(drawn.render(swept, size=size, masks=False).frames, 0, masks)
