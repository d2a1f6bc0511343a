"""Sentences that never say too much."""

import re

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zollstock.figures.sentences import axis_words, show, verdict_sentence
from zollstock.wording import percent

from .conftest import row

NAN = float("nan")


def sentence(alpha=0.05, **changes):
    return verdict_sentence(row(**changes), alpha=alpha, title="fur lightness")


@pytest.mark.parametrize(
    ("share", "text"),
    [
        *((0.0, "0 %"), (1.0, "100 %"), (1 - 1e-12, "100 %"), (0.5, "50 %"), (0.994, "99 %")),
        *((249 / 250, "99.6 %"), (1 / 250, "0.4 %"), (9999 / 10000, "99.99 %")),
    ],
)
def test_what_is_not_all_or_nothing_is_not_rounded_to_it(share, text):
    assert percent(share) == text


def test_more_than_all_placebos():
    assert sentence() == (
        "dark_cats: fur lightness moves P(dog) by 0.94, more than each of 19 placebo edits "
        "of the same size (p = 0.05, q = 0.06)."
    )
    assert "more than the only placebo edit of" in sentence(used=1, p=0.5, resolution=0.5)


def test_not_more_than_the_placebos():
    assert sentence(value=0.02, larger=7, p=8 / 20, q_bh=NAN) == (
        "dark_cats: fur lightness moves P(dog) by 0.02; 7 of 19 placebo edits of the same size "
        "move it at least as much (p = 0.40)."
    )
    assert "; 1 of 19 placebo edits of the same size moves it at least" in sentence(larger=1, p=0.1)
    assert "; 19 of 19 placebo edits" in sentence(larger=19, p=1.0)


def test_early_stopping():
    words = sentence(p=4 / 6, larger=4, used=6, placebos=6)
    assert "; 4 of the first 6 placebo edits of the same size move it at least as much" in words
    assert "(p = 0.67, q = 0.06)" in words
    few = dict(larger=4, used=6, resolution=1 / 7)
    assert "cannot fall" not in sentence(p=4 / 6, placebos=6, **few)  # it was enough
    # Placebos that were made but not needed are told apart too.
    assert "of the first 6 " in sentence(p=4 / 6, placebos=19, **few)
    assert "; 19 of 19 " in sentence(p=1.0, larger=19, used=19, placebos=19)


def test_no_placebos():
    nothing = dict(p=NAN, q_bh=NAN, used=0, placebos=0, match=NAN, resolution=NAN)
    assert sentence(**nothing, untested="no placebos") == (
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


def test_placebos_of_another_size_are_told_and_are_no_test():
    nothing = dict(p=NAN, q_bh=NAN, used=0, placebos=0, unmatched=19, match=NAN, resolution=NAN)
    assert sentence(**nothing, untested="unmatched") == (
        "dark_cats: fur lightness moves P(dog) by 0.94; no placebo edit of its size: no test."
    )


def test_an_effect_that_is_too_small_to_be_of_interest_is_told_beside_p():
    words = sentence(of_interest=False)
    assert "(p = 0.05, q = 0.06). The odds change too little to be of interest." in words
    assert "odds" not in sentence(of_interest=True)
    assert "odds" not in sentence(of_interest=None)
    assert "odds" not in sentence(of_interest=pd.NA)
    assert "odds" in sentence(**pd.DataFrame([row(of_interest=False)]).to_dict("records")[0])


def test_resolution_above_alpha_is_told():
    words = sentence(used=9, placebos=9, p=0.1, resolution=0.1)
    assert "With so few placebo edits p cannot fall below 0.10." in words
    assert "cannot fall" not in sentence()


def test_range_statistic_and_small_amounts():
    assert "moves P(dog) over a range of 0.94" in sentence(statistic="range")
    assert "moves P(dog) by about 0.94" in sentence(statistic="smooth")
    assert "moves all classes by 0.94" in sentence(output="vector")
    assert "moves the logit of dog by 0.94" in sentence(output="logit:dog")
    assert "by less than 0.001;" in sentence(value=0.0, larger=19, p=1.0)
    assert "by 0.0042," in sentence(value=0.0042)


@pytest.mark.parametrize(
    ("p", "text"),
    [(0.05, "0.05"), (0.0504, "0.0504"), (0.4, "0.40"), (1.0, "1.00"), (1 / 1001, "0.001")],
)
def test_digits_never_carry_p_across_alpha(p, text):
    assert show(p, 0.05) == text
    assert show(NAN, 0.05) == "–"


@given(k=st.integers(1, 2000), data=st.data(), stopped=st.booleans())
def test_the_count_is_that_of_the_table(k, data, stopped):
    beaten = data.draw(st.integers(1 if stopped else 0, k))
    p = beaten / k if stopped else (beaten + 1) / (k + 1)
    words = sentence(p=p, larger=beaten, used=k, placebos=k, resolution=1 / (k + 1))
    if beaten == 0:
        assert "more than" in words
    else:
        assert "more than" not in words
        assert int(re.search(r"; (\d+) of", words).group(1)) == beaten
        assert ("the first" in words) == (stopped and beaten < k)
    assert "nan" not in words
    assert not re.search(r"\b(cause|uses|because|depends)", words)


def test_the_count_does_not_hang_on_p():
    """Averages of replicates and p of any kind leave the count what it is."""
    assert "; 3 of 19 placebo edits of the same size move" in sentence(larger=3, p=0.0313)


def test_an_axis_of_several_classes_names_none():
    assert axis_words(["dog", "dog"]) == "P(dog)"
    assert axis_words(["dog", "cat"]) == "P(class)"
    assert axis_words(["logit:dog", "logit:cat"]) == "logit of class"
    assert axis_words([]) == "P(class)"
