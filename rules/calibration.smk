# Calibration: whether tests and scores hold, on simulated series and drawn images of its own.
# In: the drawn world, the trained models, the study's editor. Out: tables and figures.
# Not part of `rule all`; asked for with `snakemake calibration`.
CALIBRATED = f"{RESULTS}/calibration"
CALIBRATION = STUDY.calibration
# The first edit whose outcome the drawn world can read back; without one, those parts are left out.
CALIBRATED_EDIT = next(
    (
        name
        for name in PROPERTIES
        if PATHS[name].edited and STUDY.properties[name].meter == CALIBRATION.latent
    ),
    None,
)
# The drawn world's models on drawn images; a study of photographs has no known truth.
CAN_CALIBRATE = PLAN.has_formulas and bool(DRAWN)
# The settings of that edit, on paths of the calibration's own length.
CALIBRATED_SETTINGS = (
    dict(PATHS[CALIBRATED_EDIT].settings) | PLAN.inexact | {"steps": CALIBRATION.steps}
    if CALIBRATED_EDIT
    else {}
)


rule calibrate_images:
    """Draw the images that are edited and set exactly."""
    input:
        lib=lib("calibrate_images.py", PLAN.world),
    output:
        table=f"{CALIBRATED}/images.csv",
        pixels=directory(f"{CALIBRATED}/images"),
    log:
        f"{LOGS}/calibrate_images/calibration.log",
    benchmark:
        f"{BENCHMARKS}/calibrate_images/calibration.tsv"
    conda:
        "../envs/interventions.yaml"
    threads: 1
    resources:
        mem_mb=1000,
    params:
        cfg=section("world", images=CALIBRATION.images),
    script:
        "../workflow/scripts/calibrate_images.py"


rule calibrate_edits:
    """Edit them with the study's editor, and read in each frame what the edit did."""
    input:
        images=rules.calibrate_images.output.table,
        pixels=rules.calibrate_images.output.pixels,
        checkpoint=PATHS[CALIBRATED_EDIT].fetched() or [] if CALIBRATED_EDIT else [],
        lib=lib(
            "calibrate_edits.py",
            PLAN.world,
            *(PATHS[CALIBRATED_EDIT].modules if CALIBRATED_EDIT else []),
        ),
    output:
        latents=f"{CALIBRATED}/latents.csv",
        manifest=f"{CALIBRATED}/edits.json",
    log:
        f"{LOGS}/calibrate_edits/calibration.log",
    benchmark:
        f"{BENCHMARKS}/calibrate_edits/calibration.tsv"
    conda:
        "../envs/editors.yaml"
    threads: STUDY.jobs.threads
    resources:
        mem_mb=lambda wildcards, attempt: PLAN.memory_of_editor(CALIBRATED_EDIT, attempt),
        gpu=gpus(STUDY.editing.device),
        gpu_slots=GPU_SLOTS * gpus(STUDY.editing.device),
    params:
        cfg=section("world", latent=CALIBRATION.latent, property=CALIBRATED_SETTINGS),
    script:
        "../workflow/scripts/calibrate_edits.py"


rule calibrate_models:
    """Let the trained models look at pixel noise, at exact interventions and at edits."""
    input:
        images=rules.calibrate_images.output.table,
        pixels=rules.calibrate_images.output.pixels,
        manifest=rules.calibrate_edits.output.manifest if CALIBRATED_EDIT else [],
        models=PLAN.model_files(DRAWN),
        lib=lib("calibrate_models.py", PLAN.world, *PLAN.modules_of_models(DRAWN)),
    output:
        predictions=f"{CALIBRATED}/predictions.npz",
    log:
        f"{LOGS}/calibrate_models/calibration.log",
    benchmark:
        f"{BENCHMARKS}/calibrate_models/calibration.tsv"
    conda:
        "../envs/models.yaml"
    threads: STUDY.jobs.threads
    resources:
        mem_mb=3000,
        gpu=gpus(STUDY.inference.device),
        gpu_slots=GPU_SLOTS * gpus(STUDY.inference.device),
    params:
        cfg=dict(
            seed=STUDY.seed,
            world=SETTINGS["world"],
            latent=CALIBRATION.latent,
            steps=CALIBRATION.steps,
            dense=CALIBRATION.dense,
            noise_images=CALIBRATION.noise_images,
            placebos=CALIBRATION.placebos,
            inference=SETTINGS["inference"],
        ),
    script:
        "../workflow/scripts/calibrate_models.py"


rule calibrate_rates:
    """Count how often tests reject where nothing is to be found."""
    input:
        predictions=rules.calibrate_models.output.predictions,
        lib=lib("calibrate_rates.py"),
    output:
        table=report(
            f"{CALIBRATED}/rates.csv",
            category="5 Calibration",
            labels={"result": "rejection rates without an effect"},
            caption="../workflow/report/calibration_rates.rst",
        ),
    log:
        f"{LOGS}/calibrate_rates/calibration.log",
    benchmark:
        f"{BENCHMARKS}/calibrate_rates/calibration.tsv"
    conda:
        "../envs/scoring.yaml"
    threads: 1
    resources:
        mem_mb=2000,
    params:
        cfg=dict(
            seed=STUDY.seed,
            series=CALIBRATION.series,
            length=CALIBRATION.length,
            permutations=STUDY.scoring.permutations,
        ),
    script:
        "../workflow/scripts/calibrate_rates.py"


rule calibrate_truth:
    """Compare scores of classifiers that are formulas with their closed forms."""
    input:
        images=rules.calibrate_images.output.table,
        pixels=rules.calibrate_images.output.pixels,
        latents=rules.calibrate_edits.output.latents if CALIBRATED_EDIT else [],
        lib=lib("calibrate_truth.py", PLAN.world),
    output:
        table=report(
            f"{CALIBRATED}/truth.csv",
            category="5 Calibration",
            labels={"result": "scores against closed forms"},
            caption="../workflow/report/calibration_truth.rst",
        ),
        decay=f"{CALIBRATED}/decay.csv",
        points=f"{CALIBRATED}/points.csv",
    log:
        f"{LOGS}/calibrate_truth/calibration.log",
    benchmark:
        f"{BENCHMARKS}/calibrate_truth/calibration.tsv"
    conda:
        "../envs/scoring.yaml"
    threads: 1
    resources:
        mem_mb=1000,
    params:
        cfg=dict(
            world=STUDY.world.name,
            latent=CALIBRATION.latent,
            steps=CALIBRATION.steps,
            step_counts=CALIBRATION.step_counts,
        ),
    script:
        "../workflow/scripts/calibrate_truth.py"


rule calibrate_roc:
    """Measure how well scores find the images whose decision depends on the latent."""
    input:
        predictions=rules.calibrate_models.output.predictions,
        lib=lib("calibrate_roc.py"),
    output:
        table=report(
            f"{CALIBRATED}/areas.csv",
            category="5 Calibration",
            labels={"result": "areas under ROC curves"},
            caption="../workflow/report/calibration_areas.rst",
        ),
        curves=f"{CALIBRATED}/curves.csv",
    log:
        f"{LOGS}/calibrate_roc/calibration.log",
    benchmark:
        f"{BENCHMARKS}/calibrate_roc/calibration.tsv"
    conda:
        "../envs/scoring.yaml"
    threads: 1
    resources:
        mem_mb=1000,
    params:
        cfg=dict(seed=STUDY.seed, dense=CALIBRATION.dense, threshold=CALIBRATION.threshold),
    script:
        "../workflow/scripts/calibrate_roc.py"


rule calibrate_power:
    """Measure which statistic finds an effect, by its size."""
    input:
        latents=rules.calibrate_edits.output.latents if CALIBRATED_EDIT else [],
        lib=lib("calibrate_power.py"),
    output:
        table=report(
            f"{CALIBRATED}/power.csv",
            category="5 Calibration",
            labels={"result": "power by size of the effect"},
            caption="../workflow/report/calibration_power.rst",
        ),
    log:
        f"{LOGS}/calibrate_power/calibration.log",
    benchmark:
        f"{BENCHMARKS}/calibrate_power/calibration.tsv"
    conda:
        "../envs/scoring.yaml"
    threads: 1
    resources:
        mem_mb=1000,
    params:
        cfg=dict(seed=STUDY.seed, simulations=CALIBRATION.simulations, steps=CALIBRATION.steps),
    script:
        "../workflow/scripts/calibrate_power.py"


rule draw_calibration:
    """Draw what the calibration found."""
    input:
        rates=rules.calibrate_rates.output.table,
        points=rules.calibrate_truth.output.points,
        decay=rules.calibrate_truth.output.decay,
        areas=rules.calibrate_roc.output.table,
        curves=rules.calibrate_roc.output.curves,
        power=rules.calibrate_power.output.table,
        lib=lib("draw_calibration.py"),
    output:
        [
            report(
                f"{RESULTS}/figures/calibration_{name}.png",
                category="5 Calibration",
                labels={"result": f"figure, {name}"},
                caption=f"../workflow/report/calibration_{caption}.rst",
            )
            for name, caption in (
                ("rates", "rates"),
                ("truth", "truth"),
                ("roc", "areas"),
                ("power", "power"),
            )
        ],
        [
            file
            for name in ("rates", "truth", "roc", "power")
            for file in figure_files(f"calibration_{name}")[1:]
        ],
    log:
        f"{LOGS}/draw_calibration/calibration.log",
    benchmark:
        f"{BENCHMARKS}/draw_calibration/calibration.tsv"
    conda:
        "../envs/figures.yaml"
    threads: 1
    resources:
        mem_mb=1000,
    params:
        cfg=style(latent=CALIBRATION.latent, threshold=CALIBRATION.threshold),
    script:
        "../workflow/scripts/draw_calibration.py"


rule calibration:
    """Calibrate everything, and sum it up (`snakemake calibration`)."""
    input:
        rates=rules.calibrate_rates.output.table if CAN_CALIBRATE else [],
        truth=rules.calibrate_truth.output.table if CAN_CALIBRATE else [],
        decay=rules.calibrate_truth.output.decay if CAN_CALIBRATE else [],
        areas=rules.calibrate_roc.output.table if CAN_CALIBRATE else [],
        power=rules.calibrate_power.output.table if CAN_CALIBRATE else [],
        figures=rules.draw_calibration.output if CAN_CALIBRATE else [],
        lib=lib("calibration.py"),
    output:
        table=report(
            f"{CALIBRATED}/summary.csv",
            category="5 Calibration",
            labels={"result": "summary"},
            caption="../workflow/report/calibration_summary.rst",
        ),
    log:
        f"{LOGS}/calibration/calibration.log",
    benchmark:
        f"{BENCHMARKS}/calibration/calibration.tsv"
    conda:
        "../envs/scoring.yaml"
    threads: 1
    resources:
        mem_mb=500,
    params:
        cfg=section(source=STUDY.images.source),
    script:
        "../workflow/scripts/calibration.py"
