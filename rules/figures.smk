# Figures: what the numbers look like. No number is made here.
# In: tables, predictions, stores. Out: PDF and PNG files; the PNGs are in the report.


rule draw_images:
    """Draw the contact sheet of the selected images."""
    input:
        images=rules.select_images.output.table,
        pixels=rules.select_images.output.pixels,
        lib=lib("draw_images.py"),
    output:
        report(
            f"{RESULTS}/figures/images.png",
            category="4 Images",
            labels={"figure": "contact sheet"},
            caption="../workflow/report/images.rst",
        ),
        figure_files("images")[1:],
    log:
        f"{LOGS}/draw_images/images.log",
    benchmark:
        f"{BENCHMARKS}/draw_images/images.tsv"
    conda:
        "../envs/figures.yaml"
    threads: 1
    resources:
        mem_mb=1000,
    params:
        cfg=style(),
    script:
        "../workflow/scripts/draw_images.py"


rule draw_accuracy:
    """Draw the accuracy of the trained models on every test split."""
    input:
        table=rules.test_classifiers.output.table,
        lib=lib("draw_accuracy.py"),
    output:
        report(
            f"{RESULTS}/figures/accuracy.png",
            category="3 Models",
            labels={"figure": "accuracy on each test split"},
            caption="../workflow/report/accuracy.rst",
        ),
        figure_files("accuracy")[1:],
    log:
        f"{LOGS}/draw_accuracy/accuracy.log",
    benchmark:
        f"{BENCHMARKS}/draw_accuracy/accuracy.tsv"
    conda:
        "../envs/figures.yaml"
    threads: 1
    resources:
        mem_mb=1000,
    params:
        cfg=style(models=TRAINED),
    script:
        "../workflow/scripts/draw_accuracy.py"


rule draw_frames:
    """Draw the contact sheet of a property: some frames of every image."""
    input:
        manifest=MANIFEST,
        lib=lib("draw_frames.py"),
    output:
        report(
            f"{RESULTS}/figures/{{property}}/frames.png",
            category="4 Images",
            labels={"figure": "frames, {property}"},
            caption="../workflow/report/frames.rst",
        ),
        figure_files("{property}/frames")[1:],
    log:
        f"{LOGS}/draw_frames/{{property}}.log",
    benchmark:
        f"{BENCHMARKS}/draw_frames/{{property}}.tsv"
    conda:
        "../envs/figures.yaml"
    threads: 1
    resources:
        mem_mb=1000,
    params:
        cfg=lambda wildcards: style(title=title_of(wildcards.property)),
    script:
        "../workflow/scripts/draw_frames.py"


rule draw_paths:
    """Draw a card per image (PNG each, one PDF)."""
    input:
        manifest=MANIFEST,
        predicted=PLAN.predicted(PLAN.later),
        # How far each placebo went stands in its store.
        placebos=lambda wildcards: expand(MANIFEST, property=placebos_of(wildcards)),
        tests=rules.compare_placebos.output.table,
        lib=lib("draw_paths.py"),
    output:
        **({"book": f"{RESULTS}/figures/{{property}}/paths.pdf"} if "pdf" in PLAN.formats else {}),
        paths=report(
            directory(f"{RESULTS}/figures/{{property}}/paths"),
            patterns=["{image}.png"],
            category="2 Paths",
            subcategory="{property}",
            labels={"image": "{image}", "figure": "frames and predictions"},
            caption="../workflow/report/cards.rst",
        ),
    log:
        f"{LOGS}/draw_paths/{{property}}.log",
    benchmark:
        f"{BENCHMARKS}/draw_paths/{{property}}.tsv"
    conda:
        "../envs/figures.yaml"
    threads: 1
    resources:
        mem_mb=1500,
    params:
        predictions=PLAN.predictions(["{property}"]),
        placebo_predictions=lambda wildcards: PLAN.predictions(placebos_of(wildcards)),
        cfg=lambda wildcards: style(
            output=STUDY.scoring.output,
            alpha=STUDY.scoring.alpha,
            models=MODELS,
            title=title_of(wildcards.property),
        ),
    script:
        "../workflow/scripts/draw_paths.py"


rule draw_nulls:
    """Draw the nulls of the shuffle test, and what jitter adds to the scores."""
    input:
        predicted=PLAN.predicted(),
        scores=rules.gather_scores.output.table,
        lib=lib("draw_nulls.py"),
    output:
        nulls=[
            report(
                f"{RESULTS}/figures/{{property}}/nulls.png",
                category="2 Paths",
                subcategory="{property}",
                labels={"image": "all", "figure": "shuffle test"},
                caption="../workflow/report/nulls.rst",
            ),
            *figure_files("{property}/nulls")[1:],
        ],
        signature=[
            report(
                f"{RESULTS}/figures/{{property}}/signature.png",
                category="2 Paths",
                subcategory="{property}",
                labels={"image": "all", "figure": "jitter"},
                caption="../workflow/report/signature.rst",
            ),
            *figure_files("{property}/signature")[1:],
        ],
    log:
        f"{LOGS}/draw_nulls/{{property}}.log",
    benchmark:
        f"{BENCHMARKS}/draw_nulls/{{property}}.tsv"
    conda:
        "../envs/figures.yaml"
    threads: 1
    resources:
        mem_mb=1000,
    params:
        predictions=PLAN.predictions(["{property}"]),
        cfg=lambda wildcards: style(
            scoring=PLAN.scored,
            models=MODELS,
            title=title_of(wildcards.property),
        ),
    script:
        "../workflow/scripts/draw_nulls.py"


rule draw_scores:
    """Draw the score tables: the summary, effects against q, and a heat map per property."""
    input:
        table=rules.gather_scores.output.table,
        tests=rules.compare_placebos.output.table,
        summary=rules.summarise_scores.output.summary,
        lib=lib("draw_scores.py"),
    output:
        report(
            f"{RESULTS}/figures/summary.png",
            category="1 Summary",
            labels={"table": "mean scores, drawn"},
            caption="../workflow/report/summary_figure.rst",
        ),
        figure_files("summary")[1:],
        report(
            f"{RESULTS}/figures/volcano.png",
            category="1 Summary",
            labels={"table": "effects and their q"},
            caption="../workflow/report/volcano.rst",
        ),
        figure_files("volcano")[1:],
        [
            report(
                f"{RESULTS}/figures/heatmap_{name}.png",
                category="1 Summary",
                labels={"table": f"heat map, {name}"},
                caption="../workflow/report/heatmap.rst",
            )
            for name in PROPERTIES
        ],
        [file for name in PROPERTIES for file in figure_files(f"heatmap_{name}")[1:]],
    log:
        f"{LOGS}/draw_scores/scores.log",
    benchmark:
        f"{BENCHMARKS}/draw_scores/scores.tsv"
    conda:
        "../envs/figures.yaml"
    threads: 1
    resources:
        mem_mb=1000,
    params:
        cfg=style(
            scoring=SETTINGS["scoring"],
            models=MODELS,
            titles={name: title_of(name) for name in PROPERTIES},
        ),
    script:
        "../workflow/scripts/draw_scores.py"


rule draw_ledger:
    """Draw what changed in each image of a property, and its flags."""
    input:
        steps=rules.measure_edits.output.steps,
        verdicts=rules.measure_edits.output.verdicts,
        lib=lib("draw_ledger.py"),
    output:
        report(
            f"{RESULTS}/figures/{{property}}/ledger.png",
            category="4 Images",
            labels={"figure": "what changed, {property}"},
            caption="../workflow/report/ledger.rst",
        ),
        figure_files("{property}/ledger")[1:],
    log:
        f"{LOGS}/draw_ledger/{{property}}.log",
    benchmark:
        f"{BENCHMARKS}/draw_ledger/{{property}}.tsv"
    conda:
        "../envs/figures.yaml"
    threads: 1
    resources:
        mem_mb=1000,
    params:
        cfg=lambda wildcards: style(title=title_of(wildcards.property)),
    script:
        "../workflow/scripts/draw_ledger.py"


rule draw_comparison:
    """Draw scores by edits over scores by exact interventions, where one meter measures both."""
    input:
        table=rules.gather_scores.output.table,
        lib=lib("draw_comparison.py"),
    output:
        report(
            f"{RESULTS}/figures/comparison.png",
            category="1 Summary",
            labels={"table": "edited against exact"},
            caption="../workflow/report/comparison.rst",
        ),
        figure_files("comparison")[1:],
    log:
        f"{LOGS}/draw_comparison/comparison.log",
    benchmark:
        f"{BENCHMARKS}/draw_comparison/comparison.tsv"
    conda:
        "../envs/figures.yaml"
    threads: 1
    resources:
        mem_mb=1000,
    params:
        cfg=style(
            scoring=PLAN.scored,
            models=MODELS,
            pairs=PLAN.pairs,
            titles={name: title_of(name) for pair in PLAN.pairs for name in pair},
        ),
    script:
        "../workflow/scripts/draw_comparison.py"


rule draw_gate:
    """Draw how a small editor was examined."""
    input:
        gate=lambda wildcards: str(PLAN.examined_editors[wildcards.editor] / "gate.json"),
        card=lambda wildcards: str(PLAN.examined_editors[wildcards.editor] / "editor.json"),
        lib=lib("draw_gate.py"),
    output:
        report(
            f"{RESULTS}/figures/editor_{{editor}}.png",
            category="3 Models",
            labels={"figure": "gate of the editor {editor}"},
            caption="../workflow/report/gate.rst",
        ),
        figure_files("editor_{editor}")[1:],
    log:
        f"{LOGS}/draw_gate/{{editor}}.log",
    benchmark:
        f"{BENCHMARKS}/draw_gate/{{editor}}.tsv"
    wildcard_constraints:
        editor=one_of(PLAN.examined_editors),
    conda:
        "../envs/figures.yaml"
    threads: 1
    resources:
        mem_mb=1000,
    params:
        cfg=style(models=MODELS),
    script:
        "../workflow/scripts/draw_gate.py"


rule figures:
    """Draw everything (`snakemake figures`)."""
    input:
        rules.draw_images.output,
        rules.draw_scores.output,
        expand(rules.draw_frames.output, property=PROPERTIES),
        expand(rules.draw_paths.output, property=PROPERTIES),
        expand(rules.draw_nulls.output, property=PROPERTIES),
        expand(rules.draw_ledger.output, property=PROPERTIES),
        rules.draw_accuracy.output if TRAINED else [],
        rules.draw_comparison.output if PLAN.pairs else [],
        expand(rules.draw_gate.output, editor=PLAN.examined_editors),
