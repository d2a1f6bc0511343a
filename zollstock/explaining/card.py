"""The card of an explanation, drawn as a study's report draws it."""

from typing import TYPE_CHECKING

from matplotlib.figure import Figure

from zollstock.figures.cards import draw_card
from zollstock.figures.sheets import strip_steps
from zollstock.figures.style import keeping_style, model_looks, styled
from zollstock.scoring.outputs import parse_output
from zollstock.significance.beside import Beside, placebo_changes
from zollstock.wording import with_unit

if TYPE_CHECKING:
    from zollstock.explaining.explanation import Explanation


def draw(made: "Explanation") -> Figure:
    """Draw the card of a finished explanation."""
    path, tests, image = made.finished_path, made.to_pandas(), made.picture.id
    looks = made.asked.study["figures"]
    steps = strip_steps(path.axis, looks["strip_frames"])
    output = parse_output(made.asked.output)
    with styled():
        figure = draw_card(
            path.frames[steps],
            path.axis,
            {model: target.series[0] for model, target in made.followed.items()},
            {model: float(target.unedited[0]) for model, target in made.followed.items()},
            placebos_beside(made),
            tests,
            model_looks(made.models, looks["palette"]),
            steps=list(steps),
            title=f"{image}: {made.title}",
            axis_title=axis_title_of(made),
            sentences=made.verdicts(),
            boundary=boundary_of(made),
            bounds=output.bounds,
            period=made.asked.period,
            flattest=output.flattest,
        )
    return keeping_style(figure)


def placebos_beside(made: "Explanation") -> dict[str, Beside]:
    """Return model → its placebos, as far as they are made, of the models that are done."""
    image, compared = made.picture.id, made.asked.study["placebos"]["steps"]
    return {
        model: placebo_changes(target, made.beside.get(model), [image], compared)[image]
        for model, target in made.followed.items()
    }


def boundary_of(made: "Explanation") -> float | None:
    """Return where the decision turns; None where no such number is known."""
    boundary = parse_output(made.asked.output).boundary
    several = any(len(found.classes) > 2 for found in made.predictions.values())
    # Of more than two classes one may win with less than half.
    return None if several and boundary == 0.5 else boundary


def axis_title_of(made: "Explanation") -> str:
    """Return what the axis of the path counts: an editor's knob, or the property itself."""
    return with_unit(str(made.facts.get("knob", made.title)), made.asked.unit)
