"""An explanation, as far as it is made, as what the page shows."""

from collections.abc import Mapping
from io import BytesIO
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.backends.backend_agg import FigureCanvasAgg

from zollstock.app.walks import curve_of, looks_of, walk_limits
from zollstock.arrays import Array
from zollstock.explaining.card import axis_title_of, boundary_of, placebos_beside
from zollstock.explaining.explanation import Explanation, Step
from zollstock.figures.plots import plot_null, plot_shuffles
from zollstock.figures.style import new_figure, styled
from zollstock.paths import pixel_change
from zollstock.profiles import reference_step
from zollstock.report.headline import environment
from zollstock.report.pictures import data_address
from zollstock.report.scrubber import Overlay, Walk, scrubber
from zollstock.scoring.outputs import parse_output, words_of
from zollstock.wording import show, two_digits

_STAGES = {
    "frames": "frames are made",
    "curves": "models look at them",
    "placebos": "placebo edits are made, and looked at",
    "tests": "done",
}
_DOTS = 80  # of an inch

_RESULTS = """<div class="zs-report"><div class="answer">{% for sentence in verdicts %}
<p>{{ sentence }}</p>{% endfor %}</div>
<div class="scroll"><table><thead><tr><th class="name">model</th><th class="name">followed</th>
<th>{{ statistic }}</th><th>range</th><th>change</th><th>flips</th><th>p</th><th>placebos</th></tr>
</thead><tbody>{% for row in rows %}<tr><td class="name">{{ row.model }}</td>
<td class="name">{{ row.followed }}</td><td>{{ row.score }}</td><td>{{ row.range }}</td>
<td>{{ row.change }}</td><td>{{ row.flips }}</td><td>{{ row.p }}</td><td>{{ row.placebos }}</td>
</tr>{% endfor %}</tbody></table></div>
<p class="note"><b>{{ statistic }}</b> is the score, <b>change</b> the followed output at the last
step less the first, <b>flips</b> how often the predicted class changes on the way. <b>p</b> is the
share of placebo edits of the same size, this edit counted in, that move the output as far.
One picture says little of others; a study asks many.</p></div>"""


class Shown:
    """Gathers the steps of an explanation.

    Parameters
    ----------
    made
        The explanation.
    """

    def __init__(self, made: Explanation) -> None:
        self.made = made
        self._axis: list[Array] = []
        self._frames: list[npt.NDArray[np.uint8]] = []

    def take(self, step: Step) -> str:
        """Remember what a step brings; return the progress in HTML."""
        if step.frames is not None and step.axis is not None and len(step.frames):
            self._axis.append(step.axis)
            self._frames.append(step.frames)
        return progress(_STAGES.get(step.stage, step.stage), step.done, step.total)

    def walk(self) -> str:
        """Return what there is to walk through; empty while there is no frame."""
        if self.made.path is not None:
            return scrubber(live_walk(self.made))
        if not self._frames:
            return ""
        axis, frames = np.concatenate(self._axis), np.concatenate(self._frames)
        order = np.argsort(axis, kind="stable")
        title = f"{self.made.title}: {len(axis)} frames so far"
        knob = self.made.title
        return scrubber(Walk(frames[order], axis[order], len(axis) - 1, title, knob, title, []))


def progress(words: str, done: int, total: int) -> str:
    """Return a bar that tells how far work is."""
    if words == _STAGES["tests"]:
        return '<div class="zs-progress" role="status">done</div>'
    text = f"{words}: {done} of {total}" if total > 1 else words
    bar = f'<progress max="{max(total, 1)}" value="{min(done, total)}"></progress>'
    return f'<div class="zs-progress" role="status">{bar} {text}</div>'


def live_walk(made: Explanation, overlays: Mapping[str, Overlay] | None = None) -> Walk:
    """Return what there is so far of an explanation whose frames are made.

    Of maps to lay over it the first one is seen at once.
    """
    path = made.path
    assert path is not None, "frames are made"
    output = parse_output(made.asked.output)
    looks = looks_of(made.models, made.asked.study["figures"]["palette"])
    beside = placebos_beside(made)
    curves = []
    for model, target in made.followed.items():
        used = np.isfinite(target.axis[0])
        said = made.predictions[model]
        names = [said.classes[k] for k in said.probabilities[0][used].argmax(axis=1)]
        curves.append(
            curve_of(
                model,
                target.series[0][used],
                names,
                looks[model],
                followed=words_of(output.of(said.classes[target.chosen[0]])),
                beside=beside[model],
                still=float(target.unedited[0]),
                bounds=output.bounds,
                note="",
            )
        )
    return Walk(
        frames=path.frames,
        axis=path.axis,
        start=reference_step(pixel_change(path.frames, path.unedited), path.axis),
        title=made.title,
        axis_title=axis_title_of(made),
        value_title=f"{output.words}, along {made.title}",
        curves=curves,
        overlays=overlays or {},
        over=next(iter(overlays or {}), ""),
        limits=walk_limits(curves, output.flattest, output.bounds),
        boundary=boundary_of(made),
    )


def results(made: Explanation) -> str:
    """Return what a finished explanation found, in sentences and a table."""
    tests = made.to_pandas()
    alpha = float(made.asked.study["scoring"]["alpha"])
    statistic = str(made.asked.study["scoring"]["statistics"][0])
    rows = [
        {
            "model": row["model"],
            "followed": words_of(row["output"]),
            "score": two_digits(row[statistic] if statistic in row else row["epgm"]),
            "range": two_digits(row["range"]),
            "change": two_digits(row["signed"], sign=True),
            "flips": row["flips"],
            "p": show(row["p"], alpha),
            "placebos": f"{row['used']:.0f}" if np.isfinite(row["p"]) else "–",
        }
        for row in tests.to_dict("records")
    ]
    template = environment().from_string(_RESULTS)
    return template.render(verdicts=made.verdicts(), rows=rows, statistic=statistic)


def nulls(made: Explanation) -> str:
    """Return the shuffle test in pictures, a row a model: some shuffled series, and the null."""
    scoring, seed = made.asked.study["scoring"], int(made.asked.study["seed"])
    statistic, shuffles = str(scoring["statistics"][0]), int(scoring["permutations"])
    rows = len(made.followed)
    with styled():
        figure: Any = new_figure(8.4, 2.5 * rows, layout="constrained")
        axes = figure.subplots(rows, 2, squeeze=False)
        for (left, right), (model, target) in zip(axes, made.followed.items(), strict=True):
            used = np.isfinite(target.axis[0])
            p, axis = target.series[0][used], target.axis[0][used]
            plot_shuffles(p, seed=seed, ax=left)
            plot_null(p, statistic, shuffles, seed, axis, ax=right)
            left.set_title(model, loc="left")
        packed = BytesIO()
        figure.set_dpi(_DOTS * 2)
        FigureCanvasAgg(figure).print_png(packed)
    return (
        '<div class="zs-report"><p class="note">The test that the method was published with: the '
        "series is shuffled, and its score compared with those of the shuffled ones. Smooth paths "
        "get a small p from it, whatever is varied; the placebo test above is made for them.</p>"
        f'<figure class="wide"><img alt="shuffled series and null distribution" '
        f'src="{data_address(packed.getvalue())}"></figure></div>'
    )
