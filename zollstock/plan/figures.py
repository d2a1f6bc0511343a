"""The figures of a study as outputs and inputs of the rules that draw them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from snakemake.io import directory, report

from zollstock.figures.registry import Figure, needed


def figure_outputs(
    folder: str, formats: Sequence[str], figures: Sequence[Figure], editors: Iterable[str] = ()
) -> list[Any]:
    """Return the files of figures as a rule's outputs; the report shows the PNGs.

    Parameters
    ----------
    folder
        Of the study's figures.
    formats
        Endings, ``png`` among them.
    figures
        Entries of the registry.
    editors
        Those that an entry with ``{editor}`` in its name is drawn for.
    """
    files: list[Any] = []
    for figure in figures:
        for editor in editors if "{editor}" in figure.name else ("",):
            files += _files_of(folder, formats, figure, editor)
    return files


def _files_of(folder: str, formats: Sequence[str], figure: Figure, editor: str) -> list[Any]:
    name = f"{folder}/{figure.name.replace('{editor}', editor)}"
    shown = {
        "category": figure.category,
        "subcategory": figure.subcategory,
        "labels": {key: text.replace("{editor}", editor) for key, text in figure.labels.items()},
        "caption": f"../workflow/report/{figure.caption}",
    }
    if figure.pages:
        book = [f"{name}.pdf"] if "pdf" in formats else []
        return [report(directory(name), patterns=["{image}.png"], **shown), *book]
    others = [f"{name}.{kind}" for kind in formats if kind != "png"]
    return [report(f"{name}.png", **shown), *others]


def inputs_for(figures: Sequence[Figure], inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Return those of the named inputs that figures are drawn from."""
    return {name: files for name, files in inputs.items() if name in needed(figures)}
