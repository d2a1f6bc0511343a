# The project's own small editor. The weights in resources/editors/ were made by this rule;
# no other rule asks for its output.


rule train_editor:
    """Train the small editor from nothing, examine it, and print what the gate found."""
    input:
        models=PLAN.model_files(DRAWN),
        lib=lib("train_editor.py", PLAN.world, *PLAN.modules_of_models(DRAWN)),
    output:
        weights=directory("results/editors/pets"),
    log:
        "logs/train_editor/pets.log",
    benchmark:
        "results/benchmarks/train_editor/pets.tsv"
    conda:
        "../envs/editors.yaml"
    # All cores of this machine. An executor may be called without --cores.
    threads: snakemake_internals.cores_of(workflow) or STUDY.jobs.threads
    resources:
        mem_mb=6000,
        gpu=gpus(STUDY.editor_training.device),
        gpu_slots=GPU_SLOTS * gpus(STUDY.editor_training.device),
    params:
        cfg=section(
            "editor_training",
            world=PLAN.drawn_world("unbiased"),  # on which the gate looks at it
            trained_on=PLAN.training.distributions(),
        ),
    script:
        "../workflow/scripts/train_editor.py"
