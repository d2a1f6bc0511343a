# Interventions: every image again and again, with one property changed step by step.
# In: the images. Out: a Zarr store per property and its manifest. The store is no declared
# output, since Snakemake deletes outputs before a job starts and after it failed; so finished
# paths survive a crash, and the manifest says that the store is whole. With jobs.intervention_jobs
# of 1 (`WHOLE`), one job plans, makes and gathers; with more there is a plan and a job per part.
MANIFEST = f"{RESULTS}/interventions/{{property}}.json"
PLAN_FILE = f"{RESULTS}/interventions/{{property}}.plan.json"
# Between a property's name and the ending of what a job of `intervene` or `make_placebos` writes.
PART = "" if WHOLE else f".part{{part}}of{PARTS}"
EDITS = [name for name in PATHS if name not in PLACEBO_SETS]


localrules:
    fetch_checkpoint,
    prefetch_editors,


rule fetch_checkpoint:
    """Download an editor's or a model's weights and configs; all jobs after it run offline."""
    input:
        lib=lib("fetch_checkpoint.py"),
    output:
        note=f"{STUDY.editing.checkpoints}/{{checkpoint}}/{FETCHED}",
    log:
        "logs/fetch_checkpoint/{checkpoint}.log",
    benchmark:
        "results/benchmarks/fetch_checkpoint/{checkpoint}.tsv"
    wildcard_constraints:
        checkpoint=one_of(sorted(PLAN.checkpoints)),
    conda:
        "../envs/editors.yaml"
    threads: 1
    resources:
        mem_mb=1000,
    params:
        cfg=lambda wildcards: PLAN.checkpoint_source(wildcards.checkpoint),
    script:
        "../workflow/scripts/fetch_checkpoint.py"


rule prefetch_editors:
    """Fetch every editor and model of the study, on a machine with a network."""
    input:
        [str(folder / FETCHED) for folder in PLAN.checkpoints.values()],


rule plan_interventions:
    """Check an engine's inputs and lay out the store, keeping the paths it already has."""
    input:
        images=rules.select_images.output.table,
        pixels=rules.select_images.output.pixels,
        files=ancient(user_files),
        edits=edits_of,
        checkpoint=fetched_checkpoint,
        masks=drawn_masks,
        lib=intervention_lib("plan_interventions.py"),
    output:
        plan=PLAN_FILE,
    log:
        f"{LOGS}/plan_interventions/{{property}}.log",
    benchmark:
        f"{BENCHMARKS}/plan_interventions/{{property}}.tsv"
    wildcard_constraints:
        property=one_of([] if WHOLE else PATHS),
    conda:
        lambda wildcards: PLAN.environment(wildcards.property)
    threads: 1
    resources:
        mem_mb=1000,
    params:
        files=lambda wildcards: state(paths_of(wildcards).files()),
        weights=editor_content,
        cfg=lambda wildcards: PLAN.interventions(wildcards.property),
    script:
        "../workflow/scripts/plan_interventions.py"


rule intervene:
    """Make the paths of a property, or of this job's share of the images; finished ones are kept."""
    input:
        **({"files": ancient(user_files)} if WHOLE else {"plan": PLAN_FILE}),
        images=rules.select_images.output.table,
        pixels=rules.select_images.output.pixels,
        checkpoint=fetched_checkpoint,
        watched=lambda wildcards: PLAN.model_files(paths_of(wildcards).watched),
        masks=drawn_masks,
        lib=intervention_lib("intervene.py"),
    output:
        **{"manifest" if WHOLE else "part": f"{RESULTS}/interventions/{{property}}{PART}.json"},
    log:
        f"{LOGS}/intervene/{{property}}{PART}.log",
    benchmark:
        f"{BENCHMARKS}/intervene/{{property}}{PART}.tsv"
    wildcard_constraints:
        property=one_of(EDITS),
    conda:
        lambda wildcards: PLAN.environment(wildcards.property)
    threads: STUDY.jobs.threads
    resources:
        mem_mb=memory_of_editor,
        gpu=lambda wildcards: PLAN.gpu_of_editor(wildcards.property),
        gpu_slots=lambda wildcards: PLAN.slots_of_editor(wildcards.property),
    params:
        files=lambda wildcards: state(paths_of(wildcards).files() if WHOLE else []),
        weights=editor_content,
        # Given as it is, Snakemake would add inputs and resources to its keywords.
        cfg=lambda wildcards: making_cfg(wildcards),
    script:
        "../workflow/scripts/intervene.py"


rule make_placebos:
    """Make edits that should not matter, as large as the largest edit that shares them."""
    input:
        **({"files": ancient(user_files)} if WHOLE else {"plan": PLAN_FILE}),
        images=rules.select_images.output.table,
        pixels=rules.select_images.output.pixels,
        edits=edits_of,
        # Only where placebos stop early do they depend on models.
        predicted=PLAN.predicted() if STUDY.placebos.stop_after else [],
        watched=PLAN.model_files(MODELS if STUDY.placebos.stop_after else []),
        checkpoint=fetched_checkpoint,
        lib=intervention_lib("make_placebos.py"),
    output:
        **{"manifest" if WHOLE else "part": f"{RESULTS}/interventions/{{property}}{PART}.json"},
    log:
        f"{LOGS}/make_placebos/{{property}}{PART}.log",
    benchmark:
        f"{BENCHMARKS}/make_placebos/{{property}}{PART}.tsv"
    wildcard_constraints:
        property=one_of(PLACEBO_SETS),
    conda:
        lambda wildcards: PLAN.environment(wildcards.property)
    threads: STUDY.jobs.threads
    resources:
        mem_mb=memory_of_editor,
        gpu=lambda wildcards: PLAN.gpu_of_editor(wildcards.property),
        gpu_slots=lambda wildcards: PLAN.slots_of_editor(wildcards.property),
    params:
        files=lambda wildcards: state(paths_of(wildcards).files() if WHOLE else []),
        predictions=lambda wildcards: PLAN.predictions(
            paths_of(wildcards).stands_for if STUDY.placebos.stop_after else []
        ),
        weights=editor_content,
        cfg=lambda wildcards: making_cfg(
            wildcards,
            properties=list(paths_of(wildcards).stands_for),
            models=MODELS if STUDY.placebos.stop_after else [],
            stop_after=STUDY.placebos.stop_after,
            **PLAN.stopping(),
        ),
    script:
        "../workflow/scripts/make_placebos.py"


rule gather_interventions:
    """Join the parts into the manifest that says the store is whole."""
    input:
        plan=PLAN_FILE,
        parts=expand(
            f"{RESULTS}/interventions/{{{{property}}}}.part{{part}}of{PARTS}.json",
            part=range(PARTS),
        ),
        lib=lib("gather_interventions.py"),
    output:
        manifest=MANIFEST,
    log:
        f"{LOGS}/gather_interventions/{{property}}.log",
    benchmark:
        f"{BENCHMARKS}/gather_interventions/{{property}}.tsv"
    wildcard_constraints:
        property=one_of([] if WHOLE else PATHS),
    conda:
        "../envs/interventions.yaml"
    threads: 1
    resources:
        mem_mb=500,
    params:
        cfg=lambda wildcards: PLAN.gathering(wildcards.property),
    script:
        "../workflow/scripts/gather_interventions.py"


rule measure_edits:
    """Measure what the edits of a property did, and flag paths that cannot be trusted."""
    input:
        manifest=MANIFEST,
        images=rules.select_images.output.table,
        pixels=rules.select_images.output.pixels,
        masks=ancient(lambda wildcards: listed(paths_of(wildcards).masks())),
        drawn=drawn_masks,
        lib=lambda wildcards: lib(
            "measure_edits.py",
            PLAN.world,
            without=() if paths_of(wildcards).clip else ("zollstock.ledger.clip",),
        ),
    output:
        steps=f"{RESULTS}/ledger/{{property}}.steps.csv",
        verdicts=f"{RESULTS}/ledger/{{property}}.csv",
    log:
        f"{LOGS}/measure_edits/{{property}}.log",
    benchmark:
        f"{BENCHMARKS}/measure_edits/{{property}}.tsv"
    wildcard_constraints:
        property=one_of(PROPERTIES),
    conda:
        lambda wildcards: PLAN.metering_environment(wildcards.property)
    threads: 1
    resources:
        mem_mb=2000,
    params:
        files=lambda wildcards: paths_of(wildcards).state_of_meter(),
        cfg=lambda wildcards: section("ledger", world=STUDY.world.name, **paths_of(wildcards).meter),
    script:
        "../workflow/scripts/measure_edits.py"
