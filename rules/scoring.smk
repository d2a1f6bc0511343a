# Scoring: how much each prediction moves along each path, and the shuffle test.
# In: predictions. Out: the score table (Parquet, CSV) and the headline table (CSV, HTML).


rule score:
    """Score one model along every property."""
    input:
        predictions=expand(
            f"{RESULTS}/predictions/{{property}}/{{{{model}}}}.zarr", property=PROPERTIES
        ),
        images=rules.select_images.output.table,
        lib=lib("score.py"),
    output:
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
        cfg=section(
            scoring=SCORED,
            properties=PROPERTIES,
        ),
    script:
        "../workflow/scripts/score.py"


rule gather_scores:
    """Join the scores of all models."""
    input:
        tables=expand(f"{RESULTS}/scores/models/{{model}}.parquet", model=MODELS),
        ledgers=expand(f"{RESULTS}/ledger/{{property}}.csv", property=PROPERTIES),
        lib=lib("gather_scores.py"),
    output:
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
        cfg=section(scoring=SCORED, properties=PROPERTIES),
    script:
        "../workflow/scripts/gather_scores.py"


rule summarise_scores:
    """Make the headline table: one row per property and model."""
    input:
        table=rules.gather_scores.output.table,
        lib=[*lib("summarise_scores.py"), str(ROOT / "zollstock/scoring/summary.html")],
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
