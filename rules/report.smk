# Report: the page that people read.
# In: tables and figures. Out: one HTML file that works offline.
TABLES = dict(
    summary=rules.summarise_scores.output.summary,
    paper=rules.summarise_scores.output.paper,
    tests=rules.compare_placebos.output.table,
    images=rules.select_images.output.table,
    ledgers=expand(f"{RESULTS}/ledger/{{property}}.csv", property=PROPERTIES),
    further=expand(rules.score_output.output.summary, followed=PLAN.further),
    cards=expand(f"{RESULTS}/models/{{model}}.json", model=MODELS),
    given=rules.try_models.output.given,
    pictures=rules.try_models.output.pictures,
    accuracy=rules.test_classifiers.output.table if TRAINED else [],
    judged=rules.rank_methods.output.judged if LOCATING.asked else [],
    ranking=rules.rank_methods.output.ranking if LOCATING.asked else [],
    flips=rules.rank_methods.output.flips if LOCATING.asked else [],
    mediation=rules.gather_traces.output.mediation if TRACING.asked else [],
    kept_accuracy=rules.gather_traces.output.accuracy if TRACING.asked else [],
    graphs=rules.gather_traces.output.graphs if TRACING.asked else [],
    effects=rules.gather_traces.output.effects if TRACING.asked else [],
    repairs=rules.score_repairs.output.repairs if REPAIRING.asked else [],
    repaired_accuracy=rules.test_repairs.output.table if REPAIRING.asked else [],
    series=rules.score_dynamics.output.series if PLAN.dynamics.asked else [],
)


rule write_report:
    """Write the report: the answer, its evidence, and how it was found, on one page."""
    input:
        **TABLES,
        tables=[
            TABLES["summary"],
            TABLES["paper"],
            TABLES["further"],
            rules.compare_placebos.output.csv,
            rules.gather_scores.output.csv,
            rules.score_grids.output.csv if PLAN.grids else [],
            TABLES["images"],
            TABLES["given"],
            TABLES["pictures"],
            TABLES["ledgers"],
            TABLES["accuracy"],
            rules.rank_methods.output if LOCATING.asked else [],
            rules.gather_traces.output if TRACING.asked else [],
            REPAIR_TABLES,
            DYNAMICS_TABLES,
        ],
        figures=rules.figures.input,
        maps=rules.draw_locate.output if LOCATING.asked else [],
        circuits=rules.draw_trace.output if TRACING.asked else [],
        repaired=rules.draw_repair.output if REPAIRING.asked else [],
        learnt=rules.draw_dynamics.output if PLAN.dynamics.asked else [],
        pixels=rules.select_images.output.pixels,
        lib=[*lib("write_report.py"), *TEMPLATES],
    output:
        page=f"{RESULTS}/report.html",
    log:
        f"{LOGS}/write_report/report.log",
    benchmark:
        f"{BENCHMARKS}/write_report/report.tsv"
    conda:
        "../envs/scoring.yaml"
    threads: 1
    resources:
        mem_mb=1000,
    params:
        cfg=dict(
            settings=PLAN.reported,
            properties={name: title_of(name) for name in PROPERTIES},
            grids={name: title_of(name) for name in PLAN.grids},
            editors=list(PLAN.examined_editors),
            outputs=list(PLAN.further.values()),
            arrange=SETTINGS["figures"]["arrange"],
        ),
    script:
        "../workflow/scripts/write_report.py"
