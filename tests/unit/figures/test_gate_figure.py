"""The figure of the gate: whether it was passed, and findings with holes in them."""

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text

from zollstock.figures.gate import draw_gate, gate_models
from zollstock.figures.style import GREEN, RED, model_looks

from .conftest import drawn, words

MODELS = ["unbiased", "dark_cats"]
LOOKS = model_looks(MODELS, "petroff10")
CARD = {
    "use": {"size": [64, 64], "stop": 2.0, "image_guidance": 1.0, "denoising_steps": 20},
    "parameters": {"vae": 300_000, "unet": 900_000},
}


def texts(figure: Figure):
    return {text.get_text(): text for text in figure.findobj(Text) if text.get_text()}


def points(axes):
    return [line for line in axes.lines if line.get_linestyle() == "None"]


def gate(missed=(), images=4):
    axis = np.linspace(-2, 2, 5)
    rows = [
        {
            "image": f"i{number}",
            "property": prop,
            "axis": axis.tolist(),
            "measured": (0.5 + (0.1 + 0.01 * number) * axis).tolist(),
            "exact": np.linspace(0.1 + 0.01 * number, 0.9, 5).tolist(),
            "other": [0.4] * 5,
            "spearman": 1.0 - 0.01 * number,
        }
        | {
            f"{kind}_{model}": (place + 0.1) * (number + 1)
            for place, model in enumerate(MODELS)
            for kind in ("score", "exact")
        }
        for prop in ("fur", "background")
        for number in range(images)
    ]
    names = ["fur: share", "background: share", "background: off-target", "edges kept"]
    criteria = [
        {"name": name, "value": 0.5, "bar": 0.4, "at_least": True, "passed": name not in missed}
        for name in names
    ]
    return {"passed": not missed, "criteria": criteria, "images": rows}


def panels(figure):
    return {axes.get_title(loc="left"): axes for axes in figure.axes if axes.axison}


def test_a_passed_gate_says_so(tmp_path):
    figure = drawn(
        draw_gate(gate(), CARD, editor="pets", models=MODELS, palette="petroff10"), tmp_path
    )
    title = texts(figure)["Editor 'pets': gate passed, all 4 criteria are met"]
    assert title.get_color() == GREEN
    text = words(figure)
    assert "MISSED" not in text
    assert "demonstration" not in text
    assert all(word in text for word in ("0.500", "≥ 0.40", "met", "4 held-out images"))
    assert all(word in text for word in ("1.2 million parameters", "64×64", *MODELS))


def test_a_missed_gate_calls_its_rows_a_demonstration(tmp_path):
    found = gate(missed=("background: share", "edges kept"))
    figure = drawn(
        draw_gate(found, CARD, editor="pets", models=MODELS, palette="petroff10"), tmp_path
    )
    title = next(text for text in texts(figure) if text.startswith("Editor"))
    assert "2 of 4 criteria missed" in title
    assert "the diffusion rows of this report are a demonstration" in title
    assert texts(figure)[title].get_color() == RED
    assert [text.get_text() for text in figure.axes[0].texts].count("MISSED") == 2
    assert set(panels(figure)) == {"fur", "background: 1 missed", "scores: Spearman 1.00"}


def test_a_gates_sweeps_and_scores_are_drawn():
    figure = draw_gate(gate(), CARD, editor="pets", models=MODELS, palette="petroff10")
    fur = panels(figure)["fur"]
    solid = [line for line in fur.lines if line.get_linestyle() == "-"]
    assert len(solid) == 4 + 1
    np.testing.assert_allclose(solid[-1].get_ydata()[-1], 0.5 + 0.13 * 2)  # the least monotone
    pale, band = fur.patches
    assert (pale.get_y(), band.get_y()) == pytest.approx((0.1, 0.13))
    scatter = panels(figure)["scores: Spearman 1.00"]
    assert sum(len(line.get_xdata()) for line in points(scatter)) == 2 * 4 * len(MODELS)


def test_a_gate_with_holes(tmp_path):
    found = gate(missed=("edges kept",), images=1)
    found["criteria"][-1]["value"] = np.nan
    found["images"][0] |= {"spearman": np.nan, "score_unbiased": np.nan}
    figure = drawn(
        draw_gate(found, {}, editor="pets", models=MODELS, palette="petroff10"), tmp_path
    )
    assert "–" in [text.get_text() for text in figure.axes[0].texts]
    assert "nan" not in words(figure)
    found["images"] = []
    drawn(draw_gate(found, {}, editor="pets", models=MODELS, palette="petroff10"), tmp_path)


def test_the_models_of_a_gate():
    assert gate_models(gate()) == ["dark_cats", "unbiased"]
    assert gate_models({"images": []}) == []
