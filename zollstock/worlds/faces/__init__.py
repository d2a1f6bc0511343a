"""Drawn faces, old and young; what is known of them."""

from zollstock.worlds.facts import PLAIN, Facts, Range

EVIDENCE = ("wrinkles", "face_shape", "hairline", "eyes")
"""What tells old from young, each with an evidence of its own."""

LATENTS: dict[str, Range] = {
    "age": (-0.1, 1.1),
    "hair_greyness": (0.0, 1.0),
    "hair_lightness": (0.0, 1.0),
    "hair_length": (0.0, 1.0),
    "skin_tone": (0.0, 1.0),
    "smile": (-1.0, 1.0),
    "glasses": (0.0, 1.0),
    "background_brightness": (0.0, 1.0),
    "background_hue": (0.0, 1.0),
    "clothes_hue": (0.0, 1.0),
    "eye_hue": (0.0, 1.0),
    "position_x": (-0.4, 0.4),
    "position_y": (-0.3, 0.3),
    "size": (0.6, 1.4),
    "tilt": (-0.6, 0.6),
    "turn": (-1.0, 1.0),
    "light_direction": (-1.0, 1.0),
    "noise_amplitude": (0.0, 0.2),
    "noise_angle": (0.0, 1.0),
}
"""Latents that may serve as a property. `age` runs from young (0) to old (1), `hair_greyness` from
the hair's own colour to grey, `glasses` is an opacity. `tilt` in radians, `light_direction` and
`noise_angle` in quarter turns."""

DRAWN: dict[str, Range] = {
    "hair_lightness": (0.0, 1.0),
    "hair_length": (0.0, 1.0),
    "skin_tone": (0.0, 1.0),
    "smile": (0.0, 1.0),
    "background_brightness": (0.0, 1.0),
    "background_hue": (0.0, 1.0),
    "clothes_hue": (0.0, 1.0),
    "clothes_tone": (0.0, 1.0),
    "eye_hue": (0.0, 1.0),
    "position_x": (-0.10, 0.10),
    "position_y": (-0.05, 0.05),
    "size": (0.88, 1.10),
    "tilt": (-0.15, 0.15),
    "turn": (-1.0, 1.0),
    "light_direction": (-1.0, 1.0),
    "noise_amplitude": (0.005, 0.025),
    "noise_angle": (0.0, 1.0),
}
"""Latents drawn uniformly, with the range they are drawn from."""

FACTS = Facts(
    classes=("old", "young"),
    latents=LATENTS,
    distributions=(PLAIN, "grey_with_age"),
    regions=("background", "clothes", "hair", "skin", "eyes", "mouth", "glasses"),
    parts=("background", "clothes", "hair", "skin", "eyes", "mouth", "glasses"),
    nuisances=(*(name for name in DRAWN if name != "hair_lightness"), "glasses"),
    meters={
        "hair_lightness": ("hair", "background"),
        "background_brightness": ("background", "hair"),
    },
    places={
        **dict.fromkeys(("hair_greyness", "hair_lightness", "hair_length"), "hair"),
        **dict.fromkeys(("background_brightness", "background_hue"), "background"),
        "clothes_hue": "clothes",
        "eye_hue": "eyes",
        "glasses": "glasses",
        "smile": "mouth",
    },
)
