"""FlowEdit against the paper's algorithm written down plainly, and its zero point."""

import numpy as np
import pytest
import torch

from zollstock.errors import ZollstockError

from .conftest import frames

SOURCE, TARGET = "a photo of a cat", "make the fur lighter"
STEPS, N_MAX, N_AVG = 4, 3, 2


@pytest.fixture(params=["tiny_sd3", "tiny_flux"])
def engine(request, engine_for_checkpoint):
    folder = request.getfixturevalue(request.param)

    def make(**settings):
        base = {
            "stop": 1.0,
            "denoising_steps": STEPS,
            "size": [32, 48],
            "instruction": TARGET,
            "source_prompt": SOURCE,
            "n_max": N_MAX,
        }
        return engine_for_checkpoint("flowedit", folder, **(base | settings))

    return make


def reconstruction(engine, source):
    pipeline = engine.pipeline
    with torch.inference_mode():
        pixels = pipeline.image_processor.preprocess(source)
        latents = pipeline.vae.encode(pixels).latent_dist.mode()
        return (pipeline.vae.decode(latents).sample / 2 + 0.5).clamp(0, 1)


def velocity(pipeline, z, sigma, text, scale):
    """v(z | text, scale) of one image, as each pipeline's own loop computes it."""
    if type(pipeline).__name__ == "StableDiffusion3Pipeline":
        long, none, pooled, none_pooled = pipeline.encode_prompt(text, None, None)
        plain, told = (
            pipeline.transformer(
                hidden_states=z,
                timestep=torch.tensor([1000 * sigma]),
                encoder_hidden_states=embeddings,
                pooled_projections=summary,
            ).sample
            for embeddings, summary in ((none, none_pooled), (long, pooled))
        )
        return plain + scale * (told - plain)
    long, pooled, text_ids = pipeline.encode_prompt(text, None)
    _, channels, height, width = z.shape
    found = pipeline.transformer(
        hidden_states=pipeline._pack_latents(z, 1, channels, height, width),
        timestep=torch.tensor([sigma]),
        guidance=torch.tensor([scale]),
        pooled_projections=pooled,
        encoder_hidden_states=long,
        txt_ids=text_ids,
        img_ids=pipeline._prepare_latent_image_ids(1, height // 2, width // 2, "cpu", z.dtype),
    ).sample
    return pipeline._unpack_latents(found, 2 * height, 2 * width, 2)


def by_the_paper(engine, source, g_source, g_target):
    """Algorithm 1 of the paper, with noises in the engine's order."""
    pipeline, generator = engine.pipeline, torch.Generator().manual_seed(5)
    x = engine.model.encode(source)
    sigmas = engine.model.sigmas(STEPS, 32, 48)
    z = x
    for i in range(STEPS - N_MAX, STEPS):
        t, after = sigmas[i], sigmas[i + 1]
        change = 0
        for _ in range(N_AVG):
            z_source = (1 - t) * x + t * torch.randn(x.shape, generator=generator)
            z_target = z + z_source - x
            change = change + velocity(pipeline, z_target, t, TARGET, g_target)
            change = change - velocity(pipeline, z_source, t, SOURCE, g_source)
        z = z + (after - t) * change / N_AVG
    return engine.model.decode(z)


def test_at_one_it_is_the_papers_method(engine, source):
    mine = engine(n_avg=N_AVG, source_guidance=2.0, target_guidance=4.0)
    found = frames(mine, source, [0.3, 1.0])
    with torch.inference_mode():
        expected = by_the_paper(mine, source, 2.0, 4.0)
    assert (expected - reconstruction(mine, source)).abs().max() > 1e-2
    torch.testing.assert_close(found[1:], expected, atol=1e-4, rtol=0)
    assert (found[0] - found[1]).abs().max() > 1e-3


def test_at_zero_it_is_the_autoencoders_reconstruction(engine, source, monkeypatch):
    mine, decoded = engine(), []
    decode = mine.model.decode
    monkeypatch.setattr(mine.model, "decode", lambda z: (decoded.append(z), decode(z))[1])
    alone, among = frames(mine, source, [0.0]), frames(mine, source, [0.0, 0.5, 1.0])
    with torch.inference_mode():
        latents = mine.model.encode(source)
    # Nothing moves, to the bit; only the decoder rounds, by its processor and its batch.
    for found in decoded:
        torch.testing.assert_close(found[:1], latents, atol=0, rtol=0)
    assert (decoded[1][1] - latents[0]).abs().max() > 1e-3
    expected = reconstruction(mine, source)
    torch.testing.assert_close(alone, expected, atol=1e-5, rtol=0)
    torch.testing.assert_close(among[:1], expected, atol=1e-5, rtol=0)
    assert mine.facts()["zero"] == "the autoencoder's reconstruction"


def test_the_zero_frame_is_the_limit_of_small_strengths(engine, source):
    found = frames(engine(), source, [0.0, 1e-4])
    torch.testing.assert_close(found[0], found[1], atol=1e-3, rtol=0)


def test_the_source_as_target_changes_nothing(engine, source):
    mine = engine(instruction=SOURCE, source_guidance=3.0, target_guidance=3.0)
    found = frames(mine, source, [1.0])
    torch.testing.assert_close(found, reconstruction(mine, source), atol=1e-3, rtol=0)


def test_last_steps_may_sample(engine, source):
    mine, plain = engine(n_min=1), engine()
    found = frames(mine, source, [0.0, 1.0])
    assert (found[1] - frames(plain, source, [1.0])[0]).abs().max() > 1e-3
    assert mine.facts()["zero"].endswith("its last 1 steps sampled anew")
    assert (found[0] - reconstruction(mine, source)[0]).abs().max() > 1e-3


def test_the_noise_levels_are_the_pipelines(engine):
    mine = engine()
    pipeline = mine.pipeline
    pipeline.set_progress_bar_config(disable=True)
    pipeline(TARGET, height=32, width=48, num_inference_steps=STEPS, output_type="latent")
    expected = [float(sigma) for sigma in pipeline.scheduler.sigmas]
    np.testing.assert_allclose(mine.model.sigmas(STEPS, 32, 48), expected)


def test_nothing_is_evaluated_twice(engine, source):
    mine, rows = engine(), []
    mine.pipeline.transformer.register_forward_pre_hook(
        lambda module, args, kwargs: rows.append(len(kwargs["hidden_states"])), with_kwargs=True
    )
    guided = "StableDiffusion3" in mine.pipeline_name
    frames(mine, source, [0.0, 1.0])
    # The source once per step; the frame at 1 alone, under ∅ and target, or the target.
    assert rows == [2 if guided else 1] * 2 * N_MAX
    rows.clear()
    frames(mine, source, [0.5, 1.0])
    assert rows[N_MAX:] == [6 if guided else 4] * N_MAX


def test_the_papers_numbers_are_the_defaults(engine):
    sd3 = "StableDiffusion3" in engine().pipeline_name
    steps = 50 if sd3 else 28
    mine = engine(n_max=None, denoising_steps=steps)
    assert (mine.n_max, mine.n_min, mine.n_avg) == (33 if sd3 else 24, 0, 1)
    assert mine.guidance == ((3.5, 13.5) if sd3 else (1.5, 5.5))


@pytest.mark.parametrize(
    "wrong", [{"n_max": 5}, {"n_max": 0}, {"n_min": 3}, {"n_min": -1}, {"n_avg": 0}]
)
def test_steps_that_do_not_fit_are_refused(engine, wrong):
    with pytest.raises(ZollstockError, match="n_min < n_max"):
        engine(**wrong)
