"""Masks of photographs by a segmentation model: ``python -m zollstock.images.segmenting``.

Engines load no models; they read mask pictures. This writes them, once, so that they can be looked
at and corrected before a study uses them::

    python -m zollstock.images.segmenting photos --model FOLDER --classes dog cat --into masks

The model is any that transformers loads for semantic segmentation, from a folder. Nothing is
fetched.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from zollstock.errors import ZollstockError, did_you_mean, printable
from zollstock.images.listing import list_folder
from zollstock.images.masks import CORE, Weights
from zollstock.images.reading import RGB, UnusableImage, read_rgb
from zollstock.images.table import save_png

BEHIND = {"background", "backgrounds", "bg"}
"""Names of the class that is no subject."""


class Segmenter:
    """Says where a picture shows one of some classes.

    Parameters
    ----------
    folder
        Of the model and its image processor, as transformers saves them.
    classes
        Names of classes. None takes all but the background, where the model has one.
    key
        What names them, for messages.

    Raises
    ------
    ZollstockError
        If it cannot be loaded, or does not know a class.
    """

    def __init__(
        self, folder: Path, classes: Sequence[str] | None = None, key: str = "--classes"
    ) -> None:
        self.processor, self.network = _load(folder)
        names = {int(k): str(name) for k, name in self.network.config.id2label.items()}
        self.wanted = _chosen(folder, names, classes, key)

    def mask(self, picture: RGB) -> Weights:
        """Return where a picture, (H, W, 3), shows the classes, (H, W).

        0 where they are less probable than ¼, 1 where they are more than ¾, and even between: of
        what is hardly there, no edit should show a little.
        """
        import torch

        # Cropping or padding would move the mask against the picture.
        keeping = {
            key: False for key in ("do_center_crop", "do_pad") if hasattr(self.processor, key)
        }
        inputs = self.processor(images=[picture], return_tensors="pt", **keeping)
        with torch.inference_mode():
            logits = self.network(**inputs).logits
            whole = torch.nn.functional.interpolate(
                logits.float(), picture.shape[:2], mode="bilinear", align_corners=False
            )
            share = whole.softmax(dim=1)[0, self.wanted].sum(dim=0)
        found: Weights = (2 * share - 0.5).clamp(0, 1).numpy().astype(np.float32)
        return found


def write_masks(
    photographs: Path, segmenter: Segmenter, into: Path, *, again: bool = False
) -> list[str]:
    """Write a grey picture for each photograph of a folder, named by the image's id.

    Parameters
    ----------
    photographs
        The folder, as `images.path` of a study names it.
    segmenter
        Says where the subject is.
    into
        The folder of masks. Those that are there are kept, since they may have been corrected.
    again
        Write these, too.

    Returns
    -------
    list of str
        Ids of photographs on which nothing was found; they get no mask.
    """
    nothing = []
    for candidate in list_folder(photographs):
        file = into / f"{candidate.id}.png"
        if file.exists() and not again:
            continue
        try:
            picture = read_rgb(candidate.path)
        except UnusableImage as reason:
            print(printable(f"{candidate.path}: left out ({reason})"), file=sys.stderr)
            continue
        share = save_mask(segmenter.mask(picture), file)
        if share is None:
            nothing.append(candidate.id)
        else:
            print(f"{file}: {share:.0%} of the picture")
    return nothing


def save_mask(mask: Weights, file: Path) -> float | None:
    """Write a mask as a grey picture and return its share of the picture.

    None, and no file, where it shows nothing.
    """
    share = float((mask > CORE).mean())
    if not share:
        return None
    save_png(np.repeat(np.rint(mask * 255).astype(np.uint8)[..., None], 3, axis=2), file)
    return share


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; 1 if it failed."""
    parser = argparse.ArgumentParser(prog="zollstock.images.segmenting", description=__doc__)
    parser.add_argument("photographs", type=Path, help="folder, as images.path names it")
    parser.add_argument("--model", type=Path, required=True, help="folder of a transformers model")
    parser.add_argument("--classes", nargs="+", help="what the subject is; all but background")
    parser.add_argument("--into", type=Path, default=Path("masks"), help="folder of the masks")
    parser.add_argument("--again", action="store_true", help="write masks that are there, too")
    told = parser.parse_args(arguments)
    try:
        segmenter = Segmenter(told.model, told.classes)
        nothing = write_masks(told.photographs, segmenter, told.into, again=told.again)
    except ZollstockError as error:
        print(f"zollstock: {error}", file=sys.stderr)
        return 1
    for name in nothing:
        print(f"{name}: nothing of the classes was found; paint a mask", file=sys.stderr)
    print(f"Look at them, correct them, and set the property's mask: {told.into}")
    return 0


def _load(folder: Path) -> tuple[Any, Any]:
    wanted = "a model for semantic segmentation with its image processor, as transformers saves it"
    remedy = "Fetch one with `hf download NAME --local-dir FOLDER`, and name the folder."
    if not (folder / "config.json").is_file():
        raise ZollstockError(folder, "has no config.json", wanted, remedy)
    os.environ["HF_HUB_OFFLINE"] = "1"
    try:
        from transformers import AutoImageProcessor, AutoModelForSemanticSegmentation
    except ImportError:
        raise ZollstockError(
            "transformers", "is not installed", "transformers 5", 'pip install ".[diffusion]"'
        ) from None
    try:
        processor = AutoImageProcessor.from_pretrained(folder, local_files_only=True)
        network, report = AutoModelForSemanticSegmentation.from_pretrained(
            folder, local_files_only=True, output_loading_info=True
        )
    except Exception as error:  # a foreign folder makes transformers fail in many ways
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise ZollstockError(folder, f"cannot be loaded ({reason})", wanted, remedy) from None
    if report["missing_keys"]:  # which would be drawn at random
        lacking = sorted(report["missing_keys"])[0]
        raise ZollstockError(folder, f"lacks weights ({lacking})", wanted, remedy)
    return processor, network.eval()


def _chosen(
    folder: Path, names: dict[int, str], classes: Sequence[str] | None, key: str
) -> list[int]:
    numbers = {name.strip().casefold(): number for number, name in names.items()}
    if classes is None:
        behind = {numbers[name] for name in BEHIND if name in numbers}
        if not behind:
            raise ZollstockError(
                key,
                "is missing",
                f"classes of {folder}, which has no background",
                "Name what the subject is, of: " + ", ".join(sorted(numbers)[:20]) + " …",
            )
        return sorted(set(names) - behind)
    for name in classes:
        if name.strip().casefold() not in numbers:
            raise ZollstockError(
                key,
                f"names '{name}'",
                f"a class of {folder}",
                did_you_mean(name, list(names.values())),
            )
    return sorted({numbers[name.strip().casefold()] for name in classes})


if __name__ == "__main__":
    sys.exit(main())
