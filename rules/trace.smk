# Trace: through which units and connections of the networks properties act.
# In: paths, models, and what models say of the pictures. Out: a folder of tables (Parquet) and
# causal graphs (GraphML, JSON) per model, the tables of all models, and figures.
# Part of `rule all` where the config has the section `trace`; else `snakemake trace`.
from zollstock.figures.registry import OF_TRACE
from zollstock.trace.tables import FILES as TABLES_OF_TRACE

TRACING = PLAN.tracing
TRACED = f"{RESULTS}/trace"
TRACE_FIGURES = drawable(OF_TRACE, ABSENT | TRACING.absent)


rule trace_model:
    """Trace properties, and classes, through one model."""
    input:
        manifests=expand(MANIFEST, property=TRACING.properties),
        predicted=PLAN.predicted(models=["{model}"]),
        images=rules.select_images.output.table,
        pixels=rules.select_images.output.pixels,
        weights=f"{RESULTS}/models/{{model}}.safetensors",
        card=f"{RESULTS}/models/{{model}}.json",
        code=ancient(own_code),
        files=lambda wildcards: ancient(listed(TRACING.files(base_of(wildcards)))),
        lib=lambda wildcards: lib(
            "trace_model.py",
            *TRACING.modules(base_of(wildcards)),
            *PLAN.modules_of_models([wildcards.model]),
            without=("zollstock.ledger.clip",),
        ),
    output:
        folder=directory(f"{TRACED}/models/{{model}}"),
    log:
        f"{LOGS}/trace_model/{{model}}.log",
    benchmark:
        f"{BENCHMARKS}/trace_model/{{model}}.tsv"
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
        files=lambda wildcards: state(TRACING.files(base_of(wildcards))),
        pictures=lambda wildcards: PLAN.pictures([wildcards.model]),
        cfg=lambda wildcards: section(
            manifests=TRACING.properties,
            output=PLAN.headline,
            **TRACING.job(base_of(wildcards)),
        ),
    script:
        "../workflow/scripts/trace_model.py"


rule gather_traces:
    """Join what was traced in all models."""
    input:
        folders=expand(rules.trace_model.output.folder, model=TRACING.models),
        lib=lib("gather_traces.py"),
    output:
        **{name: f"{TRACED}/{file}" for name, file in TABLES_OF_TRACE.items()},
    log:
        f"{LOGS}/gather_traces/trace.log",
    benchmark:
        f"{BENCHMARKS}/gather_traces/trace.tsv"
    conda:
        "../envs/scoring.yaml"
    threads: 1
    resources:
        mem_mb=1000,
    params:
        cfg=section(models=TRACING.models),
    script:
        "../workflow/scripts/gather_traces.py"


rule draw_trace:
    """Draw which units carry properties, what holding them does, and the graphs of classes."""
    input:
        **inputs_for(
            TRACE_FIGURES,
            dict(
                layers=rules.gather_traces.output.layers,
                units=rules.gather_traces.output.units,
                edges=rules.gather_traces.output.edges,
                cuts=rules.gather_traces.output.cuts,
                patches=rules.gather_traces.output.patches,
                mediation=rules.gather_traces.output.mediation,
                graphs=rules.gather_traces.output.graphs,
                nodes=rules.gather_traces.output.nodes,
                stability=rules.gather_traces.output.stability,
                attributions=rules.gather_traces.output.attributions,
                attribution_ranking=rules.gather_traces.output.attribution_ranking,
                traces=rules.gather_traces.input.folders,
                manifests=expand(MANIFEST, property=TRACING.properties),
            ),
        ),
        lib=lib("draw_trace.py", *modules(TRACE_FIGURES)),
    output:
        figure_outputs(FIGURES_AT, PLAN.formats, TRACE_FIGURES),
    log:
        f"{LOGS}/draw_trace/trace.log",
    benchmark:
        f"{BENCHMARKS}/draw_trace/trace.tsv"
    conda:
        "../envs/figures.yaml"
    threads: 1
    resources:
        mem_mb=1500,
    params:
        cfg=PLAN.drawing(
            TRACE_FIGURES,
            titles={name: title_of(name) for name in TRACING.properties},
            traced=TRACING.models,
        ),
    script:
        "../workflow/scripts/draw_trace.py"


rule trace:
    """Through which units (`snakemake trace`)."""
    input:
        rules.gather_traces.output,
        rules.draw_trace.output,
