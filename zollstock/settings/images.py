"""Settings of image selection and of the drawn world."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from zollstock.errors import ZollstockError
from zollstock.images.layouts.registry import LAYOUTS
from zollstock.settings.base import Name, Section
from zollstock.worlds import known_worlds


def _known(value: str) -> str:
    if value not in known_worlds():
        raise ValueError(f"one of {', '.join(known_worlds())}")
    return value


World = Annotated[str, AfterValidator(_known)]


class WorldSettings(Section):
    """How the renderer draws images, for selection and for training alike."""

    name: World = Field("pets", description="The drawn world; docs/worlds.md shows each.")
    size: int = Field(64, ge=8, le=1024, description="Height and width of a drawn image, pixels.")
    shape_noise: float = Field(
        0.30,
        ge=0,
        le=2,
        description="Standard deviation of the noise on each part's class evidence; "
        "more makes the shape less informative. 0 leaves classes that can be told apart.",
    )
    bias: float = Field(
        0.98,
        ge=0,
        le=1,
        description="Share of images in a biased distribution that follow it: whose fur, in the "
        "world `pets`, is as light as the class says.",
    )


class Source(Section):
    """What every source of images has."""

    correctly_classified_by: list[Name] = Field(
        default_factory=list,
        description="Take only images that all these models classify correctly.",
    )


class FileSource(Source):
    """What every source of image files has."""

    n_per_class: int | None = Field(None, ge=1, description="Images per class; null takes all.")
    min_side: int = Field(8, ge=2, description="Shorter images or narrower ones are skipped.")


class RendererSource(Source):
    """Images drawn by the renderer, with known latents."""

    source: Literal["renderer"] = "renderer"
    distribution: str = Field("unbiased", description="Distribution the images are drawn from.")
    n_per_class: int = Field(4, ge=1, description="Images per class.")
    classes: list[str] | None = Field(
        None, min_length=1, description="Classes that are drawn; null for all of the world's."
    )


class FolderSource(FileSource):
    """Images from a folder; labels, if any, from its subfolders or from a CSV."""

    source: Literal["folder"] = "folder"
    path: str = Field(description="The folder. `{data_dir}` is replaced.")
    labels: str | None = Field(
        None,
        description="CSV with the columns `path` (relative to the folder) and `label`. "
        "Without it each subfolder is a class; pictures in a folder without subfolders have no "
        "label.",
    )


class CsvSource(FileSource):
    """Images listed in a CSV of paths."""

    source: Literal["csv"] = "csv"
    path: str = Field(
        description="CSV with the column `path`, optionally `label` and `id`, separated by "
        "commas, semicolons or tabs. `{data_dir}` is replaced."
    )
    root: str | None = Field(
        None, description="Folder that relative paths start from; by default the CSV's own."
    )


class DatasetSource(FileSource):
    """Images of a well-known dataset, as it unpacks."""

    source: Literal["dataset"] = "dataset"
    layout: Literal[
        "imagenet",
        "voc2007",
        "coco2014",
        "celeba",
        "stl10",
        "svhn",
        "mnist",
        "cifar10",
        "digits",
        "pairs",
    ] = Field(
        description="How it lies on the disk; docs/images.md shows each. `pairs` is a folder "
        "`images` and a folder `masks` with files of the same names; `digits` are scikit-learn's."
    )
    path: str | None = Field(
        None, description="The dataset's folder; `digits` needs none. `{data_dir}` is replaced."
    )
    split: str | None = Field(
        None,
        description="Part of it: `trainval` (the default of voc2007), `val2014` (of coco2014), "
        "`train` or `test` (the default of arrays); of celeba all by default.",
    )
    attribute: str | None = Field(
        None, description="Of celeba: the attribute that labels tell, e.g. `Young`."
    )


ImageSettings = Annotated[
    RendererSource | FolderSource | CsvSource | DatasetSource,
    Field(discriminator="source", description="Where the images come from."),
]


def check_dataset(layout: str, path: str | None, where: str) -> None:
    """Check that a dataset has a folder, if it needs one.

    Raises
    ------
    ZollstockError
        Naming the key below `where`.
    """
    if not path and LAYOUTS[layout].packaged is None:
        without = [name for name, found in LAYOUTS.items() if found.packaged]
        raise ZollstockError(
            f"{where}.path",
            "is missing",
            f"the folder of {layout}; {', '.join(without)} alone needs none",
            "Set it.",
        )
