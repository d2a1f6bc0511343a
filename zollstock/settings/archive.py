"""Settings of `snakemake archive`."""

from pydantic import Field

from zollstock.settings.base import Section


class ArchiveSettings(Section):
    """What `snakemake archive` packs beside tables, figures and record; no number depends on it."""

    predictions: bool = Field(True, description="Pack the predictions too.")
    frames: bool = Field(
        False, description="Pack the images and all frames too; they are the largest part."
    )
    license: str | None = Field(
        None,
        description="Licence of the results, for the RO-Crate: a name of spdx.org/licenses "
        "(`CC-BY-4.0`), an address, or a sentence.",
    )
    unpacked: bool = Field(
        False,
        description="Whether the results came out of an archive, so that the study's own files "
        "are not asked for; profiles/redraw sets it.",
    )
