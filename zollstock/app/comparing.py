"""Two models beside each other: of two studies, or before and after a repair."""

from typing import Any

import gradio as gr
import pandas as pd

from zollstock.app.launch import QUIET, told
from zollstock.app.shelf import Shelf
from zollstock.errors import ZollstockError
from zollstock.report.headline import environment
from zollstock.wording import show, two_digits

_TABLE = """<div class="zs-report"><div class="scroll"><table class="headline"><thead>
<tr><th class="name">property</th><th>{{ statistic }}, first</th><th>95 % interval</th><th>q</th>
<th>{{ statistic }}, second</th><th>95 % interval</th><th>q</th><th>second less first</th></tr>
</thead><tbody>{% for row in rows %}<tr><td class="name">{{ row.title }}</td>
{% for one in (row.first, row.second) %}<td class="score">{{ one.score }}</td>
<td>{{ one.interval }}</td><td>{{ one.q }}</td>{% endfor %}<td>{{ row.less }}</td></tr>
{% endfor %}</tbody></table></div>
{% if alone %}<p class="note">Of one of the two alone: {{ alone | listed }}.</p>{% endif %}
<p class="note">Intervals are of each score by itself: a bootstrap over its images. That they
overlap is no proof that the scores are equal. Scores compare where both were looked at along equal
paths of the same images{{ "; here the studies differ, so look whether theirs are" if studies }}.
</p></div>"""


def comparing_tab(page: gr.Blocks, shelf: Shelf) -> None:
    """Add the tab.

    Parameters
    ----------
    page
        What it is a part of.
    shelf
        The studies.
    """
    with gr.Row():
        first = gr.Dropdown([], label="First", elem_id="first", min_width=260)
        second = gr.Dropdown([], label="Second", elem_id="second", min_width=260)
    table = gr.HTML(elem_id="compared")

    @told
    def begin() -> list[Any]:
        names = compared_models(shelf)
        values = [names[0], names[min(1, len(names) - 1)]] if names else [None, None]
        return [gr.Dropdown(names, value=value) for value in values]

    @told
    def show_both(first: str | None, second: str | None) -> str:
        if first is None or second is None:
            return "<p>There is no finished study.</p>"
        return compared(shelf, first, second)

    page.load(begin, None, [first, second], **QUIET)
    gr.on([first.change, second.change], show_both, [first, second], table, **QUIET)


def compared_models(shelf: Shelf) -> list[str]:
    """Return "study: model" of all that have scores, repaired ones among them."""
    return [
        f"{study}: {model}"
        for study, book in shelf.books.items()
        if book.finished
        for model in dict.fromkeys(book.measured["model"])
    ]


def compared(shelf: Shelf, first: str, second: str) -> str:
    """Return the table of two models; each is "study: model"."""
    one, two = (_rows(shelf, name) for name in (first, second))
    both = [name for name in one.index if name in two.index]
    rows = [
        {
            "title": one.loc[name, "title"],
            "first": _cells(one.loc[name]),
            "second": _cells(two.loc[name]),
            "less": two_digits(two.loc[name, "score"] - one.loc[name, "score"], sign=True),
        }
        for name in both
    ]
    statistics = {str(table["statistic"].iloc[0]) for table in (one, two)}
    if len(statistics) > 1:
        raise ZollstockError(
            "comparison",
            f"the studies' headlines have the statistics {' and '.join(sorted(statistics))}",
            "two of one statistic",
            "Choose models of the same study.",
        )
    alone = [
        table.loc[name, "title"] for table in (one, two) for name in set(table.index) - set(both)
    ]
    template = environment().from_string(_TABLE)
    return template.render(
        rows=rows,
        statistic=statistics.pop(),
        alone=sorted(alone),
        studies=first.rpartition(": ")[0] != second.rpartition(": ")[0],
    )


def _rows(shelf: Shelf, name: str) -> pd.DataFrame:
    study, _, model = name.rpartition(": ")
    book = shelf.open(study)
    book.folder.check(model, list(dict.fromkeys(book.measured["model"])), "model")
    table = book.measured
    return table[table["model"] == model].set_index("property")


def _cells(row: Any) -> dict[str, str]:  # noqa: ANN401 - a row
    return {
        "score": two_digits(row["score"]),
        "interval": f"{two_digits(row['low'])} – {two_digits(row['high'])}",
        "q": show(row["q_bh"]),
    }
