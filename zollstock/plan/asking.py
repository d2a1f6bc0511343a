"""What `zollstock.explain` is asked for: the settings of one picture and one property.

They are those of a study, checked by the same classes, so that what is explained is what a study
would find.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from pydantic import ValidationError

from zollstock.engines.diffusion.places import folder_of
from zollstock.errors import ZollstockError, did_you_mean, some_of
from zollstock.plan.locating import Locating
from zollstock.plan.paths import PlannedPaths, planned_paths
from zollstock.scoring.outputs import Spelled
from zollstock.settings import Study, parse_study
from zollstock.settings.properties import PropertySettings
from zollstock.settings.repair.methods import RepairMethod
from zollstock.settings.trace.section import ConductanceSettings
from zollstock.worlds import facts_of

WHERE = "explain()"
"""What messages name in place of a config file."""
_FORMS: tuple[Any, ...] = get_args(get_args(PropertySettings)[0])


@dataclass(frozen=True)
class Asked:
    """What is made, predicted and tested of one picture.

    Attributes
    ----------
    name, title, unit, period
        Of the property; see `zollstock.settings.naming.NamedProperty`.
    edits, placebos
        What makes its frames, and its placebos; None without any.
    config
        The settings as they would stand in a study's config file, but for images and models.
    study
        All settings, defaults filled in, as plain values.
    options, inexact
        How an editor is run, and what of that frames show.
    whole
        `config` with what stands for images and models, to be checked with further sections.
    """

    name: str
    title: str
    unit: str | None
    period: float | None
    edits: PlannedPaths
    placebos: PlannedPaths | None
    config: Mapping[str, Any]
    study: Mapping[str, Any]
    options: Mapping[str, Any]
    inexact: Mapping[str, Any]
    whole: Mapping[str, Any]

    @property
    def output(self) -> Spelled:
        """What is followed."""
        found: Spelled = self.study["scoring"]["output"]
        return found


def named_properties(world: str | None = None) -> dict[str, dict[str, Any]]:
    """Return the properties that one word names → their settings.

    An engine whose settings need nothing but an operation has one for each: ``brightness``,
    ``rotate``; of a drawn picture there is one for each latent of its world.
    """
    found: dict[str, dict[str, Any]] = {}
    for form in _FORMS:
        fields = form.model_fields
        needed = [name for name, field in fields.items() if field.is_required()]
        engine = fields["engine"].default
        if needed == ["operation"]:
            for word in get_args(fields["operation"].annotation):
                found.setdefault(word, {"engine": engine, "operation": word})
        elif needed == ["latent"] and world is not None:
            for word in facts_of(world).latents:
                title = word.replace("_", " ")
                found[word] = {"engine": engine, "latent": word, "title": title}
    return found


def asked(
    prop: str | Mapping[str, Any],
    *,
    models: Mapping[str, Sequence[str]],
    world: Mapping[str, Any] | None = None,
    output: Spelled | None = None,
    placebos: int | Mapping[str, Any] | None = None,
    seed: int = 0,
    **sections: Mapping[str, Any],
) -> Asked:
    """Check what is asked for and fill in the defaults.

    Parameters
    ----------
    prop
        A word of `named_properties`, or the settings of a property as a config file has them.
    models
        Name → class names.
    world
        The settings of the drawn world that the picture comes from; None of a photograph.
    output
        What is followed; by default the class predicted for the picture.
    placebos
        How many placebos there are, or the settings of that name.
    seed
        Of the study.
    **sections
        Further sections of a config file, such as ``editing``.

    Raises
    ------
    ZollstockError
        Naming the key that is wrong.
    """
    name, settings = _named(prop, None if world is None else world["name"])
    scoring = dict(sections.pop("scoring", {})) | ({} if output is None else {"output": output})
    config: dict[str, Any] = {
        "study": "explained",
        "seed": seed,
        **({} if world is None else {"world": dict(world)}),
        "properties": {name: settings},
        "placebos": {"number": placebos} if isinstance(placebos, int) else dict(placebos or {}),
        "scoring": scoring,
        **sections,
    }
    pictures = {"source": "renderer"} if world is not None else {"source": "folder", "path": "."}
    # Models are at hand; of their settings only the names and classes count.
    given = {key: {"family": "given:model", "classes": list(of)} for key, of in models.items()}
    whole = config | {"images": pictures, "models": given}
    study = parse_study(whole, WHERE)
    _check(study, name)
    found = study.properties[name]
    every = planned_paths(study)
    sets = [paths for paths in every.values() if paths.placebos]
    return Asked(
        name,
        found.title or name,
        found.unit,
        found.period,
        every[name],
        sets[0] if sets else None,
        config,
        study.model_dump(),
        study.editing.run_options(),
        study.editing.inexact() if found.edited else {},
        whole,
    )


def _named(prop: str | Mapping[str, Any], world: str | None) -> tuple[str, dict[str, Any]]:
    known = named_properties(world)
    if isinstance(prop, Mapping):
        words = (prop.get(key) for key in ("latent", "operation", "meter", "engine"))
        name = next((str(word) for word in words if word), "property")
        return name, dict(prop)
    if prop in known:
        return prop, known[prop]
    drawn = named_properties("pets")
    raise ZollstockError(
        f"{WHERE}: property",
        f"is '{prop}'",
        f"one of {some_of(known, 40)}; or settings such as "
        "{'engine': 'overlay', 'picture': 'patch.png'}",
        "Only drawn pictures have latents; draw one with zollstock.drawn_images()."
        if prop in drawn
        else did_you_mean(prop, known, "docs/photographs.md has them all."),
    )


def _check(study: Study, name: str) -> None:
    """Refuse what needs more than a picture: other jobs, other models, a second property."""
    prop, where = study.properties[name], f"{WHERE}: property"
    reasons = {
        "is a grid of two properties": prop.grid,
        "watches models to place its steps": bool(prop.watched()),
        "has masks that a segmentation model draws": bool(planned_paths(study)[name].segmented),
    }
    for reason, holds in reasons.items():
        if holds:
            raise ZollstockError(
                where,
                reason,
                "what one picture is enough for",
                "Run a study: snakemake --configfile FILE; Study.load() opens its results.",
            )
    if isinstance(study.scoring.output, list):
        raise ZollstockError(
            f"{WHERE}: output", "is a list", "one output", "Explain once for each of them."
        )
    if study.placebos.stop_after is not None:
        raise ZollstockError(
            f"{WHERE}: placebos.stop_after",
            "is set",
            "all placebos of the one picture",
            "Remove it, or run a study.",
        )


def location_job(
    found: Asked,
    methods: Sequence[str] | Mapping[str, Any],
    evaluate: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Return what the job of the stage `locate` would be told of a model.

    Parameters
    ----------
    found
        What was asked for.
    methods
        Names of methods, or name → settings, as in the section ``locate``.
    evaluate
        How maps are judged, as in that section.

    Raises
    ------
    ZollstockError
        Naming the key that is wrong, or an output of which there is no map.
    """
    named = methods if isinstance(methods, Mapping) else {name: {} for name in methods}
    section: dict[str, Any] = {
        "methods": {name: dict(given or {}) for name, given in named.items()},
        "evaluate": dict(evaluate or {}),
    }
    study = parse_study({**found.whole, "locate": section}, WHERE)
    locating = Locating(study, planned_paths(study), {})
    return locating.job(next(iter(study.models)))


def with_fewer(found: Asked, frames: int) -> dict[str, Any]:
    """Return the settings of the property's engine with so many frames, where it can make them."""
    study = parse_study(found.whole, WHERE)
    return study.properties[found.name].with_fewer(frames, study.surroundings())


def model_settings(given: Mapping[str, Any], where: str) -> dict[str, Any]:
    """Return the settings of a model, defaults filled in, as the job that reads it gets them.

    Parameters
    ----------
    given
        As in the section ``models`` of a config file.
    where
        The key, for messages.

    Raises
    ------
    ZollstockError
        Naming the key that is wrong, or a file that is missing.
    """
    pictures = {"source": "folder", "path": "."}
    prop = {"shown": {"engine": "photometric", "operation": "brightness"}}
    config = {"study": "explained", "images": pictures, "properties": prop}
    study = parse_study(config | {"models": {"given": dict(given)}}, WHERE)
    model = study.models["given"]
    if model.learns_from() is not None:
        raise ZollstockError(
            where, "is to be trained", "a trained model", "Train it in a study, and give its file."
        )
    for key, file in model.user_files().items():
        if not Path(file).is_file():
            raise ZollstockError(f"{where}.{key}", f"is '{file}'", "a file", "Correct the path.")
    model.check_files(where)
    source = model.checkpoint_source()
    folder = None
    if source is not None:
        folder = folder_of(source.name, source.revision, Path(study.editing.checkpoints))
        if not folder.is_dir():
            raise ZollstockError(
                where,
                f"is read from '{source.name}', which is not in {folder}",
                "a folder on this machine: nothing is downloaded here",
                "Fetch it with the study that uses it: snakemake prefetch_editors.",
            )
    return model.job_settings() | ({} if folder is None else {"folder": str(folder)})


def conductance_settings(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the section ``trace.conductance`` with its defaults; errors as in `model_settings`."""
    return _checked(ConductanceSettings, given, "trace_units()").model_dump()


def needs_of_repair(method: str, settings: Mapping[str, Any]) -> frozenset[str]:
    """Return what a method of repair trains with; errors as in `model_settings`."""
    forms = {
        get_args(form.model_fields["method"].annotation)[0]: form
        for form in get_args(get_args(RepairMethod)[0])
    }
    if method not in forms:
        raise ZollstockError(
            "repair_model(): method",
            f"is '{method}'",
            f"one of {', '.join(forms)}",
            did_you_mean(method, forms, "docs/repair.md has them all."),
        )
    found: frozenset[str] = _checked(
        forms[method], dict(settings), f"repair_model(): {method}"
    ).asks_for()
    return found


def _checked(form: Any, given: Mapping[str, Any], where: str) -> Any:  # noqa: ANN401
    """Return settings of a class; of what is wrong the first is told."""
    try:
        return form(**given)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(map(str, first["loc"]))
        raise ZollstockError(
            f"{where}.{key}",
            f"is {first['input']!r}" if key in given else "is missing or not known",
            f"{first['msg'].lower()}; known are {', '.join(form.model_fields)}",
            "See config/README.md for its meaning.",
        ) from None
