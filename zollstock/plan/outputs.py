"""Outputs that a study follows beside the first, and the folders of their tables."""

from collections.abc import Sequence

from zollstock.ids import unique_ids
from zollstock.scoring.outputs import Spelled, parse_output


def further_outputs(spelled: Sequence[Spelled]) -> dict[str, Spelled]:
    """Return folder → output as it stands in the config, of all outputs but the first."""
    # Folders that differ in upper and lower case alone are one on some systems.
    names = unique_ids([parse_output(output).name for output in spelled[1:]])
    return dict(zip(names, spelled[1:], strict=True))
