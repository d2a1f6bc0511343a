# Models: trained on the drawn world, or imported, to one format.
# In: checkpoints. Out: weights (.safetensors) and a JSON card per model, accuracy of the trained.


rule train_classifier:
    """Draw or read labelled pictures and train a classifier on them."""
    input:
        files=ancient(lambda wildcards: listed(PLAN.training.files([wildcards.model]))),
        code=ancient(own_code),
        lib=lambda wildcards: lib(
            "train_classifier.py",
            *PLAN.training.modules([wildcards.model]),
            *PLAN.modules_of_models([wildcards.model]),
        ),
    output:
        weights=f"{RESULTS}/models/{{model}}.safetensors",
        card=f"{RESULTS}/models/{{model}}.json",
    log:
        f"{LOGS}/train_classifier/{{model}}.log",
    benchmark:
        f"{BENCHMARKS}/train_classifier/{{model}}.tsv"
    wildcard_constraints:
        model=one_of(TRAINED),
    conda:
        "../envs/models.yaml"
    threads: STUDY.jobs.threads
    resources:
        mem_mb=lambda wildcards: PLAN.training.memory([wildcards.model]),
        gpu=lambda wildcards: gpus(PLAN.training.recipe(wildcards.model)["device"]),
        gpu_slots=lambda wildcards: (
            GPU_SLOTS * gpus(PLAN.training.recipe(wildcards.model)["device"])
        ),
    params:
        files=lambda wildcards: state(PLAN.training.files([wildcards.model])),
        code=own_code_state,
        cfg=lambda wildcards: section(**PLAN.training.job(wildcards.model)),
    script:
        "../workflow/scripts/train_classifier.py"


rule import_checkpoint:
    """Read a checkpoint without unpickling code, check that it fits, keep it as safetensors."""
    input:
        files=ancient(lambda wildcards: listed(PLAN.files_of_model(wildcards.model))),
        checkpoint=lambda wildcards: PLAN.fetched_model(wildcards.model),
        code=ancient(own_code),
        lib=lambda wildcards: lib(
            "import_checkpoint.py", *PLAN.modules_of_models([wildcards.model])
        ),
    output:
        weights=f"{RESULTS}/models/{{model}}.safetensors",
        card=f"{RESULTS}/models/{{model}}.json",
    log:
        f"{LOGS}/import_checkpoint/{{model}}.log",
    benchmark:
        f"{BENCHMARKS}/import_checkpoint/{{model}}.tsv"
    wildcard_constraints:
        model=one_of(name for name in MODELS if name not in TRAINED),
    conda:
        lambda wildcards: PLAN.model_environment([wildcards.model])
    threads: 1
    resources:
        mem_mb=memory_of_import,
    params:
        files=lambda wildcards: state(PLAN.files_of_model(wildcards.model)),
        code=own_code_state,
        cfg=lambda wildcards: section(model=PLAN.read_model(wildcards.model)),
    script:
        "../workflow/scripts/import_checkpoint.py"


rule test_classifiers:
    """Measure the accuracy of the trained models on each split of what they were trained on."""
    input:
        models=PLAN.model_files(TRAINED),
        files=ancient(listed(PLAN.training.files(TRAINED))),
        lib=lib(
            "test_classifiers.py",
            *PLAN.training.modules(TRAINED),
            *PLAN.modules_of_models(TRAINED),
        ),
    output:
        table=f"{RESULTS}/models/accuracy.csv",
    log:
        f"{LOGS}/test_classifiers/accuracy.log",
    benchmark:
        f"{BENCHMARKS}/test_classifiers/accuracy.tsv"
    conda:
        "../envs/models.yaml"
    threads: 1
    resources:
        mem_mb=PLAN.training.memory(TRAINED),
        gpu=gpus(STUDY.inference.device),
        gpu_slots=gpus(STUDY.inference.device),
    params:
        files=state(PLAN.training.files(TRAINED)),
        cfg=section(models=TRAINED, data=PLAN.training.tested()),
    script:
        "../workflow/scripts/test_classifiers.py"
