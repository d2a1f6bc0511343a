"""zollstock: measures how much an image classifier's decision depends on a property.

`snakemake` runs the study of config/config.yaml, `snakemake --configfile FILE` another one.
"""

from snakemake.utils import min_version

min_version("9.27")

# A study given with --configfile stands alone; it is not merged into the default one.
if not workflow.overwrite_configfiles:

    configfile: "config/config.yaml"


report: "workflow/report/study.rst"


include: "rules/common.smk"


follow(workflow)


include: "rules/images.smk"
include: "rules/captioned.smk"
include: "rules/models.smk"
include: "rules/editors.smk"
include: "rules/interventions.smk"
include: "rules/inference.smk"
include: "rules/scoring.smk"
include: "rules/figures.smk"
include: "rules/locate.smk"
include: "rules/trace.smk"
include: "rules/repair.smk"
include: "rules/dynamics.smk"
include: "rules/calibration.smk"
include: "rules/report.smk"
include: "rules/provenance.smk"
include: "rules/paper.smk"


# Files of the user, scripts and modules count by what they hold, not by their times.
snakemake_internals.compare_contents(workflow, content_of)


onstart:
    check_start()


onsuccess:
    say_results(workflow, Path(RESULTS), PLAN.headlines, STUDY.scoring.alpha)


rule all:
    default_target: True
    input:
        rules.gather_scores.output,
        rules.compare_placebos.output,
        rules.summarise_scores.output,
        expand(rules.score_output.output, followed=PLAN.further),
        rules.score_grids.output if PLAN.grids else [],
        rules.figures.input,
        rules.locate.input if LOCATING.asked else [],
        rules.trace.input if TRACING.asked else [],
        REPAIR_RESULTS,
        DYNAMICS_RESULTS,
        rules.write_report.output,
        rules.write_record.output,
        # What a job that failed has left undone is made again, though older results are there.
        list(RECORDED.values()),
