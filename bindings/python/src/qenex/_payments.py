"""Transfers, holds and reversals; records of the host; the queue. A part of Session."""

from __future__ import annotations

import ctypes as _c
from collections.abc import Callable, Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from . import _abi, records as r
from ._buffers import Buffer, as_list, execute_options, pack_commands, results_of, set_numbers
from ._callbacks import forget, keep
from ._calls import Calls, Page, accepted, queued, raw_id, result_of, set_cursor, written
from ._library import call, library, text
from ._values import Arena, from_date, from_id, from_time
from .constants import Status
from .errors import Refused


class Payments(Calls):
    """Transfers, holds and reversals; records of the host; the queue."""

    def transfer(
        self, source: str, target: str, amount: Decimal | int | str, currency: str, id: UUID | None = None
    ) -> r.Result:
        """Pays an amount from one account to another, both named by number. With the same id a payment happens once
        however often the call is repeated; without one, repeating the call pays again. Raises Refused."""
        result = _abi.RawResult()
        call(
            "qenex_transfer_simple",
            self._handle,
            raw_id(id),
            *text(source, "source"),
            *text(target, "target"),
            *text(written(amount), "amount"),
            *text(currency, "currency"),
            _c.byref(result),
        )
        return accepted(result, f"{source} did not pay {amount} {currency} to {target}")

    def get_balance(self, number: str, currency: str) -> Decimal:
        """The balance of an account on its normal side: what the bank owes a customer is positive."""
        return Decimal(self.balance_text(number, currency))

    def balance_text(self, number: str, currency: str) -> str:
        """The balance as text, such as '100.00'."""
        buffer = _c.create_string_buffer(64)
        length = _c.c_size_t()
        call(
            "qenex_balance_text",
            self._handle,
            *text(number, "number"),
            *text(currency, "currency"),
            buffer,
            len(buffer),
            _c.byref(length),
        )
        return buffer.raw[: length.value].decode()

    def execute(
        self, commands: Iterable[Any], *, time: datetime | None = None, dry_run: bool = False, trace: bytes = b""
    ) -> list[r.Result]:
        """Executes commands of any kind in order, in one commit. Items with LINKED and their next succeed together."""
        items, arena = as_list(commands), Arena()
        packed = pack_commands(items, arena)
        return self._run(library().qenex_execute, items, packed, arena, time, dry_run, trace)

    def create_transfers(
        self, transfers: Iterable[r.Transfer], *, time: datetime | None = None, dry_run: bool = False, trace: bytes = b""
    ) -> list[r.Result]:
        """Moves amounts between accounts."""
        return self._bulk(library().qenex_transfers_create, transfers, time, dry_run, trace)

    def reverse_transfers(
        self, reversals: Iterable[r.Reversal], *, time: datetime | None = None, dry_run: bool = False, trace: bytes = b""
    ) -> list[r.Result]:
        """Reverses transfers, in whole or in part."""
        return self._bulk(library().qenex_transfers_reverse, reversals, time, dry_run, trace)

    def place_holds(
        self, holds: Iterable[r.Hold], *, time: datetime | None = None, dry_run: bool = False, trace: bytes = b""
    ) -> list[r.Result]:
        """Sets amounts aside."""
        return self._bulk(library().qenex_holds_place, holds, time, dry_run, trace)

    def increase_holds(
        self, increases: Iterable[r.HoldIncrease], *, time: datetime | None = None, dry_run: bool = False, trace: bytes = b""
    ) -> list[r.Result]:
        """Adds to holds."""
        return self._bulk(library().qenex_holds_increase, increases, time, dry_run, trace)

    def capture_holds(
        self, captures: Iterable[r.HoldCapture], *, time: datetime | None = None, dry_run: bool = False, trace: bytes = b""
    ) -> list[r.Result]:
        """Turns holds, or parts of them, into transfers."""
        return self._bulk(library().qenex_holds_capture, captures, time, dry_run, trace)

    def release_holds(
        self, releases: Iterable[r.HoldRelease], *, time: datetime | None = None, dry_run: bool = False, trace: bytes = b""
    ) -> list[r.Result]:
        """Gives back what is left of holds."""
        return self._bulk(library().qenex_holds_release, releases, time, dry_run, trace)

    def put_host_records(
        self, records: Iterable[r.HostRecord], *, time: datetime | None = None, dry_run: bool = False, trace: bytes = b""
    ) -> list[r.Result]:
        """Writes or deletes records of the host's own."""
        return self._bulk(library().qenex_host_records_put, records, time, dry_run, trace)

    def advance_time(
        self, to: datetime, *, time: datetime | None = None, dry_run: bool = False, trace: bytes = b""
    ) -> r.Result:
        """Advances time: holds expire, business dates that follow the clock move."""
        result = _abi.RawResult()
        options = execute_options(time, dry_run, trace)
        call("qenex_time_advance_to", self._handle, from_time(to), _c.byref(options), _c.byref(result))
        return result_of(result)

    def submit(
        self,
        commands: Iterable[Any],
        tag: int,
        *,
        time: datetime | None = None,
        dry_run: bool = False,
        trace: bytes = b"",
    ) -> None:
        """Queues a batch and returns at once; what became of it comes from Engine.collect under the same tag."""
        call("qenex_submit", self._handle, *queued(commands), _c.byref(execute_options(time, dry_run, trace)), tag)

    def submit_notify(
        self,
        commands: Iterable[Any],
        completion: Callable[[Status, list[r.Result], str], object],
        *,
        time: datetime | None = None,
        dry_run: bool = False,
        trace: bytes = b"",
    ) -> None:
        """As submit, but completion is called with the status, the results and, when nothing was applied, the message, in
        a thread of the library's. It must not use the engine and must return soon."""

        def told(_: int | None, status: int, results: int, count: int, message: int, message_len: int) -> None:
            found = results_of(_c.string_at(results, count * r.Result._struct.size), count) if count else []
            said = _c.string_at(message, message_len).decode(errors="replace") if message_len else ""
            completion(Status(status), found, said)

        function, number = keep(_abi.RawCompletionFunction(told))
        call(
            "qenex_submit_notify",
            self._handle,
            *queued(commands),
            _c.byref(execute_options(time, dry_run, trace)),
            function,
            number,
            forget,
        )

    def get_transfers(self, ids: Iterable[UUID]) -> list[r.TransferRecord]:
        """One transfer per id; an unknown one has the status ITEM_NOT_FOUND."""
        items = [from_id(id) for id in ids]
        return self._asked("qenex_transfers_get", r.TransferRecord, b"".join(items), len(items))

    def get_transaction(self, id: UUID) -> list[r.TransferRecord]:
        """The legs of a transaction in the order of posting."""
        return self._asked("qenex_transaction_get", r.TransferRecord, from_id(id))

    def transfers_by_reference(self, reference: str) -> list[r.TransferRecord]:
        """The transfers with a reference, end-to-end or other, oldest first."""
        return self._asked("qenex_transfers_by_reference", r.TransferRecord, *text(reference, "reference"))

    def find_transfers(
        self,
        *,
        reference: str = "",
        account: UUID | None = None,
        asset: int = 0,
        code: int = 0,
        user_data_32: int = 0,
        user_data_64: int = 0,
        amount_from: int = 0,
        amount_to: int = 0,
        booked_from: date | None = None,
        booked_to: date | None = None,
        value_from: date | None = None,
        value_to: date | None = None,
        after: int = 0,
        up_to: int = 0,
        limit: int = 0,
        cursor: bytes | None = None,
    ) -> Page[r.TransferRecord]:
        """The transfers for which all that is given holds, oldest first. A page may be short, or empty, and have a cursor
        all the same: go on with it and the same arguments."""
        raw = _abi.RawTransferFilter()
        raw.struct_size = _c.sizeof(raw)
        raw.account = _abi.RawId.from_buffer_copy(from_id(account))
        numbers = {
            "asset": asset,
            "code": code,
            "user_data_32": user_data_32,
            "user_data_64": user_data_64,
            "amount_from": amount_from,
            "amount_to": amount_to,
            "after": after,
            "up_to": up_to,
            "limit": limit,
        }
        set_numbers(raw, numbers)
        raw.booked_from, raw.booked_to = from_date(booked_from), from_date(booked_to)
        raw.value_from, raw.value_to = from_date(value_from), from_date(value_to)
        name, raw.reference_len = text(reference, "reference")
        raw.reference = name or None
        kept = set_cursor(raw, cursor)
        with Buffer() as buffer:
            call("qenex_transfers_find", self._handle, _c.byref(raw), buffer.out())
            del kept
            return Page(buffer.read(r.TransferRecord), buffer.cursor)

    def get_holds(self, ids: Iterable[UUID]) -> list[r.HoldRecord]:
        """One hold per id; an unknown one has the status HOLD_UNKNOWN."""
        items = [from_id(id) for id in ids]
        return self._asked("qenex_holds_get", r.HoldRecord, b"".join(items), len(items))

    def list_holds(self, account: UUID, *, after: int = 0, limit: int = 0) -> list[r.HoldRecord]:
        """The active holds against an account, oldest first."""
        return self._asked("qenex_holds_list", r.HoldRecord, from_id(account), after, limit)

    def get_host_record(self, name_space: str, record: bytes) -> r.HostValue:
        """A record of the host's own; raises NotFound, also when it was deleted."""
        with Buffer() as buffer:
            call(
                "qenex_host_record_get",
                self._handle,
                *text(name_space, "name_space"),
                record,
                len(record),
                buffer.out(),
            )
            return buffer.read(r.HostValue)[0]
