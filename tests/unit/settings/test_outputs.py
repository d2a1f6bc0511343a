"""What a study follows: forms that are taken, and mistakes that are told in one line."""

import pytest

from tests.unit.settings.test_study import changed
from zollstock.errors import ZollstockError
from zollstock.plan.outputs import further_outputs
from zollstock.settings import parse_study


@pytest.mark.parametrize(
    "output",
    [
        *("predicted", "label", "cat", 0, "logit:cat", "logit:predicted", "margin", "margin:1"),
        *("similarity:cat", "vector", {"classes": ["cat"], "against": ["dog"]}),
        ["predicted", "cat", {"classes": ["cat", "dog"], "against": []}, "margin:label"],
    ],
    ids=str,
)
def test_every_form_is_taken_and_comes_back_as_it_stands(output):
    spelled = parse_study(changed("scoring.output", output), "file").scoring.spelled()
    assert spelled == (output if isinstance(output, list) else [output])


@pytest.mark.parametrize(
    ("output", "message"),
    [
        ([], r"file: scoring\.output: is \[\]; expected at least 1 entry"),
        (["cat", ["dog"]], r"scoring\.output\.1: is \['dog'\]; expected text or an integer"),
        (["cat", "cat"], r"file: scoring\.output: has 'cat' twice; expected each output once"),
        (["cat", 0], r"has 'class 0' twice \('cat'\)"),
        (["margin", "margin:predicted"], r"has 'margin' twice"),
        ("logit:", r"file: scoring\.output: is 'logit:'; expected 'logit:' and a class"),
        ("logit:cta", r"names 'cta', which model 'a' lacks.*Did you mean 'cat'"),
        ("predictd", r"which model 'a' does not know.*Did you mean 'predicted'"),
        ({"classes": ["fox"]}, r"file: scoring\.output: names 'fox'.*Known: cat, dog"),
        ({"classes": ["cat"], "against": ["cat"]}, r"file: scoring\.output: .*in both sets"),
        ({"classes": ["cat"], "against": [0]}, r"names a class twice.* once by its index"),
        ({"classes": ["cat", "cat"]}, r"file: scoring\.output: has 'cat' in one set twice"),
        ({"classes": []}, r"scoring\.output\.classes: is \[\]; expected at least 1 entry"),
        ({"classes": "cat"}, r"scoring\.output\.classes: is 'cat'; expected a list"),
        ({"classes": ["cat", 1.5]}, r"scoring\.output\.classes\.1: is 1\.5"),
        ({"against": ["cat"]}, r"scoring\.output\.classes: is missing"),
        ({"clases": ["cat"]}, r"scoring\.output\.clases: .*Did you mean 'classes'"),
        (["cat", {"classes": ["cat"], "agaist": []}], r"output\.1\.agaist: .*'against'"),
    ],
    ids=str,
)
def test_a_mistake_is_told_in_a_line(output, message):
    with pytest.raises(ZollstockError, match=message):
        parse_study(changed("scoring.output", output), "file")


@pytest.mark.parametrize(
    "output", ["margin", "logit:cat", "vector", {"classes": ["cat"]}, ["predicted", "cat"]], ids=str
)
def test_placebos_stop_early_by_the_probability_of_one_class_alone(output):
    config = changed("placebos.stop_after", 2)
    for fine in ("predicted", "label", "cat", 0, ["cat"]):
        config["scoring"] = {"output": fine}
        parse_study(config, "file")
    config["scoring"] = {"output": output}
    with pytest.raises(ZollstockError, match=r"placebos\.stop_after: is set beside .*only output"):
        parse_study(config, "file")


def test_no_output_of_a_list_may_lack_a_sign_where_one_is_needed():
    config = changed("placebos.statistic", "net")
    config["scoring"] = {"output": ["predicted", "vector"]}
    with pytest.raises(ZollstockError, match=r"is net beside scoring\.output: vector"):
        parse_study(config, "file")


def test_folders_of_further_outputs_are_told_apart_on_every_system():
    assert further_outputs(["predicted"]) == {}
    found = further_outputs(["cat", "logit:cat", {"classes": ["a b"]}, "a-b", "A-B"])
    assert list(found.values()) == ["logit:cat", {"classes": ["a b"]}, "a-b", "A-B"]
    assert next(iter(found)) == "logit-cat"
    assert len({name.casefold() for name in found}) == 4
    assert all("/" not in name and ":" not in name for name in found)
