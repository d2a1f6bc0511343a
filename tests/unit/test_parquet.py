"""Tables between the stages: what is harmed is named."""

import numpy as np
import pandas as pd
import pytest

from zollstock.errors import ZollstockError
from zollstock.jobs.gather_scores import gather_scores
from zollstock.jobs.gather_traces import gather_traces
from zollstock.parquet import read_of_model, read_parquet, read_shares, write_parquet


@pytest.fixture
def table(tmp_path):
    rng = np.random.default_rng(0)
    found = pd.DataFrame({"image": [f"i{n}" for n in range(50)], "score": rng.random(50)})
    write_parquet(found, tmp_path / "t.parquet")
    pd.testing.assert_frame_equal(read_parquet(tmp_path / "t.parquet"), found)
    return tmp_path / "t.parquet"


@pytest.mark.parametrize("harm", ["lost", "cut off", "empty", "one bit of the numbers"])
def test_a_harmed_table_is_named_with_what_to_do(table, harm):
    content = bytearray(table.read_bytes())
    if harm == "lost":
        table.unlink()
    elif harm == "one bit of the numbers":
        number = float(pd.read_parquet(table)["score"].iloc[30])
        content[content.index(np.float64(number).tobytes())] ^= 1
        table.write_bytes(content)
        pd.read_parquet(table)  # without the checksums nothing would be noticed
    else:
        table.write_bytes(content[: len(content) // 2 if harm == "cut off" else 0])
    with pytest.raises(
        ZollstockError, match=r"t\.parquet: cannot be read .*--forcerun score "
    ) as raised:
        read_parquet(table)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("file", "rules"),
    {
        "locate/judged/one.0.parquet": "locate_maps rank_methods",
        "locate/judged.parquet": "locate_maps rank_methods",
        "trace/models/one/units.parquet": "trace_model gather_traces",
        "repair/units.parquet": "score_repairs compare_circuits",
        "dynamics/scores.parquet": "score_dynamics",
        "scores/tests.parquet": "score gather_scores compare_placebos",
    }.items(),
)
def test_a_table_is_made_again_by_the_rules_of_its_stage(tmp_path, file, rules):
    # Whatever the study is called.
    with pytest.raises(ZollstockError, match=f"--forcerun {rules}"):
        read_parquet(tmp_path / "trace" / file)


def test_judgements_and_traces_of_another_model_are_named(tmp_path):
    places = [tmp_path / f"locate/judged/{name}.0.parquet" for name in ("a", "b.c")]
    places += [tmp_path / f"trace/models/{name}/units.parquet" for name in ("a", "b")]
    for place, model in zip(places, ["a", "b.c", "a", "b"], strict=True):
        place.parent.mkdir(parents=True, exist_ok=True)
        write_parquet(pd.DataFrame({"model": [model]}), place)
    folders, units = [place.parent for place in places[2:]], tmp_path / "units.parquet"
    assert list(read_shares(places[:2])["model"]) == ["a", "b.c"]
    gather_traces(folders=folders, files={"units": units})
    for first, other in (places[:2], places[2:]):
        other.write_bytes(first.read_bytes())
    with pytest.raises(ZollstockError, match=r"b\.c\.0\.parquet: is the table of the model a;"):
        read_shares(places[:2])
    with pytest.raises(ZollstockError, match=r"b/units\.parquet: is .* model a;.*trace_model"):
        gather_traces(folders=folders, files={"units": units})


def test_a_table_of_other_columns_is_named(table):
    with pytest.raises(ZollstockError, match=r"t\.parquet: cannot be read \(it has no column"):
        read_of_model(table, "t")


def test_scores_of_another_model_are_named(tmp_path):
    for name in ("plain", "biased"):
        write_parquet(pd.DataFrame({"model": ["plain"]}), tmp_path / f"{name}.parquet")
    with pytest.raises(ZollstockError, match=r"biased\.parquet: is the table of the model plain"):
        gather_scores(
            tables=[tmp_path / "plain.parquet", tmp_path / "biased.parquet"],
            ledgers={},
            table=tmp_path / "all.parquet",
            csv=tmp_path / "all.csv",
        )
