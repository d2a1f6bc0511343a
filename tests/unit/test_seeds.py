"""Seeds from names."""

import numpy as np
import pytest

from zollstock.seeds import rng_for, seed_for


def test_seed_is_the_start_of_sha256_and_never_changes_between_versions():
    # printf '1\x1f%s' "'cat'" | sha256sum
    assert seed_for(1, "cat") == 0x74C70E80B8EE7EA1


@pytest.mark.parametrize(
    "other", [("1", "cat"), (1, "cat", 0), ("cat", 1), (1.0, "cat"), ((1, "cat"),)]
)
def test_seed_tells_types_order_and_number_of_parts_apart(other):
    assert seed_for(*other) != seed_for(1, "cat")


def test_seed_cannot_be_forged_by_a_name_that_holds_the_separator():
    assert seed_for("a\x1fb") != seed_for("a", "b")
    assert seed_for("a'\x1f'b") != seed_for("a", "b")


def test_generators_of_equal_names_draw_equal_numbers_and_others_differ():
    first, again, other = (rng_for(3, name).integers(2**40, size=8) for name in "aab")
    np.testing.assert_array_equal(first, again)
    assert (first != other).all()
