"""No job but the fetching one uses the network, and one that wants to says so in one line."""

import os
import sys

_WANTS = {
    "LocalEntryNotFoundError",
    "OfflineModeIsEnabled",
    "ConnectError",
    "ConnectionError",
    "ConnectTimeout",
    "MaxRetryError",
    "NameResolutionError",
    "URLError",
    "gaierror",
}
"""Names of the errors with which libraries report that there is no network.

Hugging Face's, those of httpx, requests and urllib3, and Python's own. Compared by name, so that
no library is imported for it.
"""


def stay_offline() -> None:
    """Tell Hugging Face's libraries to use local files only.

    They read the variable when they are first imported.
    """
    os.environ["HF_HUB_OFFLINE"] = "1"
    if "huggingface_hub.constants" in sys.modules:
        sys.modules["huggingface_hub.constants"].HF_HUB_OFFLINE = True  # type: ignore[attr-defined]


def silence() -> None:
    """Keep bars, hints and advertisements of Hugging Face's libraries off the terminal."""
    for name, value in {
        "TRANSFORMERS_VERBOSITY": "error",
        "DIFFUSERS_VERBOSITY": "error",
        "TRANSFORMERS_NO_ADVISORY_WARNINGS": "1",
        "HF_HUB_DISABLE_PROGRESS_BARS": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
    }.items():
        # Whoever looks for a fault may ask for more.
        os.environ.setdefault(name, value)


def wanted_network(error: BaseException) -> str | None:
    """Return one line for an error that comes from reaching for the network, else None.

    Parameters
    ----------
    error
        What ended a job; the errors that it was raised from count too.
    """
    seen: set[int] = set()
    waiting: list[BaseException | None] = [error]
    while waiting:
        each = waiting.pop()
        if each is None or id(each) in seen:
            continue
        seen.add(id(each))
        if any(cls.__name__ in _WANTS for cls in type(each).__mro__):
            reason = (str(each).strip().splitlines() or [type(each).__name__])[0]
            return (
                f"code of this job reached for the network ({reason}); expected local files "
                "alone: every job but fetch_checkpoint runs offline. Download what it needs "
                "beforehand and give its path, for example in the model's arguments."
            )
        waiting += [each.__cause__, each.__context__]
    return None
