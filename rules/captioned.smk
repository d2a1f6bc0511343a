# Small CLIPs that are trained here, on captions of drawn worlds.
# In: nothing but settings. Out: a checkpoint as transformers writes it, which import_checkpoint
# reads as it reads one from a hub, and a card. Models that are told the same share one training.
from zollstock.plan.captioned import FILES


rule train_clip:
    """Draw pictures, say captions of them, and train a small CLIP on both."""
    input:
        lib=lambda wildcards: lib("train_clip.py", *PLAN.captioned.modules(wildcards.captioned)),
    output:
        **{key: f"{PLAN.captioned.root}/{{captioned}}/{name}" for key, name in FILES.items()},
    log:
        f"{LOGS}/train_clip/{{captioned}}.log",
    benchmark:
        f"{BENCHMARKS}/train_clip/{{captioned}}.tsv"
    wildcard_constraints:
        captioned=one_of(PLAN.captioned.jobs),
    priority: 30
    conda:
        "../envs/editors.yaml"
    threads: STUDY.jobs.threads
    resources:
        mem_mb=lambda wildcards: PLAN.captioned.memory(wildcards.captioned),
        gpu=lambda wildcards: gpus(PLAN.captioned.device(wildcards.captioned)),
        gpu_slots=lambda wildcards: (GPU_SLOTS * gpus(PLAN.captioned.device(wildcards.captioned))),
    params:
        cfg=lambda wildcards: section(training=PLAN.captioned.jobs[wildcards.captioned]),
    script:
        "../workflow/scripts/train_clip.py"
