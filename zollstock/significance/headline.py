"""The headline table as a file, read without what it takes to make one."""

from pathlib import Path

import pandas as pd


def read_headline(file: Path) -> pd.DataFrame:
    """Read what `zollstock.significance.summary.summarise` returned, from its CSV.

    Names are as they are written: a property may be called "NA" or "007".
    """
    text = dict.fromkeys(("property", "title", "model", "statistic"), str)
    return pd.read_csv(file, dtype=text, keep_default_na=False, na_values=["", "nan"])
