from itertools import permutations as all_orders

import numpy as np
import pytest
from scipy.stats import chisquare

from zollstock.errors import ZollstockError
from zollstock.scoring import permutations as module
from zollstock.scoring.permutations import permutations


def test_a_permutation_is_the_order_of_the_words_of_its_part_of_the_stream():
    # Three words a permutation take a block of four; the counter counts blocks.
    words = np.random.Philox(key=[9, 3]).random_raw(4 * 5).reshape(5, 4)[:, :3]
    np.testing.assert_array_equal(permutations(3, 5, seed=9), np.argsort(words, axis=1))


@pytest.mark.parametrize("steps", [1, 2, 5, 101, 256, 257, 1000])
def test_sorting_words_with_their_steps_is_the_order_of_the_words(steps):
    blocks = -(-steps // 4)
    words = np.random.Philox(key=[4, steps]).random_raw(300 * blocks * 4).reshape(300, -1)
    table = permutations(steps, 300, seed=4)
    np.testing.assert_array_equal(table, np.argsort(words[:, :steps], axis=1))
    assert table.dtype == (np.uint8 if steps <= 256 else np.uint16)


def test_words_that_differ_in_their_last_bits_alone_keep_their_order(monkeypatch):
    class Words:
        def __init__(self, **key):
            pass

        def random_raw(self, number):
            return np.array([9, 8, 3, 16], np.uint64)[:number]

    monkeypatch.setattr(np.random, "Philox", Words)
    # Of four steps two bits do not count: 9 and 8 are both 8.
    assert module._make(4, 0, 1, 0).tolist() == [[2, 0, 1, 3]]


def test_permutation_k_is_the_same_in_every_range():
    full = permutations(100, 1000, seed=7)
    np.testing.assert_array_equal(permutations(100, 10, seed=7), full[:10])
    np.testing.assert_array_equal(permutations(100, 640, seed=7, start=500), full[500:640])
    assert permutations(100, 5, seed=7, start=5).shape == (0, 100)


@pytest.mark.parametrize("steps", [1, 2, 3, 7, 31, 32, 33, 100, 1000])
def test_rows_are_permutations(steps):
    table = permutations(steps, 50, seed=2**64 - 1)
    np.testing.assert_array_equal(np.sort(table, axis=1), np.tile(np.arange(steps), (50, 1)))


def test_seed_number_and_length_each_change_the_draw():
    base = permutations(50, 2, seed=0)
    assert not np.array_equal(base[0], base[1])
    assert not np.array_equal(base, permutations(50, 2, seed=1))
    assert not np.array_equal(base, permutations(50, 2, seed=2**32))
    far = permutations(50, 2**40 + 2, seed=0, start=2**40)
    assert not np.array_equal(base, far)
    # Not the draw of another length cut short: the length is part of the key.
    longer = permutations(51, 2, seed=0)
    assert not np.array_equal(np.argsort(np.argsort(longer[:, :50], axis=1), axis=1), base)


def test_every_order_of_five_steps_is_equally_likely():
    table = permutations(5, 240_000, seed=3)
    code = (table * 5 ** np.arange(5)).sum(axis=1)
    counts = [
        np.count_nonzero(code == (np.array(o) * 5 ** np.arange(5)).sum())
        for o in all_orders(range(5))
    ]
    assert sum(counts) == len(table)
    assert chisquare(counts).pvalue > 1e-3


def test_every_place_gets_every_step_equally_often():
    table = permutations(100, 50_000, seed=11)
    counts = np.stack([np.bincount(table[:, i], minlength=100) for i in range(100)])
    # Rows and columns have fixed sums: (S - 1)² degrees of freedom.
    statistic = ((counts - 500) ** 2 / 500).sum()
    assert abs(statistic - 99**2) < 4 * np.sqrt(2 * 99**2)


def test_consecutive_permutations_do_not_resemble_each_other():
    table = permutations(100, 5000, seed=0)
    same = (table[1:] == table[:-1]).sum()  # each place agrees with probability 1/100
    assert abs(same - 4999) < 4 * np.sqrt(4999)


def test_a_table_made_in_blocks_is_the_same(monkeypatch):
    whole = permutations(20, 50, seed=5)
    monkeypatch.setattr(module, "_NUMBERS", 60)
    np.testing.assert_array_equal(module._make(20, 0, 50, 5), whole)


def test_table_is_read_only():
    with pytest.raises(ValueError, match="read-only"):
        permutations(5, 3)[0, 0] = 1


@pytest.mark.parametrize(
    "arguments",
    [
        {"steps": 0, "stop": 1},
        {"steps": 5, "stop": -1},
        {"steps": 5, "stop": 1, "start": 2},
        {"steps": 5, "stop": 1, "seed": -1},
        {"steps": 5, "stop": 1, "seed": 2**64},
    ],
)
def test_numbers_out_of_range(arguments):
    with pytest.raises(ZollstockError):
        permutations(**arguments)
