"""Maps and units on the page: methods are those of a study, and so is what is told of them."""

import re
from itertools import product

import numpy as np
import pandas as pd
import pytest

from zollstock.app.carrying import carried
from zollstock.app.locating import (
    ATTRIBUTERS,
    BY_NAME,
    FILLS,
    SAMPLERS,
    SEGMENTERS,
    maps_of,
    own_method,
)
from zollstock.app.mapped import cards, located_over
from zollstock.app.walks import coloured, maps_over, srg_words
from zollstock.app.working import Work, end_work, finished, unless_gone
from zollstock.errors import ZollstockError
from zollstock.explaining.inside import trace_units
from zollstock.settings.locate.section import LocateSettings
from zollstock.wording import two_digits


@pytest.fixture(scope="module")
def now(made):
    work = Work()
    work.made = made[0]
    return work


@pytest.fixture(scope="module")
def maps(made):
    own = own_method("grid", 9, "single", 50, "path", "difference")
    return made[0].locate({"property": {}, "gradcam": {}, "own": own}, {"steps": 4})


@pytest.mark.parametrize(("segmenter", "sampler"), list(product(SEGMENTERS, SAMPLERS)))
def test_every_combination_is_one_of_the_settings(segmenter, sampler):
    for fill, attribute in product(FILLS, ATTRIBUTERS):
        given = own_method(segmenter, 30, sampler, 200, fill, attribute)
        assert LocateSettings(methods={"own": given}).methods["own"].plain()


def test_every_name_is_a_method():
    assert set(LocateSettings(methods={name: {} for name in BY_NAME}).methods) == set(BY_NAME)


def test_without_an_explanation_or_a_method_it_says_so(now):
    for nothing in (None, Work()):
        with pytest.raises(ZollstockError, match="Explain first"):
            maps_of(nothing, {"gradcam": {}})
    with pytest.raises(ZollstockError, match="Choose some"):
        maps_of(now, {})


def test_each_map_stands_beside_its_srg_and_that_of_noise(made, maps):
    text = cards(made[0], maps)
    assert text.count('zs-card"') == 2 * 3
    told = re.findall(r"<tr><td class=\"name\">(\w+)</td>\s*<td class=\"score\"><b>([^<]*)</b></td>"
                      r"<td>([^<]*)</td>", text)  # fmt: skip
    srg = maps.judged[maps.judged["measure"] == "srg"].set_index(["model", "method", "fill"])[
        "value"
    ]
    fills = ("mean", "blur", "path", "noise")
    keys = [(method, fill) for method in ("gradcam", "own") for fill in fills]
    keys += [("property", "path")]
    expected = {
        (fill, two_digits(srg[model, method, fill]), two_digits(srg[model, "random", fill]))
        for model in ("one", "two")
        for method, fill in keys
    }
    assert set(told) == expected and len(told) == 2 * len(keys)
    assert text.count("<polyline") == 2 * len(told)


def test_every_frame_has_the_map_of_its_step_over_it(made, maps):
    over = located_over(made[0], maps)
    steps = len(made[0].path.axis)
    assert len(over) == 4 and {one.pixels.shape for one in over.values()} == {(steps, 32, 32, 4)}
    here = next(one for name, one in over.items() if name.startswith("two") and "this step" in name)
    assert not here.pixels[0, ..., 3].any() and here.pixels[1:, ..., 3].any()
    # Orange where a step raises the output, in the unit of the strongest step of all models.
    values = np.array([[1.0, -1.0], [0.0, 0.5]], np.float32)
    (up, down), (none, half) = coloured(values, 2.0)
    assert up[0] > up[2] and down[2] > down[1] and not none[3] and 0 < half[3] < up[3] < 216


def test_the_walk_is_laid_over_where_the_located_gradient_was_asked(now):
    _, walk = maps_of(now, {"property": {}})
    assert walk.count("zs-moving") == 4 and 'value="0" selected' in walk
    steps = []
    assert maps_of(now, {"gradcam": {}}, lambda *step: steps.append(step))[1] is None
    # Maps and their judgement, of each model.
    total = 2 * len(now.made.models)
    assert steps == [(done, total) for done in range(total)]


def test_units_are_those_of_the_library(made):
    text, missing = carried(made[0], "one")
    units = trace_units([made[0]], "one").units
    best = units["share"].abs().max()
    first = re.search(r"class=\"score\">([^<]*)<", text).group(1)
    assert first.lstrip("−") == two_digits(best)
    assert 0 <= missing < 0.05 and "<img" in text


def test_what_a_visitor_left_behind_is_not_shown(made):
    work = Work()
    work.made = made[0]
    assert unless_gone(work, ["a"]) == ["a"]
    assert unless_gone(work, [None]) != [None]
    end_work(work)
    assert unless_gone(work, ["a"]) != ["a"]
    with pytest.raises(ZollstockError, match="Explain first"):
        finished(None, "maps")


def test_a_studys_maps_tell_their_srg(shelf):
    book = shelf.open("mine")
    assert maps_over(book, "fur", book.images[0], (32, 32)) == {}
    assert book.srg.empty and srg_words(book.srg, "one", "ig", "fur") == ""
    keys = ["model", "method", "fill", "property", "value"]
    rows = [("one", "ig", "mean", "", 0.25), ("one", "ig", "path", "fur", -0.5)]
    rows += [("one", "ig", "path", "noise", 1.0), ("two", "ig", "mean", "", 2.0)]
    told = srg_words(pd.DataFrame(rows, columns=keys), "one", "ig", "fur")
    assert told == "SRG by what is put in: mean 0.25, path −0.50."
