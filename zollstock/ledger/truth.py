"""What a meter reads when the property is set exactly."""

from zollstock.images.table import ImageRecord, latents_of
from zollstock.ledger.base import Meter, Series
from zollstock.ledger.masks import MaskSet
from zollstock.worlds import get_world
from zollstock.worlds.base import over_range

STEPS = 9


def exact_readings(
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
    return meter.values(over_range(drawn, latents_of([image]), meter.name, STEPS, size), 0, masks)
