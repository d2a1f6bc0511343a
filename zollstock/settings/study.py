"""A whole study, and its messages when the configuration is wrong."""

import importlib.util
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError, model_validator

from zollstock.errors import ZollstockError, did_you_mean
from zollstock.manifests import PICTURES, PLACEBOS
from zollstock.scoring.constants import MI_STEPS
from zollstock.scoring.outputs import parse_output
from zollstock.settings.archive import ArchiveSettings
from zollstock.settings.arrangement import check_arrangement
from zollstock.settings.base import Name, Section, Seed
from zollstock.settings.calibration import CalibrationSettings
from zollstock.settings.dynamics import DynamicsSettings, check_dynamics
from zollstock.settings.editor_training import EditorTrainingSettings
from zollstock.settings.editors import EditingSettings
from zollstock.settings.images import ImageSettings, WorldSettings, check_dataset
from zollstock.settings.ledger import LedgerSettings, check_meter
from zollstock.settings.locate.checks import check_locate
from zollstock.settings.locate.section import LocateSettings
from zollstock.settings.looked_at import check_looked_at
from zollstock.settings.messages import explain
from zollstock.settings.models import InferenceSettings, ModelSettings, check_trained
from zollstock.settings.naming import check_axis
from zollstock.settings.outputs import check_outputs
from zollstock.settings.placebos import FEWEST, PlaceboSettings
from zollstock.settings.pretraining import check_starts
from zollstock.settings.properties import PropertySettings
from zollstock.settings.repair.checks import check_repair
from zollstock.settings.repair.section import RepairSettings
from zollstock.settings.scoring import FigureSettings, JobSettings, ScoringSettings
from zollstock.settings.spelling import check_numbers, check_words
from zollstock.settings.trace.checks import check_traced_models
from zollstock.settings.trace.section import TraceSettings
from zollstock.settings.training import TrainingSettings
from zollstock.settings.traits import Surroundings
from zollstock.worlds import check_choice, facts_of


class Study(Section):
    """Images × properties × models."""

    study: Name = Field(description="Name of the study; results go to `results/<study>/`.")
    seed: Seed = Field(0, description="Seed of every random choice.")
    data_dir: str = Field(
        "resources/propgrad",
        description="Replaces `{data_dir}` in paths of this file; "
        "`{config_dir}` is the folder the file is in, `{package:NAME}` that of an installed Python "
        "package.",
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
    pretraining: dict[Name, ModelSettings] = Field(
        default={},
        description="Models that others begin from (`training.start_from`): trained or imported "
        "like those of `models`, and measured no further.",
    )
    training: TrainingSettings = Field(
        default=TrainingSettings(),
        description="Training of models, where they do not say otherwise.",
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
    locate: LocateSettings | None = Field(
        None, description="Where in the picture decisions come from."
    )
    trace: TraceSettings | None = Field(
        None, description="Through which units of the networks properties act."
    )
    repair: RepairSettings | None = Field(
        None, description="Training a reliance away, and what that costs."
    )
    dynamics: DynamicsSettings = Field(
        default=DynamicsSettings(), description="How scores move while models learn."
    )
    figures: FigureSettings = Field(default=FigureSettings(), description="Looks.")
    jobs: JobSettings = Field(default=JobSettings(), description="How work is cut into jobs.")
    archive: ArchiveSettings = Field(
        default=ArchiveSettings(), description="What `snakemake archive` packs."
    )

    @model_validator(mode="after")
    def _models_know_the_world(self) -> "Study":
        for model in (*self.models.values(), *self.pretraining.values()):
            model.belongs_to(self.world.name)
        return self

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
            masks=f"results/{self.study}/masks",
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
        Naming key, value and next step. Of values that are wrong in themselves all are told, see
        `others`; what no key is wrong for alone is told one after the other.
    """
    if not config:
        raise ZollstockError(
            source,
            "holds no settings",
            "at least the keys study, images, properties and models",
            "Start from config/config.yaml.",
        )
    check_words(config, source)
    for section in ("models", "pretraining"):
        check_trained(config.get(section), f"{source}: {section}")
    try:
        study = Study.model_validate(dict(config))
    except ValidationError as error:
        raise explain(error, config, source, Study) from None
    check_numbers(config, study.model_dump(), source)
    _cross_check(study, source)
    folders = {
        "{data_dir}": study.data_dir.rstrip("/"),
        "{config_dir}": Path(source).parent.as_posix(),
    }
    study = study.model_validate(_replaced(study.model_dump(), folders))
    _check_models(study, source)  # they may name files in these folders
    return study


def _folder_of_package(found: re.Match[str]) -> str:
    """Return the folder of an installed package, without importing it."""
    name = found[1]
    try:
        spec = importlib.util.find_spec(name)
    except (ImportError, ValueError):
        spec = None
    places = list(spec.submodule_search_locations or ()) if spec else []
    if not places:
        raise ZollstockError(
            f"{{package:{name}}}",
            "names a Python package that is not installed here",
            "an installed package",
            "Install it with pip, or write the folder itself.",
        )
    return places[0]


def _replaced(value: Any, folders: Mapping[str, str]) -> Any:  # noqa: ANN401
    if isinstance(value, str):
        for name, folder in folders.items():
            value = value.replace(name, folder)
        return re.sub(r"\{package:(\w+)\}", _folder_of_package, value)
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
    if study.images.source == "dataset":
        check_dataset(study.images.layout, study.images.path, f"{source}: images")
    if study.images.source == "renderer":
        where = f"{source}: images.distribution"
        facts = facts_of(study.world.name)
        check_choice(where, study.images.distribution, facts.distributions)
        for label in study.images.classes or ():
            check_choice(f"{source}: images.classes", label, facts.classes)
    around = study.surroundings()
    for name, prop in study.properties.items():
        check_meter(prop, f"{source}: properties.{name}", around.drawn, around.world.name)
        check_axis(prop, f"{source}: properties.{name}")
        prop.check(f"{source}: properties.{name}", around)
    _check_placebos(study, source)
    kind = parse_output(study.scoring.spelled()[0], f"{source}: scoring.output").kind
    if study.figures.arrange is not None:
        check_arrangement(study.figures.arrange, list(study.models), f"{source}: figures.arrange")
    if study.locate is not None:
        check_locate(study.locate, study.properties, around.drawn, kind, f"{source}: locate")
    if study.trace is not None:
        check_looked_at(study.properties, study.trace.properties, kind, f"{source}: trace")
    _check_unique(study, source)


def _check_models(study: Study, source: str) -> None:
    """Check models, and that they know the outputs that are followed, as far as that is known."""
    known = {name: model.known_classes() for name, model in study.models.items()}
    check_outputs(
        study.scoring.spelled(),
        # Of the others the job that scores says it.
        {name: classes for name, classes in known.items() if classes is not None},
        f"{source}: scoring.output",
    )
    for name, model in study.models.items():
        model.check_training(f"{source}: models.{name}")
    check_starts(study.models, study.pretraining, source)
    stop_after = study.placebos.stop_after
    check_dynamics(study.dynamics, study.properties, study.models, stop_after, source)
    if study.trace is not None:
        able = {name: model.gradients for name, model in study.models.items()}
        check_traced_models(study.trace, able, known, f"{source}: trace")
    if study.repair is not None:
        check_repair(
            study.repair,
            study.properties,
            study.models,
            parse_output(study.scoring.spelled()[0]).kind,
            stop_after,
            study.world.name,
            f"{source}: repair",
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
    where = f"{source}: scoring.output"
    outputs = [parse_output(one, where) for one in study.scoring.spelled()]
    names = ", ".join(output.name for output in outputs)
    if found.stop_after and [output.kind for output in outputs] != ["probability"]:
        raise ZollstockError(
            f"{source}: placebos.stop_after",
            f"is set beside scoring.output: {names}",
            "the probability of one class as the only output",
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
    if found.statistic == "net" and any(output.kind == "vector" for output in outputs):
        raise ZollstockError(
            f"{source}: placebos.statistic",
            "is net beside scoring.output: vector, whose series is a distance and has no sign",
            "range or smooth",
            "Use range, the default.",
        )
    closed = [name for name, prop in study.properties.items() if prop.period is not None]
    if found.statistic == "net" and closed:
        raise ZollstockError(
            f"{source}: placebos.statistic",
            f"is net, but the axis of '{closed[0]}' closes on itself, where no frame is the last",
            "range or smooth",
            "Use range, the default.",
        )
    for name in study.properties:
        if name.lower().startswith(PLACEBOS) or name.lower() == PICTURES:
            raise ZollstockError(
                f"{source}: properties.{name}",
                f"has the name '{name}'",
                f"another one: {PLACEBOS}… and {PICTURES} are the names of zollstock's own files",
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
    for key, words in lists.items():
        twice = sorted({word for word in words if words.count(word) > 1})
        if twice:
            raise ZollstockError(
                f"{source}: {key}",
                f"has '{twice[0]}' twice",
                "different names (upper and lower case count as equal in keys)",
                "Rename or remove one.",
            )
