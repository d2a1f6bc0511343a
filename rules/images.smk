# Image selection: from the renderer, a folder or a CSV to the study's images.
# In: the models that must classify them correctly, if any. Out: table, PNGs, skipped files; where
# a property asks for it, masks by a segmentation model.


rule select_images:
    """Choose the study's images, convert them to RGB and name what was skipped."""
    input:
        models=PLAN.model_files(STUDY.images.correctly_classified_by),
        files=ancient(listed(PLAN.files_of_images())),
        lib=lib("select_images.py", PLAN.world, *PLAN.modules_of_images),
    output:
        table=f"{RESULTS}/images/images.csv",
        skipped=report(
            f"{RESULTS}/images/skipped.csv",
            category="4 Images",
            labels={"table": "files that were skipped, and why"},
            caption="../workflow/report/skipped.rst",
        ),
        pixels=directory(f"{RESULTS}/images/pixels"),
    log:
        f"{LOGS}/select_images/images.log",
    benchmark:
        f"{BENCHMARKS}/select_images/images.tsv"
    conda:
        PLAN.model_environment(STUDY.images.correctly_classified_by)
    threads: 1
    resources:
        mem_mb=memory_of_selection,
        gpu=PLAN.gpu_of_selection,
        gpu_slots=PLAN.gpu_of_selection,
    params:
        files=state(PLAN.files_of_images()),
        cfg=section(
            "images",
            world=(
                PLAN.drawn_world(STUDY.images.distribution)
                if STUDY.images.source == "renderer"
                else None
            ),
        ),
    script:
        "../workflow/scripts/select_images.py"


rule segment_images:
    """Draw a mask of each image by a segmentation model, to look at before it is used."""
    input:
        images=rules.select_images.output.table,
        pixels=rules.select_images.output.pixels,
        fetched=lambda wildcards: PLAN.segmenters.fetched(wildcards.masks),
        model=ancient(lambda wildcards: listed(PLAN.segmenters.files(wildcards.masks))),
        lib=lib("segment_images.py"),
    output:
        masks=directory(f"{RESULTS}/masks/{{masks}}"),
        checksums=f"{RESULTS}/masks/{{masks}}.checksums.json",
    log:
        f"{LOGS}/segment_images/{{masks}}.log",
    benchmark:
        f"{BENCHMARKS}/segment_images/{{masks}}.tsv"
    wildcard_constraints:
        masks=one_of(PLAN.segmenters.masks),
    conda:
        "../envs/editors.yaml"
    threads: STUDY.jobs.threads
    resources:
        mem_mb=4000,
    params:
        model=lambda wildcards: state(PLAN.segmenters.files(wildcards.masks)),
        cfg=lambda wildcards: PLAN.segmenters.asked(wildcards.masks),
    script:
        "../workflow/scripts/segment_images.py"
