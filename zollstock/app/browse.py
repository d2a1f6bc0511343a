"""Browse studies: the headline, the images, and a path to walk through."""

from typing import Any

import gradio as gr
import pandas as pd

from zollstock.app.drawn import figure, figures_of
from zollstock.app.launch import QUIET, told
from zollstock.app.shelf import ANY, NONE, Book, Shelf, flags_of, kept
from zollstock.app.walks import stored_walk
from zollstock.report.headline import answers, environment, table_facts
from zollstock.report.scrubber import scrubber
from zollstock.wording import show, two_digits

_ROWS = 300
"""Of the list of images at most; what was not asked for is not sent."""
_COLUMNS = ["image", "label", "property", "model", "followed", "score", "p", "flips", "flags"]
_EMPTY = (
    "<p>There is no finished study in <code>results/</code>. Make one with <code>make run</code>, "
    "or name folders: <code>python -m zollstock.app results/mine</code>.</p>"
)


def browse_tab(page: gr.Blocks, shelf: Shelf) -> list[Any]:
    """Add the tab; return its study and image, and the button that asks more of that image.

    Parameters
    ----------
    page
        What it is a part of.
    shelf
        The studies.
    """
    with gr.Row():
        study = gr.Dropdown([], label="Study", scale=2, min_width=200, elem_id="study")
        prop = gr.Dropdown([ANY], value=ANY, label="Property", scale=2, min_width=200)
        model = gr.Dropdown([ANY], value=ANY, label="Model", min_width=150)
        flag = gr.Dropdown([ANY, NONE], value=ANY, label="Flag of images", min_width=150)
        q = gr.Slider(0, 1, value=1, step=0.01, label="q ≤")
    answer = gr.HTML(elem_id="answer")
    headline = gr.HTML(elem_id="headline")
    with gr.Accordion("What the columns are", open=False):
        meaning = gr.HTML()
    gr.Markdown("## One image")
    with gr.Row():
        back = gr.Button("◀ previous", elem_classes="zs-step", scale=0)
        image = gr.Dropdown([], label="Image", scale=2, elem_id="image")
        on = gr.Button("next ▶", elem_classes="zs-step", scale=0)
        along = gr.Dropdown([], label="Along the property", scale=2, elem_id="along")
    walk = gr.HTML(elem_id="walk")
    more = gr.Button("Explain this image anew ▸", size="sm", elem_id="more")
    with gr.Accordion("List of images", open=False):
        gr.Markdown("A row leads to its image.")
        rows = gr.Dataframe(
            headers=_COLUMNS, interactive=False, wrap=False, show_search="filter", max_height=360
        )

    with gr.Accordion("Figures of this study", open=False):
        figures = gr.Dropdown([], label="Figure", elem_id="figure")
        drawn = gr.HTML(elem_id="drawn")

    asked = [study, prop, model, flag, q]
    shown = [answer, headline, meaning, rows, image, along]

    @told
    def begin() -> Any:  # noqa: ANN401 - gradio's updates
        names = list(shelf.places)
        return gr.Dropdown(names, value=names[0] if names else None)

    @told
    def choose(name: str | None) -> list[Any]:
        if name is None:
            return [gr.Dropdown()] * 4
        book = shelf.open(name)
        properties = [(title, key) for key, title in book.series.items()]
        flags = flags_of(book.tests) if book.finished else []
        return [
            gr.Dropdown([(ANY, ANY), *properties], value=ANY),
            gr.Dropdown([ANY, *book.study.models], value=ANY),
            gr.Dropdown([ANY, NONE, *flags], value=ANY),
            gr.Dropdown(figures_of(book), value=None),
        ]

    @told
    def filter_rows(
        name: str | None, prop: str, model: str, flag: str, q: float, image: str, along: str
    ) -> list[Any]:
        if name is None:
            return [
                _EMPTY,
                "",
                "",
                pd.DataFrame(columns=_COLUMNS),
                gr.Dropdown([]),
                gr.Dropdown([]),
            ]
        book = shelf.open(name)
        if not book.finished:
            images, keys = book.images, list(book.series)
            return [
                _unfinished(book), "", "", pd.DataFrame(columns=_COLUMNS),
                gr.Dropdown(images, value=next(iter(images), None)),
                gr.Dropdown([(title, key) for key, title in book.series.items()], value=keys[0]),
            ]  # fmt: skip
        left, tests = kept(book.headline, book.tests, prop=prop, model=model, flag=flag, q=q)
        images = list(dict.fromkeys(tests["image"]))
        titles = [
            (title, key) for key, title in book.series.items() if key in set(left["property"])
        ]
        keys = [key for _, key in titles]
        return [
            _answer(book, left),
            _table(book, left, "headline"),
            _table(book, left, "explained"),
            _listed(book, tests),
            gr.Dropdown(images, value=image if image in images else next(iter(images), None)),
            gr.Dropdown(titles, value=along if along in keys else next(iter(keys), None)),
        ]

    @told
    def look(name: str | None, image: str | None, along: str | None) -> str:
        if name is None or image is None or along is None:
            return "" if name is None else "<p>No image is left; ask for less above.</p>"
        return scrubber(stored_walk(shelf.open(name), along, image))

    @told
    def step(
        name: str | None, prop: str, model: str, flag: str, q: float, image: str, by: int
    ) -> Any:  # noqa: ANN401
        if name is None:
            return image
        book = shelf.open(name)
        images = book.images
        if book.finished:
            tests = kept(book.headline, book.tests, prop=prop, model=model, flag=flag, q=q)[1]
            images = list(dict.fromkeys(tests["image"]))
        return images[(images.index(image) + by) % len(images)] if image in images else image

    @told
    def to_row(found: pd.DataFrame, name: str | None, event: gr.SelectData) -> list[Any]:
        if name is None:
            return [gr.skip(), gr.skip()]
        titles = {title: key for key, title in shelf.open(name).series.items()}
        row = dict(zip(_COLUMNS, event.row_value, strict=True))
        return [row["image"], titles[row["property"]]]

    @told
    def draw(name: str | None, which: str | None) -> str:
        return "" if name is None or which is None else figure(shelf.open(name), which)

    page.load(begin, None, study, **QUIET)
    figures.change(draw, [study, figures], drawn, **QUIET)
    study.change(choose, study, [prop, model, flag, figures], **QUIET).then(
        filter_rows, [*asked, image, along], shown, **QUIET
    )
    for one in (prop, model, flag, q):
        one.input(filter_rows, [*asked, image, along], shown, **QUIET)
    gr.on(
        [image.change, along.change, study.change],
        look,
        [study, image, along],
        walk,
        trigger_mode="always_last",
        **QUIET,
    )
    for button, by in ((back, -1), (on, 1)):
        button.click(step, [*asked, image, gr.State(by)], image, **QUIET)
    rows.select(to_row, [rows, study], [image, along], **QUIET)
    return [study, image, more]


def _unfinished(book: Book) -> str:
    """Return what an unfinished study lacks, and how it is finished."""
    template = environment().from_string(
        '<div class="zs-report"><p class="warning">This study is not finished. It lacks:</p><ul>'
        "{% for one in missing %}<li>{{ one }}</li>{% endfor %}</ul></div>"
    )
    return template.render(missing=book.study.missing)


def _answer(book: Book, left: pd.DataFrame) -> str:
    """Return what the rows say in sentences, those of the report."""
    if left.empty:
        return "<p>No pair of property and model is left; ask for less above.</p>"
    template = environment().from_string(
        '<div class="zs-report">{% if missing %}<p class="warning">This study is unfinished: it '
        'lacks {{ missing | listed }}.</p>{% endif %}<div class="answer">{% for sentence in '
        "answers %}<p>{{ sentence }}</p>{% endfor %}</div></div>"
    )
    keys = pd.MultiIndex.from_frame(left[["property", "model"]])
    mine = pd.MultiIndex.from_frame(book.tests[["property", "model"]]).isin(keys)
    missing = [one.what for one in book.study.missing]
    return template.render(answers=answers(left, book.tests[mine], book.alpha), missing=missing)


def _table(book: Book, left: pd.DataFrame, macro: str) -> str:
    """Return the headline table, or what its columns mean, as the report writes them."""
    if left.empty:
        return ""
    facts = table_facts(left, book.alpha, book.interest, book.output)
    module: Any = environment().get_template("headline.html").module
    keys: tuple[str, ...]
    if macro == "headline":
        keys = ("rows", "statistic", "tested", "flagged", "failed")
    else:
        keys = ("statistic", "meaning", "comparable", "tested", "flagged", "failed")
        keys += ("alpha", "interest", "odds", "closed")
    inside = getattr(module, macro)(*(facts[key] for key in keys))
    return f'<div class="zs-report scroll">{inside}</div>'


def _listed(book: Book, tests: pd.DataFrame) -> pd.DataFrame:
    """Return the list of images."""
    titles, statistic = book.series, book.headline["statistic"].iloc[0]
    rows = [
        {
            "image": row["image"],
            "label": row["label"],
            "property": titles.get(row["property"], row["property"]),
            "model": row["model"],
            "followed": row["output"],
            "score": two_digits(row[statistic]),
            "p": show(row["p"], book.alpha),
            "flips": str(row["flips"]),
            "flags": str(row["flags"] or "").replace(";", ", ").replace("_", " "),
        }
        for row in tests.head(_ROWS).to_dict("records")
    ]
    return pd.DataFrame(rows, columns=_COLUMNS)
