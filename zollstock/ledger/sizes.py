"""How large the edits of a property are."""

import pandas as pd

from zollstock.draws import split_id


def edit_sizes(verdicts: pd.DataFrame) -> dict[str, float]:
    """Return image id → size of its edit, from the ledger's verdicts.

    The size is the largest mean absolute pixel change from the first frame, the largest over
    the image's replicates; NaN where all its paths failed.
    """
    images = [split_id(str(name))[0] for name in verdicts["image"]]
    found = verdicts["size"].groupby(images, sort=False).max()
    return {str(image): float(size) for image, size in found.items()}
