"""The card of an explanation, drawn as a study's report draws it."""

from typing import TYPE_CHECKING

from matplotlib.figure import Figure

from zollstock.figures.cards import draw_card
from zollstock.figures.sheets import strip_steps
from zollstock.figures.style import keeping_style, model_looks, styled
from zollstock.scoring.outputs import parse_output
from zollstock.significance.beside import placebo_changes
from zollstock.wording import with_unit

if TYPE_CHECKING:
    from zollstock.explaining.explanation import Explanation


def draw(made: "Explanation") -> Figure:
    """Draw the card of a finished explanation."""
    path, tests, image = made.finished_path, made.to_pandas(), made.picture.id
    study = made.asked.study
    looks, compared = study["figures"], study["placebos"]["steps"]
    steps = strip_steps(path.axis, looks["strip_frames"])
    output = parse_output(made.asked.output)
    several = any(len(found.classes) > 2 for found in made.predictions.values())
    beside = {
        model: placebo_changes(target, made.beside.get(model), [image], compared)[image]
        for model, target in made.followed.items()
    }
    with styled():
        figure = draw_card(
            path.frames[steps],
            path.axis,
            {model: target.series[0] for model, target in made.followed.items()},
            {model: float(target.unedited[0]) for model, target in made.followed.items()},
            beside,
            tests,
            model_looks(made.models, looks["palette"]),
            steps=list(steps),
            title=f"{image}: {made.title}",
            axis_title=with_unit(str(made.facts.get("knob", made.title)), made.asked.unit),
            sentences=made.verdicts(),
            # Of more than two classes one may win with less than half.
            boundary=None if several and output.boundary == 0.5 else output.boundary,
            bounds=output.bounds,
            period=made.asked.period,
            flattest=output.flattest,
        )
    return keeping_style(figure)
