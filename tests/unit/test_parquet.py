"""Tables between the stages: what is harmed is named."""

import numpy as np
import pandas as pd
import pytest

from zollstock.errors import ZollstockError
from zollstock.jobs.gather_scores import gather_scores
from zollstock.parquet import read_parquet, write_parquet


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


def test_scores_of_another_model_are_named(tmp_path):
    for name in ("plain", "biased"):
        write_parquet(pd.DataFrame({"model": ["plain"]}), tmp_path / f"{name}.parquet")
    with pytest.raises(ZollstockError, match=r"biased\.parquet: holds scores of the model plain"):
        gather_scores(
            tables=[tmp_path / "plain.parquet", tmp_path / "biased.parquet"],
            ledgers={},
            table=tmp_path / "all.parquet",
            csv=tmp_path / "all.csv",
        )
