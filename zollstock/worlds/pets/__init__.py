"""Cats and dogs in a cluttered room; what is known of them."""

from zollstock.worlds.facts import PLAIN, Facts

PARTS = ("head", "ears", "muzzle", "nose", "eyes", "whiskers", "body", "tail")
"""Parts with an evidence of their own."""
CLUTTER = 3
"""Objects in the background."""

RANGES: dict[str, tuple[float, float]] = {
    "dogness": (0.0, 1.0),
    "fur_lightness": (0.0, 1.0),
    "fur_saturation": (0.0, 1.0),
    "fur_hue": (0.0, 1.0),
    "fur_texture": (0.0, 0.15),
    "stripes": (0.0, 1.0),
    "background_brightness": (0.0, 1.0),
    "background_hue": (0.0, 1.0),
    "background_clutter": (0.0, 1.0),
    "position_x": (-0.4, 0.4),
    "position_y": (-0.3, 0.3),
    "size": (0.6, 1.4),
    "tilt": (-0.6, 0.6),
    "turn": (-1.0, 1.0),
    "light_direction": (-1.0, 1.0),
    "eye_hue": (0.0, 1.0),
    "noise_amplitude": (0.0, 0.2),
    "noise_angle": (0.0, 1.0),
    "occluder": (0.0, 1.0),
}
"""Latents that may serve as a property. Angles `tilt` in radians; `light_direction` from left
(−1) over above (0) to right (1), in quarter turns; `noise_angle` in quarter turns."""

DRAWN: dict[str, tuple[float, float]] = {
    "fur_lightness": (0.0, 1.0),
    "fur_saturation": (0.1, 0.9),
    "fur_hue": (0.0, 1.0),
    "fur_texture": (0.02, 0.06),
    "background_brightness": (0.0, 1.0),
    "background_hue": (0.0, 1.0),
    "background_clutter": (0.3, 1.0),
    "horizon": (0.2, 0.8),
    "position_x": (-0.16, 0.16),
    "position_y": (-0.08, 0.08),
    "size": (0.86, 1.12),
    "tilt": (-0.25, 0.25),
    "turn": (-1.0, 1.0),
    "light_direction": (-1.0, 1.0),
    "eye_hue": (0.0, 1.0),
    "noise_amplitude": (0.005, 0.025),
    "noise_angle": (0.0, 1.0),
    "occluder_x": (-0.7, 0.7),
    "occluder_top": (-0.2, 0.7),
    "occluder_width": (0.05, 0.14),
    "occluder_lean": (-0.3, 0.3),
    "occluder_hue": (0.0, 1.0),
} | {
    f"clutter_{k}_{what}": span
    for k in range(CLUTTER)
    for what, span in (
        ("x", (-1.0, 1.0)),
        ("y", (-1.0, 1.0)),
        ("size", (0.15, 0.5)),
        ("tone", (0.0, 1.0)),
        ("hue", (0.0, 1.0)),
    )
}
"""Latents drawn uniformly, with the range they are drawn from."""

FACTS = Facts(
    classes=("cat", "dog"),
    latents=RANGES,
    distributions=(PLAIN, "dark_cats", "dark_dogs"),
    regions=("fur", "background", "features"),
    parts=("background", "outline", *PARTS, "occluder"),
    nuisances=tuple(name for name in DRAWN if name != "fur_lightness"),
    meters={
        "fur_lightness": ("fur", "background"),
        "background_brightness": ("background", "fur"),
    },
    places={
        **dict.fromkeys(
            ("fur_lightness", "fur_saturation", "fur_hue", "fur_texture", "stripes"), "fur"
        ),
        **dict.fromkeys(
            ("background_brightness", "background_hue", "background_clutter"), "background"
        ),
        "eye_hue": "features",
    },
    formulas=True,
)
