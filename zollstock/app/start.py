"""What the page starts with: the command line."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from zollstock.errors import ZollstockError

PORT = 7860


@dataclass(frozen=True)
class Start:
    """What the page starts with.

    Attributes
    ----------
    studies
        Folders of finished studies; none for all in ``results/``.
    example
        A picture that "explain" begins with.
    instruction, image_guidance, largest_scale, denoising_steps, seed
        Start values of an editor's knobs.
    imagenet
        Whether ImageNet's classifier is chosen, where it is installed.
    port
        Of this machine; 0 for any that is free.
    """

    studies: tuple[Path, ...] = ()
    example: Path | None = None
    instruction: str = "change the fur color to be darker"
    image_guidance: float = 2.5
    largest_scale: float = 10.0
    denoising_steps: int = 10
    seed: int = 0
    imagenet: bool = False
    port: int = PORT


def parse(arguments: Sequence[str] | None = None) -> Start:
    """Return what the command line asks for.

    Raises
    ------
    ZollstockError
        If the example is no file, or a number is out of its range.
    """
    default = Start()
    parser = argparse.ArgumentParser(
        prog="python -m zollstock.app",
        description="A web page, on this machine alone, that shows finished studies and explains "
        "one picture live.",
    )
    add = parser.add_argument
    add("studies", nargs="*", type=Path, help="folders of finished studies; all in results/")
    add("--example", type=Path, help="a picture to begin with")
    add("--instruction", default=default.instruction, help="what an editor is told")
    add("--cfg-img", type=float, default=default.image_guidance, help="image guidance scale")
    add("--max-cfg-scale", type=float, default=default.largest_scale, help="largest guidance scale")
    add("--num-steps", type=int, default=default.denoising_steps, help="denoising steps")
    add("--seed", type=int, default=default.seed)
    add("--imnet", action="store_true", help="begin with a classifier of ImageNet")
    add("--port", type=int, default=default.port, help="0 for any that is free")
    found = parser.parse_args(arguments)
    for flag, value, least in (
        ("--cfg-img", found.cfg_img, 1),
        ("--max-cfg-scale", found.max_cfg_scale, 1),
        ("--num-steps", found.num_steps, 1),
        ("--seed", found.seed, 0),
        ("--port", found.port, 0),
    ):
        if not value >= least:
            raise ZollstockError(flag, f"is {value}", f"{least} or more", "Choose a larger one.")
    if found.example is not None and not found.example.is_file():
        raise ZollstockError(
            "--example", f"{found.example} is no file", "a picture", "Name one that is there."
        )
    return Start(
        studies=tuple(found.studies),
        example=found.example,
        instruction=found.instruction,
        image_guidance=found.cfg_img,
        largest_scale=found.max_cfg_scale,
        denoising_steps=found.num_steps,
        seed=found.seed,
        imagenet=found.imnet,
        port=found.port,
    )
