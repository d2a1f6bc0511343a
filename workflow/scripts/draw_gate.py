"""Draw how a small editor was examined."""

from zollstock.jobs.harness import job

with job(snakemake):
    from pathlib import Path

    from zollstock.figures.gate import draw_gate, gate_models
    from zollstock.figures.style import model_looks, save, set_style
    from zollstock.files import read_json

    cfg = snakemake.params.cfg
    style = cfg["figures"]
    gate = read_json(Path(snakemake.input.gate))
    # A model has the same colour as in the study's other figures.
    models = list(dict.fromkeys([*cfg["models"], *gate_models(gate)]))
    set_style()
    figure = draw_gate(
        gate,
        read_json(Path(snakemake.input.card)),
        name=snakemake.wildcards.editor,
        looks=model_looks(models, style["palette"]),
    )
    stem = Path(snakemake.output[0]).with_suffix("")
    save(figure, stem, style["formats"], style["dpi"])
