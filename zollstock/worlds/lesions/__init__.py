"""Pigmented lesions of the skin, seen through a dermatoscope; what is known of them."""

from zollstock.worlds.facts import PLAIN, Facts, Range

EVIDENCE = ("asymmetry", "border", "colours", "diameter")
"""What tells a melanoma from a nevus, each with an evidence of its own."""
HARMONICS = (1, 2, 3, 4, 5, 6, 7, 8)
"""Of the outline: how often the radius rises and falls on the way round."""
BLOTCHES = 5
HAIRS = 6
"""Most of each in a picture."""

LATENTS: dict[str, Range] = {
    "malignancy": (-0.25, 1.25),
    "patch": (0.0, 1.0),
    "patch_hue": (0.0, 1.0),
    "patch_size": (0.2, 0.6),
    "ruler": (0.0, 1.0),
    "skin_tone": (0.0, 1.0),
    "redness": (0.0, 1.0),
    "pigment": (0.0, 1.0),
    "hair": (0.0, 1.0),
    "hair_colour": (0.0, 1.0),
    "position_x": (-0.4, 0.4),
    "position_y": (-0.4, 0.4),
    "size": (0.6, 1.4),
    "rotation": (-1.0, 1.0),
    "light_direction": (-1.0, 1.0),
    "vignette": (0.0, 1.0),
    "noise_amplitude": (0.0, 0.2),
    "noise_angle": (0.0, 1.0),
}
"""Latents that may serve as a property. A typical nevus has `malignancy` 0, a typical melanoma 1.
`patch` and `ruler` are opacities; `skin_tone` runs from
light to dark, `pigment` from a pale lesion to a dark one; `rotation` is in half turns,
`light_direction` and `noise_angle` in quarter turns."""

DRAWN: dict[str, Range] = {
    "patch_hue": (0.0, 1.0),
    "patch_size": (0.3, 0.5),
    "patch_place": (-1.0, 1.0),
    "patch_reach": (0.85, 1.05),
    "skin_tone": (0.0, 1.0),
    "redness": (0.0, 1.0),
    "pigment": (0.0, 1.0),
    "hair_colour": (0.0, 1.0),
    "position_x": (-0.12, 0.12),
    "position_y": (-0.12, 0.12),
    "size": (0.85, 1.15),
    "rotation": (-1.0, 1.0),
    "light_direction": (-1.0, 1.0),
    "vignette": (0.0, 1.0),
    "noise_amplitude": (0.005, 0.025),
    "noise_angle": (0.0, 1.0),
    "ruler_side": (0.0, 4.0),
    "ruler_reach": (0.72, 0.86),
} | {
    f"{what}_{k}_{part}": span
    for what, number, parts in (
        ("wave", len(HARMONICS), {"strength": (0.3, 1.0), "phase": (-1.0, 1.0)}),
        (
            "blotch",
            BLOTCHES,
            {"place": (-1.0, 1.0), "reach": (0.1, 0.75), "size": (0.22, 0.45)},
        ),
        (
            "hair",
            HAIRS,
            {"angle": (-1.0, 1.0), "offset": (-0.8, 0.8), "bend": (-0.5, 0.5)},
        ),
    )
    for k in range(number)
    for part, span in parts.items()
}
"""Latents drawn uniformly, with the range they are drawn from."""

FACTS = Facts(
    classes=("nevus", "melanoma"),
    latents=LATENTS,
    distributions=(PLAIN, "clean", "patched_nevi"),
    regions=("skin", "lesion", "hair", "ruler", "patch"),
    parts=("skin", "lesion", "hair", "ruler", "patch"),
    nuisances=(*DRAWN, "hair", "ruler"),
    meters={"skin_tone": ("skin", "lesion"), "pigment": ("lesion", "skin")},
    places={
        **dict.fromkeys(("patch", "patch_hue", "patch_size"), "patch"),
        **dict.fromkeys(("hair", "hair_colour"), "hair"),
        **dict.fromkeys(("malignancy", "pigment"), "lesion"),
        **dict.fromkeys(("skin_tone", "redness"), "skin"),
        "ruler": "ruler",
    },
)
