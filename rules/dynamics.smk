# Dynamics: the checkpoints of a training as a series of models.
# In: trainings that keep checkpoints, or a user's files of some; paths. Out: predictions with the
# dimension checkpoint, tables of scores, flips, tests and accuracy per checkpoint, and figures.
# Part of `rule all` where a model has `checkpoints`. The last one is the model of all other stages.
from zollstock.figures.registry import OF_DYNAMICS

SERIES = list(PLAN.dynamics.series)
DYNAMICS = PLAN.dynamics.folder
DYNAMICS_FIGURES = drawable(OF_DYNAMICS, ABSENT)


use rule train_classifier as train_series with:
    output:
        weights=f"{RESULTS}/models/{{model}}.safetensors",
        card=f"{RESULTS}/models/{{model}}.json",
        checkpoints=directory(f"{RESULTS}/models/checkpoints/{{model}}"),
    log:
        f"{LOGS}/train_series/{{model}}.log",
    benchmark:
        f"{BENCHMARKS}/train_series/{{model}}.tsv"
    wildcard_constraints:
        model=one_of(PLAN.dynamics.trained),


rule predict_series:
    """Run all checkpoints of a model on frames that are read once."""
    input:
        manifests=expand(MANIFEST, property=[*PLAN.dynamics.properties, *PLAN.dynamics.sets]),
        images=rules.select_images.output.table,
        pixels=rules.select_images.output.pixels,
        weights=f"{RESULTS}/models/{{model}}.safetensors",
        card=f"{RESULTS}/models/{{model}}.json",
        kept=checkpoints_of,
        files=lambda wildcards: ancient(listed(PLAN.dynamics.files(wildcards.model))),
        code=ancient(own_code),
        lib=lambda wildcards: lib("predict_series.py", *PLAN.modules_of_models([wildcards.model])),
    output:
        note=f"{DYNAMICS}/predictions/{{model}}.json",
    log:
        f"{LOGS}/predict_series/{{model}}.log",
    benchmark:
        f"{BENCHMARKS}/predict_series/{{model}}.tsv"
    wildcard_constraints:
        model=one_of(SERIES),
    conda:
        lambda wildcards: PLAN.model_environment([wildcards.model])
    threads: STUDY.jobs.inference_threads or STUDY.jobs.threads
    resources:
        mem_mb=memory_of_inference,
        gpu=gpus(STUDY.inference.device),
        gpu_slots=lambda wildcards: PLAN.slots_of_inference(wildcards.model),
    params:
        files=lambda wildcards: state(PLAN.dynamics.files(wildcards.model)),
        code=own_code_state,
        predictions=lambda wildcards: PLAN.dynamics.predictions([wildcards.model]),
        pictures=lambda wildcards: PLAN.dynamics.pictures(wildcards.model),
        cfg=lambda wildcards: section("inference", **PLAN.dynamics.job(wildcards.model)),
    script:
        "../workflow/scripts/predict_series.py"


rule test_checkpoints:
    """Measure the accuracy of all checkpoints that were trained here."""
    input:
        models=PLAN.model_files(PLAN.dynamics.trained),
        kept=expand(rules.train_series.output.checkpoints, model=PLAN.dynamics.trained),
        files=ancient(listed(PLAN.training.files(PLAN.dynamics.trained))),
        lib=lib(
            "test_checkpoints.py",
            *PLAN.training.modules(PLAN.dynamics.trained),
            *PLAN.modules_of_models(PLAN.dynamics.trained),
        ),
    output:
        table=f"{DYNAMICS}/tested.csv",
    log:
        f"{LOGS}/test_checkpoints/dynamics.log",
    benchmark:
        f"{BENCHMARKS}/test_checkpoints/dynamics.tsv"
    conda:
        PLAN.model_environment(PLAN.dynamics.trained)
    threads: STUDY.jobs.threads
    resources:
        mem_mb=PLAN.training.memory(PLAN.dynamics.trained),
        gpu=gpus(STUDY.inference.device),
        gpu_slots=gpus(STUDY.inference.device),
    params:
        files=state(PLAN.training.files(PLAN.dynamics.trained)),
        cfg=section(
            series={name: PLAN.dynamics.told()[name] for name in PLAN.dynamics.trained},
            data=PLAN.training.tested(),
        ),
    script:
        "../workflow/scripts/test_checkpoints.py"


rule score_dynamics:
    """Score every checkpoint along every property."""
    input:
        predicted=expand(rules.predict_series.output.note, model=SERIES),
        images=rules.select_images.output.table,
        ledgers=expand(f"{RESULTS}/ledger/{{property}}.csv", property=PLAN.dynamics.properties),
        edits=expand(MANIFEST, property=PLAN.dynamics.properties),
        placebos=expand(MANIFEST, property=PLAN.dynamics.sets),
        tested=rules.test_checkpoints.output.table if PLAN.dynamics.trained else [],
        lib=lib("score_dynamics.py"),
    output:
        scores=f"{DYNAMICS}/scores.parquet",
        scores_csv=f"{DYNAMICS}/scores.csv",
        tests=f"{DYNAMICS}/tests.parquet",
        tests_csv=f"{DYNAMICS}/tests.csv",
        checkpoints=f"{DYNAMICS}/checkpoints.csv",
        accuracy=f"{DYNAMICS}/accuracy.csv",
        series=report(
            f"{DYNAMICS}/series.csv",
            category="9 Training",
            labels={"table": "scores over a training"},
            caption="../workflow/report/series.rst",
        ),
    log:
        f"{LOGS}/score_dynamics/dynamics.log",
    benchmark:
        f"{BENCHMARKS}/score_dynamics/dynamics.tsv"
    conda:
        "../envs/scoring.yaml"
    threads: 1
    resources:
        mem_mb=2500,
    params:
        predictions=PLAN.dynamics.predictions(SERIES),
        cfg=dict(
            output=PLAN.headline,
            scoring={key: SETTINGS["scoring"][key] for key in ("statistics", "permutations")},
            alpha=STUDY.scoring.alpha,
            interest=STUDY.scoring.interest,
            seed=STUDY.seed,
            periods=PLAN.periods,
            models=SERIES,
            properties={name: TITLES[name] for name in PLAN.dynamics.properties},
            sets=PLAN.dynamics.sets,
            placebos_of=PLAN.placebos_of,
            test=PLACEBO_TEST,
            series=PLAN.dynamics.told(),
        ),
    script:
        "../workflow/scripts/score_dynamics.py"


rule draw_dynamics:
    """Draw scores and accuracy over epochs, and scores against flips."""
    input:
        **inputs_for(
            DYNAMICS_FIGURES,
            dict(
                series=rules.score_dynamics.output.series,
                checkpoints=rules.score_dynamics.output.checkpoints,
                checkpoint_scores=rules.score_dynamics.output.scores,
                checkpoint_accuracy=rules.score_dynamics.output.accuracy,
            ),
        ),
        lib=lib("draw_dynamics.py", *modules(DYNAMICS_FIGURES)),
    output:
        figure_outputs(FIGURES_AT, PLAN.formats, DYNAMICS_FIGURES),
    log:
        f"{LOGS}/draw_dynamics/dynamics.log",
    benchmark:
        f"{BENCHMARKS}/draw_dynamics/dynamics.tsv"
    conda:
        "../envs/figures.yaml"
    threads: 1
    resources:
        mem_mb=1500,
    params:
        cfg=PLAN.drawing(DYNAMICS_FIGURES, groups=PLAN.dynamics.groups()),
    script:
        "../workflow/scripts/draw_dynamics.py"


DYNAMICS_TABLES = list(rules.score_dynamics.output) if PLAN.dynamics.asked else []
DYNAMICS_RESULTS = [
    *DYNAMICS_TABLES,
    *(rules.draw_dynamics.output if PLAN.dynamics.asked else []),
]


rule dynamics:
    """Scores of all checkpoints of a training (`snakemake dynamics`)."""
    input:
        DYNAMICS_RESULTS,
