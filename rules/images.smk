# Image selection: from the renderer, a folder or a CSV to the study's images.
# In: the models that must classify them correctly, if any. Out: table, PNGs, skipped files.


rule select_images:
    """Choose the study's images, convert them to RGB and name what was skipped."""
    input:
        models=PLAN.model_files(STUDY.images.correctly_classified_by),
        files=ancient(listed(PLAN.files_of_images())),
        lib=lib("select_images.py", "zollstock.worlds", *PLAN.modules_of_images),
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
