"""What the jobs of the stage `trace` do beside calling the library."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from zollstock.errors import ZollstockError
from zollstock.images.geometry import Geometry
from zollstock.jobs.draw_trace import TraceData, _incomplete, _span, graph_of
from zollstock.jobs.drawing import DrawnStudy
from zollstock.jobs.gather_traces import gather_traces
from zollstock.jobs.tracing import TracedModel
from zollstock.parquet import read_parquet, write_parquet
from zollstock.trace.exchange import write_json
from zollstock.trace.structure import Graph, Node
from zollstock.trace.tables import TABLES

STUDY = DrawnStudy(
    models=["NA", "001"],
    scoring={"alpha": 0.05, "statistics": ["epgm"], "permutations": 99, "output": "dog"},
    seed=1,
    looks={"max_images": 4, "palette": "petroff10", "formats": ["png"], "dpi": 60},
    compared=5,
)
NODES = (Node("fc", 1, 2.0, 1.0, np.nan, np.nan), Node("conv", 0, 0.5, 0.2, 0.01, 0.02))


def table(name, **values):
    """A table of a model of one row, or of none."""
    columns = ["model", *TABLES[name]]
    return pd.DataFrame([values] if values else [], columns=columns)


@pytest.fixture
def gathered(tmp_path):
    """Two models, of which names, classes and properties look like something else."""
    folders = []
    for model in ("NA", "001"):
        folder = tmp_path / model
        (folder / "graphs").mkdir(parents=True)
        folders.append(folder)
        rows = {name: table(name) for name in TABLES}
        rows["layers"] = table("layers", model=model, place=0, layer="conv", units=3, inputs=1)
        if model == "001":  # the other one has no graph
            found = {"class": "1e3", "index": 1, "held_out": False, "nodes": 1, "units": 3}
            rows["graphs"] = table("graphs", model=model, rule="paired", fallbacks="", **found)
            write_json(Graph(NODES, ((1, 0),), {"fc": 3}), folder / "graphs" / "1-1e3.json")
            rows["mediation"] = table(
                "mediation", model=model, property="null", held_out=True, size=0.1, removed=0.25
            )
        for name, one in rows.items():
            write_parquet(one, folder / f"{name}.parquet")
    files = {name: tmp_path / f"{name}.csv" for name in ("graphs", "mediation", "stability")}
    files |= {name: tmp_path / f"{name}.parquet" for name in ("layers", "units")}
    gather_traces(folders=folders, files=files)
    return files, folders


def test_tables_of_models_are_joined_and_empty_ones_keep_their_columns(gathered):
    files, _ = gathered
    assert list(read_parquet(files["layers"])["model"]) == ["NA", "001"]
    assert list(read_parquet(files["units"]).columns) == ["model", *TABLES["units"]]
    assert len(read_parquet(files["units"])) == 0
    assert files["stability"].read_text().strip() == ",".join(["model", *TABLES["stability"]])
    assert len(files["graphs"].read_text().splitlines()) == 2


def test_figures_read_names_as_they_are_and_numbers_as_numbers(gathered):
    files, folders = gathered
    data = TraceData(
        {name: [file] for name, file in files.items()} | {"traces": folders},
        STUDY,
        {},
        ["NA", "001"],
    )
    (row,) = data.graphs.to_dict("records")
    assert row["model"] == "001" and row["class"] == "1e3" and row["index"] == 1
    assert row["held_out"] is False and row["fallbacks"] == "" and np.isnan(row["keep"])
    (row,) = data.mediation.to_dict("records")
    assert row["property"] == "null" and row["held_out"] is True and row["removed"] == 0.25
    assert len(data.stability) == 0
    ((model, name, graph, units),) = list(data.class_graphs)
    assert (model, name, units) == ("001", "1e3", {"conv": 3})
    assert graph.nodes[1] == NODES[1] and graph.edges == ((1, 0),)


def test_a_lost_or_foreign_graph_is_named(gathered):
    _, (_, root) = gathered
    file, row = root / "graphs/1-1e3.json", {"index": 1, "nodes": 1}
    assert graph_of(root, row).nodes[1] == NODES[1]
    again = r"1-1e3\.json: is another class's.*--forcerun trace_model"
    with pytest.raises(ZollstockError, match=again):
        graph_of(root, row | {"nodes": 2})
    write_json(Graph((Node("fc", 0, 2.0, 1.0, np.nan, np.nan), NODES[1]), ((1, 0),), {}), file)
    with pytest.raises(ZollstockError, match=again):
        graph_of(root, row)
    file.write_text(file.read_text()[:99])
    with pytest.raises(ZollstockError, match=r"is no causal graph.*--forcerun trace_model"):
        graph_of(root, row)
    file.unlink()
    with pytest.raises(ZollstockError, match=r"graphs/1-\*\.json: is missing.*trace_model"):
        graph_of(root, row)


@pytest.mark.parametrize(
    ("middle", "half", "size", "found"),
    [
        (0.5, 4.5, 32, (12, 21)),
        (0.0, 4.5, 32, (0, 9)),
        (1.0, 4.5, 32, (23, 32)),
        (0.5, 20, 32, (0, 32)),  # larger than the picture
        (-0.3, 4.5, 32, (0, 9)),  # in the black beside it
    ],
)
def test_patches_lie_within_the_picture(middle, half, size, found):
    assert _span(middle, half, size) == slice(*found)


def test_what_a_cut_misses_is_a_share_of_what_its_paths_do():
    cuts = pd.DataFrame(
        {
            "after": ["a", "a", "b"],
            "change": [0.5, -0.1, 0.0],
            "variation": [0.5, 0.5, 0.0],
            "error": [0.01, -0.04, 0.0],
        }
    )
    assert _incomplete(cuts) == pytest.approx(0.05)
    assert np.isnan(_incomplete(cuts.iloc[2:])) and np.isnan(_incomplete(cuts.iloc[:0]))


def traced_of(labels, geometry=None):
    """A traced model without a model: what sorts images knows their labels alone."""
    traced = object.__new__(TracedModel)
    traced._by_id = {f"i{n}": SimpleNamespace(label=label) for n, label in enumerate(labels)}
    model = SimpleNamespace(geometry=geometry)
    traced._followed = SimpleNamespace(network=SimpleNamespace(model=model))
    return traced, [SimpleNamespace(image=image) for image in traced._by_id]


@pytest.mark.parametrize(
    ("labels", "finds", "judges"),
    [
        ("ccddcd", [0, 2, 4, 5], [1, 3]),
        ("ccccd", [0, 2, 4], [1, 3]),
        ("abcde", [0, 2, 4], [1, 3]),  # each of a label of its own
        ("cccd", [0, 2, 3], [1]),
    ],
)
def test_of_each_label_every_second_image_judges(labels, finds, judges):
    traced, paths = traced_of(labels)
    first, second, held_out = traced.halves(paths)
    assert [int(path.image[1:]) for path in first] == finds
    assert held_out and not {id(p) for p in first} & {id(p) for p in second}
    assert [int(path.image[1:]) for path in second] == judges


def test_three_images_find_and_judge():
    traced, paths = traced_of("ccd")
    assert traced.halves(paths) == (paths, paths, False)


def test_places_are_shares_of_frames_of_which_the_input_is_a_part(tmp_path):
    manifest = tmp_path / "fur.json"
    manifest.write_text(
        '{"shape": {"height": 40, "width": 80, "steps": 3}, "store": "x", "images": []}'
    )
    places = pd.DataFrame({"y": [0.5, 0.0], "x": [0.5, 0.0], "side": [0.25, 0.25]})
    traced, _ = traced_of("", Geometry((20, 20), fit="crop"))
    found = traced.in_frames(places, manifest)
    assert list(found["x"]) == [0.5, 0.25] and list(found["y"]) == [0.5, 0.0]
    assert list(found["side"]) == [0.25, 0.25]
    traced, _ = traced_of("", Geometry((20, 20), fit="pad"))
    found = traced.in_frames(places, manifest)
    assert list(found["y"]) == [0.5, -0.5] and list(found["x"]) == [0.5, 0.0]
    assert list(found["side"]) == [0.5, 0.5]
