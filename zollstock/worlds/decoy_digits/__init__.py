"""Handwritten digits with a patch in a corner whose grey may tell the class."""

from zollstock.worlds.facts import PLAIN, Facts, Range

LEVELS = 10
"""Of the patch's grey, as many as classes: 0 is white, and each next one darker."""

LATENTS: dict[str, Range] = {
    "decoy": (0.0, LEVELS - 1.0),
    "contrast": (0.5, 1.0),
    "noise_amplitude": (0.0, 0.2),
    "noise_angle": (0.0, 1.0),
}
"""Latents that may serve as a property; `noise_angle` is in quarter turns."""

DRAWN: dict[str, Range] = {
    "contrast": (0.9, 1.0),
    "noise_amplitude": (0.0, 0.01),
    "noise_angle": (0.0, 1.0),
}
"""Latents drawn uniformly, with the range they are drawn from."""

TRAINING = "decoy"
"""The one distribution that shows digits to train on; all others show those to test with."""

FACTS = Facts(
    classes=tuple("0123456789"),
    latents=LATENTS,
    distributions=(PLAIN, "decoy_of_others", TRAINING),
    regions=("background", "digit", "patch"),
    parts=("background", "digit", "patch"),
    nuisances=tuple(DRAWN),
    meters={"decoy": ("patch", "background"), "contrast": ("digit", "patch")},
    subject="digit",
)
