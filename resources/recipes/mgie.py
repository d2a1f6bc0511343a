"""Frames by MGIE, for ``engine: command``; see README.md beside this file.

It runs in MGIE's own environment and needs nothing of zollstock: it reads one picture and the
values of the axis, and writes one picture for each value. A value is the guidance scale of the
text: 0 is the picture as the editor gives it back without the instruction.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from PIL import Image


class Scale(float):
    """A guidance scale that is not left out where it is 1 or less.

    The pipeline asks ``scale > 1`` and guides no frame at all where it is not; the axis would
    jump there.
    """

    def __gt__(self, other: object) -> bool:
        """Say that there is guidance."""
        return True

    __hash__ = float.__hash__


def editor_of(told: argparse.Namespace) -> Any:  # noqa: ANN401 - MGIE's own class
    """Load MGIE from Apple's package ``ml_mgie``."""
    import torch
    from ml_mgie.mgie import MGIE, MGIEParams

    return MGIE(
        params=MGIEParams(
            device=torch.device(told.device),
            half=told.half,
            models_path=Path(told.models),
            seed=told.seed,
            cfg_img=told.image_guidance,
        )
    )


def write_frames(editor: Any, told: argparse.Namespace) -> None:  # noqa: ANN401
    """Write ``000.png``, ``001.png``, … into the output folder, one for each value.

    Every frame has the same seed, so that along the axis nothing but the guidance changes.
    """
    picture = Image.open(told.image).convert("RGB")
    editor.params.max_size = max(picture.size)  # by default it shrinks pictures to 512 pixels
    for number, value in enumerate(json.loads(Path(told.axis).read_text(encoding="utf-8"))):
        if value < 0:
            raise SystemExit(f"mgie: the axis has {value:g}; a guidance scale is 0 or more")
        editor.params.cfg_txt = Scale(value)
        # `edit` makes the picture it is given smaller in place.
        frame, thought = editor.edit(image=picture.copy(), instruction=told.instruction)
        if number == 0:
            print(f"mgie understood: {thought}")
        if frame.size != picture.size:  # sides that no 8 divides are rounded
            frame = frame.resize(picture.size, Image.Resampling.BICUBIC)
        frame.save(Path(told.output) / f"{number:03d}.png")


def main(arguments: list[str] | None = None) -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="mgie.py", description=__doc__)
    parser.add_argument("image", help="the picture, {image}")
    parser.add_argument("axis", help="JSON with the guidance scales, {axis}")
    parser.add_argument("output", help="an empty folder, {output}")
    parser.add_argument("--instruction", required=True, help="{instruction}")
    parser.add_argument("--seed", type=int, default=0, help="{seed}")
    parser.add_argument("--models", default="data", help="folder with LLaVA-7B-v1 and mgie_7b")
    parser.add_argument("--image-guidance", type=float, default=1.5, help="1 or more")
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--half", action="store_true", help="16 bits, as on a GPU one wants")
    told = parser.parse_args(arguments)
    for name in ("LLaVA-7B-v1", "mgie_7b/mllm.pt", "mgie_7b/unet.pt"):
        if not (Path(told.models) / name).exists():
            told_of = f"mgie: {told.models} has no {name}; see README.md beside mgie.py"
            print(told_of, file=sys.stderr)
            return 1
    try:
        editor = editor_of(told)
    except ImportError as error:
        print(
            f"mgie: {error.name} cannot be imported; run with the Python of MGIE's environment",
            file=sys.stderr,
        )
        return 1
    write_frames(editor, told)
    return 0


if __name__ == "__main__":
    sys.exit(main())
