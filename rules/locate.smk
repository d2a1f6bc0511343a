# Locate: where in the picture decisions come from, and whether the answer holds.
# In: paths, placebos, models, and what models say of the pictures. Out: a folder of maps per model
# (Zarr, one array per method and image, kept like frames), judgements (Parquet), rankings of
# methods, the control, the comparison of who foretells changed decisions (CSV), and figures. Of a
# grid of methods: a folder of finished rows per model (JSON lines, an image each), and a table.
# Part of `rule all` where the config has the section `locate`; else `snakemake locate`.
from zollstock.figures.registry import OF_LOCATE

LOCATING = PLAN.locating
LOCATED = f"{RESULTS}/locate"
GRID_OF_METHODS = LOCATING.settings.grid is not None
LOCATE_FIGURES = drawable(OF_LOCATE, ABSENT | (set() if GRID_OF_METHODS else {"combinations"}))


rule locate_maps:
    """Take the maps of one model on a share of the images, and judge them."""
    input:
        manifests=expand(MANIFEST, property=LOCATING.manifests),
        predicted=PLAN.predicted(models=["{model}"]),
        images=rules.select_images.output.table,
        pixels=rules.select_images.output.pixels,
        files=ancient(listed(LOCATING.files())),
        weights=f"{RESULTS}/models/{{model}}.safetensors",
        card=f"{RESULTS}/models/{{model}}.json",
        code=ancient(own_code),
        lib=lambda wildcards: lib(
            "locate_maps.py",
            *LOCATING.modules(),
            *PLAN.modules_of_models([wildcards.model]),
            without=("zollstock.ledger.clip",),
        ),
    output:
        table=f"{LOCATED}/judged/{{model}}.{{share}}.parquet",
    log:
        f"{LOGS}/locate_maps/{{model}}.{{share}}.log",
    benchmark:
        f"{BENCHMARKS}/locate_maps/{{model}}.{{share}}.tsv"
    wildcard_constraints:
        share=r"\d+",
    conda:
        lambda wildcards: PLAN.model_environment([wildcards.model])
    threads: STUDY.jobs.threads
    resources:
        # A backward pass keeps what lies between the layers.
        mem_mb=lambda wildcards, attempt: 2 * memory_of_inference(wildcards, attempt),
        gpu=gpus(STUDY.inference.device),
        gpu_slots=lambda wildcards: PLAN.slots_of_inference(wildcards.model),
    params:
        code=own_code_state,
        files=state(LOCATING.files()),
        maps=f"{LOCATED}/maps/{{model}}",
        pictures=lambda wildcards: PLAN.pictures([wildcards.model]),
        cfg=lambda wildcards: section(
            locate=LOCATING.job(base_of(wildcards)),
            manifests=LOCATING.manifests,
            shares=len(LOCATING.shares),
            output=PLAN.headline,
            world=STUDY.world.name,
        ),
    script:
        "../workflow/scripts/locate_maps.py"


rule rank_methods:
    """Join what was found of all models: rankings, the control, who foretells what."""
    input:
        tables=expand(
            f"{LOCATED}/judged/{{model}}.{{share}}.parquet", model=MODELS, share=LOCATING.shares
        ),
        predicted=PLAN.predicted(),
        lib=lib("rank_methods.py"),
    output:
        judged=f"{LOCATED}/judged.parquet",
        ranking=f"{LOCATED}/ranking.csv",
        control=f"{LOCATED}/control.csv",
        flips=f"{LOCATED}/flips.csv",
        completeness=f"{LOCATED}/completeness.csv",
        likeness=f"{LOCATED}/likeness.csv",
    log:
        f"{LOGS}/rank_methods/locate.log",
    benchmark:
        f"{BENCHMARKS}/rank_methods/locate.tsv"
    conda:
        "../envs/scoring.yaml"
    threads: 1
    resources:
        mem_mb=1000,
    params:
        predictions=PLAN.predictions(LOCATING.properties),
        cfg=section(models=MODELS, properties=LOCATING.properties),
    script:
        "../workflow/scripts/rank_methods.py"


rule locate_grid:
    """Judge every combination of a grid of methods, one model on a share of the images."""
    input:
        manifests=expand(MANIFEST, property=LOCATING.properties),
        predicted=PLAN.predicted(models=["{model}"]),
        images=rules.select_images.output.table,
        pixels=rules.select_images.output.pixels,
        files=ancient(listed(LOCATING.files())),
        weights=f"{RESULTS}/models/{{model}}.safetensors",
        card=f"{RESULTS}/models/{{model}}.json",
        code=ancient(own_code),
        lib=lambda wildcards: lib(
            "locate_grid.py",
            *LOCATING.modules(),
            *PLAN.modules_of_models([wildcards.model]),
            without=("zollstock.ledger.clip",),
        ),
    output:
        table=f"{LOCATED}/combinations/{{model}}.{{share}}.parquet",
    log:
        f"{LOGS}/locate_grid/{{model}}.{{share}}.log",
    benchmark:
        f"{BENCHMARKS}/locate_grid/{{model}}.{{share}}.tsv"
    wildcard_constraints:
        share=r"\d+",
    conda:
        lambda wildcards: PLAN.model_environment([wildcards.model])
    threads: STUDY.jobs.threads
    resources:
        mem_mb=memory_of_inference,
        gpu=gpus(STUDY.inference.device),
        gpu_slots=lambda wildcards: PLAN.slots_of_inference(wildcards.model),
    params:
        code=own_code_state,
        files=state(LOCATING.files()),
        rows=f"{LOCATED}/grid/{{model}}",
        pictures=lambda wildcards: PLAN.pictures([wildcards.model]),
        cfg=section(
            combined=LOCATING.grid_job(),
            manifests=LOCATING.properties,
            shares=len(LOCATING.shares),
            output=PLAN.headline,
            world=STUDY.world.name,
        ),
    script:
        "../workflow/scripts/locate_grid.py"


rule rank_grid:
    """Join what was found of a grid of methods, over all models."""
    input:
        tables=expand(
            f"{LOCATED}/combinations/{{model}}.{{share}}.parquet",
            model=MODELS,
            share=LOCATING.shares,
        ),
        lib=lib("rank_grid.py"),
    output:
        table=f"{LOCATED}/grid.csv",
    log:
        f"{LOGS}/rank_grid/locate.log",
    benchmark:
        f"{BENCHMARKS}/rank_grid/locate.tsv"
    conda:
        "../envs/scoring.yaml"
    threads: 1
    resources:
        mem_mb=1000,
    params:
        cfg=section(),
    script:
        "../workflow/scripts/rank_grid.py"


rule draw_locate:
    """Draw a page of maps an image, the ranking of methods and the control."""
    input:
        **inputs_for(
            LOCATE_FIGURES,
            dict(
                maps=rules.rank_methods.output.judged,
                manifests=expand(MANIFEST, property=LOCATING.properties),
                images=rules.select_images.output.table,
                pixels=rules.select_images.output.pixels,
                cards=expand(f"{RESULTS}/models/{{model}}.json", model=MODELS),
                ranking=rules.rank_methods.output.ranking,
                control=rules.rank_methods.output.control,
                flips=rules.rank_methods.output.flips,
                likeness=rules.rank_methods.output.likeness,
                combinations=rules.rank_grid.output.table,
            ),
        ),
        lib=lib("draw_locate.py", PLAN.world, *modules(LOCATE_FIGURES)),
    output:
        figure_outputs(FIGURES_AT, PLAN.formats, LOCATE_FIGURES),
    log:
        f"{LOGS}/draw_locate/locate.log",
    benchmark:
        f"{BENCHMARKS}/draw_locate/locate.tsv"
    conda:
        "../envs/figures.yaml"
    threads: 1
    resources:
        mem_mb=1500,
    params:
        pictures=PLAN.pictures(),
        cfg=PLAN.drawing(
            LOCATE_FIGURES,
            titles={name: title_of(name) for name in LOCATING.properties},
            maps=f"{LOCATED}/maps",
            methods=LOCATING.methods_of(MODELS),
            output=PLAN.headline,
            world=STUDY.world.name,
        ),
    script:
        "../workflow/scripts/draw_locate.py"


rule locate:
    """Where in the picture (`snakemake locate`)."""
    input:
        rules.rank_methods.output,
        rules.rank_grid.output if GRID_OF_METHODS else [],
        rules.draw_locate.output,
