"""What the page looks like: fonts of this machine, the report's style, and the scrubber's."""

from pathlib import Path

import gradio as gr

from zollstock.report.headline import TEMPLATES
from zollstock.report.scrubber import scripts

FONTS = ["system-ui", "-apple-system", "Segoe UI", "sans-serif"]
MONOSPACE = ["ui-monospace", "monospace"]

_OWN = Path(__file__).with_name("page.css")


def theme() -> gr.themes.Base:
    """Return a theme that asks no other machine for fonts."""
    return gr.themes.Default(
        primary_hue="blue", neutral_hue="gray", font=FONTS, font_mono=MONOSPACE
    )


def style() -> str:
    """Return the CSS: the report's own rules hold in what comes from the report."""
    report = (TEMPLATES / "style.css").read_text(encoding="utf-8")
    return f".zs-report {{\n{report}\n}}\n{_OWN.read_text(encoding='utf-8')}"


def head() -> str:
    """Return what stands in the page's head."""
    # Gradio colours its own part alone, which is not as wide as every window.
    ground = "<style>body { background: var(--body-background-fill) !important; }</style>"
    return scripts() + ground
