"""The stage locate in the workflow: what it makes, and what it keeps."""

import copy

import numpy as np
import pandas as pd
import pytest
import zarr

pytestmark = pytest.mark.workflow

METHODS = {
    "property": {},
    "gradcam": {},
    "rise": {
        "segments": {"grid": [3, 3], "masks": "bilinear", "shift": True},
        "samples": {"random": 0.5, "number": 20},
        "fill": "mean",
        "attribute": "rise",
    },
}
STABLE = {"draws": 1, "reference": [2, 2]}
SECTION = {
    "images": 4,
    "properties": ["fur"],
    "methods": METHODS,
    "evaluate": {"steps": 4, "fills": ["mean", "path"], "stability": STABLE},
    "placebos": 2,
    "frames": 3,
}


def with_section(mini, **changed):
    return copy.deepcopy(mini) | {"locate": copy.deepcopy(SECTION) | changed}


def planned(workspace, study, *targets):
    """Rule → number of jobs that would run."""
    run = workspace.run(study, *targets, "--dry-run")
    assert run.code == 0, run.text
    return run.jobs() if "Job stats" in run.text else {}


def arrays(workspace):
    """Every array of maps → when its metadata were written."""
    root = workspace.results() / "locate" / "maps"
    return {
        file.parent.relative_to(root).as_posix(): file.stat().st_mtime_ns
        for file in root.rglob("zarr.json")
    }


def judged(workspace):
    table = pd.read_parquet(workspace.results() / "locate" / "judged.parquet")
    keys = ["model", "image", "method", "property", "measure", "fill", "draw", "other"]
    return table.sort_values(keys, kind="stable", ignore_index=True)


def test_maps_are_made_kept_and_judged(finished_copy, mini):
    space, study = finished_copy, with_section(mini)
    jobs = planned(space, study)
    assert jobs["locate_maps"] == len(mini["models"])
    assert not {"infer", "intervene", "score"} & set(jobs)
    run = space.run(study)
    assert run.code == 0, run.text
    results = space.results()
    page = (results / "report.html").read_text()
    assert 'id="where"' in page
    first, table = arrays(space), judged(space)
    assert set(table["method"]) == {*METHODS, "random", "exact"}
    held = table[table["measure"].isin(["noise spearman", "output spearman", "reference effects"])]
    assert held.groupby("method").size().to_dict() == dict.fromkeys(
        ["gradcam", "rise"], 3 * table["image"].nunique() * len(mini["models"])
    )
    (pair,) = pd.read_csv(results / "locate" / "likeness.csv").query("measure == 'l1'").itertuples()
    assert (pair.method, pair.other) == ("gradcam", "rise")
    assert (results / "figures" / "locate" / "holding.png").is_file()
    # The located gradient sums to the change along the path, within what it says is missing.
    whole = pd.read_csv(results / "locate" / "completeness.csv")
    assert len(whole) == table["image"].nunique() * len(mini["models"])
    assert (whole["incomplete"].dropna() < 0.01).all()
    for row in whole.itertuples():
        found = zarr.open_array(
            results / "locate" / "maps" / row.model / "property" / row.image, mode="r"
        )
        place = list(found.attrs["at"]).index("path fur")
        scale = max(abs(row.change), row.variation)
        np.testing.assert_allclose(
            float(np.sum(found[place])), row.change, atol=0.011 * scale + 1e-6
        )
    assert "locate_maps" not in planned(space, study)

    # One method more: its maps alone are taken.
    more = with_section(mini, methods=METHODS | {"saliency": {}})
    run = space.run(more, "results/mini/locate/judged.parquet")
    assert run.code == 0, run.text
    second = arrays(space)
    assert {name: second[name] for name in first} == first
    assert {name.split("/")[1] for name in set(second) - set(first)} == {"saliency"}
    both = judged(space)
    pd.testing.assert_frame_equal(
        both[~(both[["method", "other"]] == "saliency").any(axis=1)].reset_index(drop=True),
        table,
        check_exact=True,
    )

    maps = results / "locate" / "maps"
    marks = {name: zarr.open_array(maps / name, mode="r").attrs["made_by"] for name in first}
    # Another evaluation takes no map again; two shares of the images judge alike.
    other = with_section(
        mini, shares=2, evaluate={"steps": 4, "fills": ["mean"], "stability": STABLE}
    )
    file = "results/mini/locate/judged.parquet"
    assert planned(space, other, file)["locate_maps"] == 2 * len(mini["models"])
    run = space.run(other, file)
    assert run.code == 0, run.text
    kept = judged(space)
    same = table[table["fill"] != "path"].reset_index(drop=True)
    # Other batches round otherwise.
    pd.testing.assert_frame_equal(kept, same, rtol=1e-4, atol=1e-6)
    # The chunk that holds the numbers is written with the array, its judgements are not.
    assert all(
        zarr.open_array(maps / name, mode="r").attrs["made_by"] == made
        for name, made in marks.items()
    )


def test_without_the_section_it_runs_when_it_is_asked_for(finished_copy, mini):
    assert planned(finished_copy, mini, "locate")["locate_maps"] == len(mini["models"])
    assert "locate_maps" not in planned(finished_copy, mini)


def test_a_wrong_method_is_said_at_the_start(workspace, mini):
    run = workspace.run(with_section(mini, methods={"gradcam": {"leyer": "x"}}), "--dry-run")
    assert run.code == 1
    assert "locate.methods.gradcam" in run.text
    assert "Traceback" not in run.text
    run = workspace.run(with_section(mini, properties=["furr"]), "--dry-run")
    assert run.code == 1
    assert "furr" in run.text and "locate.properties" in run.text
