# Inference: every model on every frame.
# In: stores of frames, models. Out: a Zarr group of probabilities and logits per property and model.


rule resize_frames:
    """Resize frames once for all models that take the same geometry."""
    input:
        manifest=rules.gather_interventions.output.manifest,
        lib=lib("resize_frames.py"),
    output:
        frames=directory(f"{RESULTS}/inputs/{{property}}.{{geometry}}.zarr"),
    log:
        f"{LOGS}/resize_frames/{{property}}.{{geometry}}.log",
    benchmark:
        f"{BENCHMARKS}/resize_frames/{{property}}.{{geometry}}.tsv"
    conda:
        "../envs/models.yaml"
    threads: 1
    resources:
        mem_mb=2000,
    params:
        store=f"{RESULTS}/interventions/{{property}}.zarr",
        cfg=section(),
    script:
        "../workflow/scripts/resize_frames.py"


rule infer:
    """Run one model on every frame of one property."""
    input:
        manifest=rules.gather_interventions.output.manifest,
        # Models that take frames as they are read them from the store.
        frames=lambda wildcards: PLAN.resized_frames(wildcards.property, wildcards.model),
        weights=f"{RESULTS}/models/{{model}}.safetensors",
        card=f"{RESULTS}/models/{{model}}.json",
        code=own_code,
        lib=lib("infer.py"),
    output:
        predictions=directory(f"{RESULTS}/predictions/{{property}}/{{model}}.zarr"),
    log:
        f"{LOGS}/infer/{{property}}/{{model}}.log",
    benchmark:
        f"{BENCHMARKS}/infer/{{property}}/{{model}}.tsv"
    conda:
        "../envs/models.yaml"
    threads: STUDY.jobs.threads
    resources:
        mem_mb=3000,
        gpu=gpus(STUDY.inference.device),
    params:
        store=f"{RESULTS}/interventions/{{property}}.zarr",
        cfg=section("inference"),
    script:
        "../workflow/scripts/infer.py"
