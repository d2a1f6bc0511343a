"""What an editor can be told."""

from pathlib import Path

from zollstock.engines.diffusion.checkpoints import read_json_file
from zollstock.errors import ZollstockError, did_you_mean

CARD = "editor.json"
"""The card beside an editor that was trained here; it lists all instructions it knows."""


def check(text: str, folder: Path, tokenizer: str = "tokenizer", most: int | None = None) -> None:
    """Check an instruction against a checkpoint's tokenizer and card.

    Parameters
    ----------
    text
        The instruction.
    folder
        The checkpoint.
    tokenizer
        Which of its tokenizers counts; nothing is counted where it is missing.
    most
        Most tokens; by default what the tokenizer says.

    Raises
    ------
    ZollstockError
        If it would be cut, or the editor was trained on a list that it is not in.
    """
    if (folder / CARD).is_file():
        known = list(read_json_file(folder / CARD)["instructions"])
        if text not in known:
            raise ZollstockError(
                "properties: instruction",
                f"is '{text}'",
                f"one of: {'; '.join(known)} (all that this small editor has learnt)",
                did_you_mean(text, known, "Take one of these."),
            )
        # It was trained with these texts: none of them is cut.
        return
    if not (folder / tokenizer).is_dir():
        return
    from transformers import AutoTokenizer

    counts = AutoTokenizer.from_pretrained(folder / tokenizer, local_files_only=True)
    length, most = len(counts(text).input_ids), most or counts.model_max_length
    if length > most:
        raise ZollstockError(
            "properties: instruction",
            f"has {length} tokens, start and end included: '{text[:60]}…'",
            f"at most {most}; the rest would be cut",
            "Shorten it.",
        )
