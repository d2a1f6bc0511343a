# Provenance: the record of what made a study's results, and the archive to publish them.
# In: all results. Out: record/, RO-Crate metadata, one zip. `snakemake archive` packs,
# `snakemake redraw --workflow-profile redraw` draws what was unpacked.

METADATA = f"{RESULTS}/ro-crate-metadata.json"
RECORDED = dict(
    images=[rules.select_images.output.table, rules.select_images.output.skipped],
    models=[
        *expand(f"{RESULTS}/models/{{model}}.json", model=MODELS),
        *([rules.test_classifiers.output.table] if TRAINED else []),
    ],
    manifests=expand(rules.gather_interventions.output.manifest, property=DRAWS),
    ledgers=expand(rules.measure_edits.output, property=DRAWS),
    scores=[
        *rules.gather_scores.output,
        *rules.compare_placebos.output,
        *rules.summarise_scores.output,
    ],
    figures=rules.figures.input,
    predictions=expand(rules.infer.output.predictions, property=DRAWS, model=MODELS),
    pixels=rules.select_images.output.pixels,
)
# With --sdm conda every rule ran in an environment of its own.
OWN_ENVIRONMENTS = "conda" in {
    str(getattr(method, "value", method)).lower()
    for method in workflow.deployment_settings.deployment_method
}


def used_scripts():
    """The scripts of the study's rules: calibration and the making of editors are none of it."""
    left_out = ("calibrat", "draw_calibration", "train_editor", "archive", "redraw")
    return sorted(
        script.name
        for script in (ROOT / "workflow/scripts").glob("*.py")
        if not script.name.startswith(left_out)
    )


def used_modules():
    """The modules that the study's scripts import by name."""
    engines = {prop.engine for prop in STUDY.properties.values()}
    engines |= {found["settings"]["engine"] for found in PLACEBO_SETS.values()}
    named = [MODULES[engine] for engine in sorted(engines)]
    named += ["workflow.editing"] if EDITED else []
    return named + (["zollstock.worlds"] if STUDY.images.source == "renderer" else [])


def unused_modules():
    """Modules that are imported only in some studies, and not in this one."""
    meters = {getattr(prop, "meter", None) for prop in STUDY.properties.values()}
    return [] if "clip_direction" in meters else ["zollstock.ledger.clip"]


def can_be_redrawn(wildcards):
    """The figures whose images, frames and predictions are there."""
    drawn = {str(file) for file in rules.figures.input}
    if not Path(rules.select_images.output.pixels).exists():
        drawn -= {str(file) for file in rules.draw_images.output}
    for name in PROPERTIES:
        needed = expand(
            rules.infer.output.predictions,
            property=[name, *([PLACEBOS_OF[name]] if name in PLACEBOS_OF else [])],
            model=MODELS,
        )
        if not Path(f"{RESULTS}/interventions/{name}.zarr").exists():
            drawn -= set(expand(rules.draw_frames.output, property=name))
            drawn -= set(expand(rules.draw_paths.output, property=name))
        elif not all(Path(folder).exists() for folder in needed):
            drawn -= set(expand(rules.draw_paths.output, property=name))
    return sorted(drawn)


if STUDY.archive.unpacked:
    # What was unpacked is taken as it is, whatever its dates. `allowed-rules` in the profile
    # leaves out all rules but those that draw; but inputs given as `rules.NAME.output` lead
    # to their rule all the same.
    for drawing in workflow.rules:
        drawing.dependencies.clear()


rule write_record:
    """Write down what made the results, and the checksum of each."""
    input:
        **RECORDED,
        lib=lib("write_record.py"),
    output:
        record=f"{RESULTS}/record/record.json",
        config=f"{RESULTS}/record/config.json",
        code=directory(f"{RESULTS}/record/code"),
        metadata=METADATA,
    log:
        f"{LOGS}/write_record/record.log",
    benchmark:
        f"{BENCHMARKS}/write_record/record.tsv"
    conda:
        "../envs/scoring.yaml"
    threads: 1
    resources:
        mem_mb=500,
    params:
        results=RESULTS,
        cfg=dict(
            settings=STUDY.model_dump(mode="json"),
            checkpoints={
                name: str(
                    folder_of(
                        STUDY.properties[name].checkpoint,
                        STUDY.properties[name].revision,
                        Path(STUDY.editing.checkpoints),
                    )
                )
                for name in EDITED
            },
            scripts=used_scripts(),
            modules=used_modules(),
            without=unused_modules(),
            own_environments=OWN_ENVIRONMENTS,
        ),
    script:
        "../workflow/scripts/write_record.py"


rule archive:
    """Pack the study into one file (`snakemake archive`)."""
    input:
        **RECORDED,
        record=rules.write_record.output,
        lib=lib("archive.py"),
    output:
        archive=f"{RESULTS}/{STUDY.study}.zip",
    log:
        f"{LOGS}/archive/archive.log",
    benchmark:
        f"{BENCHMARKS}/archive/archive.tsv"
    conda:
        "../envs/scoring.yaml"
    threads: 1
    resources:
        mem_mb=500,
    params:
        results=RESULTS,
        cfg=section("archive"),
    script:
        "../workflow/scripts/archive.py"


rule redraw:
    """Draw the figures of unpacked results again, and compare them with the record."""
    input:
        # Without the profile, everything that the archive lacks would be computed.
        figures=can_be_redrawn if STUDY.archive.unpacked else [],
        lib=lib("redraw.py"),
    output:
        table=f"{RESULTS}/redrawn.csv",
    log:
        f"{LOGS}/redraw/redraw.log",
    benchmark:
        f"{BENCHMARKS}/redraw/redraw.tsv"
    conda:
        "../envs/scoring.yaml"
    threads: 1
    resources:
        mem_mb=500,
    params:
        results=RESULTS,
        cfg=section("archive"),
    script:
        "../workflow/scripts/redraw.py"
