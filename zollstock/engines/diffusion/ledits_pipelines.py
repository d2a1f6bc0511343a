"""LEDITS++ pipelines corrected for batches; imported when one is loaded, for diffusers is slow."""

from typing import Any

import torch
from diffusers import LEditsPPPipelineStableDiffusion, LEditsPPPipelineStableDiffusionXL
from diffusers.pipelines.ledits_pp.pipeline_leditspp_stable_diffusion import LeditsAttentionStore


class _FrameStore(LeditsAttentionStore):
    """Attention maps of each frame of a batch.

    Diffusers' own store splits the rows as if images came last. They are ordered by concept,
    image and head, so of several images it mixes the maps; here they are reordered first.
    """

    def __call__(
        self,
        attn: torch.Tensor,
        is_cross: bool,
        place_in_unet: str,
        editing_prompts: int,
        PnP: bool = False,
    ) -> None:
        rows = attn.unflatten(0, (1 + editing_prompts, self.batch_size, -1))
        super().__call__(
            rows.transpose(1, 2).flatten(0, 2), is_cross, place_in_unet, editing_prompts, PnP
        )


class _PerFrameMaps:
    """Mixed into a pipeline: attention maps are kept per frame."""

    def prepare_unet(self, attention_store: Any, PnP: bool = False) -> None:  # noqa: ANN401
        """Hook the store into the UNet."""
        store = _FrameStore(
            attention_store.average,
            attention_store.batch_size,
            max_resolution=None,
            max_size=attention_store.max_size,
        )
        self.attention_store = store
        super().prepare_unet(store, PnP)  # type: ignore[misc]


class Sweep(_PerFrameMaps, LEditsPPPipelineStableDiffusion):
    """LEDITS++ on Stable Diffusion 1.x with several frames at once."""

    source_prompt = ""

    def encode_prompt(self, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
        """Encode prompts; inversion asks for the empty one and gets the source's."""
        if kwargs.get("editing_prompt") == "":
            kwargs["editing_prompt"] = self.source_prompt
        return super().encode_prompt(*args, **kwargs)


class SweepXL(_PerFrameMaps, LEditsPPPipelineStableDiffusionXL):
    """LEDITS++ on Stable Diffusion XL with several frames at once."""

    def encode_prompt(self, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
        """Encode prompts; the editing one is repeated for every frame."""
        plain, edit, plain_pooled, edit_pooled, tokens = super().encode_prompt(*args, **kwargs)
        if edit is not None:
            edit = edit.repeat(self.batch_size, 1, 1)
            edit_pooled = edit_pooled.repeat(self.batch_size, 1)
        return plain, edit, plain_pooled, edit_pooled, tokens


def before(
    unet: Any,  # noqa: ANN401
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Give the UNet its own floating-point type and, for SDXL, the size once per sample."""
    sample, *rest = args
    text = kwargs["encoder_hidden_states"].to(unet.dtype)
    kwargs = kwargs | {"encoder_hidden_states": text}
    added = kwargs.get("added_cond_kwargs")
    if added is not None:
        # The pipeline counts the rows wrongly in batches; all of them are the same.
        ids = added["time_ids"][:1].expand(len(sample), -1)
        pooled = added["text_embeds"].to(unet.dtype)
        kwargs["added_cond_kwargs"] = {"time_ids": ids, "text_embeds": pooled}
    return (sample.to(unet.dtype), *rest), kwargs


def after(unet: Any, args: tuple[Any, ...], found: Any) -> Any:  # noqa: ANN401
    """Return the UNet's prediction in float32."""
    if isinstance(found, tuple):
        return (found[0].float(), *found[1:])
    found.sample = found.sample.float()
    return found
