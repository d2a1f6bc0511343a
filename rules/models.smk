# Models: trained on the drawn world, or imported, to one format.
# In: checkpoints. Out: weights (.safetensors) and a JSON card per model, accuracy of the trained,
# and what every model says of the unedited pictures: it comes first, so that a mistake shows before
# hours are spent on frames.


rule train_classifier:
    """Draw or read labelled pictures and train a classifier on them."""
    input:
        files=ancient(lambda wildcards: listed(PLAN.training.files([wildcards.model]))),
        start=weights_to_begin_with,
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
        # Those that keep checkpoints have a rule of their own, in dynamics.smk.
        model=one_of(name for name in TRAINED if name not in PLAN.dynamics.trained),
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
        captioned=lambda wildcards: PLAN.captioned.files_of(wildcards.model),
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
        model=one_of(name for name in PLAN.read if name not in TRAINED),
    priority: 30
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


rule try_models:
    """Run every model once on the unedited pictures, and say what is odd about its answers."""
    input:
        models=PLAN.model_files(MODELS),
        images=rules.select_images.output.table,
        pixels=rules.select_images.output.pixels,
        code=ancient(listed([file for name in MODELS for file in PLAN.own_code(name)])),
        lib=lib("try_models.py", *PLAN.modules_of_models(MODELS)),
    output:
        given=report(
            f"{RESULTS}/models/given.csv",
            category="1 Summary",
            labels={"table": "what each model was given"},
            caption="../workflow/report/given.rst",
        ),
        pictures=f"{RESULTS}/models/pictures.csv",
    log:
        f"{LOGS}/try_models/models.log",
    benchmark:
        f"{BENCHMARKS}/try_models/models.tsv"
    priority: 40
    conda:
        PLAN.model_environment(MODELS)
    threads: STUDY.jobs.threads
    resources:
        mem_mb=lambda wildcards, attempt: PLAN.memory_of_trial(attempt),
        gpu=gpus(STUDY.inference.device),
        gpu_slots=PLAN.slots_of_trial,
    params:
        code=state([file for name in MODELS for file in PLAN.own_code(name)]),
        cfg=section(
            models=MODELS,
            frames=PLAN.frame_sizes,
            inference={key: SETTINGS["inference"][key] for key in ("device", "precision")},
        ),
    script:
        "../workflow/scripts/try_models.py"
