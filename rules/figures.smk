# Figures: what the numbers look like. No number is made here.
# In: tables, predictions, stores. Out: PDF and PNG files; the PNGs are in the report. What there
# is to draw stands in zollstock/figures/registry.py.
from zollstock.figures.registry import (
    OF_STUDY,
    PER_GRID,
    PER_PROPERTY,
    PER_TURN,
    drawable,
    modules,
)
from zollstock.plan.figures import figure_outputs, inputs_for
from zollstock.plan.recording import lacking
from zollstock.wording import with_unit

# What figures may lack: the study has none of it, or the archive that it was unpacked from.
ABSENT = {
    *([] if TRAINED else ["accuracy"]),
    *([] if PLAN.pairs else ["pairs"]),
    *([] if STUDY.figures.arrange else ["paper"]),
    *([] if PLACEBO_SETS else ["tested"]),
    *([] if PLAN.examined_editors else ["gates"]),
    *lacking(
        {
            "frames": PLAN.stores(PATHS),
            "predictions": [*PLAN.predictions(PATHS), *PLAN.pictures()],
            "pixels": [rules.select_images.output.pixels],
        }
        if STUDY.archive.unpacked
        else {}
    ),
}
FIGURES_AT = f"{RESULTS}/figures"
PROPERTY_FIGURES = drawable(PER_PROPERTY, ABSENT)
GRID_FIGURES = drawable(PER_GRID, ABSENT)
TURN_FIGURES = drawable(PER_TURN, ABSENT)
STUDY_FIGURES = drawable(OF_STUDY, ABSENT)


rule draw_property:
    """Draw all figures of one property; of its images a card each (PNG each, one PDF)."""
    input:
        **inputs_for(
            PROPERTY_FIGURES,
            dict(
                manifest=MANIFEST,
                predictions=PLAN.predicted(PLAN.later),
                images=rules.select_images.output.table,
                steps=rules.measure_edits.output.steps,
                verdicts=rules.measure_edits.output.verdicts,
                scores=rules.gather_scores.output.table,
                tests=rules.compare_placebos.output.table,
                paper=rules.summarise_scores.output.paper,
            ),
        ),
        masks=lambda wildcards: PLAN.shown_masks(wildcards.property),
        lib=lib("draw_property.py", *modules(PROPERTY_FIGURES)),
    output:
        figure_outputs(FIGURES_AT, PLAN.formats, PROPERTY_FIGURES),
    log:
        f"{LOGS}/draw_property/{{property}}.log",
    benchmark:
        f"{BENCHMARKS}/draw_property/{{property}}.tsv"
    conda:
        "../envs/figures.yaml"
    threads: 1
    resources:
        mem_mb=1500,
    params:
        predictions=PLAN.predictions(["{property}"]),
        placebo_predictions=lambda wildcards: PLAN.predictions(placebos_of(wildcards)),
        cfg=lambda wildcards: PLAN.drawing(PROPERTY_FIGURES, **PLAN.drawn_axis(wildcards.property)),
    script:
        "../workflow/scripts/draw_property.py"


rule draw_grid:
    """Draw a grid of two properties."""
    input:
        **inputs_for(
            GRID_FIGURES,
            dict(
                manifest=MANIFEST,
                predictions=PLAN.predicted(),
                images=rules.select_images.output.table,
                grids=rules.score_grids.output.table,
            ),
        ),
        lib=lib("draw_grid.py", *modules(GRID_FIGURES)),
    output:
        figure_outputs(FIGURES_AT, PLAN.formats, GRID_FIGURES),
    log:
        f"{LOGS}/draw_grid/{{property}}.log",
    benchmark:
        f"{BENCHMARKS}/draw_grid/{{property}}.tsv"
    conda:
        "../envs/figures.yaml"
    threads: 1
    resources:
        mem_mb=1500,
    params:
        predictions=PLAN.predictions(["{property}"]),
        cfg=lambda wildcards: PLAN.drawing(
            GRID_FIGURES,
            title=title_of(wildcards.property),
            grid_titles=[
                with_unit(title_of(name), STUDY.properties[name].unit)
                for name in PLAN.axes_of_grid(wildcards.property)
            ],
        ),
    script:
        "../workflow/scripts/draw_grid.py"


rule draw_turn:
    """Draw all classes along a property whose axis closes on itself."""
    input:
        **inputs_for(
            TURN_FIGURES,
            dict(
                manifest=MANIFEST,
                predictions=PLAN.predicted(),
                images=rules.select_images.output.table,
            ),
        ),
        lib=lib("draw_turn.py", *modules(TURN_FIGURES)),
    output:
        figure_outputs(FIGURES_AT, PLAN.formats, TURN_FIGURES),
    log:
        f"{LOGS}/draw_turn/{{property}}.log",
    benchmark:
        f"{BENCHMARKS}/draw_turn/{{property}}.tsv"
    wildcard_constraints:
        property=one_of(PLAN.periods),
    conda:
        "../envs/figures.yaml"
    threads: 1
    resources:
        mem_mb=1500,
    params:
        predictions=PLAN.predictions(["{property}"]),
        cfg=lambda wildcards: PLAN.drawing(TURN_FIGURES, **PLAN.turned_axis(wildcards.property)),
    script:
        "../workflow/scripts/draw_turn.py"


rule draw_study:
    """Draw the figures of the study as a whole: its images, models, scores and editors."""
    input:
        **inputs_for(
            STUDY_FIGURES,
            dict(
                images=rules.select_images.output.table,
                pixels=rules.select_images.output.pixels,
                accuracy=rules.test_classifiers.output.table,
                scores=rules.gather_scores.output.table,
                tests=rules.compare_placebos.output.table,
                summary=rules.summarise_scores.output.summary,
                gates=ancient(
                    [str(folder / "gate.json") for folder in PLAN.examined_editors.values()]
                ),
                editor_cards=ancient(
                    [str(folder / "editor.json") for folder in PLAN.examined_editors.values()]
                ),
            ),
        ),
        lib=lib("draw_study.py", *modules(STUDY_FIGURES)),
    output:
        figure_outputs(FIGURES_AT, PLAN.formats, STUDY_FIGURES, PLAN.examined_editors),
    log:
        f"{LOGS}/draw_study/study.log",
    benchmark:
        f"{BENCHMARKS}/draw_study/study.tsv"
    conda:
        "../envs/figures.yaml"
    threads: 1
    resources:
        mem_mb=1500,
    params:
        cfg=PLAN.drawing(
            STUDY_FIGURES,
            titles={name: title_of(name) for name in PROPERTIES},
            pairs=PLAN.pairs,
            trained=TRAINED,
            editors=list(PLAN.examined_editors),
        ),
    script:
        "../workflow/scripts/draw_study.py"


rule figures:
    """Draw everything (`snakemake figures`)."""
    input:
        expand(rules.draw_property.output, property=PROPERTIES),
        expand(rules.draw_grid.output, property=PLAN.grids) if GRID_FIGURES else [],
        expand(rules.draw_turn.output, property=PLAN.periods) if TURN_FIGURES else [],
        rules.draw_study.output,
