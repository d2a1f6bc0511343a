# Scoring: how much each prediction moves along each path, the shuffle test, and the comparison
# with placebo edits.
# In: predictions. Out: the score table and the table of tests (Parquet, CSV), the headline table
# (CSV, HTML). Where all classes are followed, what happens to each (Parquet, means as CSV). Tables
# of further outputs, a job each. They come before figures, so that the answer is there early.
TEMPLATES = [
    ancient(str(file)) for file in sorted((ROOT / "zollstock/report/templates").glob("*.*"))
]
ALL_CLASSES = PLAN.headline == "vector"
FURTHER = f"{RESULTS}/outputs/{{followed}}"
TITLES = {
    name: {"title": prop["title"] or name, "placebo": prop["placebo"]}
    for name, prop in SETTINGS["properties"].items()
}
PLACEBO_TEST = {
    key: SETTINGS["placebos"][key]
    for key in ("number", "statistic", "steps", "tolerance", "stop_after")
} | {"closed": list(PLAN.periods)}


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
    priority: 20
    conda:
        "../envs/scoring.yaml"
    threads: 1
    resources:
        mem_mb=1000,
    params:
        predictions=PLAN.predictions(PROPERTIES, ["{model}"]),
        cfg=section(scoring=PLAN.scored, properties=PROPERTIES, periods=PLAN.periods),
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
    priority: 20
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
    priority: 20
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
            output=PLAN.headline,
            interest=STUDY.scoring.interest,
            test=PLACEBO_TEST,
        ),
    script:
        "../workflow/scripts/compare_placebos.py"


rule summarise_scores:
    """Make the headline table, one row per property and model, and the paper's beside it."""
    input:
        table=rules.gather_scores.output.table,
        tests=rules.compare_placebos.output.table,
        cards=[f"{RESULTS}/models/{name}.json" for name in MODELS if name not in TRAINED],
        lib=[*lib("summarise_scores.py"), *TEMPLATES],
    output:
        summary=f"{RESULTS}/scores/summary.csv",
        paper=f"{RESULTS}/scores/paper.csv",
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
    priority: 20
    conda:
        "../envs/scoring.yaml"
    threads: 1
    resources:
        mem_mb=1000,
    params:
        cfg=section(scoring=PLAN.headline_scoring, properties=TITLES),
    script:
        "../workflow/scripts/summarise_scores.py"


rule score_output:
    """Score all models by a further output of the study, and make its headline table."""
    input:
        predicted=PLAN.predicted(PLAN.later),
        images=rules.select_images.output.table,
        ledgers=expand(f"{RESULTS}/ledger/{{property}}.csv", property=PROPERTIES),
        edits=expand(MANIFEST, property=PROPERTIES),
        placebos=expand(MANIFEST, property=PLACEBO_SETS),
        lib=lib("score_output.py"),
    output:
        scores=f"{FURTHER}/scores.parquet",
        scores_csv=f"{FURTHER}/scores.csv",
        tests=f"{FURTHER}/tests.parquet",
        tests_csv=f"{FURTHER}/tests.csv",
        summary=report(
            f"{FURTHER}/summary.csv",
            category="1 Summary",
            labels={"table": "headline of {followed}"},
            caption="../workflow/report/summary.rst",
        ),
    log:
        f"{LOGS}/score_output/{{followed}}.log",
    benchmark:
        f"{BENCHMARKS}/score_output/{{followed}}.tsv"
    wildcard_constraints:
        followed=one_of(PLAN.further),
    priority: 10
    conda:
        "../envs/scoring.yaml"
    threads: 1
    resources:
        mem_mb=2000,
    params:
        predictions=PLAN.predictions([*PROPERTIES, *PLACEBO_SETS]),
        cfg=lambda wildcards: dict(
            output=PLAN.further[wildcards.followed],
            scoring={key: SETTINGS["scoring"][key] for key in ("statistics", "permutations")},
            alpha=STUDY.scoring.alpha,
            interest=STUDY.scoring.interest,
            seed=STUDY.seed,
            periods=PLAN.periods,
            models=MODELS,
            properties={name: TITLES[name] for name in PROPERTIES},
            sets=PLACEBO_SETS,
            placebos_of=PLAN.placebos_of,
            test=PLACEBO_TEST,
        ),
    script:
        "../workflow/scripts/score_output.py"


rule score_grids:
    """Score all models on all grids of two properties."""
    input:
        manifests=expand(MANIFEST, property=PLAN.grids),
        images=rules.select_images.output.table,
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
    priority: 10
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
            output=PLAN.headline,
        ),
    script:
        "../workflow/scripts/score_grids.py"
