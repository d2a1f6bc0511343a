"""What is followed: its forms, and the number a frame that each takes from predictions."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from zollstock.errors import ZollstockError
from zollstock.inference.predictions import Predictions
from zollstock.scoring.follow import follow, followed_class, log_odds_along
from zollstock.scoring.outputs import Output, parse_output, words_of
from zollstock.scoring.table import score_predictions

CLASSES = ("cat", "tabby", "dog", "7")
LABELS = {"a": "dog", "b": "cat"}
# By the first frame a is taken for a cat, b for a dog.
P = np.array(
    [
        [[0.5, 0.2, 0.2, 0.1], [0.3, 0.3, 0.2, 0.2], [0.1, 0.1, 0.6, 0.2]],
        [[0.2, 0.1, 0.6, 0.1], [0.2, 0.1, 0.6, 0.1], [0.3, 0.1, 0.5, 0.1]],
    ]
)


@pytest.fixture
def predictions():
    p = P.astype(np.float32)
    z = (np.log(P) + 3).astype(np.float32)
    axis = np.tile(np.arange(3.0), (2, 1))
    return Predictions(["a", "b"], CLASSES, axis, z, p, z[:, 0], p[:, 0])


def series(predictions, output):
    return follow([predictions], output, labels=LABELS).series


CONTRAST = {"classes": ["cat", "tabby"], "against": ["dog"]}
MARGINS = np.log(P) - np.array(
    [[[np.log(np.delete(frame, c).max()) for c in range(4)] for frame in path] for path in P]
)


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        ("predicted", [P[0, :, 0], P[1, :, 2]]),
        ("label", [P[0, :, 2], P[1, :, 0]]),
        ("tabby", P[:, :, 1]),
        (3, P[:, :, 3]),
        ("7", P[:, :, 3]),
        ({"classes": ["cat", 1]}, P[:, :, 0] + P[:, :, 1]),
        (CONTRAST, P[:, :, 0] + P[:, :, 1] - P[:, :, 2]),
        ("logit:dog", np.log(P[:, :, 2]) + 3),
        ("logit:2", np.log(P[:, :, 2]) + 3),
        ("logit:7", np.log(P[:, :, 3]) + 3),  # a class of that name comes before an index
        ("logit:predicted", [np.log(P[0, :, 0]) + 3, np.log(P[1, :, 2]) + 3]),
        ("margin", [MARGINS[0, :, 0], MARGINS[1, :, 2]]),
        ("margin:predicted", [MARGINS[0, :, 0], MARGINS[1, :, 2]]),
        ("margin:label", [MARGINS[0, :, 2], MARGINS[1, :, 0]]),
        ("margin: tabby", MARGINS[:, :, 1]),
    ],
    ids=str,
)
def test_each_form_is_the_number_that_it_says(predictions, output, expected):
    found = follow([predictions], output, labels=LABELS)
    assert found.series.dtype == np.float64
    np.testing.assert_allclose(found.series, expected, atol=1e-6)
    np.testing.assert_allclose(found.unedited, np.array(expected)[:, 0], atol=1e-6)


def test_similarities_are_the_numbers_in_the_place_of_logits(predictions):
    with pytest.raises(ZollstockError, match=r"'similarity:dog'.*of the kind logits.*such as CLIP"):
        series(predictions, "similarity:dog")
    similar = replace(predictions, facts={"outputs": "similarity"})
    np.testing.assert_allclose(series(similar, "similarity:dog"), np.log(P[:, :, 2]) + 3, atol=1e-6)
    # As others may hand them over.
    like = SimpleNamespace(**vars(predictions), outputs="similarity")
    np.testing.assert_array_equal(series(like, "similarity:dog"), series(similar, "similarity:dog"))


def test_images_without_a_label_are_named(predictions):
    with pytest.raises(ZollstockError, match=r"image 'b' has no label.*follow 'predicted'"):
        followed_class(predictions, "label", {"a": "dog", "b": "unlabelled"})
    with pytest.raises(ZollstockError, match="image 'a' has the label 'horse', which is no class"):
        followed_class(predictions, "margin:label", {"a": "horse", "b": "cat"})
    with pytest.raises(ZollstockError, match=r"Did you mean 'dog'\? Let labels"):
        followed_class(predictions, "label", {"a": "doge", "b": "cat"})
    with pytest.raises(ZollstockError, match="image 'a' has no label"):
        follow([predictions], "label")


@pytest.mark.parametrize(
    ("output", "message"),
    [
        ("logit:", "is 'logit:'; expected 'logit:' and a class"),
        ({"classes": []}, "has no classes"),
        ({"classes": ["cat"], "against": ["cat"]}, "has 'cat' in both sets"),
        ({"classes": ["cat", "cat"]}, "has 'cat' in one set twice"),
        ({"classes": ["cat"], "against": ["fox"]}, "names 'fox', which the model lacks"),
        ("margin:fox", "names 'fox', which the model lacks.*Known: cat, tabby, dog, 7"),
        ("margin:4", "is class index 4, but the model has 4 classes"),
        ("predcted", "Did you mean 'predicted'"),
    ],
)
def test_what_cannot_be_followed_is_refused(predictions, output, message):
    with pytest.raises(ZollstockError, match=message):
        series(predictions, output)


@pytest.mark.parametrize(
    ("spelled", "name", "of", "boundary", "axis"),
    [
        ("predicted", "predicted", "dog", 0.5, "P(dog)"),
        ("label", "label", "dog", 0.5, "P(dog)"),
        ("dog", "dog", "dog", 0.5, "P(dog)"),
        (2, "class 2", "dog", 0.5, "P(dog)"),
        ({"classes": ["cat", "tabby"]}, "cat + tabby", "cat + tabby", 0.5, "P(cat + tabby)"),
        (CONTRAST, "cat + tabby − dog", "cat + tabby − dog", 0, "P(cat + tabby − dog)"),
        ("logit:predicted", "logit:predicted", "logit:dog", None, "logit of dog"),
        ("margin", "margin", "margin:dog", 0, "margin of dog"),
        ("margin:dog", "margin:dog", "margin:dog", 0, "margin of dog"),
        ("similarity:dog", "similarity:dog", "similarity:dog", None, "similarity to dog"),
        ("vector", "vector", "vector", None, "all classes"),
    ],
    ids=str,
)
def test_names_and_scales_follow_from_the_form(spelled, name, of, boundary, axis):
    output = parse_output(spelled)
    assert (output.name, output.of("dog"), output.boundary) == (name, of, boundary)
    assert words_of(output.of("dog")) == axis
    assert parse_output(output) is output
    assert output.has_odds == (output.kind != "similarity")


def test_words_keep_what_they_are_of_when_a_name_is_cut():
    assert words_of("margin:retriever", lambda name: name[:3]) == "margin of ret"


def odds(predictions, output):
    output = parse_output(output)
    return log_odds_along(predictions, follow([predictions], output, labels=LABELS), output)


def test_odds_are_those_of_the_scale(predictions):
    cat = P[:, :, 0]
    np.testing.assert_allclose(odds(predictions, "cat")[:, :-1], np.log(cat / (1 - cat)), atol=1e-5)
    both, dog = P[:, :, 0] + P[:, :, 1], P[:, :, 2]
    np.testing.assert_allclose(odds(predictions, CONTRAST)[:, :-1], np.log(both / dog), atol=1e-5)
    for output in ("logit:dog", "margin"):  # a difference of these is one of log odds
        found = follow([predictions], output)
        np.testing.assert_array_equal(odds(predictions, output)[:, :-1], found.series)
        np.testing.assert_array_equal(odds(predictions, output)[:, -1], found.unedited)
    similar = replace(predictions, facts={"outputs": "similarity"})
    for output in ("similarity:dog", "logit:dog", "margin"):
        assert np.isnan(odds(similar, output)).all()
    assert np.isfinite(odds(similar, "dog")).all()


def score(predictions, output):
    return score_predictions(
        predictions, labels=LABELS, statistics=["epgm"], output=output, permutations=19, seed=1
    )


def test_the_table_says_what_was_followed_and_leaves_odds_empty_that_are_none(predictions):
    table = score(predictions, "margin:label")
    assert table["output"].tolist() == ["margin:dog", "margin:cat"]
    assert table["log_odds"].tolist() == pytest.approx(table["range"].tolist(), abs=1e-6)
    table = score(predictions, CONTRAST)
    assert set(table["output"]) == {"cat + tabby − dog"}
    assert table["probability_unedited"].tolist() == pytest.approx([0.5, -0.3], abs=1e-6)
    similar = replace(predictions, facts={"outputs": "similarity"})
    assert score(similar, "similarity:dog")["log_odds"].isna().all()
    assert score(similar, "similarity:dog")["score"].notna().all()


def test_two_classes_against_each_other_have_the_odds_of_one(predictions):
    two = Predictions(
        ["a"],
        ("cat", "dog"),
        np.arange(3.0)[None],
        *(np.array([[[0.9, 0.1], [0.6, 0.4], [0.2, 0.8]]], np.float32),) * 2,
        *(np.array([[0.9, 0.1]], np.float32),) * 2,
    )
    one, both = score_of(two, "cat"), score_of(two, {"classes": ["cat"], "against": ["dog"]})
    assert both["log_odds"] == pytest.approx(one["log_odds"], rel=1e-6)
    assert both["score"] == pytest.approx(2 * one["score"])


def score_of(predictions, output):
    return score(predictions, output).iloc[0]


def test_an_output_is_known_by_what_it_follows():
    assert (
        parse_output("margin") == parse_output("margin:predicted") == Output("margin", "predicted")
    )
