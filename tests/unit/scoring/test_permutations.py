from itertools import permutations as all_orders

import numpy as np
import pytest
from scipy.stats import chisquare

from zollstock.errors import ZollstockError
from zollstock.scoring import permutations as module
from zollstock.scoring.permutations import permutations


@pytest.mark.parametrize(
    ("counter", "key", "words"),
    [  # the published known answers of Philox-4x32-10
        ([0] * 4, [0] * 2, [0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8]),
        ([2**32 - 1] * 4, [2**32 - 1] * 2, [0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD]),
        (
            [0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344],
            [0xA4093822, 0x299F31D0],
            [0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1],
        ),
    ],
)
def test_philox_known_answers(counter, key, words):
    assert [int(w) for w in module.philox(*map(np.uint64, [*counter, *key]))] == words


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


@pytest.mark.parametrize("bound", [1, 2, 3, 5, 6, 7, 100, 2**31 - 1])
def test_bounded_draw_rejects_exactly_the_surplus_words(bound):
    words = np.array([0, 1, 2, 2**31, 2**32 - 2, 2**32 - 1], np.uint64)
    surplus = 2**32 % bound
    for word in words:
        value, rejected = module.scaled(word, np.uint64(bound))
        assert value == int(word) * bound >> 32
        assert rejected == ((int(word) * bound) % 2**32 < surplus)


def test_rejected_words_are_replaced():
    steps, blocks = 6, 8
    flat = np.zeros(4 * blocks, np.uint64)  # word 0 is rejected for bounds 3, 5 and 6
    draws = np.empty(steps, np.uint64)
    spare = np.empty((4, 8), np.uint64)
    module._redraw(draws, flat, spare, steps, np.uint64(0), np.uint64(0))
    module._words(spare, blocks, blocks + 8, np.uint64(steps), np.uint64(0), np.uint64(0))
    replaced = iter(spare.reshape(-1))
    expected = [
        int(next(replaced)) * bound >> 32 if 2**32 % bound else 0 for bound in range(1, steps + 1)
    ]
    assert draws.tolist() == expected


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


def test_kernels_compile_without_a_cache_folder(monkeypatch):
    import numba

    from zollstock.scoring import _jit

    real = numba.njit

    def no_folder(function, cache=False, **options):
        if cache:
            raise RuntimeError("cannot cache function: no locator available")
        return real(function, **options)

    monkeypatch.setattr(numba, "njit", no_folder)
    assert _jit.jit(lambda x: x + 1)(1) == 2
