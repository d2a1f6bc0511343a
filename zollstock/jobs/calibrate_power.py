"""Measure which statistic finds an effect, by its size."""

from pathlib import Path

import numpy as np
import pandas as pd

from zollstock.calibration.edited import latent_paths
from zollstock.calibration.power import power_of_shapes, power_of_slopes
from zollstock.calibration.tables import read_edits, write_table


def calibrate_power(
    *, edits: Path | None, table: Path, simulations: int, steps: int, seed: int
) -> None:
    """Write power by size of the effect.

    Parameters
    ----------
    edits
        What was read in edited frames; None without an editor.
    table
        The table that is written.
    simulations
        Simulated images per cell.
    steps
        Of the paths that a formula looks at; shorter edited ones are left out.
    seed
        Names the draw.
    """
    tables = [
        power_of_shapes(simulations, seed),
        power_of_slopes([np.linspace(0, 1, steps)], simulations, "exact", seed),
    ]
    if edits:
        walked = [path for path in latent_paths(read_edits(edits)).values() if len(path) == steps]
        tables.append(power_of_slopes(walked, simulations, "edited", seed))
    write_table(pd.concat(tables), table)
