"""Whatever is wrong in the settings is said in words: nothing of pydantic's, no pattern."""

import datetime
import types
from typing import Annotated, Any, Union, get_args, get_origin

import pytest
import yaml
from pydantic import BaseModel

from zollstock.errors import ZollstockError
from zollstock.settings import parse_study
from zollstock.settings.images import ImageSettings
from zollstock.settings.properties import PropertySettings
from zollstock.settings.study import Study

BASE = {
    "study": "s",
    "images": {"source": "renderer"},
    "properties": {"fur": {"engine": "rendered", "latent": "fur_lightness"}},
    "models": {"a": {"trained_on": "unbiased"}},
}
WRONG = [
    "", " ", "é b", "x" * 500, True, -1, 0, 1.5, 10**30, float("nan"), float("inf"), None, [],
    ["x"], [True], [-1, 2], [1, 2, 3, 4], {}, {"x": 1}, datetime.date(2024, 1, 1),
]  # fmt: skip
FORBIDDEN = (
    "Input should", "String should", "should have", "valid", "Value error", "pattern", "^[", "\\S",
    "instance of", "Unable to", "discriminator", "parse", "datetime", "None",
)  # fmt: skip


def classes_in(annotation: Any) -> list[type[BaseModel]]:
    if get_origin(annotation) is Annotated:
        return classes_in(get_args(annotation)[0])
    if get_origin(annotation) in {Union, types.UnionType}:
        return [found for part in get_args(annotation) for found in classes_in(part)]
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return []


def smallest(kind: type[BaseModel]) -> dict[str, Any]:
    """Return what a section cannot do without, and what tells it from others."""
    samples = {int: 3, float: 1.0, str: "x"}
    tags = {"engine", "source", "family"}
    method = {"method": kind.called} if hasattr(kind, "called") else {}
    return method | {
        name: samples.get(field.annotation, "x:y" if name == "family" else "x")
        if field.is_required()
        else field.default
        for name, field in kind.model_fields.items()
        if field.is_required() or name in tags
    }


def sections(kind: type[BaseModel], path: tuple[str, ...] = ()):
    """Yield every section of the settings, where it stands, and how it begins."""
    for name, field in kind.model_fields.items():
        annotation, here = field.annotation, (*path, name)
        if get_origin(annotation) is dict:
            annotation, here = get_args(annotation)[1], (*here, "x")
            if annotation is Any:
                continue
        if path == () and name == "properties":
            annotation = PropertySettings
        for inner in classes_in(annotation):
            yield here, inner
            yield from sections(inner, here)


EVERY = [((), Study), *sections(Study)]


def put(path, value, start=None):
    config = yaml.safe_load(yaml.safe_dump(BASE))
    *parents, key = path
    target = config
    for depth, name in enumerate(parents, start=1):
        target = target.setdefault(name, {})
        if start is not None and depth == len(parents):
            target |= start
    target[key] = value
    return config


def test_the_walk_finds_every_engine_and_source():
    engines = {
        kind.model_fields["engine"].default for path, kind in EVERY if path == ("properties", "x")
    }
    assert len(engines) == len(get_args(get_args(PropertySettings)[0]))
    assert len([1 for path, _ in EVERY if path == ("images",)]) == len(
        get_args(get_args(ImageSettings)[0])
    )


@pytest.mark.parametrize(
    ("path", "kind"), EVERY, ids=lambda part: str(getattr(part, "__name__", ""))
)
def test_a_wrong_value_of_any_key_is_said_in_words(path, kind):
    refused = 0
    for name in kind.model_fields:
        for value in WRONG:
            config = put((*path, name), value, smallest(kind) if path else None)
            try:
                parse_study(config, "file")
            except ZollstockError as error:
                refused += 1
                said = f"{error.expected} {error.fix}"
                assert not [word for word in FORBIDDEN if word in said], (path, name, value, said)
    assert refused >= 5 * len(kind.model_fields)


@pytest.mark.parametrize("key", [True, False, None, 1, 1.5, datetime.date(2024, 1, 1)])
@pytest.mark.parametrize("section", ["properties", "models", "training"])
def test_a_key_that_yaml_took_for_something_else_is_to_be_put_in_quotes(section, key):
    with pytest.raises(ZollstockError, match=f"file: {section}: has the key .*quotes"):
        parse_study(put((section, key), {}), "file")


def test_arguments_of_a_builder_may_be_whatever_it_takes():
    parse_study(put(("models", "a", "arguments"), {"names": {0: "cat", True: "dog"}}), "file")


@pytest.mark.parametrize("value", [True, 5, 1.5, datetime.date(2024, 1, 1)])
@pytest.mark.parametrize(
    "path", [("study",), ("data_note",), ("models", "a", "family"), ("properties", "fur", "title")]
)
def test_a_word_that_yaml_took_for_something_else_is_to_be_put_in_quotes(path, value):
    with pytest.raises(
        ZollstockError, match=rf"{path[-1]}: is .*expected text\. Put it into quotes"
    ):
        parse_study(put(path, value), "file")


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("seed",), True),
        (("properties", "fur", "stop"), True),
        (("models", "a", "preprocessing"), {"size": [True, 8]}),
        (("models", "a", "preprocessing"), {"mean": True}),
        (("inference",), {"batch_size": True}),
    ],
)
def test_true_is_no_number(path, value):
    with pytest.raises(ZollstockError, match=r"is (true|\[true)|is \[True, 8"):
        parse_study(put(path, value), "file")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("seed: 010", r"seed: is 010, .*base 8: 8"),
        ("seed: 1:30", r"seed: is 1:30, .*base 60: 90"),
        ("inference: {batch_size: 020}", r"inference\.batch_size: is 020"),
        ("models: {a: {arguments: {depth: 007}}}", r"models\.a\.arguments\.depth: is 007"),
        ("models:\n  a:\n    preprocessing:\n      size: [064, 64]", r"size\.0: is 064"),
        (
            "models:\n  a:\n    preprocessing:\n      size:\n      - 0100\n      - 64",
            r"size\.0: is 0100",
        ),
    ],
)
def test_numbers_to_other_bases_are_named(tmp_path, line, said):
    file = tmp_path / "study.yaml"
    text = yaml.safe_dump({key: value for key, value in BASE.items() if not line.startswith(key)})
    file.write_text(f"{text}{line}\n")
    with pytest.raises(ZollstockError, match=said):
        parse_study(yaml.safe_load(file.read_text()), str(file))


@pytest.mark.parametrize("line", ['data_note: "010"', "data_note: at 10:30", "seed: 0", "seed: 10"])
def test_texts_and_plain_numbers_are_left_alone(tmp_path, line):
    file = tmp_path / "study.yaml"
    file.write_text(f"{yaml.safe_dump(BASE)}{line}\n")
    parse_study(yaml.safe_load(file.read_text()), str(file))


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        (("models", "a", "classes"), ["dog"], "a model of one output first what it denies"),
        (
            ("models", "a", "preprocessing"),
            {"mean": [123.7, 116.3, 103.5]},
            r"by 255: \[0.485, 0.456",
        ),
        (("models", "a", "preprocessing"), {"std": 58}, r"by 255: \[0.227"),
        (("models", "a", "preprocessing"), {"std": [0, 1, 1]}, "numbers above 0"),
        (("models", "a", "preprocessing"), {"mean": [0.1, 0.2]}, "one number, or three"),
        (("placebos",), {"instructions": ["a", " "]}, "instructions.1: is ' '; expected words"),
        (("placebos",), {"instructions": [""]}, "expected words"),
        (("properties", "a b"), {"engine": "rendered", "latent": "x"}, "name of letters"),
        (("properties", "a b"), {}, "name of letters"),
        (("study",), "x" * 65, "at most 64 letters"),
    ],
)
def test_patterns_and_checks_have_words_of_their_own(path, value, said):
    with pytest.raises(ZollstockError, match=said):
        parse_study(put(path, value), "file")


@pytest.mark.parametrize("value", [0.498, [0.498], [0.498] * 3])
def test_one_number_is_every_channels(value):
    study = parse_study(put(("models", "a", "preprocessing"), {"mean": value}), "file")
    assert study.models["a"].preprocessing.mean == [0.498] * 3


def test_all_mistakes_are_told_at_once_each_key_in_one_line():
    config = {
        "study": "m",
        "sed": 1,
        "images": {"source": "folder", "path": "x", "n_per_clas": 3},
        "properties": {
            "c": {"engine": "photometric", "operation": "brightnes", "steps": "x"},
            "d": {"engine": "rotated"},
        },
        "models": {"m": {"family": "timm"}, "n": {"preprocessing": {"size": -1}}},
        "scoring": {"alpha": 2},
    }
    with pytest.raises(ZollstockError) as caught:
        parse_study(config, "f.yaml")
    lines = [str(each) for each in (caught.value, *caught.value.others)]
    keys = [line.split(": ")[1] for line in lines]
    assert sorted(keys) == [
        "images.n_per_clas",
        "models.m.name",
        "models.n.preprocessing.size",
        "properties.c.operation",
        "properties.c.steps",
        "properties.d.engine",
        "scoring.alpha",
        "sed",
    ]


def test_a_misspelt_key_is_not_told_as_missing_too():
    config = {"study": "m", "images": {"source": "csv", "pth": "x"}}
    with pytest.raises(ZollstockError) as caught:
        parse_study(config, "f.yaml")
    lines = [str(each) for each in (caught.value, *caught.value.others)]
    assert "Did you mean 'path'" in lines[0]
    assert not any("images.path" in line for line in lines)
    assert sum("is missing" in line for line in lines) == 2  # properties and models
