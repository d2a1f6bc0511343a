"""Measure what the edits of a property did."""

from zollstock.jobs.harness import job

with job(snakemake):
    from pathlib import Path

    import pandas as pd

    from zollstock.draws import split_id
    from zollstock.files import read_json
    from zollstock.images.table import read_table
    from zollstock.ledger import (
        Thresholds,
        exact_readings,
        judge_path,
        make_meter,
        masks_for,
        measure_path,
    )
    from zollstock.store import PathStore, iterate_paths

    cfg = snakemake.params.cfg
    settings = cfg["meter"]
    name = settings["meter"]
    manifest = read_json(Path(snakemake.input.manifest))
    images = read_table(Path(snakemake.input.images), Path(snakemake.input.pixels))
    records = {image.id: image for image in images}
    meter = make_meter(name, **settings["clip"] or {}) if name else None
    thresholds = Thresholds(**cfg["ledger"])
    store = PathStore(Path(snakemake.params.store))
    steps, verdicts = [], []
    for entry in manifest["images"]:
        name_of_path = entry["id"]
        record = records[split_id(name_of_path)[0]]
        path = next((path for _, path in iterate_paths(store, [entry])), None)
        masks = truth = None
        if path is not None:
            height, width = path.frames.shape[1:3]
            masks = masks_for(
                meter.region if meter else None,
                record,
                world=cfg["world"],
                pattern=settings["mask"],
                height=height,
                width=width,
            )
            if meter is not None:
                truth = exact_readings(record, meter, masks, world=cfg["world"], size=height)
        rows = measure_path(path, image=name_of_path, meter=meter, masks=masks)
        verdict = judge_path(
            rows,
            image=name_of_path,
            meter=name,
            thresholds=thresholds,
            direction=settings["direction"],
            truth=truth,
            keeps_edges=settings["keeps_edges"],
        )
        if cfg["placebo"] and meter is None:
            # What should not matter need not be measured.
            kept = [flag for flag in verdict["flags"].split(";") if flag != "unmeasured"]
            verdict["flags"] = ";".join(kept)
        steps.append(rows)
        exact = {} if truth is None else {"exact_low": truth.min(), "exact_high": truth.max()}
        verdicts.append(verdict | {"reason": entry.get("failed", "")} | exact)
    pd.concat(steps).to_csv(snakemake.output.steps, index=False, float_format="%.6g")
    pd.DataFrame(verdicts).to_csv(snakemake.output.verdicts, index=False, float_format="%.6g")
