# Scoring: how much each prediction moves along each path, the shuffle test, and the comparison
# with placebo edits.
# In: predictions. Out: the score table and the table of tests (Parquet, CSV), the headline table
# (CSV, HTML). Where all classes are followed, what happens to each (Parquet, means as CSV).
TEMPLATES = [
    ancient(str(file)) for file in sorted((ROOT / "zollstock/report/templates").glob("*.*"))
]
ALL_CLASSES = STUDY.scoring.output == "vector"


rule score:
    """Score one model along every property."""
    input:
        predicted=PLAN.predicted(models=["{model}"]),
        images=rules.select_images.output.table,
        lib=lib("score.py"),
    output:
        **({"classes": f"{RESULTS}/scores/models/{{model}}.classes.parquet"} if ALL_CLASSES else {}),
        table=f"{RESULTS}/scores/models/{{model}}.parquet",
    log:
        f"{LOGS}/score/{{model}}.log",
    benchmark:
        f"{BENCHMARKS}/score/{{model}}.tsv"
    conda:
        "../envs/scoring.yaml"
    threads: 1
    resources:
        mem_mb=1000,
    params:
        predictions=PLAN.predictions(PROPERTIES, ["{model}"]),
        cfg=section(
            scoring=PLAN.scored,
            properties=PROPERTIES,
        ),
    script:
        "../workflow/scripts/score.py"


rule gather_scores:
    """Join the scores of all models."""
    input:
        tables=expand(f"{RESULTS}/scores/models/{{model}}.parquet", model=MODELS),
        classes=expand(
            f"{RESULTS}/scores/models/{{model}}.classes.parquet",
            model=MODELS if ALL_CLASSES else [],
        ),
        ledgers=expand(f"{RESULTS}/ledger/{{property}}.csv", property=PROPERTIES),
        lib=lib("gather_scores.py"),
    output:
        **(
            {
                "all_classes": f"{RESULTS}/scores/classes.parquet",
                "classes_csv": report(
                    f"{RESULTS}/scores/classes.csv",
                    category="1 Summary",
                    labels={"table": "effects on each class"},
                    caption="../workflow/report/classes.rst",
                ),
            }
            if ALL_CLASSES
            else {}
        ),
        table=f"{RESULTS}/scores/scores.parquet",
        csv=report(
            f"{RESULTS}/scores/scores.csv",
            category="1 Summary",
            labels={"table": "scores of all images"},
            caption="../workflow/report/scores.rst",
        ),
    log:
        f"{LOGS}/gather_scores/scores.log",
    benchmark:
        f"{BENCHMARKS}/gather_scores/scores.tsv"
    conda:
        "../envs/scoring.yaml"
    threads: 1
    resources:
        mem_mb=1000,
    params:
        cfg=section(scoring=PLAN.scored, properties=PROPERTIES),
    script:
        "../workflow/scripts/gather_scores.py"


rule compare_placebos:
    """Compare every edit with placebo edits of its size."""
    input:
        scores=rules.gather_scores.output.table,
        images=rules.select_images.output.table,
        # How far each path went stands in its store.
        edits=expand(MANIFEST, property=PROPERTIES),
        placebos=expand(MANIFEST, property=PLACEBO_SETS),
        predicted=PLAN.predicted(PLAN.later),
        lib=lib("compare_placebos.py"),
    output:
        table=f"{RESULTS}/scores/tests.parquet",
        csv=report(
            f"{RESULTS}/scores/tests.csv",
            category="1 Summary",
            labels={"table": "tests of all images"},
            caption="../workflow/report/tests.rst",
        ),
    log:
        f"{LOGS}/compare_placebos/scores.log",
    benchmark:
        f"{BENCHMARKS}/compare_placebos/scores.tsv"
    conda:
        "../envs/scoring.yaml"
    threads: 1
    resources:
        mem_mb=2000,
    params:
        predictions=PLAN.predictions([*PROPERTIES, *PLACEBO_SETS]),
        cfg=section(
            properties=PROPERTIES,
            models=MODELS,
            sets=PLACEBO_SETS,
            placebos_of=PLAN.placebos_of,
            output=STUDY.scoring.output,
            interest=STUDY.scoring.interest,
            test={
                key: SETTINGS["placebos"][key]
                for key in ("number", "statistic", "steps", "tolerance", "stop_after")
            },
        ),
    script:
        "../workflow/scripts/compare_placebos.py"


rule summarise_scores:
    """Make the headline table: one row per property and model."""
    input:
        table=rules.gather_scores.output.table,
        tests=rules.compare_placebos.output.table,
        cards=[f"{RESULTS}/models/{name}.json" for name in MODELS if name not in TRAINED],
        lib=[*lib("summarise_scores.py"), *TEMPLATES],
    output:
        summary=f"{RESULTS}/scores/summary.csv",
        page=report(
            f"{RESULTS}/scores/summary.html",
            category="1 Summary",
            labels={"table": "headline"},
            caption="../workflow/report/summary.rst",
        ),
    log:
        f"{LOGS}/summarise_scores/scores.log",
    benchmark:
        f"{BENCHMARKS}/summarise_scores/scores.tsv"
    conda:
        "../envs/scoring.yaml"
    threads: 1
    resources:
        mem_mb=1000,
    params:
        cfg=section(
            "scoring",
            properties={
                name: {"title": prop["title"] or name, "placebo": prop["placebo"]}
                for name, prop in SETTINGS["properties"].items()
            },
        ),
    script:
        "../workflow/scripts/summarise_scores.py"


rule score_grids:
    """Score all models on all grids of two properties."""
    input:
        manifests=expand(MANIFEST, property=PLAN.grids),
        predicted=PLAN.predicted(),
        lib=lib("score_grids.py"),
    output:
        table=f"{RESULTS}/scores/grids.parquet",
        csv=report(
            f"{RESULTS}/scores/grids.csv",
            category="1 Summary",
            labels={"table": "grids of two properties"},
            caption="../workflow/report/grids.rst",
        ),
    log:
        f"{LOGS}/score_grids/grids.log",
    benchmark:
        f"{BENCHMARKS}/score_grids/grids.tsv"
    conda:
        "../envs/scoring.yaml"
    threads: 1
    resources:
        mem_mb=1000,
    params:
        predictions=PLAN.predictions(PLAN.grids),
        cfg=section(
            properties={name: PLAN.axes_of_grid(name) for name in PLAN.grids},
            models=MODELS,
            output=STUDY.scoring.output,
        ),
    script:
        "../workflow/scripts/score_grids.py"
