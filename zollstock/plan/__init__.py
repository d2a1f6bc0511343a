"""What the Snakefile asks before a job runs: files, imports, placebo sets, memory.

Imports the standard library, pydantic and Snakemake alone: the environment that starts a run has
no more.
"""
