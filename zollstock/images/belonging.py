"""Files of the user that belong to an image: its mask, say, or the picture it is blended with."""

from pathlib import Path

from zollstock.errors import ZollstockError
from zollstock.folders import entries, located, stem
from zollstock.ids import place_of, safe_id
from zollstock.images.listing import read_csv
from zollstock.images.reading import is_picture
from zollstock.images.table import ImageRecord


def file_of(pattern: str, image: ImageRecord, key: str) -> Path:
    """Return the file that belongs to an image; whether it is there, its reader says.

    Parameters
    ----------
    pattern
        A file, the same for all images, or with ``{image}`` in the place of the id or name; a
        folder of pictures that are named after the images; or a CSV with the columns ``image``
        and ``path``, which is relative to the CSV.
    image
        The image.
    key
        Of the settings, for messages.

    Raises
    ------
    ZollstockError
        If the folder or the CSV has none for this image.
    """
    if "{image}" in pattern:
        return place_of(pattern, image.id, image.name)
    place = located(Path(pattern))
    if place.is_dir():
        return _in_folder(place, image, key)
    return _in_table(place, image, key) if place.suffix.lower() == ".csv" else place


def is_called(image: ImageRecord, word: str) -> bool:
    """Return whether a word of the user's means an image: its id, or its name."""
    return word in {image.id, image.name} or safe_id(word) == image.id


def _in_folder(folder: Path, image: ImageRecord, key: str) -> Path:
    try:
        files = [Path(file) for file in entries(folder)[0]]
    except OSError as error:
        raise ZollstockError(
            folder, f"cannot be read ({error})", "a readable folder", "Check its permissions."
        ) from None
    found = [file for file in files if is_called(image, stem(file.name)) and is_picture(file)]
    if len(found) != 1:
        what = f"two, {found[0].name} and {found[1].name}," if found else "none"
        raise ZollstockError(
            folder,
            f"has {what} for the image '{image.id}' ({key})",
            f"one picture that is called '{image.name or image.id}'",
            "Name the pictures as the images are, or give a CSV with the columns image and path.",
        )
    return found[0]


def _in_table(table: Path, image: ImageRecord, key: str) -> Path:
    rows = read_csv(table, ["image", "path"])
    named = [
        path
        for word, path in zip(rows["image"], rows["path"], strict=True)
        if is_called(image, word)
    ]
    if len(named) != 1:
        raise ZollstockError(
            table,
            f"names the image '{image.id}' {len(named)} times ({key})",
            "one row for each image",
            "Correct the column image.",
        )
    return located(table.parent / named[0])
