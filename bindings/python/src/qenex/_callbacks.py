"""Callbacks that the library may still call are kept alive until it says that it will not call them again."""

from __future__ import annotations

import itertools
from typing import Any

from . import _abi

kept: dict[int, Any] = {}
"""Callbacks by the number that the library hands back to `forget`."""

_numbers = itertools.count(1)


def keep(function: Any) -> tuple[Any, int]:
    """Keeps a callback and gives it with its number."""
    number = next(_numbers)
    kept[number] = function
    return function, number


def _forget_number(number: int) -> None:
    kept.pop(number, None)


forget = _abi.RawDestroyFunction(_forget_number)
