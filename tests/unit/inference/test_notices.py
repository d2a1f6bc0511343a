"""What is odd about a model's answers, and what is not."""

import numpy as np
import pytest

from zollstock.inference.notices import Answers, notices

PETS = ("cat", "dog", "cow", "hen")
MANY = tuple(f"class{n}" for n in range(1000))


def answers(labels, said, classes=PETS, probability=0.9, odds=None, outputs="logits"):
    first = np.array([classes.index(name) for name in said])
    return Answers(
        classes,
        labels,
        first,
        (first + 1) % len(classes),
        np.full(len(said), probability),
        np.linspace(0, 3, len(said)) if odds is None else np.array(odds, float),
        outputs,
    )


def test_right_answers_are_not_noted():
    labels = ["cat", "dog", "cow", "hen"] * 2
    assert notices(answers(labels, labels)) == []
    assert notices(answers(["unlabelled"] * 12, ["cat"] * 12)) == []
    # Pictures of one class, and a single mistake.
    assert notices(answers(["cat"] * 4, ["cat"] * 4, odds=[5, 5, 5, 5])) == []
    assert notices(answers(["cat", "dog"], ["dog", "dog"])) == []


def test_all_in_one_class_although_labels_differ():
    [words] = notices(answers(["cat", "dog", "cow", "hen"], ["cow"] * 4))
    assert "all 4 pictures are classified as 'cow' although their labels differ" in words
    assert "mean and std" in words


def test_all_in_one_class_with_equal_probability_though_nothing_is_known_of_them():
    labels = ["unlabelled"] * 4
    [words] = notices(answers(labels, ["cow"] * 4, probability=0.3, odds=[1, 1.1, 1, 1.2]))
    assert "all 4 pictures are classified as 'cow' with nearly the same probability (0.30)" in words
    assert notices(answers(labels[:3], ["cow"] * 3, odds=[1, 1, 1])) == []
    assert notices(answers(labels, ["cow"] * 4, odds=[1, 1, 1, 2])) == []


def test_below_chance_names_what_is_taken_for_what():
    labels = ["cat", "dog", "cow", "hen"] * 2
    [words] = notices(answers(labels, ["dog", "cow", "hen", "cat"] * 2))
    assert "none of 8 labelled pictures is classified as labelled, where chance gives 2" in words
    assert "('cat' is called 'dog' 2 of 2 times)" in words
    assert "in the order of the outputs" in words
    # At chance nothing is said.
    said = ["cat", "dog", "hen", "cow", "dog", "cow", "hen", "cat"]
    assert not any("chance" in words for words in notices(answers(labels, said)))
    # Nor where a biased model has one less: three of eight are no evidence of a mistake.
    labels = ["cat"] * 4 + ["dog"] * 4
    for wrong, noted in ((5, False), (6, True)):
        said = [("dog" if one == "cat" else "cat") for one in labels[:wrong]] + labels[wrong:]
        told = notices(answers(labels, said, classes=["cat", "dog"]))
        assert any("chance" in words for words in told) == noted


def test_labels_that_are_no_class_are_named_with_the_nearest_and_not_with_all():
    labels = ["class70", "klass12", "sofa", "unlabelled", "b", "c"]
    [words] = notices(answers(labels, list(MANY[:6]), MANY))
    assert "4 labels are no class of the model" in words
    assert "'klass12' (nearest: 'class12')" in words and "and 1 other;" in words
    assert "1,000 classes are class0, class1, class2, class3, class4 and 995 others" in words
    assert len(words) < 300
    [words] = notices(answers(["sofa"], ["cat"]))
    assert words.startswith("the label is no class of the model") and words.endswith("cow, hen")


@pytest.mark.parametrize(
    ("outputs", "probability", "noted"),
    [
        ("logits", 0.0025, True),
        ("probabilities", np.e / (np.e + 999), True),  # the most that two softmaxes give
        ("logits", 0.02, False),
        ("sigmoid", 0.0025, False),
    ],
)
def test_answers_near_chance(outputs, probability, noted):
    found = answers(
        ["unlabelled"] * 8, list(MANY[:8]), MANY, probability=probability, outputs=outputs
    )
    words = notices(found)
    assert len(words) == noted
    if noted:
        assert "near chance (0.0010); is the normalisation right" in words[0]
        assert ("softmax applied twice" in words[0]) == (outputs == "probabilities")


def test_of_no_pictures_nothing_is_said():
    empty = np.array([], np.intp)
    none = np.array([], float)
    assert notices(Answers(PETS, [], empty, empty, none, none)) == []
