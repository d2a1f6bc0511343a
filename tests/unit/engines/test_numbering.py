"""What the names of frames say."""

import pytest

from zollstock.engines.numbering import read_names


@pytest.mark.parametrize(
    ("names", "values"),
    [
        ("0.25 0.5 0.75 1 1.25 1.5 1.75", [0.25, 0.5, 0.75, 1, 1.25, 1.5, 1.75]),
        ("-30 -20 -10 0 10 20 30", [-30, -20, -10, 0, 10, 20, 30]),
        ("0 5deg 15deg 100deg", [0, 5, 15, 100]),
        ("1e-3 1e-2 0.1 1", [0.001, 0.01, 0.1, 1]),
        ("−5 +0 +5", [-5, 0, 5]),
        ("－30 —5 ＋5", [-30, -5, 5]),
        ("2,5 3 10,5", [2.5, 3, 10.5]),
        (".5 .75 1.5", [0.5, 0.75, 1.5]),
        ("5° 10° 15°", [5, 10, 15]),
        ("5% 10% 15%", [5, 10, 15]),
        ("001 002 004", [1, 2, 4]),
        ("rot_-30 rot_0 rot_30", [-30, 0, 30]),
        ("rot-30 rot0 rot30", [-30, 0, 30]),
        ("gain=0.5 gain=1 gain=10", [0.5, 1, 10]),
        ("turn_5deg turn_15deg turn_100deg", [5, 15, 100]),
        ("a_-15 a_-10 a_-5", [-15, -10, -5]),
        ("b-0.5 b-1.5 b-10.5", [0.5, 1.5, 10.5]),
        ("v2-0.25 v2-0.5 v2-1", [0.25, 0.5, 1]),
    ],
)
def test_values(names, values):
    words = names.split()
    for given in (words, words[::-1], sorted(words)):
        read = read_names(given)
        assert read.values == values
        assert [given[place] for place in read.order] == words
        assert not read.unclear


@pytest.mark.parametrize(
    ("names", "why"),
    [
        ("frame_001 frame_002 frame_010", "behind 'frame_'"),
        ("IMG_0012 IMG_0013 IMG_0015", "behind 'IMG_'"),
        ("IMG_2024_9 IMG_2024_10 IMG_2024_11", "behind 'IMG_2024_'"),
        ("pose-1 pose-2 pose-10", "behind 'pose-'"),
        ("frame8 frame9 frame10", "behind 'frame'"),
        ("2024-01-05 2024-01-06 2024-01-10", "behind '2024-01-'"),
        ("2024-01-31 2024-02-01 2024-02-15", "not all are numbers"),
        ("1.2.9 1.2.10 1.2.11", "not all are numbers"),
        ("a1 b1 b2 b10", "not all are numbers"),
        # Neither units, nor signs, nor values.
        ("1st 2nd 3rd 4th 10th", "not all are numbers"),
        ("1 1a 1b 2a", "not all are numbers"),
        ("m1 m2 n1 n2 p1", "not all are numbers"),
        ("1.9.1 1.10.1", "not all are numbers"),
        ("0.1_a 0.2_b 0.3_c", "not all are numbers"),
        # More digits than a floating-point number has.
        ("20240101120000123 20240101120000124 20240101120000131", "evenly spaced"),
    ],
)
def test_orders(names, why):
    words = names.split()
    read = read_names(words[::-1])
    assert read.values is None
    assert [words[::-1][place] for place in read.order] == words
    assert why in read.why and "evenly spaced" in read.why
    assert not read.unclear


@pytest.mark.parametrize(
    ("names", "why"),
    [
        ("-30_a -20_b -10_c 0_d", "another way by their letters"),
        ("0.25_red 0.5_blue 1_grey", "another way by their letters"),
        ("-30,-15 -15,0 0,15", "another way by their letters"),
        ("rot_m30 rot_0 rot_30", "the sign of a number"),
        ("neg1.5 0 pos1.5", "the sign of a number"),
        ("minus_30 minus_10 plus_10", "the sign of a number"),
        ("100,000 500,000 1,000,000", "numbers like 1,000"),
        ("500 1_000 1_500", "numbers like 1,000"),
        ("5 5deg", "several units"),
        ("5 5.0", "both 5"),
    ],
)
def test_what_has_no_certain_order_is_refused(names, why):
    assert why in read_names(names.split()).unclear
    assert why in read_names(names.split(), even=True).unclear


def test_unequal_steps_are_said():
    assert "unequal" in read_names(["1", "2", "4"]).why
    assert "unequal" not in read_names(["0.1", "0.2", "0.3"]).why
    assert "unequal" not in read_names(["a_1", "a_2", "a_4"]).why
    assert read_names(["1", "2", "4"], even=True).values is None


def test_nothing_is_no_order():
    assert read_names([]).order == []
