"""A whole study, and its messages when the configuration is wrong."""

import re
import types
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, Field, ValidationError

from zollstock.errors import ZollstockError, did_you_mean
from zollstock.manifests import PICTURES
from zollstock.scoring.constants import MI_STEPS
from zollstock.settings.archive import ArchiveSettings
from zollstock.settings.base import Name, Section, Seed
from zollstock.settings.calibration import CalibrationSettings
from zollstock.settings.editor_training import EditorTrainingSettings
from zollstock.settings.editors import EditingSettings
from zollstock.settings.images import ImageSettings, WorldSettings
from zollstock.settings.ledger import LedgerSettings, check_meter
from zollstock.settings.models import InferenceSettings, ModelSettings, TrainingSettings
from zollstock.settings.placebos import FEWEST, PlaceboSettings
from zollstock.settings.properties import PropertySettings
from zollstock.settings.scoring import FigureSettings, JobSettings, ScoringSettings
from zollstock.settings.traits import Surroundings


class Study(Section):
    """Images × properties × models."""

    study: Name = Field(description="Name of the study; results go to `results/<study>/`.")
    seed: Seed = Field(0, description="Seed of every random choice.")
    data_dir: str = Field(
        "resources/propgrad",
        description="Replaces `{data_dir}` in paths of this file; "
        "`{config_dir}` is the folder the file is in.",
    )
    data_note: str | None = Field(
        None, description="Where the files of `data_dir` come from; shown when one is missing."
    )
    world: WorldSettings = Field(default=WorldSettings(), description="The drawn world.")
    images: ImageSettings
    properties: dict[Name, PropertySettings] = Field(
        min_length=1, description="What is varied; one entry per property."
    )
    editing: EditingSettings = Field(
        default=EditingSettings(), description="How image editors are run."
    )
    models: dict[Name, ModelSettings] = Field(
        min_length=1, description="The classifiers; one entry per model."
    )
    training: TrainingSettings = Field(
        default=TrainingSettings(), description="Training of models with `trained_on`."
    )
    inference: InferenceSettings = Field(
        default=InferenceSettings(), description="How models are run."
    )
    placebos: PlaceboSettings = Field(
        default=PlaceboSettings(), description="Edits that should not matter, for the test."
    )
    scoring: ScoringSettings = Field(default=ScoringSettings(), description="What is measured.")
    editor_training: EditorTrainingSettings = Field(
        default=EditorTrainingSettings(), description="Training of the small editor."
    )
    ledger: LedgerSettings = Field(default=LedgerSettings(), description="When an edit is flagged.")
    calibration: CalibrationSettings = Field(
        default=CalibrationSettings(), description="What `snakemake calibration` does."
    )
    figures: FigureSettings = Field(default=FigureSettings(), description="Looks.")
    jobs: JobSettings = Field(default=JobSettings(), description="How work is cut into jobs.")
    archive: ArchiveSettings = Field(
        default=ArchiveSettings(), description="What `snakemake archive` packs."
    )

    def surroundings(self) -> Surroundings:
        """Return what properties depend on beside their own settings."""
        varied = {prop.varies() for prop in self.properties.values() if not prop.placebo}
        return Surroundings(
            world=self.world,
            drawn=self.images.source == "renderer",
            dtype=self.editing.dtype,
            checkpoints=self.editing.checkpoints,
            placebos=self.placebos,
            varied=sorted(filter(None, varied)),
            properties=self.properties,
            models=list(self.models),
            least_steps=(MI_STEPS, "mi") if "mi" in self.scoring.statistics else (0, ""),
        )


def parse_study(config: Mapping[str, Any], source: str) -> Study:
    """Check a configuration and fill in the defaults.

    Parameters
    ----------
    config
        The configuration as read from YAML.
    source
        The file it came from, for messages.

    Returns
    -------
    Study
        The settings, with `{data_dir}` and `{config_dir}` (the folder of `source`) replaced.

    Raises
    ------
    ZollstockError
        For the first thing that is wrong, naming the key, the value and the next step.
    """
    if not config:
        raise ZollstockError(
            source,
            "holds no settings",
            "at least the keys study, images, properties and models",
            "Start from config/config.yaml.",
        )
    try:
        study = Study.model_validate(dict(config))
    except ValidationError as error:
        raise _explain(error, config, source) from None
    _cross_check(study, source)
    folders = {
        "{data_dir}": study.data_dir.rstrip("/"),
        "{config_dir}": Path(source).parent.as_posix(),
    }
    return study.model_validate(_replaced(study.model_dump(), folders))


def _replaced(value: Any, folders: Mapping[str, str]) -> Any:  # noqa: ANN401
    if isinstance(value, str):
        for name, folder in folders.items():
            value = value.replace(name, folder)
        return value
    if isinstance(value, dict):
        return {key: _replaced(item, folders) for key, item in value.items()}
    if isinstance(value, list):
        return [_replaced(item, folders) for item in value]
    return value


def _cross_check(study: Study, source: str) -> None:
    """Check what no single section can know."""
    for name in study.images.correctly_classified_by:
        if name not in study.models:
            raise ZollstockError(
                f"{source}: images.correctly_classified_by",
                f"names the model '{name}'",
                "a model of this study",
                did_you_mean(name, list(study.models)),
            )
    around = study.surroundings()
    for name, prop in study.properties.items():
        check_meter(prop, f"{source}: properties.{name}", around.drawn)
        prop.check(f"{source}: properties.{name}", around)
    _check_placebos(study, source)
    _check_unique(study, source)
    class_lists = {tuple(model.classes) for model in study.models.values()}
    output = study.scoring.output
    for name, model in study.models.items():
        if model.trained_on and model.weights:
            raise ZollstockError(
                f"{source}: models.{name}",
                "has both trained_on and weights",
                "one of them",
                "Remove trained_on to import the weights, or weights to train.",
            )
        if isinstance(output, int) and not 0 <= output < len(model.classes):
            raise ZollstockError(
                f"{source}: scoring.output",
                f"is class index {output}, but model '{name}' has {len(model.classes)} classes",
                f"an index from 0 to {len(model.classes) - 1}",
                "Choose one, or a class name.",
            )
        if (
            isinstance(output, str)
            and output not in {"predicted", "margin", "vector"}
            and output not in model.classes
        ):
            raise ZollstockError(
                f"{source}: scoring.output",
                f"is '{output}', which model '{name}' does not know",
                "'predicted', 'margin', 'vector' or a class that every model has",
                did_you_mean(output, sorted(set().union(*class_lists))),
            )


def _check_placebos(study: Study, source: str) -> None:
    found = study.placebos
    if 0 < found.number < FEWEST:
        raise ZollstockError(
            f"{source}: placebos.number",
            f"is {found.number}",
            f"{FEWEST} or more, or 0 for no test",
            f"With {FEWEST} the smallest p is 0.05.",
        )
    if found.stop_after and study.scoring.output in {"margin", "vector"}:
        raise ZollstockError(
            f"{source}: placebos.stop_after",
            f"is set beside scoring.output: {study.scoring.output}",
            "the probability of one class as the output",
            "Follow one class, or remove stop_after.",
        )
    if found.series is not None and not {"{image}", "{draw}"} <= set(
        re.findall(r"\{\w+\}", found.series)
    ):
        raise ZollstockError(
            f"{source}: placebos.series",
            f"is '{found.series}'",
            "a path with {image} and {draw}, which are replaced by the image's id and 1 to K",
            "Put them where the series differ.",
        )
    if found.statistic == "net" and study.scoring.output == "vector":
        raise ZollstockError(
            f"{source}: placebos.statistic",
            "is net beside scoring.output: vector, whose series is a distance and has no sign",
            "range or smooth",
            "Use range, the default.",
        )
    for name in study.properties:
        if name.lower().startswith("placebos-") or name.lower() == PICTURES:
            raise ZollstockError(
                f"{source}: properties.{name}",
                f"has the name '{name}'",
                f"another one: placebos-… and {PICTURES} are the names of zollstock's own files",
                "Rename it.",
            )


def _check_unique(study: Study, source: str) -> None:
    """Check that nothing is named twice, file names of systems that ignore case included."""
    lists: dict[str, list[str]] = {
        "properties": [name.lower() for name in study.properties],
        "models": [name.lower() for name in study.models],
        "properties: title": [
            prop.title if prop.title is not None else name
            for name, prop in study.properties.items()
        ],
        "scoring.statistics": list(study.scoring.statistics),
        "figures.formats": list(study.figures.formats),
    }
    for name, model in study.models.items():
        lists[f"models.{name}.classes"] = model.classes
    for key, words in lists.items():
        twice = sorted({word for word in words if words.count(word) > 1})
        if twice:
            raise ZollstockError(
                f"{source}: {key}",
                f"has '{twice[0]}' twice",
                "different names (upper and lower case count as equal in keys)",
                "Rename or remove one.",
            )


def _explain(error: ValidationError, config: Mapping[str, Any], source: str) -> ZollstockError:
    """Turn the first validation error into one line for the user."""
    # Unknown keys first: a misspelt required key shows as "missing" and as "unknown".
    details = sorted(error.errors(), key=lambda detail: detail["type"] != "extra_forbidden")[0]
    # Pydantic puts the tag of a tagged union ("renderer") into the location; it is no key.
    path = list(_key_path(details["loc"], config))
    key = ".".join(str(part) for part in path)
    kind = details["type"]
    if kind == "extra_forbidden":
        # A section that several engines share is met once with each.
        known = list(dict.fromkeys(_fields_at(path[:-1], config)))
        return ZollstockError(
            f"{source}: {key}",
            "is not a key that is known here",
            "a known key",
            did_you_mean(path[-1], known),
        )
    if kind == "missing":
        return ZollstockError(
            f"{source}: {key}", "is missing", "a value", "See config/README.md for its meaning."
        )
    found = repr(details["input"])
    found = found if len(found) <= 80 else found[:77] + "..."
    expected = details["msg"].removeprefix("Input should be ").removeprefix("Value error, ")
    if kind == "string_pattern_mismatch":
        expected = "a name of letters, digits, '_' and '-', led by a letter or digit"
    if kind in {"union_tag_not_found", "union_tag_invalid"}:
        ctx = details["ctx"]
        tag = ctx["discriminator"].strip("'")
        key = f"{key}.{tag}"
        found = f"'{ctx['tag']}'" if "tag" in ctx else "missing"
        expected = f"one of {ctx['expected_tags']}" if "tag" in ctx else "a value"
    if kind in {"too_short", "too_long"}:
        least = details["ctx"].get("min_length", details["ctx"].get("max_length"))
        expected = f"{'at least' if kind == 'too_short' else 'at most'} {least}"
        expected += " entry" if least == 1 else " entries"
    elif len(alternatives := _alternatives(error, path, config)) > 1:
        expected = " or ".join(alternatives)
    return ZollstockError(
        f"{source}: {key}", f"is {found}", expected, "See config/README.md for its meaning."
    )


def _alternatives(
    error: ValidationError, path: list[int | str], config: Mapping[str, Any]
) -> list[str]:
    """Return what each member of a union expected at a key."""
    here = [item for item in error.errors() if list(_key_path(item["loc"], config)) == path]
    return list(dict.fromkeys(item["msg"].removeprefix("Input should be ") for item in here))


def _key_path(loc: tuple[int | str, ...], config: Mapping[str, Any]) -> Iterator[int | str]:
    """Yield those parts of a pydantic location that are keys of the configuration."""
    value: Any = config
    for position, part in enumerate(loc):
        if isinstance(value, Mapping) and part not in value and position < len(loc) - 1:
            continue
        if part == "[key]":
            continue
        if not isinstance(value, Mapping | list) or (
            isinstance(value, list) and not isinstance(part, int)
        ):
            continue
        yield part
        if isinstance(value, Mapping):
            value = value.get(part)
        elif isinstance(part, int) and part < len(value):
            value = value[part]


def _fields_at(path: list[int | str], config: Mapping[str, Any]) -> Iterator[str]:
    """Yield the field names that are legal at a path of the configuration."""
    kinds: list[Any] = [Study]
    value: Any = config
    for part in path:
        inner: list[Any] = []
        for kind in kinds:
            if isinstance(kind, type) and issubclass(kind, BaseModel):
                if part in kind.model_fields:
                    inner += _members(kind.model_fields[str(part)].annotation)
            else:
                inner += _members(get_args(kind)[-1] if get_args(kind) else kind)
        kinds = inner
        value = value.get(part) if isinstance(value, Mapping) else None
    for kind in kinds:
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            tags = [
                field.default
                for name, field in kind.model_fields.items()
                if name in {"source", "engine"}
            ]
            keys = value if isinstance(value, Mapping) else {}
            chosen = keys.get("source", keys.get("engine"))
            if len(kinds) == 1 or not tags or chosen in tags:
                yield from kind.model_fields


def _members(annotation: Any) -> list[Any]:  # noqa: ANN401
    """Return the types a (possibly annotated, possibly union) annotation allows."""
    if get_origin(annotation) is Annotated:
        return _members(get_args(annotation)[0])
    if get_origin(annotation) in {Union, types.UnionType}:
        return [member for arg in get_args(annotation) for member in _members(arg)]
    return [annotation]
