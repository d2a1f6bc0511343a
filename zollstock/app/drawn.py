"""Figures of a study as its run drew them: circuits, maps, repairs, and all others."""

from pathlib import Path

from zollstock.app.shelf import Book
from zollstock.errors import ZollstockError, did_you_mean
from zollstock.report.headline import environment
from zollstock.report.pictures import Album

_FIGURE = """<div class="zs-report"><figure class="wide"><img src="{{ picture.data }}"
alt="{{ picture.name }}" width="{{ picture.width }}" height="{{ picture.height }}">
<figcaption>{{ name }}</figcaption></figure></div>"""


def figures_of(book: Book) -> list[str]:
    """Return the names of the figures that lie there, as ``fur/overlay``."""
    place = _place(book)
    found = (file.relative_to(place).as_posix() for file in place.rglob("*.png"))
    # Not `with_suffix`: names of repaired models have dots.
    return sorted(name.removesuffix(".png") for name in found)


def _place(book: Book) -> Path:
    return book.folder.root / "figures"


def figure(book: Book, name: str) -> str:
    """Return a figure as HTML.

    Raises
    ------
    ZollstockError
        If the study has no such figure.
    """
    known = figures_of(book)
    if name not in known:
        raise ZollstockError(
            "figure", f"'{name}' is not in this study", "one of its own", did_you_mean(name, known)
        )
    picture = Album(book.folder.root).take(_place(book) / f"{name}.png", name)
    return environment().from_string(_FIGURE).render(picture=picture, name=name)
