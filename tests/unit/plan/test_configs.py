"""What is asked of config files before their settings are checked."""

import json

import pytest

from zollstock.errors import ZollstockError
from zollstock.plan.configs import check_keys, profile_files

STUDY = """\
study: mine
properties:
  light: {engine: rendered}
  dark: {engine: rendered}
models:
  one: {trained_on: unbiased}
"""


@pytest.mark.parametrize(
    ("text", "key", "lines"),
    [
        (STUDY + "study: other\n", "study", (1, 7)),
        (STUDY.replace("dark", "light"), "properties.light", (3, 4)),
        (STUDY + "models:\n  two: {trained_on: unbiased}\n", "models", (5, 7)),
        (STUDY + "  'one': {trained_on: dark_cats}\n", "models.one", (6, 7)),
        (STUDY + "scoring: {alpha: 0.1,\n  alpha: 0.1}\n", "scoring.alpha", (7, 8)),
        ("classes:\n  1: cat\n  '1': dog\n", "classes.1", (2, 3)),
        ("classes:\n  1: cat\n  1.0: dog\n", "classes.1", (2, 3)),
        ("classes:\n  1: cat\n  0x1: dog\n", "classes.1", (2, 3)),
        ("a:\n  yes: 1\n  true: 2\n", "a.true", (2, 3)),
        ("a:\n  on: 1\n  'true': 2\n", "a.true", (2, 3)),
        ("a:\n  ~: 1\n  'null': 2\n", "a.null", (2, 3)),
        ("a:\n- b: 1\n- b: 1\n  c: 2\n  b: 3\n", "a.1.b", (3, 5)),
        ("a: &a {b: 1,\n b: 2}\nc: *a\n", "a.b", (1, 2)),
        ("a: &a {b: 1}\nc: {<<: *a, d: 1,\n  d: 2}\n", "c.d", (2, 3)),
        ("a: {<<: {b: 1,\n  b: 2}}\n", "a.b", (1, 2)),
        ("a: &a {b: 1}\nc: &c {b: 2}\nd:\n  <<: *a\n  <<: *c\n", "d.b", (4, 5)),
        ("caf\u00e9: 1\ncafe\u0301: 2\n", "caf\u00e9", (1, 2)),
        ('{"\\ud83d\\ude00": 1,\n"b": 1,\n"b": 2}', "b", (2, 3)),
        ("\ufeffa: 1\na: 2\n", "a", (1, 2)),
        ('{"a": 1,\n\t"b": {"c": 1,\n\t\t"c": 2}}', "b.c", (2, 3)),
    ],
)
def test_a_key_that_stands_there_twice_is_named_with_both_lines(tmp_path, text, key, lines):
    file = tmp_path / "study.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ZollstockError) as error:
        check_keys([file])
    first, second = lines
    assert f"study.yaml, line {second}: gives {key} again" in str(error.value)
    assert f"in line {first} already" in str(error.value)


@pytest.mark.parametrize(
    "text",
    [
        STUDY,
        "",
        "a: [1, 1]\n",
        "a: {b: 1}\nc: {b: 1}\n",
        "base: &base {steps: 9, stop: 1}\na: {<<: *base, steps: 5}\nb: {steps: 5, <<: *base}\n",
        "one: &one {a: 1}\ntwo: &two {b: 2, a: 1}\nboth: {<<: *one, <<: *two}\n",
        "one: &one {a: 1}\ntwo: &two {a: 2}\nboth: {<<: *one, a: 3, <<: *two}\n",
        "!own a: 1\n",
        "one: &one {a: 1}\ntwo: &two {a: 2}\nboth: {<<: [*one, *two]}\n",
        "a: &a\n  again: *a\n",
        "[no: mapping",
        json.dumps({"a": {"b": 1}, "c": {"b": 1}}, indent="\t"),
        "1: a\n01.5: b\n'1.0': c\n",
    ],
)
def test_what_is_legal_stays_so(tmp_path, text):
    file = tmp_path / "study.yaml"
    file.write_text(text, encoding="utf-8")
    check_keys([file, file])


def test_profiles_are_config_files_too(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in (
        "own",
        "profiles/default",
        "checkout/profiles/default",
        "home/.config/snakemake/me",
    ):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "config.v8+.yaml").write_text("cores: 2\njobs: 3\ncores: 8\n")
    monkeypatch.setattr("pathlib.Path.home", lambda: tmp_path / "home")

    def found(*words):
        return {str(file.parent) for file in profile_files(words, tmp_path / "checkout")}

    usual = {"profiles/default", f"{tmp_path}/checkout/profiles/default"}
    assert found("--cores", "2") == usual
    assert found("--profile", "me") == usual | {f"{tmp_path}/home/.config/snakemake/me"}
    assert found("--workflow-profile=own") == {"own"}
    assert found("--workflow-profile", "none", "--profile") == set()
    with pytest.raises(ZollstockError, match=r"own/config.*line 3: gives cores again.* line 1 "):
        check_keys(profile_files(["--workflow-profile=own"], tmp_path))
