"""Three plastic figures on a turntable, drawn in three dimensions; what is known of them."""

from zollstock.worlds.facts import PLAIN, Facts, Range

TURN: Range = (-180.0, 180.0)

LATENTS: dict[str, Range] = {
    "yaw": TURN,
    "pitch": TURN,
    "roll": TURN,
    "elevation": (-90.0, 90.0),
    "hue": (0.0, 1.0),
    "saturation": (0.0, 1.0),
    "lightness": (0.0, 1.0),
    "light_direction": (-1.0, 1.0),
    "background_brightness": (0.0, 1.0),
    "background_hue": (0.0, 1.0),
    "position_x": (-0.4, 0.4),
    "position_y": (-0.3, 0.3),
    "size": (0.6, 1.4),
    "noise_amplitude": (0.0, 0.2),
    "noise_angle": (0.0, 1.0),
}
"""Latents that may serve as a property. `yaw`, `pitch` and `roll` in degrees close on themselves
(`period: 360`): at yaw 0 a figure is seen from the side, looking to the right; at 90 it looks at
the camera, at −90 away from it. `elevation` is the camera's, in degrees; `light_direction` from
left (−1) over above (0) to right (1), `noise_angle` in quarter turns."""

DRAWN: dict[str, Range] = {
    "yaw": TURN,
    "pitch": (-6.0, 6.0),
    "roll": (-6.0, 6.0),
    "elevation": (4.0, 20.0),
    "hue": (0.0, 1.0),
    "saturation": (0.0, 1.0),
    "lightness": (0.2, 1.0),
    "light_direction": (-1.0, 1.0),
    "background_brightness": (0.1, 1.0),
    "background_hue": (0.0, 1.0),
    "position_x": (-0.08, 0.08),
    "position_y": (-0.06, 0.06),
    "size": (0.88, 1.08),
    "noise_amplitude": (0.005, 0.025),
    "noise_angle": (0.0, 1.0),
}
"""Latents drawn uniformly, with the range they are drawn from."""

FACTS = Facts(
    classes=("elephant", "giraffe", "stegosaurus"),
    latents=LATENTS,
    distributions=(PLAIN, "side_on", "coloured"),
    regions=("background", "figure"),
    parts=("background", "body", "neck", "head", "legs", "tail", "ornament"),
    nuisances=tuple(name for name in DRAWN if name not in ("yaw", "hue")),
    meters={
        "lightness": ("figure", "background"),
        "background_brightness": ("background", "figure"),
    },
    places={
        **dict.fromkeys(("hue", "saturation", "lightness"), "figure"),
        **dict.fromkeys(("background_brightness", "background_hue"), "background"),
    },
)
