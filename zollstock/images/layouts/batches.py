"""CIFAR's batches for Python, read without executing them.

They are pickles, and a pickle is a program. Here its opcodes are walked and nothing is called: of
NumPy's arrays the bytes, type and shape are taken as they stand, of all else plain data.
"""

import pickletools
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from zollstock.errors import ZollstockError

_MARK = object()
_LONGEST = 10_000_000
"""Opcodes; a batch has some 50,000."""


@dataclass
class _Call:
    """What a pickle would have called, with which arguments and state: kept as words."""

    name: Any
    arguments: Any
    state: Any = None


def read_batch(file: Path) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]]:
    """Return pictures (N, 3072) and labels (N,) of a batch.

    Raises
    ------
    ZollstockError
        If it holds anything else than these.
    """
    try:
        content = _walked(file.read_bytes())
        named = {_text(key): value for key, value in content.items()}
        call = named["data"]
        shape, order, raw = call.state[1], call.state[3], call.state[4]
        data = raw.encode("latin-1") if isinstance(raw, str) else bytes(raw)
        pictures = np.frombuffer(data, np.uint8)
        pictures = pictures.reshape(shape, order="F" if order else "C")
        labels = np.array(named["labels"], np.uint8)
        if pictures.ndim != 2 or pictures.shape[1] != 3072:
            raise ValueError(f"pictures of shape {pictures.shape}")
    except (OSError, ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
        raise ZollstockError(
            file,
            f"is no batch of CIFAR10 that can be read without running it ({error})",
            "data_batch_1 … or test_batch; the binary version (data_batch_1.bin) is read too",
            "Fetch the dataset again.",
        ) from None
    return pictures, labels


def _text(key: object) -> str:
    return key.decode("latin-1") if isinstance(key, bytes) else str(key)


def _walked(program: bytes) -> dict[Any, Any]:
    """Return the dict that a pickle describes, calls as `_Call`."""
    stack: list[Any] = []
    memory: dict[int, Any] = {}
    for number, (opcode, argument, _) in enumerate(pickletools.genops(program)):
        if number > _LONGEST:
            raise ValueError("too long")
        name = opcode.name
        if name == "STOP":
            found = stack.pop()
            if not isinstance(found, dict):
                raise ValueError(f"holds {type(found).__name__}")
            return found
        if name in {"PROTO", "FRAME"}:
            continue
        if name == "MEMOIZE":
            memory[len(memory)] = stack[-1]
        elif name in {"PUT", "BINPUT", "LONG_BINPUT"}:
            memory[int(argument)] = stack[-1]  # type: ignore[arg-type]
        elif name in {"GET", "BINGET", "LONG_BINGET"}:
            stack.append(memory[int(argument)])  # type: ignore[arg-type]
        else:
            _step(name, argument, stack)
    raise ValueError("is cut off")


def _step(name: str, argument: Any, stack: list[Any]) -> None:  # noqa: ANN401
    constants = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False}
    if name == "MARK":
        stack.append(_MARK)
    elif name in constants:
        stack.append(constants[name])
    elif name == "EMPTY_TUPLE":
        stack.append(())
    elif name == "EMPTY_LIST":
        stack.append([])
    elif name == "EMPTY_DICT":
        stack.append({})
    elif name in {"TUPLE1", "TUPLE2", "TUPLE3"}:
        count = int(name[-1])
        stack[-count:] = [tuple(stack[-count:])]
    elif name == "TUPLE":
        stack.append(tuple(_since_mark(stack)))
    elif name == "APPEND":
        value = stack.pop()
        stack[-1].append(value)
    elif name == "APPENDS":
        values = _since_mark(stack)
        stack[-1].extend(values)
    elif name == "SETITEM":
        value, key = stack.pop(), stack.pop()
        stack[-1][key] = value
    elif name == "SETITEMS":
        values = _since_mark(stack)
        stack[-1].update(zip(values[::2], values[1::2], strict=True))
    elif name in {"GLOBAL", "STACK_GLOBAL"}:
        stack.append(argument if name == "GLOBAL" else (stack.pop(), stack.pop())[::-1])
    elif name == "REDUCE":
        arguments, called = stack.pop(), stack.pop()
        # Protocol 2 has no bytes: it writes text that is to be encoded.
        text = called in ("_codecs encode", ("_codecs", "encode")) and len(arguments) == 2
        stack.append(arguments[0].encode("latin-1") if text else _Call(called, arguments))
    elif name == "BUILD":
        state = stack.pop()
        stack[-1].state = state
    elif argument is not None and isinstance(argument, int | float | str | bytes):
        stack.append(argument)
    else:
        raise ValueError(f"uses {name}")


def _since_mark(stack: list[Any]) -> list[Any]:
    place = max(index for index, value in enumerate(stack) if value is _MARK)
    values = stack[place + 1 :]
    del stack[place:]
    return values
