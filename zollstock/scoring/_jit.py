"""One decorator for every compiled kernel."""

from collections.abc import Callable
from typing import Any

import numba


def jit(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile `function` with numba on its first call and keep the result on disk.

    The compiled code is stored beside the source or, where that folder is read-only,
    in the user's cache folder. Where neither can be written (an installed environment
    on a cluster node, say) the kernel is compiled once per process instead.

    IEEE arithmetic is kept: no fastmath, so sums are added in the order written and a
    series gives the same bits whatever it is batched with. Kernels that call each other
    belong in one file, because numba looks only at that file's date to see whether a
    stored result is stale.

    Parameters
    ----------
    function
        A function in numba's subset of Python.

    Returns
    -------
    Callable
        The compiled function; it releases the GIL while it runs.
    """
    try:
        return numba.njit(function, cache=True, error_model="numpy", nogil=True)
    except RuntimeError:  # no folder for the cache
        return numba.njit(function, error_model="numpy", nogil=True)
