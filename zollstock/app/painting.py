"""Paint a correction: over a map of what a model looks at, white where it may look.

`snakemake to_paint` writes such maps of training pictures; what is painted is saved where the
setting ``wanted: {painted: FOLDER}`` of a repair reads it.
"""

from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np
import numpy.typing as npt
from PIL import Image

from zollstock.app.launch import told
from zollstock.app.shelf import Shelf
from zollstock.errors import ZollstockError, did_you_mean
from zollstock.images.reading import read_rgb
from zollstock.images.table import save_png

PAINTED = Path("painted")
"""Where corrections are saved, below the folder that the page runs in."""
MAPS, PICTURES = "maps", "pictures"
SIDE = 448
"""Pixels of the canvas."""
_NONE = (
    "No study here has maps to paint on. `snakemake to_paint --configfile FILE` writes them, of "
    "a study whose section `repair` has a method that explains."
)
_QUIET: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}


def places_to_paint(shelf: Shelf) -> dict[str, Path]:
    """Return "study: model" → the folder of its maps and pictures."""
    found = {}
    for study, root in shelf.places.items():
        for place in sorted((root / "repair" / "to_paint").glob(f"*/{MAPS}")):
            if any(place.glob("*.png")):
                found[f"{study}: {place.parent.name}"] = place.parent
    return found


def names_in(place: Path) -> list[str]:
    """Return the names of the pictures that have a map."""
    return sorted(file.stem for file in (place / MAPS).glob("*.png"))


def folder_of(place: str) -> Path:
    """Return where corrections of a study's model are saved; `place` as in `places_to_paint`."""
    study, _, model = place.partition(": ")
    return PAINTED / study / model


def map_of(place: Path, name: str, saved: Path) -> npt.NDArray[np.uint8]:
    """Return the map to paint on, (H, W): as it was saved before, or as it was written."""
    names = names_in(place)
    if name not in names:
        raise ZollstockError(
            "picture", f"'{name}' has no map here", "one that has", did_you_mean(name, names)
        )
    before = saved / f"{name}.png"
    return read_rgb(before if before.is_file() else place / MAPS / f"{name}.png")[..., 0]


def enlarged(values: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Return a map in squares as large as the canvas has room for, (h, w)."""
    times = max(1, SIDE // max(values.shape))
    return np.kron(values, np.ones((times, times), np.uint8))


def shrunk(painted: npt.NDArray[np.uint8], size: tuple[int, int]) -> npt.NDArray[np.uint8]:
    """Return a painted canvas as a map of its own size, (H, W): means of its squares."""
    grey = Image.fromarray(painted).convert("RGBA")
    ground = Image.new("RGBA", grey.size, "black")
    flat = Image.alpha_composite(ground, grey).convert("L")
    return np.asarray(flat.resize(size[::-1], Image.Resampling.BOX))


def save_map(values: npt.NDArray[np.uint8], folder: Path, name: str) -> Path:
    """Write a correction, which takes the place of an earlier one, and return its file."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{name}.png"
    new = file.with_name(f".{name}.new.png")
    save_png(np.repeat(values[..., None], 3, axis=2), new)
    new.replace(file)
    return file


def painting_tab(page: gr.Blocks, shelf: Shelf) -> None:
    """Add the tab.

    Parameters
    ----------
    page
        What it is a part of.
    shelf
        The studies.
    """
    gr.Markdown(
        "Grey is what the model looks at in a training picture. Paint white where it may look and "
        "black where it may not; a repair with `wanted: {painted: …}` trains that into it."
    )
    lacking = gr.Markdown(_NONE, visible=False, elem_id="nothing-to-paint")
    with gr.Row() as fields:
        place = gr.Dropdown([], label="Study and repair", elem_id="paint-place")
        name = gr.Dropdown([], label="Picture", elem_id="paint-name")
    with gr.Row() as sheets:
        picture = gr.Image(
            label="The picture, as the model sees it",
            interactive=False,
            height=SIDE,
            buttons=[],
            min_width=260,
            elem_classes="zs-squares",
        )
        editor = gr.ImageEditor(
            label="Its map: paint here",
            type="numpy",
            format="png",  # another format changes what was not painted
            image_mode="RGBA",
            sources=[],
            transforms=[],
            layers=False,
            brush=gr.Brush(default_size=28, colors=["#ffffff", "#000000"], color_mode="fixed"),
            eraser=gr.Eraser(default_size=28),
            canvas_size=(SIDE, SIDE),
            min_width=260,
            elem_id="paint-editor",
        )
    save = gr.Button("Save the correction", variant="primary", elem_id="paint-save")
    words = gr.Markdown(elem_id="paint-words")

    @told
    def begin() -> list[Any]:
        names = list(places_to_paint(shelf))
        there = bool(names)
        return [
            gr.Markdown(visible=not there),
            gr.Row(visible=there),
            gr.Row(visible=there),
            gr.Button(visible=there),
            gr.Dropdown(names, value=names[0] if there else None),
        ]

    @told
    def choose(place: str | None) -> Any:  # noqa: ANN401
        names = names_in(_found(place, shelf)) if place else []
        return gr.Dropdown(names, value=names[0] if names else None)

    @told
    def show(place: str | None, name: str | None) -> list[Any]:
        if not place or not name:
            return [gr.skip(), gr.skip(), ""]
        folder, saved = _found(place, shelf), folder_of(place)
        values = enlarged(map_of(folder, name, saved))
        seen = read_rgb(folder / PICTURES / f"{name}.png")
        large = np.stack([enlarged(seen[..., k]) for k in range(3)], axis=2)
        done = (saved / f"{name}.png").is_file()
        whole = np.dstack([values] * 3 + [np.full_like(values, 255)])
        return [
            large,
            {"background": whole, "layers": [], "composite": whole},
            "It was painted before; you see that." if done else "",
        ]

    @told
    def keep(place: str | None, name: str | None, painted: Any) -> str:  # noqa: ANN401
        if not place or not name or painted is None:
            raise ZollstockError("correction", "there is none", "a painted map", "Choose one.")
        folder, saved = _found(place, shelf), folder_of(place)
        size = map_of(folder, name, saved).shape
        file = save_map(shrunk(painted["composite"], size), saved, name)
        count = len(list(saved.glob("*.png")))
        return (
            f"Saved as `{file}`; {count} of {len(names_in(folder))} are painted. The repair reads "
            f"them with `wanted: {{painted: {saved}}}`."
        )

    page.load(begin, None, [lacking, fields, sheets, save, place], **_QUIET)
    place.change(choose, place, name, **_QUIET)
    gr.on([name.change, place.change], show, [place, name], [picture, editor, words], **_QUIET)
    save.click(keep, [place, name, editor], words, **_QUIET)


def _found(place: str | None, shelf: Shelf) -> Path:
    places = places_to_paint(shelf)
    if place not in places:
        raise ZollstockError(
            "study and repair", f"'{place}'", "one that has maps", did_you_mean(place, places)
        )
    return places[str(place)]
