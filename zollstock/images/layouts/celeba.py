"""CelebA: aligned faces, and 40 attributes of each in a table."""

from pathlib import Path

from zollstock.errors import ZollstockError, did_you_mean
from zollstock.images.layouts.base import Asked
from zollstock.images.listing import Candidate

_SPLITS = ("train", "val", "test")


def candidates(layout: str, asked: Asked) -> list[Candidate]:
    """List the faces of a split; the label is the attribute's name, or ``not_`` before it."""
    table = asked.file("list_attr_celeba.txt", "Anno/list_attr_celeba.txt", "list_attr_celeba.csv")
    folder = asked.file("img_align_celeba", "Img/img_align_celeba")
    if (folder / "img_align_celeba").is_dir():  # as one archive unpacks
        folder /= "img_align_celeba"
    rows = _rows(table)
    header = rows[0] if rows[0][0] not in {"image_id"} else rows[0][1:]
    if asked.attribute not in header:
        raise ZollstockError(
            "images.attribute",
            f"is '{asked.attribute}'" if asked.attribute else "is missing",
            f"one of CelebA's {len(header)} attributes, e.g. Young or Gray_Hair",
            did_you_mean(asked.attribute or "", header),
        )
    column = header.index(asked.attribute) + 1
    parts = _parts(asked) if asked.split else {}
    wanted = str(_SPLITS.index(asked.split)) if asked.split in _SPLITS else None
    return [
        Candidate(
            Path(row[0]).stem,
            asked.attribute if int(row[column]) > 0 else f"not_{asked.attribute}",
            folder / row[0],
            Path(row[0]).stem,
        )
        for row in rows[1:]
        if len(row) > column and (wanted is None or parts.get(row[0]) == wanted)
    ]


def _rows(table: Path) -> list[list[str]]:
    """Return the cells of all lines but a first one that counts them."""
    lines = table.read_text(encoding="utf-8").splitlines()
    rows = [line.replace(",", " ").split() for line in lines if line.strip()]
    return rows[1:] if len(rows[0]) == 1 else rows


def _parts(asked: Asked) -> dict[str, str]:
    if asked.split not in _SPLITS:
        raise ZollstockError(
            "images.split",
            f"is '{asked.split}'",
            f"one of {', '.join(_SPLITS)}",
            did_you_mean(str(asked.split), _SPLITS),
        )
    table = asked.file(
        "list_eval_partition.txt", "Eval/list_eval_partition.txt", "list_eval_partition.csv"
    )
    return {row[0]: row[1] for row in _rows(table) if len(row) == 2}
