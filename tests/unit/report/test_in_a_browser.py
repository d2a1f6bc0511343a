"""What the script of the page does in a browser: sorts, looks for names, opens what is folded."""

import json
import re
import shutil
import subprocess

import pytest

from zollstock.report.headline import TEMPLATES

BROWSER = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), ""
)

pytestmark = pytest.mark.skipif(not BROWSER, reason="no Chromium here")

PAGE = """<!doctype html><meta charset="utf-8"><style>{style}</style>
<table><thead><tr><th class="name">who</th><th>value</th><th class="mark"></th></tr></thead><tbody>
<tr><td>b10</td><td>0.5</td><td></td></tr><tr><td>a</td><td>–</td><td></td></tr>
<tr><td>b9</td><td>−2</td><td></td></tr><tr><td>c</td><td>1,000</td><td></td></tr></tbody></table>
<details><summary>many</summary><div class="album">{figures}</div></details>
<a href="no.png"><img src="no.png" alt="figures/no.png"></a>
<script>{script}</script><script>addEventListener("load", () => {{
const seen = {{}};
const all = (what) => [...document.querySelectorAll(what)];
const rows = () => all("tbody tr").map((row) => row.cells[0].textContent);
const heads = all("th");
const press = (head) => head.querySelector("button").click();
seen.before = rows();
for (const way of ["up", "down", "back"]) {{
  press(heads[1]);
  seen[way] = rows();
  seen[way + " is"] = heads[1].getAttribute("aria-sort");
}}
press(heads[1]); press(heads[0]);
seen.names = rows();
seen.states = heads.map((head) => head.getAttribute("aria-sort"));
seen.reached = heads.map((head) => head.querySelector("button")?.tabIndex ?? null);
const field = document.querySelector(".search input");
field.value = "X1"; field.dispatchEvent(new Event("input"));
seen.shown = all("figure").filter((one) => !one.hidden).length;
seen.told = document.querySelector(".search [role=status]").textContent.trim();
dispatchEvent(new Event("beforeprint"));
seen.open = document.querySelector("details").open;
dispatchEvent(new Event("afterprint"));
seen.closed = !document.querySelector("details").open;
seen.link = document.querySelector("a").textContent;
document.body.insertAdjacentHTML("beforeend", `<pre>${{JSON.stringify(seen)}}</pre>`);
}});
</script>"""


@pytest.fixture(scope="module")
def seen(tmp_path_factory):
    folder = tmp_path_factory.mktemp("browser")
    figures = "".join(f'<figure data-name="x{n}">{n}</figure>' for n in range(12))
    script, style = ((TEMPLATES / name).read_text() for name in ("page.js", "style.css"))
    page = folder / "page.html"
    page.write_text(PAGE.format(script=script, style=style, figures=figures))
    command = [
        BROWSER,
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        f"--user-data-dir={folder}/p",
    ]
    done = subprocess.run(
        [*command, "--dump-dom", page.as_uri()], capture_output=True, text=True, timeout=300
    )
    return json.loads(re.search(r"<pre>({.*})</pre>", done.stdout).group(1))


def test_numbers_sort_as_numbers_and_what_has_none_stays_last(seen):
    assert seen["before"] == ["b10", "a", "b9", "c"]
    assert (seen["up"], seen["up is"]) == (["b9", "b10", "c", "a"], "ascending")
    assert (seen["down"], seen["down is"]) == (["c", "b10", "b9", "a"], "descending")
    assert (seen["back"], seen["back is"]) == (seen["before"], "none")


def test_names_sort_as_names_and_one_column_is_marked(seen):
    assert seen["names"] == ["a", "b9", "b10", "c"]
    assert seen["states"] == ["ascending", "none", None]


def test_heads_are_reached_by_the_keyboard(seen):
    assert seen["reached"] == [0, 0, None]


def test_names_are_looked_for(seen):
    assert (seen["shown"], seen["told"]) == (3, "3 of 12")


def test_what_is_folded_is_printed_and_folded_again(seen):
    assert seen["open"] and seen["closed"]


def test_a_picture_that_is_not_there_is_a_link(seen):
    assert seen["link"] == "figures/no.png"
