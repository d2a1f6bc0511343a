# The studies of the paper, as far as they need no download: `snakemake paper`. Each is a Snakemake
# of its own in this folder, since one run reads one config. This rule has no files, so that no run
# waits for what the other has locked, and the runs decide themselves what is to be done again.


localrules:
    paper,


rule paper:
    """Run the twins of the paper's studies, one after the other (`snakemake paper`)."""
    log:
        "logs/paper.log",
    conda:
        "../envs/figures.yaml"  # which every study needs; each is called by this Snakemake's Python
    threads: snakemake_internals.cores_of(workflow) or STUDY.jobs.threads
    params:
        cfg=dict(
            root=str(ROOT),
            python=sys.executable,
            arguments=[
                *("--cores", str(snakemake_internals.cores_of(workflow) or "all")),
                *(["--sdm", "conda"] if snakemake_internals.makes_environments(workflow) else []),
            ],
        ),
    script:
        "../workflow/scripts/paper.py"
