"""The knobs of operations on pixels: what settings and engines both know. Standard library only."""

from dataclasses import dataclass

ZERO = 0.0
"""Value of every knob at which the frame is the picture."""


@dataclass(frozen=True)
class Knob:
    """One knob.

    Attributes
    ----------
    start, stop
        Range that makes sense by default. It reaches what anyone would notice, and a photograph
        is still the same one.
    least, most
        The values that there are.
    unit
        Of the values; "" for shares.
    meaning
        What the values mean, in a few words.
    moves
        Whether things move: a mask cannot hold them, and something comes in from outside.
    """

    start: float
    stop: float
    least: float
    most: float
    unit: str
    meaning: str
    moves: bool = False

    @property
    def two_sided(self) -> bool:
        """Return whether the knob has two sides of 0."""
        return self.start < ZERO < self.stop

    def begin(self, stop: float) -> float:
        """Return where an axis begins whose end alone is given.

        As far on the other side as there is, or at 0.
        """
        return max(self.least, -stop) if self.two_sided and stop > ZERO else ZERO


KNOBS: dict[str, Knob] = {
    "brightness": Knob(-0.8, 0.8, -1, 10, "", "channels × (1 + value): −1 is black"),
    "contrast": Knob(-0.8, 0.8, -1, 10, "", "distance from the mean × (1 + value): −1 is flat"),
    "gamma": Knob(-1.5, 1.5, -6, 6, "stops", "channels to the power 2^−value: above 0 lighter"),
    "saturation": Knob(-1, 1, -1, 10, "", "distance from grey × (1 + value): −1 is grey"),
    "hue": Knob(-90, 90, -360, 360, "degrees", "colours turn about grey"),
    "temperature": Knob(-100, 100, -110, 400, "mired", "light of a black body: above 0 warmer"),
    "grey": Knob(0, 1, 0, 1, "", "blended into grey: 1 is grey"),
    "blur": Knob(0, 6, 0, 200, "pixels", "standard deviation of a Gaussian"),
    "sharpness": Knob(-1, 3, -1, 20, "", "details × (1 + value): −1 is soft, above 0 sharper"),
    "noise": Knob(0, 0.2, -2, 2, "of white", "standard deviation; one field, scaled"),
    "jpeg": Knob(0, 96, 0, 99, "quality", "compressed at the quality 100 − value"),
    "pixelate": Knob(0, 32, 0, 1024, "pixels", "side of blocks"),
    "rotate": Knob(-45, 45, -360, 360, "degrees", "turned anticlockwise", moves=True),
    "translate": Knob(-32, 32, -4096, 4096, "pixels", "shifted in the direction towards", True),
    "scale": Knob(-0.8, 0.8, -3, 3, "octaves", "enlarged by 2^value", True),
    "shear": Knob(-24, 24, -75, 75, "degrees", "the top leans to towards", True),
    "perspective": Knob(-0.4, 0.4, -0.6, 0.6, "", "tilted, the side towards recedes", True),
}
"""Knobs by the name of their operation. Of all of them the picture itself is at 0."""

SHARE = Knob(0, 1, 0, 1, "", "share of what is laid over the picture: 1 covers it")
"""The knob of engines that blend something in."""

BACKGROUNDS: dict[str, Knob] = {
    "blur": Knob(0, 12, 0, 200, "pixels", "standard deviation of a Gaussian"),
    "grey": KNOBS["grey"],
    "colour": SHARE,
    "picture": SHARE,
}
"""What may become of a background, and the knob of each."""
