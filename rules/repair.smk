# Repair: models trained further so that properties matter no longer, and measured again.
# In: models, what they were trained on, paths. Out: weights and a card per model, method and seed,
# which `infer` runs as any model's; tables of scores and of accuracy before and after, and figures.
# Where the config has the sections `locate` and `trace`, too, repaired models go through their rules,
# and come out beside those before: pages of maps, and a table of units.
# Part of `rule all` where the config has the section `repair`, which says against what.
from zollstock.figures.registry import OF_REPAIR

REPAIRING = PLAN.repairing
REPAIRED = list(REPAIRING.repaired)
REPAIR = f"{RESULTS}/repair"
MAPPED_AGAIN = REPAIRING.before_and_after(REPAIRING.mapped)
MAPPED_ALONG = REPAIRING.mapped_along(LOCATING.properties)
TRACED_AGAIN = REPAIRING.before_and_after(REPAIRING.traced)
REPAIR_FIGURES = drawable(OF_REPAIR, ABSENT | REPAIRING.absent)
# Those of the study are measured again beside them, on the same pictures.
BEFORE_AND_AFTER = [*MODELS, *REPAIRED]
ACCURATE = [*TRAINED, *REPAIRED]


rule repair_model:
    """Train a model further so that properties matter no longer."""
    input:
        model=lambda wildcards: PLAN.model_files([REPAIRING.repaired[wildcards.model].base]),
        images=rules.select_images.output.table,
        pixels=rules.select_images.output.pixels,
        files=lambda wildcards: ancient(listed(REPAIRING.files(wildcards.model))),
        code=ancient(own_code),
        lib=lambda wildcards: lib(
            "repair_model.py",
            *REPAIRING.modules(wildcards.model),
            *PLAN.modules_of_models([wildcards.model]),
        ),
    output:
        weights=f"{RESULTS}/models/{{model}}.safetensors",
        card=f"{RESULTS}/models/{{model}}.json",
        table=f"{REPAIR}/models/{{model}}.csv",
        agreement=f"{REPAIR}/models/{{model}}.agreement.csv",
    log:
        f"{LOGS}/repair_model/{{model}}.log",
    benchmark:
        f"{BENCHMARKS}/repair_model/{{model}}.tsv"
    wildcard_constraints:
        model=one_of(REPAIRED),
    conda:
        lambda wildcards: PLAN.model_environment([wildcards.model])
    threads: STUDY.jobs.threads
    resources:
        mem_mb=lambda wildcards, attempt: REPAIRING.memory(wildcards.model) * attempt,
        gpu=lambda wildcards: gpus(REPAIRING.settings.training.device),
        gpu_slots=lambda wildcards: GPU_SLOTS * gpus(REPAIRING.settings.training.device),
    params:
        files=lambda wildcards: state(REPAIRING.files(wildcards.model)),
        code=own_code_state,
        kept=f"{REPAIR}/models/{{model}}.unfinished",
        cfg=lambda wildcards: section(repair=REPAIRING.job(wildcards.model)),
    script:
        "../workflow/scripts/repair_model.py"


rule write_maps:
    """Write maps of a model's explanations before its repair, to paint on."""
    input:
        model=lambda wildcards: PLAN.model_files([REPAIRING.repaired[wildcards.model].base]),
        images=rules.select_images.output.table,
        pixels=rules.select_images.output.pixels,
        files=lambda wildcards: ancient(listed(REPAIRING.training_files(wildcards.model))),
        lib=lambda wildcards: lib(
            "write_maps.py",
            *REPAIRING.modules(wildcards.model),
            *PLAN.modules_of_models([wildcards.model]),
        ),
    output:
        table=f"{REPAIR}/to_paint/{{model}}.csv",
    log:
        f"{LOGS}/write_maps/{{model}}.log",
    benchmark:
        f"{BENCHMARKS}/write_maps/{{model}}.tsv"
    wildcard_constraints:
        model=one_of(REPAIRING.explained),
    conda:
        lambda wildcards: PLAN.model_environment([wildcards.model])
    threads: STUDY.jobs.threads
    resources:
        mem_mb=lambda wildcards, attempt: REPAIRING.memory(wildcards.model) * attempt,
        gpu=lambda wildcards: gpus(REPAIRING.settings.training.device),
        gpu_slots=lambda wildcards: GPU_SLOTS * gpus(REPAIRING.settings.training.device),
    params:
        files=lambda wildcards: state(REPAIRING.training_files(wildcards.model)),
        folder=f"{REPAIR}/to_paint/{{model}}",
        cfg=lambda wildcards: section(repair=REPAIRING.job_of_maps(wildcards.model)),
    script:
        "../workflow/scripts/write_maps.py"


rule test_repairs:
    """Measure the accuracy of models before and after their repair, on the same pictures."""
    input:
        models=PLAN.model_files(ACCURATE),
        files=ancient(listed(PLAN.training.files(TRAINED))),
        lib=lib(
            "test_repairs.py",
            *PLAN.training.modules(TRAINED),
            *PLAN.modules_of_models(TRAINED),
            PLAN.world,
        ),
    output:
        table=f"{REPAIR}/accuracy.csv",
    log:
        f"{LOGS}/test_repairs/repair.log",
    benchmark:
        f"{BENCHMARKS}/test_repairs/repair.tsv"
    conda:
        "../envs/models.yaml"
    threads: STUDY.jobs.threads
    resources:
        mem_mb=lambda wildcards, attempt: REPAIRING.memory_of_test() * attempt,
        gpu=gpus(STUDY.inference.device),
        gpu_slots=gpus(STUDY.inference.device),
    params:
        files=state(PLAN.training.files(TRAINED)),
        cfg=section(
            models=ACCURATE,
            data=REPAIRING.tested(),
            facts=REPAIRING.facts(),
            latents=REPAIRING.latents,
            world=STUDY.world.name,
        ),
    script:
        "../workflow/scripts/test_repairs.py"


rule score_repairs:
    """Score models before and after their repair along every property."""
    input:
        predicted=PLAN.predicted(models=BEFORE_AND_AFTER),
        images=rules.select_images.output.table,
        ledgers=expand(f"{RESULTS}/ledger/{{property}}.csv", property=PROPERTIES),
        edits=expand(MANIFEST, property=PROPERTIES),
        placebos=expand(MANIFEST, property=PLACEBO_SETS),
        tried=expand(rules.repair_model.output.table, model=REPAIRED),
        agreed=expand(rules.repair_model.output.agreement, model=REPAIRED),
        lib=lib("score_repairs.py"),
    output:
        scores=f"{REPAIR}/scores.parquet",
        scores_csv=f"{REPAIR}/scores.csv",
        tests=f"{REPAIR}/tests.parquet",
        tests_csv=f"{REPAIR}/tests.csv",
        summary=f"{REPAIR}/summary.csv",
        repairs=report(
            f"{REPAIR}/repairs.csv",
            category="8 Repair",
            labels={"table": "scores before and after"},
            caption="../workflow/report/repairs.rst",
        ),
        candidates=f"{REPAIR}/candidates.csv",
        agreement=f"{REPAIR}/agreement.csv",
    log:
        f"{LOGS}/score_repairs/repair.log",
    benchmark:
        f"{BENCHMARKS}/score_repairs/repair.tsv"
    conda:
        "../envs/scoring.yaml"
    threads: 1
    resources:
        mem_mb=2000,
    params:
        predictions=PLAN.predictions([*PROPERTIES, *PLACEBO_SETS], BEFORE_AND_AFTER),
        cfg=dict(
            output=PLAN.headline,
            scoring={key: SETTINGS["scoring"][key] for key in ("statistics", "permutations")},
            alpha=STUDY.scoring.alpha,
            interest=STUDY.scoring.interest,
            seed=STUDY.seed,
            periods=PLAN.periods,
            models=BEFORE_AND_AFTER,
            properties={name: TITLES[name] for name in PROPERTIES},
            sets=PLACEBO_SETS,
            placebos_of=PLAN.placebos_of,
            test=PLACEBO_TEST,
            facts=REPAIRING.facts(),
            against=REPAIRING.against,
            penalised=REPAIRING.penalised,
        ),
    script:
        "../workflow/scripts/score_repairs.py"


rule compare_circuits:
    """Compare which units carry properties before and after repairs."""
    input:
        folders=expand(rules.trace_model.output.folder, model=TRACED_AGAIN),
        lib=lib("compare_circuits.py"),
    output:
        circuits=f"{REPAIR}/circuits.csv",
        units=f"{REPAIR}/units.parquet",
    log:
        f"{LOGS}/compare_circuits/repair.log",
    benchmark:
        f"{BENCHMARKS}/compare_circuits/repair.tsv"
    conda:
        "../envs/scoring.yaml"
    threads: 1
    resources:
        mem_mb=1000,
    params:
        cfg=section(
            models=TRACED_AGAIN,
            facts=REPAIRING.facts(REPAIRING.traced),
            alpha=STUDY.scoring.alpha,
        ),
    script:
        "../workflow/scripts/compare_circuits.py"


rule draw_repair:
    """Draw scores before and after, score against accuracy, and what became of maps and circuits."""
    input:
        **inputs_for(
            REPAIR_FIGURES,
            dict(
                repairs=rules.score_repairs.output.repairs,
                repaired_accuracy=rules.test_repairs.output.table,
                mapped=expand(
                    rules.locate_maps.output.table, model=MAPPED_AGAIN, share=LOCATING.shares
                ),
                cards=expand(f"{RESULTS}/models/{{model}}.json", model=MAPPED_AGAIN),
                manifests=expand(MANIFEST, property=MAPPED_ALONG),
                images=rules.select_images.output.table,
                pixels=rules.select_images.output.pixels,
                repaired_units=rules.compare_circuits.output.units,
                circuits=rules.compare_circuits.output.circuits,
            ),
        ),
        lib=lib("draw_repair.py", *modules(REPAIR_FIGURES)),
    output:
        figure_outputs(FIGURES_AT, PLAN.formats, REPAIR_FIGURES),
    log:
        f"{LOGS}/draw_repair/repair.log",
    benchmark:
        f"{BENCHMARKS}/draw_repair/repair.tsv"
    conda:
        "../envs/figures.yaml"
    threads: 1
    resources:
        mem_mb=1500,
    params:
        pictures=PLAN.pictures(MAPPED_AGAIN),
        cfg=PLAN.drawing(
            REPAIR_FIGURES,
            drawn_properties=REPAIRING.drawn(),
            titles={name: title_of(name) for name in PROPERTIES},
            located=dict(
                maps=f"{LOCATED}/maps",
                titles={name: title_of(name) for name in MAPPED_ALONG},
                methods={
                    name: LOCATING.methods_of(MODELS)[REPAIRING.base_of(name)]
                    for name in MAPPED_AGAIN
                },
                output=PLAN.headline,
                world=STUDY.world.name,
            ),
            mapped=REPAIRING.facts(REPAIRING.mapped),
        ),
    script:
        "../workflow/scripts/draw_repair.py"


REPAIR_TABLES = [*rules.score_repairs.output, *rules.test_repairs.output] if REPAIRING.asked else []
REPAIR_TABLES += [*rules.compare_circuits.output] if REPAIRING.traced else []
REPAIR_RESULTS = [*REPAIR_TABLES, *(rules.draw_repair.output if REPAIRING.asked else [])]
REPAIRED_CARDS = expand(f"{RESULTS}/models/{{model}}.json", model=REPAIRED)


rule repair:
    """Models that were repaired, and what that did (`snakemake repair`)."""
    input:
        REPAIR_RESULTS,


rule to_paint:
    """Maps of training pictures, to paint where a model may look (`snakemake to_paint`)."""
    input:
        expand(rules.write_maps.output.table, model=REPAIRING.explained),
