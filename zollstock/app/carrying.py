"""Through which units the explained change goes: a table and the circuit, a model after another."""

from collections.abc import Iterator
from typing import Any

import gradio as gr
import numpy as np

from zollstock.app.launch import told
from zollstock.app.shown import progress
from zollstock.app.working import Work, finished, unless_gone
from zollstock.explaining.explanation import Explanation
from zollstock.explaining.inside import Carriers, trace_units
from zollstock.report.headline import environment
from zollstock.report.pictures import data_address
from zollstock.scoring.outputs import words_of

_ROWS = 12
"""Units in the table."""
_CARRIERS = """<div class="zs-report"><p><b>{{ model }}</b>: the units with the largest shares of
the change of {{ followed }}, which is {{ change | two }} from the first frame to the last.</p>
{% if picture %}<figure class="wide"><img alt="units that carry the change in {{ model }}"
src="{{ picture }}"></figure>{% endif %}
<div class="scroll"><table><thead><tr><th class="name">layer</th><th class="name">unit</th>
<th>share</th><th>exact</th></tr></thead><tbody>{% for row in rows %}<tr>
<td class="name">{{ row.layer }}</td><td class="name">{{ row.kind }} {{ row.unit }}</td>
<td class="score">{{ row.share | two }}</td><td>{{ row.exact | two }}</td></tr>{% endfor %}</tbody>
</table></div></div>"""
_NOTE = """<div class="zs-report"><p class="note">The <b>share</b> of a unit is its conductance
along the frames, as a part of the change: where a cut through the network is complete, the shares
of its units sum to 1 (here {{ missing }} is missing at most). Below 0 a unit works against the
change. <b>exact</b> is what the output loses if the unit alone is put back to its value at the
first frame, as a part of the change, too; units that stand in for each other each lose little. One
picture is no test: discs are hollow, and other pictures may go through other units. The stage
<code>trace</code> of a study asks many.</p>
</div>"""


def carried(made: Explanation, model: str) -> tuple[str, float]:
    """Return what carries the change in one model as HTML, and how much of it no unit has.

    The latter is the largest completeness error of a cut, as a share of the change; NaN where the
    output ends as it begins.

    Raises
    ------
    ZollstockError
        If nothing is to be seen of the model's inside.
    """
    found = trace_units([made], model)
    change, missing = _missing(found)
    best = found.units.assign(size=found.units["share"].abs()).sort_values("size", ascending=False)
    rows = best[np.isfinite(best["share"])].head(_ROWS).to_dict("records")
    html = environment().from_string(_CARRIERS).render(
        model=model,
        followed=words_of(made.output_of(model)),
        change=change,
        picture=data_address(found._repr_png_()) if rows else None,
        rows=rows,
    )  # fmt: skip
    return html, missing


def _missing(found: Carriers) -> tuple[float, float]:
    cuts = found.shares.cuts
    change = float(cuts["change"].iloc[0])
    return change, float(cuts["error"].abs().max()) / abs(change) if change else float("nan")


def unit_fields(work: gr.State, workers: dict[str, Any]) -> gr.HTML:
    """Add what asks for units, and what shows them; return the latter.

    Parameters
    ----------
    work
        The visitor's work.
    workers
        How many such jobs run at a time.
    """
    trace = gr.Button("Trace the units", elem_id="trace-units")
    shown = gr.HTML(elem_id="units")

    @told
    def run(now: Work | None) -> Iterator[Any]:
        made = finished(now, "units")
        parts: list[str] = []
        missing: list[float] = []
        for place, model in enumerate(made.models):
            bar = progress("models are traced", place, len(made.models))
            yield from unless_gone(now, ["".join([bar, *parts])])
            html, error = carried(made, model)
            parts.append(html)
            missing.append(error)
        worst = float(np.nanmax(missing)) if np.isfinite(missing).any() else float("nan")
        note = environment().from_string(_NOTE).render(missing=f"{100 * worst:.2g} %")
        yield from unless_gone(now, ["".join([*parts, note])])

    trace.click(
        run, work, shown, show_progress="hidden", api_visibility="private", **workers
    )  # fmt: skip
    return shown
