"""An explanation as files: frames, a study's config, a figure, an animation."""

import os
import secrets
import shutil
from pathlib import Path
from typing import Any
from zipfile import ZIP_STORED, ZipFile

import numpy as np
import numpy.typing as npt
import yaml
from PIL import Image

from zollstock.explaining.explanation import Explanation
from zollstock.figures.style import save, styled
from zollstock.images.labels import UNLABELLED

MILLISECONDS = 140
"""A frame of the animation."""
_SIDE = 256
"""Pixels that small frames are shown in at least."""
_README = """Frames of one picture along a property, and the study that they come from.

frames/<picture>/<value>.png   the frames; the engine `frames` reads such a folder
pictures/                      the picture
study.yaml                     the study: snakemake --cores all --configfile study.yaml,
                               from the folder that holds this file and with zollstock's Snakefile
                               (--snakefile)
"""


def new_folder(before: Path | None = None) -> Path:
    """Return an empty folder for one visitor's files; the one before is removed."""
    if before is not None:
        shutil.rmtree(before, ignore_errors=True)
    place = Path(os.environ["GRADIO_TEMP_DIR"]) / "files" / secrets.token_hex(16)
    place.mkdir(parents=True)
    return place


def export(made: Explanation, models: dict[str, Any], folder: Path) -> list[Path]:
    """Write the files of a finished explanation.

    Parameters
    ----------
    made
        The explanation.
    models
        Name → settings of the model in a config file.
    folder
        An empty folder.

    Returns
    -------
    list of Path
        A zip of frames and config, the config alone, the figure as PDF, an animation.
    """
    path = made.path
    assert path is not None, "a finished explanation has a path"
    name = made.picture.id
    config = study_of(made, models)
    text = yaml.safe_dump(config, sort_keys=False, allow_unicode=True)
    (folder / "study.yaml").write_text(text, encoding="utf-8")
    with ZipFile(folder / "frames.zip", "w", ZIP_STORED) as packed:  # PNGs are packed already
        packed.writestr("README.txt", _README)
        packed.writestr("study.yaml", text)
        label = made.picture.label
        place = "pictures" if label == UNLABELLED else f"pictures/{label}"
        with packed.open(f"{place}/{name}.png", "w") as file:
            Image.fromarray(made.picture.pixels()).save(file, "PNG")
        for words, frame in zip(_values(path.axis), path.frames, strict=True):
            with packed.open(f"frames/{name}/{words}.png", "w") as file:
                Image.fromarray(frame).save(file, "PNG")
    with styled():
        save(made.plot(), folder / "figure", ["pdf"], 200)
    animate(path.frames, folder / "path.webp")
    return [folder / file for file in ("frames.zip", "study.yaml", "figure.pdf", "path.webp")]


def study_of(made: Explanation, models: dict[str, Any]) -> dict[str, Any]:
    """Return a config of a study of this picture, property and models.

    A drawn picture's study draws pictures of its world; another's reads the folder ``pictures``.
    """
    asked = dict(made.asked.config)
    if made.picture.latents:
        images: dict[str, Any] = {"source": "renderer", "n_per_class": 8}
    else:
        images = {"source": "folder", "path": "pictures"}
    sections = ("properties", "placebos", "scoring", "world")
    kept = {key: asked[key] for key in sections if asked.get(key)}
    head = {"study": asked["study"], "seed": asked["seed"]}
    return {**head, "images": images, **kept, "models": models}


def _values(axis: npt.NDArray[np.float64]) -> list[str]:
    """Return names that say the values; where two would be equal, the order."""
    names = [f"{value:.6g}" for value in axis]
    return names if len(set(names)) == len(names) else [f"frame_{k:03d}" for k in range(len(names))]


def animate(frames: npt.NDArray[np.uint8], file: Path) -> None:
    """Write frames as an animation that goes there and back."""
    larger = -(-_SIDE // max(frames.shape[1:3]))
    size = (frames.shape[2] * larger, frames.shape[1] * larger)
    pictures = [Image.fromarray(one).resize(size, Image.Resampling.NEAREST) for one in frames]
    first, *others = [*pictures, *pictures[-2:0:-1]]
    first.save(
        file, "WEBP", save_all=True, append_images=others, duration=MILLISECONDS, loop=0, quality=85
    )
