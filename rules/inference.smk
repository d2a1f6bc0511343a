# Inference: every model on every frame.
# In: stores of frames, models. Out: a Zarr group of probabilities and logits per property and
# model, and a note per model. The groups are no declared outputs, since Snakemake deletes outputs
# before a job starts: what a model has predicted is kept, and the note says that all is there.


rule infer:
    """Run one model on the frames of all properties that it has not seen."""
    input:
        manifests=lambda wildcards: expand(
            MANIFEST,
            property=PLAN.predicted_along(wildcards.kind),
        ),
        images=rules.select_images.output.table,
        pixels=rules.select_images.output.pixels,
        weights=f"{RESULTS}/models/{{model}}.safetensors",
        card=f"{RESULTS}/models/{{model}}.json",
        code=ancient(own_code),
        lib=lambda wildcards: lib("infer.py", *PLAN.modules_of_models([wildcards.model])),
    output:
        note=f"{RESULTS}/predictions/{{model}}{{kind}}.json",
    log:
        f"{LOGS}/infer/{{model}}{{kind}}.log",
    benchmark:
        f"{BENCHMARKS}/infer/{{model}}{{kind}}.tsv"
    wildcard_constraints:
        kind=one_of(["", PLAN.later]),
    conda:
        lambda wildcards: PLAN.model_environment([wildcards.model])
    threads: STUDY.jobs.inference_threads or STUDY.jobs.threads
    resources:
        mem_mb=memory_of_inference,
        gpu=gpus(STUDY.inference.device),
        gpu_slots=lambda wildcards: PLAN.slots_of_inference(wildcards.model),
    params:
        code=own_code_state,
        predictions=lambda wildcards: PLAN.predictions(
            PLAN.predicted_along(wildcards.kind), [wildcards.model]
        ),
        pictures=lambda wildcards: PLAN.pictures([wildcards.model], wildcards.kind),
        cfg=section("inference"),
    script:
        "../workflow/scripts/infer.py"
