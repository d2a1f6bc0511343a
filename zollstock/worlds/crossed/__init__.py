"""The cats and dogs of `pets` with two confounders that may follow the class at once."""

from dataclasses import replace

from zollstock.worlds.facts import PLAIN
from zollstock.worlds.pets import FACTS as PETS

FOLLOWING = {"fur_lightness": False, "background_brightness": True}
"""Latent that follows the class → whether cats have the high half of its range. Dark fur in a
bright room and light fur in a dark one: how bright the whole picture is tells little."""
BIASED: dict[str, tuple[str, ...]] = {
    "fur": ("fur_lightness",),
    "room": ("background_brightness",),
    "both": tuple(FOLLOWING),
}
"""Distribution → what follows the class in it."""

FACTS = replace(
    PETS,
    distributions=(PLAIN, *BIASED),
    nuisances=tuple(name for name in PETS.nuisances if name not in FOLLOWING),
    formulas=False,
    like="pets",
)
