"""Train the small editor from nothing and put it through the gate."""

from zollstock.jobs.harness import job

with job(snakemake):
    import sys
    import tempfile
    from pathlib import Path

    import torch

    from zollstock.devices import hold_device
    from zollstock.editors.architecture import Size
    from zollstock.editors.gate import run_gate
    from zollstock.editors.making import as_text, make_editor, sweeps
    from zollstock.editors.training import Recipe
    from zollstock.engines.diffusion.base import RunOptions
    from zollstock.files import write_json
    from zollstock.images.selection import select_rendered
    from zollstock.models.card import load_model
    from zollstock.progress import Progress
    from zollstock.seeds import seed_for
    from zollstock.worlds import get_world

    cfg = snakemake.params.cfg
    editor, world = cfg["editor_training"], cfg["world"]
    folder = Path(snakemake.output.weights)
    torch.set_num_threads(snakemake.threads)
    use = {key: editor[key] for key in ("image_guidance", "stop", "denoising_steps")}
    recipe = Recipe(
        **{key: value for key, value in editor.items() if key in Recipe.__dataclass_fields__}
    )
    make_editor(
        folder,
        recipe,
        Size(image=world["size"]),
        device=str(hold_device(editor["device"])),
        progress=lambda title, total: Progress(title, total, "samples"),
        **use,
    )
    models = {
        trained_on: load_model(Path(weights), Path(card))
        for trained_on, weights, card in zip(
            cfg["trained_on"],
            snakemake.input.models[::2],
            snakemake.input.models[1::2],
            strict=True,
        )
    }
    with tempfile.TemporaryDirectory() as pictures:
        held_out = select_rendered(
            get_world(world["name"]),
            n_per_class=editor["gate_images"] // 2,
            seed=seed_for(editor["seed"], "gate"),
            folder=Path(pictures),
            distribution="unbiased",
            size=world["size"],
            bias=world["bias"],
            shape_noise=world["shape_noise"],
        ).images
        engines, keep = sweeps(
            folder, steps=editor["gate_steps"], use=use, run=RunOptions(device=editor["device"])
        )
        gate = run_gate(
            engines,
            keep,
            models,
            held_out,
            world=world["name"],
            size=world["size"],
            output="dog",
            seed=editor["seed"],
            device=editor["device"],
        ).as_dict()
    write_json(gate, folder / "gate.json")
    print(as_text(gate["criteria"]), file=sys.stderr, flush=True)
