"""Settings: defaults, messages, and what no single section can know."""

import copy

import pytest

from zollstock.errors import ZollstockError
from zollstock.settings import check_prerequisites, parse_study

SMALL = {
    "study": "small",
    "images": {"source": "renderer"},
    "properties": {"fur": {"engine": "rendered", "latent": "fur_lightness"}},
    "models": {"a": {"trained_on": "unbiased"}},
}


def changed(path, value):
    """SMALL with one key set, or removed where the value is None."""
    config = copy.deepcopy(SMALL)
    *sections, key = path.split(".")
    target = config
    for section in sections:
        target = target.setdefault(section, {})
    if value is None:
        target.pop(key, None)
    else:
        target[key] = value
    return config


def test_defaults_are_filled_in():
    study = parse_study(SMALL, "file")
    assert study.images.n_per_class == 4
    assert study.properties["fur"].steps == 32
    assert study.scoring.statistics == ["epgm", "paper_grad", "corr", "mi"]


def test_settings_survive_a_round_trip():
    study = parse_study(SMALL, "file")
    assert parse_study(study.model_dump(), "file") == study


def test_data_dir_is_replaced_everywhere():
    config = changed("models.a", {"weights": "{data_dir}/w.pth"})
    config["data_dir"] = "somewhere/"
    assert parse_study(config, "file").models["a"].weights == "somewhere/w.pth"


@pytest.mark.parametrize(
    "name", ["..", "../x", "a/b", "", ".hidden", "a b", "-x", "x" * 65, "é", "a.b"]
)
def test_names_that_are_no_safe_file_names_are_refused(name):
    with pytest.raises(ZollstockError, match=r"file: study"):
        parse_study(changed("study", name), "file")


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("imagess", {}, r"file: imagess: .*Did you mean 'images'"),
        ("images.n_per_clas", 3, r"images\.n_per_clas: .*Did you mean 'n_per_class'"),
        ("models.a.preprocessing.sizes", 3, r"preprocessing\.sizes: .*Did you mean 'size'"),
        ("properties.fur.step", 3, r"properties\.fur\.step: .*Did you mean 'steps'"),
        ("scoring.permutatons", 3, r"Did you mean 'permutations'"),
        ("images.path", "x", r"images\.path: is not a key"),
    ],
)
def test_unknown_keys_name_the_nearest(path, value, message):
    with pytest.raises(ZollstockError, match=message):
        parse_study(changed(path, value), "file")


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("study", None, r"file: study: is missing"),
        ("images.source", None, r"images\.source: is missing"),
        ("images.source", "x", r"images\.source: is 'x'; expected one of 'renderer'"),
        ("properties", {}, r"properties: is \{\}; expected at least 1"),
        ("properties.fur.steps", 2, r"properties\.fur\.steps: is 2; expected .*3"),
        ("properties.fur.stop", 0.0, r"properties\.fur: has start and stop both at 0"),
        ("seed", -1, r"seed: is -1"),
        ("scoring.statistics", ["grad"], r"scoring\.statistics.*'grad'; expected 'paper_grad'"),
        ("scoring.output", 2, r"class index 2.*0 to 1"),
        ("scoring.output", "cta", r"'cta'.*Did you mean 'cat'"),
        ("models.a.weights", "x.pth", r"models\.a: has both trained_on and weights"),
        ("models.a.preprocessing.size", [1, 2, 3], r"preprocessing\.size"),
        ("images.correctly_classified_by", ["b"], r"names the model 'b'.*Known: a"),
        ("images", {"source": "folder", "path": "x"}, r"properties\.fur\.engine: is 'rendered'"),
        ("images", 5, r"images: is 5"),
        ("properties.Fur", {"engine": "rendered", "latent": "turn"}, r"has 'fur' twice"),
        ("properties.b", {"engine": "rendered", "latent": "turn", "title": "fur"}, r"'fur' twice"),
        ("scoring.statistics", ["mi", "mi"], r"has 'mi' twice"),
        ("properties.fur.steps", 5, r"properties\.fur\.steps: is 5, too few .* mi"),
        ("inference.batch_size", 0, r"inference\.batch_size"),
        ("models.a.preprocessing.std", [0.0, 1.0, 1.0], r"preprocessing\.std"),
        ("scoring.output", True, r"scoring\.output"),
    ],
)
def test_wrong_values_name_key_value_and_expectation(path, value, message):
    with pytest.raises(ZollstockError, match=message):
        parse_study(changed(path, value), "file")


def test_config_dir_is_the_folder_of_the_file():
    config = changed("models.a", {"weights": "{config_dir}/w.pth"})
    assert parse_study(config, "studies/file.yaml").models["a"].weights == "studies/w.pth"


def test_empty_configuration_says_where_to_start():
    with pytest.raises(ZollstockError, match=r"config/config\.yaml"):
        parse_study({}, "file")


def test_prerequisites_name_all_that_is_missing(tmp_path):
    config = changed("models.a", {"weights": f"{tmp_path}/a.pth"})
    config["properties"] = {"light": {"engine": "frames", "path": f"{tmp_path}/series"}}
    config["images"] = {"source": "folder", "path": f"{tmp_path}/photos"}
    with pytest.raises(ZollstockError, match=r"a\.pth.*photos.*series"):
        check_prerequisites(parse_study(config, "file"), "file")
    for name in ("series", "photos"):
        (tmp_path / name).mkdir()
    (tmp_path / "a.pth").touch()
    check_prerequisites(parse_study(config, "file"), "file")


def test_missing_files_of_the_data_dir_say_where_to_get_them(tmp_path):
    config = changed("models.a", {"weights": "{data_dir}/a.pth"})
    config |= {"data_dir": str(tmp_path), "data_note": "Ask the museum"}
    with pytest.raises(ZollstockError, match=r"Ask the museum, or set data_dir"):
        check_prerequisites(parse_study(config, "file"), "file")


EDITED = {
    "engine": "instruct_pix2pix",
    "checkpoint": "some/folder/of/mine",
    "instruction": "make the fur lighter",
}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"instruction": "  "}, "instruction"),
        ({"instruction": ""}, "instruction"),
        ({"steps": 2}, "steps"),
        ({"steps": "many"}, "steps"),
        ({"opposite": "darker", "steps": 8}, r"is 8, but the axis runs.*Use 9"),
        ({"opposite": "darker", "axis": "paper"}, "axis: paper"),
        ({"watch": ["plain"]}, "steps: adaptive"),
        ({"steps": "adaptive", "watch": ["plane"]}, "Did you mean 'plain'"),
        ({"steps": "adaptive", "budget": 5}, "too few for the statistic mi"),
        ({"checkpoint": "owner/name"}, r"revision.*is missing.*commits/main"),
        ({"meter": "luminance"}, "mask"),
        ({"meter": "clip_direction"}, "clip"),
        ({"stop": -1}, "stop"),
    ],
)
def test_what_an_editor_cannot_be_told(change, message):
    config = copy.deepcopy(SMALL)
    model = next(iter(config["models"]))
    config["models"] = {"plain": config["models"][model]}
    config["properties"] = {"edited": EDITED | change}
    with pytest.raises(ZollstockError, match=message):
        parse_study(config, "file")


def test_every_engine_has_settings_that_construct_it():
    """The names of a property's settings are those of its engine's arguments."""
    import inspect
    from importlib import import_module
    from typing import get_args

    from zollstock.engines import ENGINES
    from zollstock.engines.registry import MODULES
    from zollstock.settings.ledger import MeterSettings
    from zollstock.settings.properties import PropertySettings

    kinds = {
        kind.model_fields["engine"].default: kind
        for kind in get_args(get_args(PropertySettings)[0])
    }
    # Placebos follow from the properties and from one section of the study.
    assert set(kinds) == {name for name in MODULES if not name.startswith("placebo_")}
    for name, kind in kinds.items():
        import_module(MODULES[name])
        taken = set()
        for cls in ENGINES[name].__mro__[:-1]:
            if "__init__" in vars(cls):
                taken |= set(inspect.signature(cls.__init__).parameters)
        given = set(kind.model_fields) - set(MeterSettings.model_fields)
        given -= {"steps"} if kind.grid else set()  # they reach both engines' settings
        looks = {"title", "unit", "period", "placebo"}
        assert given - taken <= looks | {"engine", "watch", "replicates"}, name


def test_an_editors_defaults():
    config = copy.deepcopy(SMALL)
    config["properties"] = {"edited": EDITED}
    edited = parse_study(config, "file").properties["edited"]
    assert (edited.steps, edited.axis, edited.fit) == (17, "zero", "crop")


def test_a_distance_has_no_net_change():
    config = changed("placebos.statistic", "net")
    assert parse_study(config, "file").placebos.statistic == "net"
    config["scoring"] = {"output": "vector"}
    with pytest.raises(
        ZollstockError, match=r"placebos\.statistic: is net beside.*range or smooth"
    ):
        parse_study(config, "file")
    for statistic in ("range", "smooth"):
        config["placebos"]["statistic"] = statistic
        parse_study(config, "file")


@pytest.mark.parametrize("name", ["pictures", "Pictures", "placebos-fur"])
def test_a_property_has_no_name_of_the_studys_own_files(name):
    config = changed(f"properties.{name}", SMALL["properties"]["fur"])
    with pytest.raises(ZollstockError, match=f"has the name '{name}'"):
        parse_study(config, "file")


def test_a_series_has_one_reference():
    series = {"engine": "frames", "path": "x/{image}", "reference": 95}
    found = parse_study(changed("properties.light", series), "file").properties["light"]
    assert found.reference == 95
    with pytest.raises(ZollstockError, match=r"light\.reference: is given beside prepend_original"):
        parse_study(changed("properties.light", series | {"prepend_original": True}), "file")


@pytest.mark.parametrize("key", ["minimum_effect", "strata"])
def test_what_the_placebo_test_no_longer_has_is_named(key):
    with pytest.raises(ZollstockError, match=rf"placebos\.{key}: is not a key"):
        parse_study(changed(f"placebos.{key}", 0), "file")
