"""Guidance sweeps: the engine against a plain loop of public pipeline calls, in one process.

    PYTHONPATH=. python benchmarks/editing.py                # the small editor, on this CPU
    PYTHONPATH=. python benchmarks/editing.py --sd15         # random weights of SD 1.5's shape

Both sides have the pipeline loaded once and make the same frames; rounds alternate and medians
are compared. The floor is the UNet's arithmetic alone: evaluations × FLOP over the rate that a
large matrix product reaches on the same device.
"""

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from diffusers import (
    AutoencoderKL,
    EulerAncestralDiscreteScheduler,
    StableDiffusionInstructPix2PixPipeline,
    UNet2DConditionModel,
)
from PIL import Image
from torch.utils.flop_counter import FlopCounterMode
from transformers import CLIPTextConfig, CLIPTextModel

from zollstock.editors.architecture import build_tokenizer
from zollstock.editors.pairs import EDITS
from zollstock.engines.diffusion.base import RunOptions
from zollstock.engines.diffusion.instruct_pix2pix import InstructPix2PixEngine

INSTRUCTION = "make the fur lighter"


def main() -> None:
    """Print the comparison."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--sd15", action="store_true", help="random weights of SD 1.5's shape")
    options.add_argument("--frames", type=int, default=17)
    options.add_argument("--denoising-steps", type=int, default=20)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--dtype", default=None, help="float32 or bfloat16")
    options.add_argument("--compile", default="", help="a mode of torch.compile, or 'dynamic'")
    options.add_argument("--fuse-projections", action="store_true")
    options.add_argument("--tune-kernels", action="store_true")
    options.add_argument("--attention", default="default")
    options.add_argument("--no-channels-last", action="store_true")
    options.add_argument("--batch-size", type=int, default=None)
    options.add_argument("--image-guidance", type=float, nargs="+", default=[1.0, 1.5])
    options.add_argument(
        "--plain-frames", type=int, default=None, help="frames of the plain loop, for its rate"
    )
    options.add_argument("--checkpoint", default="", help="folder to keep the random weights in")
    options.add_argument("--profile", default="", help="file for a table of the GPU's kernels")
    options.add_argument("--json", default="", help="file that gets a line per comparison")
    given = options.parse_args()
    device = "cuda" if torch.cuda.is_available() else "cpu"
    dtype = given.dtype or ("bfloat16" if given.sd15 else "float32")
    with tempfile.TemporaryDirectory() as folder:
        checkpoint = "pets"
        if given.sd15:
            checkpoint = given.checkpoint or folder
            if not (Path(checkpoint) / "model_index.json").is_file():
                sd15(device).to(getattr(torch, dtype)).save_pretrained(checkpoint)
        for image_guidance in given.image_guidance:
            found = compare(checkpoint, image_guidance, device, dtype, given)
            if given.json:
                with Path(given.json).open("a") as file:
                    file.write(json.dumps(found) + "\n")


def compare(
    checkpoint: str, image_guidance: float, device: str, dtype: str, given: argparse.Namespace
) -> dict[str, Any]:
    """Time both sides at one image guidance, print a line for each and return the figures."""
    run = RunOptions(
        device=device,
        batch_size=given.batch_size or "auto",
        compile=given.compile if given.compile != "dynamic" else True,
        fuse_projections=given.fuse_projections,
        tune_kernels=given.tune_kernels,
        attention=given.attention,
        channels_last=not given.no_channels_last,
    )
    engine = InstructPix2PixEngine(
        checkpoint=checkpoint,
        instruction=INSTRUCTION,
        stop=3.0,
        steps=given.frames,
        denoising_steps=given.denoising_steps,
        image_guidance=image_guidance,
        dtype=dtype,
        run=run,
    )
    pipeline = StableDiffusionInstructPix2PixPipeline.from_pretrained(
        engine.folder, dtype=getattr(torch, dtype), safety_checker=None
    ).to(device)
    pipeline.set_progress_bar_config(disable=True)
    pixels = np.random.default_rng(0).integers(0, 256, (*engine.size, 3), dtype=np.uint8)
    picture = Image.fromarray(pixels)
    # Above 1 only: the public call leaves guidance out at 1 and below.
    scales = np.linspace(1.01, 3.0, given.frames)
    looped = scales[: given.plain_frames or given.frames]

    def plain() -> torch.Tensor:
        return torch.cat(
            [
                pipeline(
                    INSTRUCTION,
                    image=picture,
                    num_inference_steps=given.denoising_steps,
                    guidance_scale=float(scale),
                    image_guidance_scale=image_guidance,
                    generator=torch.Generator().manual_seed(0),
                    output_type="pt",
                ).images.cpu()
                for scale in looped
            ]
        )

    def batched() -> torch.Tensor:
        session = engine.begin_checked(pixels, 0)
        size = engine._batch_size()
        with torch.inference_mode():
            return torch.cat(
                [
                    engine.edit(session, scales[k : k + size]).cpu()
                    for k in range(0, given.frames, size)
                ]
            )

    seconds, found = alternate({"plain": plain, "engine": batched}, given.rounds)
    frames = {"plain": len(looped), "engine": given.frames}
    ratio = statistics.median(
        a / frames["plain"] / (b / frames["engine"])
        for a, b in zip(seconds["plain"], seconds["engine"], strict=True)
    )
    same = found["engine"][: len(looped)].float()
    difference = float((found["plain"].float() - same).abs().max())
    middle = {name: statistics.median(times) for name, times in seconds.items()}
    print(f"{checkpoint if checkpoint == 'pets' else 'SD 1.5 shape'}, {device}, {dtype}:")
    print(
        f"  {given.frames} frames, {given.denoising_steps} steps, image guidance {image_guidance}"
    )
    for name, median in middle.items():
        print(f"  {name:7s} {median:8.2f} s  {frames[name] / median:7.2f} frames/s")
    print(f"  ratio   {ratio:8.2f}    largest difference of a pixel {difference:.1e}")
    share = floor(engine, given, image_guidance, device, dtype, middle["engine"])
    if given.profile:
        Path(given.profile).write_text(profile(batched, device))
    rates = {name: frames[name] / median for name, median in middle.items()}
    return {
        "device": torch.cuda.get_device_name() if device == "cuda" else device,
        "dtype": dtype,
        "image_guidance": image_guidance,
        "frames_per_second": rates,
        "ratio": ratio,
        "share_of_matrix_rate": share,
        "largest_difference": difference,
    }


def profile(side: Callable[[], torch.Tensor], device: str) -> str:
    """Return the kernels that one run of a side spends its time in."""
    activities = [torch.profiler.ProfilerActivity.CPU]
    if device == "cuda":
        activities.append(torch.profiler.ProfilerActivity.CUDA)
    with torch.profiler.profile(activities=activities) as found:
        side()
    by = "self_cuda_time_total" if device == "cuda" else "self_cpu_time_total"
    return str(found.key_averages().table(sort_by=by, row_limit=30, max_name_column_width=60))


def alternate(
    sides: dict[str, Callable[[], torch.Tensor]], rounds: int
) -> tuple[dict[str, list[float]], dict[str, torch.Tensor]]:
    """Run the sides in turn after one warm-up each; return seconds and last results."""
    found = {name: side() for name, side in sides.items()}
    seconds: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(rounds):
        for name, side in sides.items():
            start = time.perf_counter()
            found[name] = side()
            if torch.cuda.is_available():
                torch.cuda.synchronize()
            seconds[name].append(time.perf_counter() - start)
    return seconds, found


def floor(
    engine: InstructPix2PixEngine,
    given: argparse.Namespace,
    image_guidance: float,
    device: str,
    dtype: str,
    median: float,
) -> float:
    """Print how near the engine comes to the UNet's arithmetic, and return it as a share."""
    unet = engine.pipeline.unet.unet
    latent = engine.size[0] // engine.pipeline.vae_scale_factor
    kind = getattr(torch, dtype)
    sample = torch.zeros(1, unet.config.in_channels, latent, latent, device=device, dtype=kind)
    states = torch.zeros(1, 8, unet.config.cross_attention_dim, device=device, dtype=kind)
    with FlopCounterMode(display=False) as counter, torch.inference_mode():
        # Not the compiled call: operations inside it are not counted.
        unet.forward(sample, 1, states)
    flop = counter.get_total_flops()
    branches = 2 if image_guidance == 1 else 3
    evaluations = branches + (given.denoising_steps - 1) * branches * given.frames
    rate = matrix_rate(device, kind)
    least = evaluations * flop / rate
    print(
        f"  floor   {least:8.2f} s  {evaluations} evaluations × {flop / 1e9:.2f} GFLOP at "
        f"{rate / 1e9:.0f} GFLOP/s (a matrix product); the engine reaches "
        f"{evaluations * flop / median / 1e9:.0f} GFLOP/s, {100 * least / median:.0f} %"
    )
    return float(least / median)


def matrix_rate(device: str, dtype: torch.dtype) -> float:
    """Return the floating-point operations per second of a large matrix product."""
    n = 8192 if device == "cuda" else 1536
    a, b = (torch.randn(n, n, device=device, dtype=dtype) for _ in range(2))
    times = []
    for _ in range(7):
        start = time.perf_counter()
        a @ b
        if device == "cuda":
            torch.cuda.synchronize()
        times.append(time.perf_counter() - start)
    return float(2 * n**3 / min(times))


def sd15(device: str) -> StableDiffusionInstructPix2PixPipeline:
    """Return InstructPix2Pix in the shape of Stable Diffusion 1.5, untrained.

    Random weights are drawn on the device; on a CPU that alone takes half a minute.
    """
    with torch.device(device):
        return _sd15()


def _sd15() -> StableDiffusionInstructPix2PixPipeline:
    tokenizer = build_tokenizer(list(EDITS))
    config = CLIPTextConfig(
        vocab_size=len(tokenizer),
        hidden_size=768,
        intermediate_size=3072,
        num_hidden_layers=12,
        num_attention_heads=12,
        max_position_embeddings=77,
        bos_token_id=0,
        eos_token_id=1,
        pad_token_id=1,
    )
    return StableDiffusionInstructPix2PixPipeline(
        vae=AutoencoderKL(
            down_block_types=("DownEncoderBlock2D",) * 4,
            up_block_types=("UpDecoderBlock2D",) * 4,
            block_out_channels=(128, 256, 512, 512),
            layers_per_block=2,
            latent_channels=4,
        ),
        text_encoder=CLIPTextModel(config),
        tokenizer=tokenizer,
        unet=UNet2DConditionModel(
            sample_size=64, in_channels=8, cross_attention_dim=768, attention_head_dim=8
        ),
        scheduler=EulerAncestralDiscreteScheduler(beta_schedule="scaled_linear"),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )


if __name__ == "__main__":
    main()
