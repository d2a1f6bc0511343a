"""Compare scores of classifiers that are formulas with their closed forms."""

from collections.abc import Sequence
from pathlib import Path

from zollstock.calibration.classifiers import classifiers
from zollstock.calibration.edited import points, truth_table
from zollstock.calibration.tables import read_edits, write_table
from zollstock.calibration.truth import error_against_steps
from zollstock.images.table import latents_of, read_table


def calibrate_truth(
    *,
    images: Path,
    pixels: Path,
    edits: Path | None,
    table: Path,
    decay: Path,
    scores: Path,
    world: str,
    latent: str,
    steps: int,
    step_counts: Sequence[int],
) -> None:
    """Write the scores of formulas, their errors, and how these fall with the steps.

    Parameters
    ----------
    images, pixels
        Table and folder of drawn images.
    edits
        What was read in their edited frames; None without an editor.
    table, decay, scores
        The tables that are written: errors, errors by number of steps, and scores.
    world, latent
        Name of the drawn world, and the latent under test.
    steps
        Of the exact paths that are scored beside the edited ones.
    step_counts
        Numbers of steps that `decay` has.
    """
    records, formulas = read_table(images, pixels), classifiers(latent)
    found = points(formulas, records, read_edits(edits) if edits else None, world, steps)
    write_table(found, scores, digits=9)
    write_table(truth_table(found), table)
    write_table(error_against_steps(formulas, latents_of(records), world, step_counts), decay)
