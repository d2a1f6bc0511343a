"""A study's folder of results: what lies in it, and what does not yet."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

from zollstock.errors import ZollstockError, did_you_mean, some_of
from zollstock.files import HarmedFile, read_json
from zollstock.manifests import PLACEBOS, name_of_placebos, read_manifest
from zollstock.provenance.record import CONFIG, RECORD

_SIGNS = ("record", "images/images.csv", "interventions", "predictions", "scores")
"""Of these a study's folder has one at least."""

PARTS: Mapping[str, tuple[str, str, str]] = {
    "images": ("images/images.csv", "select_images", "the table of images"),
    "scores": ("scores/scores.parquet", "gather_scores", "the table of scores"),
    "tests": ("scores/tests.parquet", "compare_placebos", "the table of tests"),
    "headline": ("scores/summary.csv", "summarise_scores", "the headline table"),
    "record": (RECORD, "write_record", "the record of the study"),
}
"""Part of every finished study → its file, the rule that makes it, and what it is."""


@dataclass(frozen=True)
class Missing:
    """What an unfinished study lacks.

    Attributes
    ----------
    what
        In words.
    file
        Below the study's folder.
    command
        What makes it, where the study was run.
    """

    what: str
    file: str
    command: str

    def __str__(self) -> str:
        return f"{self.what} ({self.file}); make it with: {self.command}"


@dataclass(frozen=True)
class StudyFolder:
    """A study's results on disk.

    Attributes
    ----------
    root
        The folder.
    settings
        What the study was asked for, defaults filled in, as plain values; nothing of an unfinished
        study, whose record is not written yet.
    """

    root: Path
    settings: Mapping[str, Any] = field(repr=False)

    @property
    def name(self) -> str:
        """The study's name."""
        return str(self.settings.get("study") or self.root.name)

    def section(self, name: str) -> dict[str, Any]:
        """Return a section of the settings; empty where there is none."""
        found = self.settings.get(name)
        return dict(found) if isinstance(found, Mapping) else {}

    def command(self, target: str) -> str:
        """Return the command that makes a rule's results, or a file."""
        made = self.root / "made_from.json"
        file = "<the study's config file>"
        with suppress(OSError, ValueError, LookupError, TypeError):  # never written, or harmed
            file = str(read_json(made)["files"][-1]["relative"])
        return f"snakemake --cores all {target} --configfile {file}"

    def missing(self, part: str) -> Missing:
        """Return what to say of a part that is not there."""
        file, rule, what = PARTS[part]
        return Missing(what, file, self.command(rule))

    def need(self, file: str, what: str, target: str) -> Path:
        """Return a file or folder of the study.

        Parameters
        ----------
        file
            Below the study's folder.
        what
            In words.
        target
            The rule or file that makes it.

        Raises
        ------
        ZollstockError
            If it is not there, naming the command that makes it.
        """
        found = self.root / file
        if not found.exists():
            raise ZollstockError(
                found,
                f"is missing, so that the study '{self.name}' lacks {what}",
                "a study that is run so far",
                f"Make it with: {self.command(target)}",
            )
        return found

    def part(self, name: str) -> Path:
        """Return the file of an entry of `PARTS`; errors as in `need`."""
        file, rule, what = PARTS[name]
        return self.need(file, what, rule)

    def results_of(self, name: str) -> str:
        """Return a file's place as Snakemake knows it."""
        return f"results/{self.name}/{name}"

    def setting(self, name: str, key: str, otherwise: Any = None) -> Any:  # noqa: ANN401
        """Return a setting of a property, from the record or, without one, from its manifest."""
        found = self.section("properties").get(name)
        if not isinstance(found, Mapping):
            there = name in self.manifests
            found = self.manifest(name)["settings"] if there else {}
        value = found.get(key)
        return otherwise if value is None else value

    def is_grid(self, name: str) -> bool:
        """Return whether a property is a grid of two."""
        return bool(self.setting(name, "engine") == "grid")

    def title_of(self, name: str) -> str:
        """Return what a property is called in figures."""
        return str(self.setting(name, "title", name))

    # --- what lies there --------------------------------------------------------------

    @property
    def manifests(self) -> list[str]:
        """Names of all properties and sets of placebos whose frames are made."""
        found = (self.root / "interventions").glob("*.json")
        return sorted(file.stem for file in found if "." not in file.stem)

    @property
    def properties(self) -> list[str]:
        """Names of properties, grids among them, in the order of the settings."""
        known = list(self.section("properties"))
        return known or [name for name in self.manifests if not name.startswith(PLACEBOS)]

    @property
    def cards(self) -> dict[str, dict[str, Any]]:
        """Model → its card, of those that are there, repaired ones last."""
        found = {}
        for file in sorted((self.root / "models").glob("*.json")):
            card = read_json(file)
            if isinstance(card, dict) and "classes" in card:
                found[file.stem] = card
        return found

    @property
    def models(self) -> list[str]:
        """Names of models, in the order of the settings."""
        known = list(self.section("models"))
        return known or [name for name, card in self.cards.items() if "repaired" not in card]

    @property
    def repaired(self) -> list[str]:
        """Names of repaired models."""
        return [name for name, card in self.cards.items() if "repaired" in card]

    def manifest_file(self, name: str) -> Path:
        """Return the manifest of a property's paths; errors as in `need`."""
        file = f"interventions/{name}.json"
        return self.need(file, f"the frames of '{name}'", self.results_of(file))

    def manifest(self, name: str) -> dict[str, Any]:
        """Read it, its store being a folder beside it."""
        file = self.manifest_file(name)
        found = read_manifest(file)
        store = Path(str(found["store"]))
        if store.name != str(found["store"]) or store.name in ("", ".."):
            raise ZollstockError(
                file,
                f"names the store '{found['store']}'",
                "a folder beside it",
                "This is none of zollstock's manifests: take the study from where it was made.",
            )
        return found

    def predictions(self, name: str, model: str) -> Path:
        """Return the group of a model's predictions along a property; errors as in `need`."""
        note = self.results_of(f"predictions/{model}.json")
        what = f"the predictions of '{model}' along '{name}'"
        return self.need(f"predictions/{name}/{model}.zarr", what, note)

    def placebos_of(self, name: str) -> str | None:
        """Return the set of placebos that a property is compared with; None without any."""
        edits = self.manifest(name)["settings"]
        for found in self.manifests:
            if found.startswith(PLACEBOS):
                placebos = self.manifest(found)["settings"]
                if found == name_of_placebos(str(edits["engine"]), placebos, edits):
                    return found
        return None

    def check(self, name: str, known: Sequence[str], what: str) -> None:
        """Raise a `ZollstockError` unless the study has a property, model or image of a name."""
        if name in known:
            return
        raise ZollstockError(
            f"study '{self.name}'",
            f"has no {what} '{name}'",
            f"one of {some_of(known, 12)}" if known else f"a study that has a {what}",
            did_you_mean(name, known, "Choose among these."),
        )


def open_folder(folder: str | Path) -> StudyFolder:
    """Return what lies in a study's folder of results.

    Parameters
    ----------
    folder
        ``results/<study>``.

    Raises
    ------
    ZollstockError
        If no study lies there, or its record is harmed.
    """
    root = Path(folder)
    if not root.is_dir() or not any((root / sign).exists() for sign in _SIGNS):
        _refuse(root)
    return StudyFolder(root, _settings(root / CONFIG))


def _settings(file: Path) -> dict[str, Any]:
    """Read what the record says was asked for. It is data: no key of it is looked up or run."""
    if not file.is_file():
        return {}
    try:
        found = read_json(file)
    except HarmedFile:
        found = None
    sections = ("properties", "models", "scoring", "placebos", "figures")
    whole = isinstance(found, dict) and all(isinstance(found.get(key), dict) for key in sections)
    # They become parts of paths; a study that someone else has written may say anything.
    if not whole or not all(_is_plain(name) for key in sections[:2] for name in found[key]):
        raise ZollstockError(
            file,
            "cannot be read",
            "the settings of a study",
            "Write it again: snakemake --forcerun write_record. Of an archive, unpack it again.",
        )
    return found


def _is_plain(name: str) -> bool:
    return bool(name) and Path(name).name == name and name != ".."


def _refuse(root: Path) -> NoReturn:
    inside = []
    if root.is_dir():
        folders = sorted(path for path in root.iterdir() if path.is_dir())
        inside = [str(path) for path in folders if any((path / sign).exists() for sign in _SIGNS)]
    raise ZollstockError(
        root,
        "holds no results of a study" if root.is_dir() else "is no folder",
        "results/<study> of a run",
        f"Studies that lie in it: {some_of(inside)}."
        if inside
        else "Run one first: snakemake --cores all --configfile config/config.yaml.",
    )
