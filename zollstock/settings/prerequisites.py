"""What must be there before a run starts, checked while the workflow is planned."""

import errno
import os
from collections.abc import Iterable
from pathlib import Path

from zollstock.errors import ZollstockError
from zollstock.settings.study import Study


def check_prerequisites(study: Study, source: str) -> None:
    """Check that every file and folder the study names is there.

    Raises
    ------
    ZollstockError
        Naming all that is missing and, for files in `data_dir`, where to get them.
    """
    sections = {"models": study.models, "pretraining": study.pretraining}
    every = [
        (f"{key}.{name}", one) for key, models in sections.items() for name, one in models.items()
    ]
    wanted: list[tuple[str, Path]] = [
        (f"{where}.{key}", Path(file))
        for where, model in every
        for key, file in model.user_files().items()
    ]
    wanted += [
        (f"{where}.training.data.path", Path(place))
        for where, model in every
        if (data := model.learns_from()) is not None and (place := data.place())
    ]
    images = study.images
    if images.source != "renderer" and images.path is not None:
        wanted.append(("images.path", Path(images.path)))
    if images.source == "csv" and images.root:
        wanted.append(("images.root", Path(images.root)))
    if images.source == "folder" and images.labels:
        wanted.append(("images.labels", Path(images.labels)))
    series = {name: prop.user_files().series for name, prop in study.properties.items()}
    wanted += [
        (f"properties.{name}.path", Path(path))
        for name, path in series.items()
        # With {image} the files are known only once the images are selected.
        if path is not None and "{image}" not in path
    ]
    wanted += [
        (f"properties.{name}.{key}", Path(path))
        for name, prop in study.properties.items()
        for key, path in prop.user_files().pictures.items()
        if "{image}" not in path
    ]
    if study.locate is not None:
        wanted += [
            (f"locate.{key}", Path(path))
            for key, path in study.locate.user_files()
            if "{image}" not in path
        ]
    missing = [(key, path) for key, path in wanted if not _readable(path)]
    if not missing:
        for where, model in every:
            model.check_files(f"{source}: {where}")
        return
    listed = ", ".join(f"{path} ({key})" for key, path in missing)
    in_data_dir = any(path.is_relative_to(study.data_dir) for _, path in missing)
    raise ZollstockError(
        source,
        f"names files that are missing or may not be read: {listed}",
        "existing files",
        f"{study.data_note or 'Put them there'}, or set data_dir to the folder that holds them."
        if in_data_dir
        else "Correct the paths.",
    )


def _readable(path: Path) -> bool:
    try:
        return path.exists() and os.access(path, os.R_OK)
    except OSError:
        return False


def check_writable(files: Iterable[str | Path]) -> None:
    """Check that files can be made where they belong.

    A folder that is not there yet will be made, so its nearest parent counts.

    Raises
    ------
    ZollstockError
        Naming the first folder that cannot be written into, and why.
    """
    for folder in sorted({Path(file).parent for file in files}):
        place = next(place for place in (folder, *folder.parents) if place.exists())
        # To root all folders are open, but those of a read-only disk.
        if place.is_dir() and os.access(place, os.W_OK | os.X_OK):
            continue
        why = errno.EROFS if os.statvfs(place).f_flag & os.ST_RDONLY else errno.EACCES
        reason = os.strerror(why if place.is_dir() else errno.ENOTDIR)
        raise ZollstockError(
            place,
            f"cannot be written into ({reason}: '{place}')",
            "a writable folder for results and logs",
            "Make it writable, or run in another folder.",
        )
