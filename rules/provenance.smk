# Provenance: the record of what made a study's results, and the archive to publish them.
# In: all results. Out: record/, RO-Crate metadata, one zip. `snakemake archive` packs,
# `snakemake redraw --workflow-profile redraw` draws what was unpacked.
from zollstock.plan.recording import result_scripts

METADATA = f"{RESULTS}/ro-crate-metadata.json"
RECORDED = dict(
    images=[rules.select_images.output.table, rules.select_images.output.skipped],
    models=[
        *expand(f"{RESULTS}/models/{{model}}.json", model=MODELS),
        *rules.try_models.output,
        *([rules.test_classifiers.output.table] if TRAINED else []),
    ],
    manifests=expand(MANIFEST, property=PATHS),
    ledgers=expand(rules.measure_edits.output, property=PROPERTIES),
    scores=[
        *rules.gather_scores.output,
        *rules.compare_placebos.output,
        *rules.summarise_scores.output,
        *expand(rules.score_output.output, followed=PLAN.further),
        *(rules.score_grids.output if PLAN.grids else []),
    ],
    located=[*rules.rank_methods.output] if LOCATING.asked else [],
    traced=(
        [*rules.gather_traces.output, *rules.gather_traces.input.folders] if TRACING.asked else []
    ),
    repaired=[*REPAIR_TABLES, *REPAIRED_CARDS],
    learnt=DYNAMICS_TABLES,
    figures=[
        *rules.figures.input,
        *(rules.draw_locate.output if LOCATING.asked else []),
        *(rules.draw_trace.output if TRACING.asked else []),
        *(rules.draw_repair.output if REPAIRING.asked else []),
        *(rules.draw_dynamics.output if PLAN.dynamics.asked else []),
    ],
    pages=rules.write_report.output,
    predicted=PLAN.predicted(PLAN.later),
    pixels=rules.select_images.output.pixels,
)
# Group of inputs → part of the record, as far as an archive tells them apart.
PARTS_OF_RECORD = dict.fromkeys(RECORDED, "tables") | {
    "figures": "figures",
    "predicted": "predictions",
    "pixels": "frames",
}
# With --sdm conda every rule ran in an environment of its own.
OWN_ENVIRONMENTS = snakemake_internals.makes_environments(workflow)

# What the study's scripts import by name, and what they import in other studies only.
NAMED_MODULES = [
    *sorted({module for paths in PATHS.values() for module in paths.modules}),
    *([PLAN.world] if STUDY.images.source == "renderer" else []),
    *PLAN.training.modules(TRAINED),
    *sorted({module for name in PLAN.captioned.jobs for module in PLAN.captioned.modules(name)}),
    *sorted({module for name in REPAIRED for module in REPAIRING.modules(name)}),
]
WITH_CLIP = any(paths.clip for paths in PATHS.values())
if STUDY.archive.unpacked:
    # What was unpacked is taken as it is, whatever its dates. `allowed-rules` in the profile
    # leaves out all rules but those that draw; but inputs given as `rules.NAME.output` lead
    # to their rule all the same.
    snakemake_internals.cut_dependencies(workflow)


rule write_record:
    """Write down what made the results, and the checksum of each."""
    input:
        **RECORDED,
        lib=lib("write_record.py"),
    output:
        record=f"{RESULTS}/record/record.json",
        config=f"{RESULTS}/record/config.json",
        code=directory(f"{RESULTS}/record/code"),
        readme=f"{RESULTS}/README.md",
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
        predictions=[*PLAN.predictions(PATHS), *PLAN.pictures()],
        parts=PARTS_OF_RECORD,
        cfg=dict(
            settings=STUDY.model_dump(mode="json"),
            checkpoints={
                name: str(PATHS[name].checkpoint) for name in PROPERTIES if PATHS[name].edited
            },
            scripts=result_scripts(ROOT / "workflow/scripts"),
            modules=NAMED_MODULES,
            without=[] if WITH_CLIP else ["zollstock.ledger.clip"],
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
        cfg=section("archive"),
    script:
        "../workflow/scripts/archive.py"


rule redraw:
    """Draw the figures of unpacked results again, and compare them with the record."""
    input:
        # Without the profile, everything that the archive lacks would be computed.
        figures=rules.figures.input if STUDY.archive.unpacked else [],
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
        cfg=section("archive"),
    script:
        "../workflow/scripts/redraw.py"
