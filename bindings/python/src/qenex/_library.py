"""Finds and loads libqenex, refuses one that does not fit, and turns its errors into exceptions."""

from __future__ import annotations

import ctypes
import ctypes.util
import os
from functools import lru_cache
from pathlib import Path
from typing import Any

from . import _abi, constants
from .constants import Status
from .errors import IncompatibleLibrary, InvalidInput, error_for

NAMES = ("libqenex.so.0", "libqenex.so", "libqenex.0.dylib", "libqenex.dylib", "qenex.dll")


def _candidates() -> list[str]:
    named = os.environ.get("QENEX_LIBRARY")
    if named:
        return [named]
    beside = Path(__file__).parent / "native"
    found = [str(beside / name) for name in NAMES if (beside / name).is_file()]
    installed = ctypes.util.find_library("qenex")
    return found + ([installed] if installed else []) + list(NAMES)


def load(path: str) -> ctypes.CDLL:
    """Loads the library at a path. Raises IncompatibleLibrary, with both versions, when it is not one that this
    package was made for."""
    found = ctypes.CDLL(path)
    try:
        abi_version = found.qenex_abi_version
        version = found.qenex_version
    except AttributeError:
        raise IncompatibleLibrary(f"{path} is not libqenex: it has no qenex_abi_version") from None
    abi_version.restype = ctypes.c_uint32
    version.restype = ctypes.c_char_p
    if abi_version() != constants.ABI_VERSION:
        text = (version() or b"?").decode()
        raise IncompatibleLibrary(
            f"{path} is libqenex {text} with binary interface {abi_version()}; this package needs binary interface "
            f"{constants.ABI_VERSION}: install a library and a package of the same release"
        )
    for name, (returns, arguments) in _abi.FUNCTIONS.items():
        try:
            function = getattr(found, name)
        except AttributeError:
            raise IncompatibleLibrary(
                f"{path} has no {name}: it is older than this package; install a newer libqenex"
            ) from None
        function.restype = returns
        function.argtypes = arguments
    return found


def _check_layout() -> None:
    if ctypes.sizeof(ctypes.c_void_p) != 8:
        return
    for record, (size, fields) in _abi.LAYOUT.items():
        actual: dict[str, tuple[int, int]] = {
            name: (getattr(record, name).offset, getattr(record, name).size) for name in fields
        }
        if ctypes.sizeof(record) != size or actual != fields:
            raise IncompatibleLibrary(f"this Python lays {record.__doc__} out differently than libqenex does")


@lru_cache(maxsize=None)
def library() -> ctypes.CDLL:
    """The library, loaded once."""
    _check_layout()
    tried = []
    for path in _candidates():
        try:
            return load(path)
        except OSError as error:
            tried.append(f"{path}: {error}")
    raise ImportError(
        "libqenex was not found: install it where the dynamic linker looks, or name the file in the environment "
        "variable QENEX_LIBRARY. Tried " + "; ".join(tried)
    )


def new_error() -> ctypes.c_void_p:
    return ctypes.c_void_p()


def raise_for(status: int, error: ctypes.c_void_p) -> int:
    """Raises what a negative status means, with the library's message, and frees the error object."""
    if status >= 0:
        return status
    lib = library()
    message, item, sqlite = "", -1, 0
    if error.value:
        message = (lib.qenex_error_message(error, None) or b"").decode()
        item = lib.qenex_error_item(error)
        sqlite = lib.qenex_error_sqlite_code(error)
        status = lib.qenex_error_status(error)
        lib.qenex_error_free(error)
    if not message:
        message = lib.qenex_status_explanation(status).decode()
    raise error_for(Status(status), message, None if item < 0 else item, sqlite)


_RANGES: dict[Any, tuple[int, int]] = {
    ctypes.c_uint32: (0, 2**32 - 1),
    ctypes.c_uint64: (0, 2**64 - 1),
    ctypes.c_int32: (-(2**31), 2**31 - 1),
    ctypes.c_int64: (-(2**63), 2**63 - 1),
}


def call(name: str, *arguments: Any) -> int:
    """Calls a function whose last argument is the error, which is added here. ctypes would cut off what does not fit."""
    function, error = getattr(library(), name), new_error()
    for argument, kind in zip(arguments, function.argtypes):
        if isinstance(argument, int) and kind in _RANGES:
            low, high = _RANGES[kind]
            if not low <= argument <= high:
                raise InvalidInput(Status.INVALID_ARGUMENT, f"{argument} is out of range: {low} to {high} are possible")
    return raise_for(function(*arguments, ctypes.byref(error)), error)


def text(value: str, what: str) -> tuple[bytes, int]:
    """A text as UTF-8 and its length."""
    try:
        data = value.encode()
    except UnicodeEncodeError as error:
        raise InvalidInput(Status.INVALID_UTF8, f"{what}: {error}") from error
    return data, len(data)
