"""Qwen-Image-Edit's processor of pictures and words. Imported when a pipeline is loaded."""

from pathlib import Path

from transformers import AutoTokenizer, Qwen2VLImageProcessor, Qwen2VLProcessor


class PictureProcessor(Qwen2VLProcessor):
    """The checkpoint's processor without its part for videos, which needs torchvision."""

    def check_argument_for_proper_class(self, name: str, argument: object) -> object:
        """Accept that there is no processor for videos."""
        if name == "video_processor":
            return None
        return super().check_argument_for_proper_class(name, argument)


def read_processor(folder: Path) -> PictureProcessor:
    """Read the processor of a checkpoint from its folder, never from the network."""
    pictures = Qwen2VLImageProcessor.from_pretrained(folder, local_files_only=True)
    words = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    return PictureProcessor(pictures, words)
