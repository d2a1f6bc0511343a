"""Take the maps of one model on a share of the images, and judge them."""

from zollstock.jobs.harness import job

with job(snakemake):
    from pathlib import Path

    from zollstock.jobs.locate_maps import locate_maps
    from zollstock.jobs.locating import handed_over

    locate_maps(
        maps=Path(snakemake.params.maps),
        cfg=snakemake.params.cfg["locate"],
        **handed_over(snakemake),
    )
