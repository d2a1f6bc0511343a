"""The registry of figures: each entry has all that it names."""

import inspect
from importlib import import_module
from pathlib import Path

import pytest

from zollstock.figures.registry import (
    FIGURES,
    OF_DYNAMICS,
    OF_LOCATE,
    OF_REPAIR,
    OF_STUDY,
    OF_TRACE,
    PER_GRID,
    PER_PROPERTY,
    PER_TURN,
    SOURCES,
    drawable,
    modules,
    needed,
)
from zollstock.jobs.draw_dynamics import DynamicsData
from zollstock.jobs.draw_locate import LocateData
from zollstock.jobs.draw_property import PropertyData
from zollstock.jobs.draw_repair import Mapped, RepairData
from zollstock.jobs.draw_study import EditorData, StudyData
from zollstock.jobs.draw_trace import TraceData
from zollstock.jobs.drawing import DrawnStudy

REPORT = Path(__file__).parents[3] / "workflow" / "report"
STUDY = DrawnStudy(
    models=["plain"],
    scoring={"alpha": 0.05, "statistics": ["epgm"], "permutations": 99, "output": "dog"},
    seed=1,
    looks={"max_images": 4, "palette": "petroff10", "formats": ["png"], "dpi": 60},
    compared=5,
)


def data_for(figure):
    if "{property}" in figure.name:
        return PropertyData({}, STUDY, "fur", "fur lightness")
    if "{editor}" in figure.name:
        return EditorData({}, STUDY, "pets", 0)
    if figure in OF_LOCATE:
        return LocateData({}, STUDY, {}, Path(), [], {}, "dog", "pets")
    if figure in OF_DYNAMICS:
        return DynamicsData({}, STUDY, [])
    if figure in OF_REPAIR:
        return RepairData({}, STUDY, [], {}, Mapped({}, [], [], {}))
    if figure in OF_TRACE:
        return TraceData({}, STUDY, {}, [])
    return StudyData({}, STUDY, {}, [], [])


@pytest.mark.parametrize("figure", FIGURES, ids=lambda figure: figure.name)
def test_an_entry_has_a_function_its_data_and_a_caption(figure):
    module, _, name = figure.function.partition(":")
    function = getattr(import_module(module), name)
    assert tuple(inspect.signature(function).parameters) == figure.takes
    assert set(figure.takes) <= set(dir(data_for(figure)))
    assert (REPORT / figure.caption).read_text().strip()
    assert ("{property}" in figure.name) == (figure in (*PER_PROPERTY, *PER_GRID, *PER_TURN))


def test_files_and_captions_are_no_ones_else():
    assert len({figure.name for figure in FIGURES}) == len(FIGURES)
    assert len({figure.caption for figure in FIGURES}) == len(FIGURES)


def test_every_datum_is_taken():
    assert set(SOURCES) == {
        datum for figure in FIGURES for datum in figure.takes if datum in SOURCES
    }


def test_what_lacks_an_input_is_not_drawn():
    without = {figure.name for figure in drawable(PER_PROPERTY, {"frames"})}
    assert without == {
        *("{property}/nulls", "{property}/signature", "{property}/ledger"),
        "{property}/response",
    }
    without = drawable(PER_PROPERTY, {"frames", "predictions"})
    assert {figure.name for figure in without} == {"{property}/ledger"}
    assert needed(without) == {"manifest", "steps", "verdicts"}
    assert [figure.name for figure in drawable(OF_STUDY, {"pixels", "gates", "pairs"})] == [
        *("accuracy", "summary", "heatmap", "volcano")
    ]


def test_without_placebos_there_is_no_volcano():
    assert "volcano" not in {figure.name for figure in drawable(OF_STUDY, {"tested"})}


def test_figures_are_found_without_what_draws_them():
    assert "zollstock.figures.cards" in modules(PER_PROPERTY)
    assert "zollstock.figures.cards" not in modules(OF_STUDY)
