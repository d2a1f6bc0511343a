"""How the pages of `docs/` become a site: `make site`."""

import re
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from zollstock import __version__

project = "zollstock"
author = copyright = "The zollstock authors"
version = release = __version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]

# Pages are read where they lie, so that their links work in a checkout and on the site alike.
root_doc = "docs/index"
include_patterns = ["docs/**.md", "config/README.md", "resources/recipes/README.md", "CHANGELOG.md"]
# Sphinx walks through all that is not excluded, `.venv` and results among it.
_walked = {"docs", "config", "resources", "CHANGELOG.md"}
exclude_patterns = [found.name for found in ROOT.iterdir() if found.name not in _walked]

myst_heading_anchors = 4
highlight_language = "none"

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
napoleon_google_docstring = False
napoleon_use_ivar = True
napoleon_use_rtype = False
python_maximum_signature_line_length = 88
add_module_names = False

html_theme = "furo"
html_title = f"zollstock {version}"
html_extra_path = ["site"]
html_copy_source = html_show_sourcelink = html_show_sphinx = False
# Nothing that a page loads lies elsewhere.
html_theme_options = {
    "light_css_variables": {"font-stack": "system-ui, -apple-system, 'Segoe UI', sans-serif"},
    "footer_icons": [],
}


def bars_are_text(*event: Any) -> None:
    """Keep |x| in docstrings, where it is an absolute value and no substitution."""
    lines = event[-1]
    for number, line in enumerate(lines):
        # What stands in backticks is literal already.
        parts = re.split(r"(`+[^`]*`+)", line)
        parts[::2] = [part.replace("|", r"\|") for part in parts[::2]]
        lines[number] = "".join(parts)


def setup(app: Any) -> None:
    """Tell Sphinx what this file adds."""
    app.connect("autodoc-process-docstring", bars_are_text)
