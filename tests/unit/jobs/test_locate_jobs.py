"""The jobs of `locate`: which images and paths they look at, and what figures are drawn from."""

import json
import shutil

import numpy as np
import pandas as pd
import pytest

from tests.unit.locate.stores import SIZE, path, write_paths
from zollstock.errors import ZollstockError
from zollstock.images.reading import pixel_sha256
from zollstock.images.table import ImageRecord, save_png, write_table
from zollstock.inference.predictions import Predictions, write_predictions
from zollstock.jobs.draw_locate import LocateData
from zollstock.jobs.drawing import DrawnStudy
from zollstock.jobs.locating import chosen_images
from zollstock.jobs.rank_methods import paths_of
from zollstock.locate.kept import KeptMaps
from zollstock.locate.ranking import table_of
from zollstock.parquet import read_parquet, write_parquet
from zollstock.studies.drawing import OneMap
from zollstock.studies.inputs import judged_maps, methods_of


def predictions(images, probabilities, unedited, axis=None, draws=()):
    """Predictions with the probabilities, (N, S, C), along paths."""
    values = np.asarray(probabilities, np.float32)
    still = np.asarray(unedited, np.float32)
    if axis is None:
        axis = np.tile(np.arange(float(values.shape[1])), (len(values), 1))
    return Predictions(
        images, ("cat", "dog", "cow"), np.asarray(axis, np.float64), np.log(values + 1e-9), values,
        np.log(still + 1e-9), still, draws=list(draws),
    )  # fmt: skip


def test_images_are_chosen_from_each_label_in_turn():
    records = [ImageRecord(f"{label}{n}", label, "", "", None) for label in "xyz" for n in range(4)]
    records = [record for record in records if record.label != "z" or record.id == "z2"]

    def chosen(number):
        return [record.id for record in chosen_images(records, number)]

    assert chosen(1) == ["x0"]
    assert chosen(5) == ["x0", "y0", "z2", "x1", "y1"]
    assert chosen(99) == ["x0", "y0", "z2", "x1", "y1", "x2", "y2", "x3", "y3"]
    assert chosen("all") == [record.id for record in records]
    # More images only add to those that are there.
    assert all(chosen(n + 1)[:n] == chosen(n) for n in range(9))
    assert chosen_images([], 3) == []


def test_the_score_of_a_path_is_of_the_class_that_was_predicted_unedited(tmp_path):
    steps = [[0.7, 0.2, 0.1], [0.6, 0.3, 0.1], [0.2, 0.5, 0.3], [0.1, 0.6, 0.3]]
    still = [0.3, 0.6, 0.1]
    nan = np.nan
    found = predictions(
        ["a", "a", "b", "c", "z"],
        [steps] * 5,
        [still] * 5,
        axis=[[0, 1, 2, 3]] * 2 + [[0, 1, nan, nan], [nan, 0, nan, nan], [0, 1, 2, 3]],
        draws=[0, 1, 0, 0, 0],
    )
    write_predictions([found], tmp_path / "m.zarr", 5)
    table = paths_of({("fur", "m"): tmp_path / "m.zarr"}, {"a", "b", "c"})
    # Replicates, images that are not looked at, and paths of one frame are left out.
    assert table[["model", "image", "property"]].to_numpy().tolist() == [
        ["m", "a", "fur"],
        ["m", "b", "fur"],
    ]
    whole, short = table.to_dict("records")
    assert whole["flips"] and not short["flips"]
    # Of the dog, which the picture is taken for, and not of the cat, which the path begins with.
    assert whole["score"] == pytest.approx((0.1 + 0.2 + 0.1) / 3)
    assert whole["half"] == pytest.approx(0.1)
    assert short["score"] == short["half"] == pytest.approx(0.1)
    assert paths_of({("fur", "m"): tmp_path / "m.zarr"}, set()).empty


@pytest.fixture
def data(tmp_path):
    """What is drawn of two models on three images, of which two were looked at."""
    records = []
    for place, name in enumerate("abc"):
        pixels = np.full((*SIZE, 3), place + 1, np.uint8)
        save_png(pixels, tmp_path / "pixels" / f"{name}.png")
        file = tmp_path / "pixels" / f"{name}.png"
        records.append(ImageRecord(name, "cat", pixel_sha256(pixels), "here", file))
    write_table(records, tmp_path / "images.csv")
    fur = write_paths(tmp_path, "fur", {"a": {0: path(1, (2.0, 0.0, 1.0))}, "b": {0: "failed"}})
    rows = [
        {"model": model, "image": image, "method": "exact", "measure": "change"}
        | {"property": "fur", "value": 0.25}
        for model in "mn"
        for image in "ab"
    ]
    write_parquet(table_of(rows), tmp_path / "judged.parquet")
    still = np.array([[0.1, 0.8, 0.1], [0.6, 0.3, 0.1], [0.1, 0.1, 0.8]])
    for model in "mn":
        kept = KeptMaps(tmp_path / "maps" / model)
        maps = np.stack([np.full(SIZE, 1.0), np.full(SIZE, 2.0)])
        kept.write("ig", "a", maps, ["picture", "path fur"], "x", kind="gradient")
        if model == "m":
            kept.write("property", "a", maps[1:] + 3, ["path fur"], "x", kind="property")
        group = predictions(["a", "b", "c"], still[:, None], still)
        write_predictions([group], tmp_path / "said" / f"{model}.zarr", 3)
    study = DrawnStudy(
        ["m", "n"],
        {"alpha": 0.05, "statistics": ["epgm"], "output": "predicted"},
        1,
        {"max_images": 5, "palette": "petroff10", "formats": ["png"], "dpi": 60},
        5,
    )
    files = {"maps": "judged.parquet", "images": "images.csv", "pixels": "pixels"}
    told = {name: [tmp_path / file] for name, file in files.items()} | {"manifests": [fur]}
    how = {"size": None, "resize": "bilinear", "fit": "stretch"}
    for model, changed in (("m", {"size": [4, 4], "fit": "crop"}), ("n", {})):
        card = {"preprocessing": how | changed}
        (tmp_path / f"{model}.json").write_text(json.dumps(card))
    told["cards"] = [tmp_path / "m.json", tmp_path / "n.json"]
    methods = {"m": ["property", "ig", "gone"], "n": ["ig"]}
    groups = [tmp_path / "said" / f"{model}.zarr" for model in "mn"]

    def make(kind=LocateData, **tables):
        for name, text in tables.items():
            (tmp_path / f"{name}.csv").write_text(text)
            told[name] = [tmp_path / f"{name}.csv"]
        return kind(
            told,
            study,
            {"fur": "fur lightness"},
            tmp_path / "maps",
            groups,
            methods,
            "predicted",
            "pets",
        )

    return make


def test_a_page_has_the_maps_that_are_there(data):
    one, two = data().map_pages
    assert (one.image, two.image) == ("a", "b")  # no one looked at the third
    assert one.followed == {"m": "P(dog)", "n": "P(dog)"}
    assert two.followed["m"] == "P(cat)"
    assert one.methods == ["ig"]  # the located gradient has no map of the picture
    assert set(one.maps) == {("m", "ig"), ("n", "ig")} and (one.maps["m", "ig"] == 1).all()
    assert (one.picture == 1).all() and two.maps == {}
    # Maps lie on what a model sees of the picture.
    assert one.view("m", one.picture).shape == (4, 4, 3)
    assert one.view("n", one.picture).shape == (*SIZE, 3)
    assert two.paths == []  # it failed


def test_a_map_that_was_judged_is_drawn_or_named_when_it_is_lost(data, tmp_path):
    table = read_parquet(tmp_path / "judged.parquet")
    row = {"model": "n", "image": "a", "method": "ig", "measure": "srg", "value": 0.5}
    write_parquet(pd.concat([table, table_of([row])]), tmp_path / "judged.parquet")
    assert len(list(data().map_pages)) == 2
    shutil.rmtree(tmp_path / "maps/n/ig/a")
    with pytest.raises(ZollstockError, match=r"maps/n/ig/a: is missing.*--forcerun locate_maps"):
        list(data().map_pages)


def test_maps_of_settings_before_are_not_taken_for_the_studys(tmp_path):
    table = tmp_path / "locate/judged"
    table.mkdir(parents=True)
    rows = [("ig", "a"), ("ig", "b"), ("random", "a"), ("exact", "a")]
    for share, some in enumerate((rows[:2], rows[2:])):
        found = [{"model": "m.1", "method": one, "image": image} for one, image in some]
        write_parquet(pd.DataFrame(found), table / f"m.1.{share}.parquet")
    write_parquet(pd.DataFrame(found), table / "m.0.parquet")
    kept = KeptMaps(tmp_path / "locate/maps/m.1")
    kept.write("old", "a", np.ones((1, 2, 2)), ["picture"], "x")
    assert judged_maps(tmp_path, "m.1") == [("ig", "a"), ("ig", "b")]
    assert methods_of(tmp_path, "m.1") == ["ig"] and methods_of(tmp_path, "m") == []


def test_of_one_image_there_is_its_page_alone(data):
    found = data(OneMap)
    assert [page.image for page in found.map_pages] == ["a", "b"]
    found.only = "b"
    assert [page.image for page in found.map_pages] == ["b"]


def test_a_path_is_drawn_from_its_ends_with_what_was_found_along_it(data):
    (walk,) = next(iter(data().map_pages)).paths
    frames = path(1, (2.0, 0.0, 1.0)).frames
    assert walk.title == "fur lightness"
    assert (walk.start == frames[1]).all() and (walk.end == frames[0]).all()
    assert (walk.models["m"].gradient == 5).all() and walk.models["n"].gradient is None
    assert walk.models["m"].change == 0.25 and walk.models["m"].truth is None


def test_empty_cells_of_texts_are_empty_and_of_numbers_none(data):
    text = "measure,fill,property,method,n,mean\nsrg,,,NA,3,\ntruth,,fur,null,2,0.5\n"
    found = data(ranking=text, likeness="measure,method,other,n,mean\nspearman,a,nan,3,\n")
    assert found.ranking["method"].tolist() == ["NA", "null"]
    assert found.ranking["fill"].tolist() == ["", ""]
    assert np.isnan(found.ranking["mean"][0]) and found.ranking["n"].tolist() == [3, 2]
    assert found.likeness["other"].tolist() == ["nan"]
    assert isinstance(found.likeness, pd.DataFrame) and json.loads(found.likeness.to_json())
