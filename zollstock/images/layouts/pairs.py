"""Pairs of picture and mask, matched by the names of their files without ending."""

from pathlib import Path

from zollstock.folders import entries, stem
from zollstock.images.labels import UNLABELLED
from zollstock.images.layouts.base import Asked, tell_left_out
from zollstock.images.listing import Candidate
from zollstock.images.reading import is_picture


def candidates(layout: str, asked: Asked) -> list[Candidate]:
    """List the pictures in ``images`` that have a mask of the same stem in ``masks``.

    Pictures in subfolders of ``images`` are labelled by these.
    """
    folder, masks = asked.file("images"), asked.file("masks")
    known = {stem(Path(file).name) for file in entries(masks)[0] if is_picture(Path(file))}
    files, folders = entries(folder)
    pictures = [(UNLABELLED, Path(file)) for file in files]
    pictures += [(Path(child).name, Path(file)) for child in folders for file in entries(child)[0]]
    pictures = [(label, file) for label, file in pictures if is_picture(file)]
    found = [
        Candidate(stem(file.name), label, file, stem(file.name))
        for label, file in pictures
        if stem(file.name) in known
    ]
    tell_left_out(len(pictures) - len(found), folder, "they have no mask of the same name")
    return found
