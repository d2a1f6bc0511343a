"""Sentences that never say too much."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zollstock.figures.sentences import show, verdict_sentence

from .conftest import row

NAN = float("nan")


def sentence(alpha=0.05, **changes):
    return verdict_sentence(row(**changes), alpha=alpha, title="fur lightness")


def test_more_than_all_placebos():
    assert sentence() == (
        "dark_cats: fur lightness moves P(dog) by 0.94, more than all 19 placebo edits "
        "of the same size (p = 0.05, q = 0.06)."
    )
    assert "more than the only placebo edit of" in sentence(used=1, p=0.5, resolution=0.5)


def test_not_more_than_the_placebos():
    assert sentence(value=0.02, p=8 / 20, q_bh=NAN) == (
        "dark_cats: fur lightness moves P(dog) by 0.02; 7 of 19 placebo edits of the same size "
        "move it at least as much (p = 0.40)."
    )
    assert "; 1 of 19 placebo edits of the same size moves it at least" in sentence(p=0.1)
    assert "; 19 of 19 placebo edits" in sentence(p=1.0)


def test_early_stopping():
    words = sentence(p=4 / 6, used=6, placebos=6)
    assert "; 4 of the first 6 placebo edits of the same size move it at least as much" in words
    assert "(p = 0.67, q = 0.06)" in words
    assert "cannot fall" not in sentence(p=4 / 6, used=6, resolution=1 / 7)  # it was enough


def test_no_placebos():
    assert sentence(p=NAN, q_bh=NAN, used=0, match=NAN, resolution=NAN) == (
        "dark_cats: fur lightness moves P(dog) by 0.94; no placebo edits: no test."
    )


def test_failed_paths_and_missing_values():
    failed = "dark_cats: the edit of fur lightness failed, so there is no number."
    assert sentence(steps=0, value=NAN, p=NAN) == failed
    assert sentence(flags="failed", value=NAN, p=NAN) == failed
    assert "has no effect size" in sentence(value=NAN, p=NAN)


def test_flags_are_told():
    words = sentence(flags="entangled;not_monotone")
    assert words.endswith(" The edit is flagged: entangled, not monotone.")
    assert "flagged" not in sentence(flags=NAN)


def test_unmatched_sizes_are_told_and_not_called_the_same():
    words = sentence(match=0.6)
    assert "The placebos reach only 60 % of the edit's size." in words
    assert "same size" not in words
    assert "of about the same size" in sentence(match=0.9)
    assert "same size" not in sentence(match=NAN)


def test_resolution_above_alpha_is_told():
    words = sentence(used=9, p=0.1, resolution=0.1)
    assert "With so few placebo edits p cannot fall below 0.10." in words
    assert "cannot fall" not in sentence()


def test_pooled_test_is_told():
    words = sentence(p_pooled=1 / 153, used_pooled=152, q_pooled=0.02)
    assert "Against the 152 pooled placebo edits p = 0.0065, q = 0.02." in words


def test_range_statistic_and_small_amounts():
    assert "moves P(dog) over a range of 0.94" in sentence(statistic="range")
    assert "moves all classes by 0.94" in sentence(output="vector")
    assert "by less than 0.001;" in sentence(value=0.0, p=1.0)
    assert "by 0.0042," in sentence(value=0.0042)


@pytest.mark.parametrize(
    ("p", "text"),
    [(0.05, "0.05"), (0.0504, "0.0504"), (0.4, "0.40"), (1.0, "1.00"), (1 / 1001, "0.001")],
)
def test_digits_never_carry_p_across_alpha(p, text):
    assert show(p, 0.05) == text
    assert show(NAN, 0.05) == "–"


@given(k=st.integers(1, 2000), data=st.data(), stopped=st.booleans())
def test_the_count_is_read_back_from_p(k, data, stopped):
    beaten = data.draw(st.integers(1 if stopped else 0, k))
    p = beaten / k if stopped else (beaten + 1) / (k + 1)
    words = sentence(p=p, used=k, resolution=1 / (k + 1), match=data.draw(st.floats(0.8, 1)))
    if beaten == 0:
        assert "more than" in words
    else:
        assert "more than" not in words
        assert int(re.search(r"; (\d+) of", words).group(1)) == beaten
    assert "nan" not in words
    assert not re.search(r"\b(cause|uses|because|depends)", words)


def test_a_p_that_counts_nothing_is_told_without_a_count():
    assert "by 0.94 (p = 0.031, q = 0.06 against 19 placebo edits)" in sentence(p=0.0313)
