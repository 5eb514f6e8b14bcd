"""What all calls of a session share: pages, keys, batches, and results that a one-line call must have."""

from __future__ import annotations

import ctypes as _c
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Generic, TypeVar
from uuid import UUID

from . import _abi, records as r
from ._buffers import Buffer, arena_arguments, as_list, execute_options, kind_of, pack, pack_commands, results_of
from ._library import call, library, text
from ._values import Arena, from_date, from_id, from_time
from .constants import CommandKind, Status
from .errors import InvalidInput, Refused

AccountName = str | UUID | int
"""An account: its number ('ACC001', 'iban:CZ65...'), its id, or the engine's own number."""


Row = TypeVar("Row")


@dataclass(frozen=True)
class Page(Generic[Row]):
    """A page of an answer."""

    rows: list[Row]
    cursor: bytes | None
    """Goes on with the next page; None: this was the last one."""


def key(account: AccountName, asset: int = 0) -> r.AccountKey:
    """An account, and the asset where a balance is meant, as a key."""
    if isinstance(account, UUID):
        return r.AccountKey(id=account, asset=asset)
    if isinstance(account, str):
        return r.AccountKey(number=account, asset=asset)
    return r.AccountKey(account=account, asset=asset)


class Calls:
    """Whose calls these are."""

    _handle: _c.c_void_p

    def _bulk(
        self, function: Any, items: Iterable[Any], time: datetime | None, dry_run: bool, trace: bytes
    ) -> list[r.Result]:
        listed, arena = as_list(items), Arena()
        return self._run(function, listed, pack(listed, arena), arena, time, dry_run, trace)

    def _run(
        self,
        function: Any,
        items: list[Any],
        packed: bytes,
        arena: Arena,
        time: datetime | None,
        dry_run: bool,
        trace: bytes,
    ) -> list[r.Result]:
        count = len(items)
        out = _c.create_string_buffer(max(count, 1) * r.Result._struct.size)
        size = len(packed) // count if count else _c.sizeof(_abi.RawCommand)
        call(
            function.__name__,
            self._handle,
            packed,
            count,
            size,
            *arena_arguments(arena),
            _c.byref(execute_options(time, dry_run, trace)),
            out,
        )
        return results_of(out.raw, count)

    def _asked(self, function: str, kind: type[Row], *arguments: Any) -> list[Row]:
        """All records that a question gives."""
        with Buffer() as buffer:
            call(function, self._handle, *arguments, buffer.out())
            return buffer.read(kind)


def set_cursor(options: Any, cursor: bytes | None) -> Any:
    """Sets the cursor of an option struct and gives what must live until the call is over."""
    kept = _c.create_string_buffer(cursor, len(cursor)) if cursor else None
    options.cursor = _c.addressof(kept) if kept is not None else None
    options.cursor_len = len(cursor) if cursor else 0
    return kept


def queued(commands: Iterable[Any]) -> tuple[Any, ...]:
    """The arguments of a batch for the queue, from its kind to its arena."""
    items, arena = as_list(commands), Arena()
    kind = kind_of(items)
    mixed = kind == CommandKind.MIXED
    packed = pack_commands(items, arena) if mixed else pack(items, arena)
    size = _c.sizeof(_abi.RawCommand) if mixed or not items else items[0]._struct.size
    return (kind, packed, len(items), size, *arena_arguments(arena))


def as_of_options(
    sequence: int, booking_date: date | None, value_date: date | None, known_at: datetime | None
) -> _abi.RawAsOfOptions:
    as_of = _abi.RawAsOfOptions()
    as_of.struct_size = _c.sizeof(as_of)
    as_of.sequence = sequence
    as_of.booking_date = from_date(booking_date)
    as_of.value_date = from_date(value_date)
    as_of.known_at = from_time(known_at)
    return as_of


def written(amount: Decimal | int | str) -> str:
    if isinstance(amount, float):
        raise InvalidInput(Status.INVALID_ARGUMENT, "money is no float: give a Decimal, an int or a text")
    return format(amount, "f") if isinstance(amount, Decimal) else str(amount)


def result_of(raw: _abi.RawResult) -> r.Result:
    return r.Result._unpack(memoryview(bytes(raw)), 0, b"")


def accepted(raw: _abi.RawResult, what: str) -> r.Result:
    result = result_of(raw)
    if result.status != Status.OK:
        reason: bytes = library().qenex_status_explanation(result.status)
        raise Refused(result.status, f"{what}: {reason.decode()}", 0)
    return result


def one_key(account: AccountName, asset: int = 0) -> tuple[bytes, int, bytes | None, int]:
    """The arguments of a question about one account: the key, its size, the arena and its length."""
    arena = Arena()
    packed = pack([key(account, asset)], arena)
    return (packed, len(packed), *arena_arguments(arena))


def raw_id(id: UUID | None) -> Any:
    """An id as an argument; None: the library makes one."""
    return None if id is None else _c.byref(_abi.RawId.from_buffer_copy(from_id(id)))
