"""Count how often tests reject where nothing is to be found."""

from pathlib import Path

import pandas as pd

from zollstock.calibration.designs import rates_of_designs
from zollstock.calibration.rates import judged, rates_of_models, rates_of_processes
from zollstock.calibration.seen import Seen
from zollstock.calibration.tables import write_table


def calibrate_rates(
    *, predictions: Path, table: Path, series: int, length: int, permutations: int, seed: int
) -> None:
    """Write rejection rates on simulated series, in designed cases and on pixel noise.

    Parameters
    ----------
    predictions
        What the models said, see `zollstock.calibration.seen.Seen`.
    table
        The table that is written.
    series, length
        Simulated images per process, and steps of their paths.
    permutations, seed
        Of the shuffle test.
    """
    seen = Seen.read(predictions)
    found = [
        rates_of_processes(series, length, permutations=permutations, seed=seed),
        rates_of_designs(series, seed),
        rates_of_models(seen.models, seen.noise, permutations=permutations, seed=seed),
    ]
    write_table(judged(pd.concat(found, ignore_index=True)), table)
