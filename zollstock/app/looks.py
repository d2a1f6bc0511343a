"""What the page looks like: fonts of this machine, the report's style, and the scrubber's."""

import gradio as gr

from zollstock.report.headline import environment
from zollstock.report.scrubber import scripts

FONTS = ["system-ui", "-apple-system", "Segoe UI", "sans-serif"]
MONOSPACE = ["ui-monospace", "monospace"]

_OWN = """
.gradio-container { max-width: min(1240px, 100%) !important; margin: 0 auto !important; min-width: 0 !important; }
.zs-report p, .zs-report li { max-width: 68rem; }
.dark .zs-report, .dark .zs-report .said { color: #eee; }
.dark .zs-report .note, .dark .zs-report figcaption, .dark .zs-report tr.placebo td { color: #b8b8b8; }
.dark .zs-report td.mark { color: #58c27d; }
.dark .zs-report th, .dark .zs-report td { border-color: #444; }
.dark .zs-report figure img { background: #fff; }
.zs-report.scroll, .zs-report .scroll { overflow-x: auto; }
.gradio-container .prose :is(.zs-report, .zs) table, .gradio-container .prose :is(.zs-report, .zs) :is(tr, th, td) { border-left: 0; border-right: 0; border-top: 0; }
.gradio-container .prose .zs-report :is(th, td) { padding: .12rem .5rem; }
.gradio-container .prose .zs :is(th, td) { padding: .2rem .5rem; }
.zs-step { flex-grow: 0 !important; min-width: 8.5rem !important; }
.zs-step button, button.zs-step { white-space: nowrap; }
.gradio-container :is(.main, .main > .wrap, main, .tabs, .tabitem) { min-width: 0 !important; max-width: 100%; }
@media (max-width: 760px) { .gradio-container .html-container, .gradio-container .block.padded { padding-left: 0; padding-right: 0; } .gradio-container main.app { padding: .5rem !important; } }
footer { display: none !important; }
"""


def theme() -> gr.themes.Base:
    """Return a theme that asks no other machine for fonts."""
    return gr.themes.Default(
        primary_hue="blue", neutral_hue="gray", font=FONTS, font_mono=MONOSPACE
    )


def style() -> str:
    """Return the CSS: the report's own rules hold in what comes from the report."""
    loader = environment().loader
    assert loader is not None
    report = loader.get_source(environment(), "style.css")[0]
    return f".zs-report {{\n{report}\n}}\n{_OWN}"


def head() -> str:
    """Return what stands in the page's head."""
    return scripts()
