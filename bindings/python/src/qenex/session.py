"""Sessions: who acts, and everything that can be done and asked."""

from __future__ import annotations

import ctypes as _c
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

from . import _abi, records as r
from ._buffers import (
    Buffer,
    arena_arguments,
    as_list,
    execute_options,
    kind_of,
    pack,
    pack_commands,
    results_of,
)
from ._library import call, library, text
from ._values import Arena, from_date, from_id, from_time
from .constants import CommandKind, Status
from .errors import InvalidInput, Refused
from .values import to_decimal

if TYPE_CHECKING:
    from .engine import Engine

AccountName = str | UUID | int
"""An account: its number ('ACC001', 'iban:CZ65...'), its id, or the engine's own number."""


@dataclass(frozen=True)
class Page:
    """A page of a statement, the newest line first."""

    lines: list[r.StatementLine]
    cursor: bytes | None
    """Goes on with older lines; None: there are none."""


def key(account: AccountName, asset: int = 0) -> r.AccountKey:
    """An account, and the asset where a balance is meant, as a key."""
    if isinstance(account, UUID):
        return r.AccountKey(id=account, asset=asset)
    if isinstance(account, str):
        return r.AccountKey(number=account, asset=asset)
    return r.AccountKey(account=account, asset=asset)


class Session:
    """Who is acting. Any thread may use it, many at once. It keeps its engine alive, not open."""

    def __init__(self, engine: Engine, principal: str, on_behalf_of: str = "") -> None:
        self._engine = engine
        self._handle = _c.c_void_p()
        call(
            "qenex_session_open",
            engine._handle,
            *text(principal, "principal"),
            *text(on_behalf_of, "on_behalf_of"),
            _c.byref(self._handle),
        )

    @property
    def engine(self) -> Engine:
        """The engine that the session belongs to."""
        return self._engine

    def close(self) -> None:
        """Ends the session; again does nothing. What is called afterwards raises Closed."""
        library().qenex_session_free(self._handle)

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __del__(self) -> None:
        if getattr(self, "_handle", None):
            library().qenex_session_free(self._handle)

    # ---- one-line calls ----

    def create_account(self, number: str, currency: str, opening_balance: Decimal | int | str = "") -> r.Result:
        """Opens a customer's account known by number, such as 'ACC001', in a currency, such as 'USD', with an opening
        balance. Raises Refused with the status NUMBER_TAKEN when there is one already."""
        result = _abi.RawResult()
        call(
            "qenex_account_open_simple",
            self._handle,
            *text(number, "number"),
            *text(currency, "currency"),
            *text(_written(opening_balance), "opening_balance"),
            _c.byref(result),
        )
        return _accepted(result, f"the account {number} was not opened")

    def transfer(
        self, source: str, target: str, amount: Decimal | int | str, currency: str, id: UUID | None = None
    ) -> r.Result:
        """Pays an amount from one account to another, both named by number. With the same id a payment happens once
        however often the call is repeated; without one, repeating the call pays again. Raises Refused."""
        result = _abi.RawResult()
        raw_id = None if id is None else _c.byref(_abi.RawId.from_buffer_copy(from_id(id)))
        call(
            "qenex_transfer_simple",
            self._handle,
            raw_id,
            *text(source, "source"),
            *text(target, "target"),
            *text(_written(amount), "amount"),
            *text(currency, "currency"),
            _c.byref(result),
        )
        return _accepted(result, f"{source} did not pay {amount} {currency} to {target}")

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

    def asset_number(self, code: str) -> int:
        """The number of an asset of the file by its code: 840 is USD."""
        number = _c.c_uint32()
        call("qenex_asset_number", self._handle, *text(code, "code"), _c.byref(number))
        return number.value

    # ---- commands in bulk: one result per item, in order; a refused item is in its result ----

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

    def create_entities(
        self, entities: Iterable[r.Entity], *, time: datetime | None = None, dry_run: bool = False, trace: bytes = b""
    ) -> list[r.Result]:
        """Creates legal entities; their numbers are in the results."""
        return self._bulk(library().qenex_entities_create, entities, time, dry_run, trace)

    def create_assets(
        self, assets: Iterable[r.Asset], *, time: datetime | None = None, dry_run: bool = False, trace: bytes = b""
    ) -> list[r.Result]:
        """Creates assets; their numbers are in the results."""
        return self._bulk(library().qenex_assets_create, assets, time, dry_run, trace)

    def open_accounts(
        self, accounts: Iterable[r.Account], *, time: datetime | None = None, dry_run: bool = False, trace: bytes = b""
    ) -> list[r.Result]:
        """Opens accounts; their numbers are in the results."""
        return self._bulk(library().qenex_accounts_open, accounts, time, dry_run, trace)

    def set_account_numbers(
        self, numbers: Iterable[r.AccountNumber], *, time: datetime | None = None, dry_run: bool = False, trace: bytes = b""
    ) -> list[r.Result]:
        """Gives accounts external numbers, or ends them."""
        return self._bulk(library().qenex_account_numbers_set, numbers, time, dry_run, trace)

    def set_account_blocks(
        self, blocks: Iterable[r.AccountBlock], *, time: datetime | None = None, dry_run: bool = False, trace: bytes = b""
    ) -> list[r.Result]:
        """Sets or lifts debit and credit blocks."""
        return self._bulk(library().qenex_account_blocks_set, blocks, time, dry_run, trace)

    def set_account_limits(
        self, limits: Iterable[r.AccountLimit], *, time: datetime | None = None, dry_run: bool = False, trace: bytes = b""
    ) -> list[r.Result]:
        """Sets or lifts limits."""
        return self._bulk(library().qenex_account_limits_set, limits, time, dry_run, trace)

    def close_accounts(
        self, accounts: Iterable[r.AccountClose], *, time: datetime | None = None, dry_run: bool = False, trace: bytes = b""
    ) -> list[r.Result]:
        """Closes accounts that are empty."""
        return self._bulk(library().qenex_accounts_close, accounts, time, dry_run, trace)

    def roll_business_dates(
        self, dates: Iterable[r.BusinessDate], *, time: datetime | None = None, dry_run: bool = False, trace: bytes = b""
    ) -> list[r.Result]:
        """Moves business dates forward."""
        return self._bulk(library().qenex_business_dates_roll, dates, time, dry_run, trace)

    def close_periods(
        self, periods: Iterable[r.PeriodClose], *, time: datetime | None = None, dry_run: bool = False, trace: bytes = b""
    ) -> list[r.Result]:
        """Forbids booking dates up to a day."""
        return self._bulk(library().qenex_periods_close, periods, time, dry_run, trace)

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
        return _result(result)

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
        items, arena = as_list(commands), Arena()
        kind = kind_of(items)
        mixed = kind == CommandKind.MIXED
        packed = pack_commands(items, arena) if mixed else pack(items, arena)
        size = _c.sizeof(_abi.RawCommand) if mixed or not items else items[0]._struct.size
        call(
            "qenex_submit",
            self._handle,
            kind,
            packed,
            len(items),
            size,
            *arena_arguments(arena),
            _c.byref(execute_options(time, dry_run, trace)),
            tag,
        )

    # ---- questions ----

    def get_balances(
        self,
        keys: Iterable[r.AccountKey],
        *,
        sequence: int = 0,
        booking_date: date | None = None,
        value_date: date | None = None,
    ) -> list[r.Balance]:
        """One balance per key, now or as of a sequence number, a booking date or a value date."""
        items, arena = as_list(keys), Arena()
        packed = pack(items, arena)
        as_of = _abi.RawAsOfOptions()
        as_of.struct_size = _c.sizeof(as_of)
        as_of.sequence = sequence
        as_of.booking_date = from_date(booking_date)
        as_of.value_date = from_date(value_date)
        size = r.Balance._struct.size
        out = _c.create_string_buffer(max(len(items), 1) * size)
        call(
            "qenex_balances_get",
            self._handle,
            packed,
            len(items),
            r.AccountKey._struct.size,
            *arena_arguments(arena),
            _c.byref(as_of),
            out,
        )
        view = memoryview(out.raw)
        return [r.Balance._unpack(view, index * size, b"") for index in range(len(items))]

    def get_balance_below(self, account: AccountName, asset: int) -> r.Balance:
        """The sum of the balances of an account and of every account below it."""
        arena = Arena()
        packed = pack([key(account, asset)], arena)
        out = _abi.RawBalance()
        call(
            "qenex_balance_hierarchy",
            self._handle,
            packed,
            len(packed),
            *arena_arguments(arena),
            _c.byref(out),
        )
        return r.Balance._unpack(memoryview(bytes(out)), 0, b"")

    def get_accounts(self, keys: Iterable[r.AccountKey]) -> list[r.AccountRecord]:
        """One account per key; an unknown one has the status ACCOUNT_UNKNOWN."""
        items, arena = as_list(keys), Arena()
        packed = pack(items, arena)
        with Buffer() as buffer:
            call(
                "qenex_accounts_get",
                self._handle,
                packed,
                len(items),
                r.AccountKey._struct.size,
                *arena_arguments(arena),
                buffer.out(),
            )
            return buffer.read(r.AccountRecord)

    def list_accounts(self, parent: UUID | None = None, *, after: int = 0, limit: int = 0) -> list[r.AccountRecord]:
        """Accounts in the order of opening: all, or those right below a parent. after: the engine's number of the last
        account of the page before."""
        raw = None if parent is None else _c.byref(_abi.RawId.from_buffer_copy(from_id(parent)))
        with Buffer() as buffer:
            call("qenex_accounts_list", self._handle, raw, after, limit, buffer.out())
            return buffer.read(r.AccountRecord)

    def list_entities(self) -> list[r.EntityRecord]:
        """All legal entities."""
        with Buffer() as buffer:
            call("qenex_entities_list", self._handle, buffer.out())
            return buffer.read(r.EntityRecord)

    def list_assets(self) -> list[r.AssetRecord]:
        """All assets of the file."""
        with Buffer() as buffer:
            call("qenex_assets_list", self._handle, buffer.out())
            return buffer.read(r.AssetRecord)

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

    def trial_balance(self, entity: int = 0) -> list[r.TrialLine]:
        """Debits and credits of every asset in an entity, 0: in every entity."""
        with Buffer() as buffer:
            call("qenex_trial_balance", self._handle, entity, buffer.out())
            return buffer.read(r.TrialLine)

    def get_transfers(self, ids: Iterable[UUID]) -> list[r.TransferRecord]:
        """One transfer per id; an unknown one has the status ITEM_NOT_FOUND."""
        items = [from_id(id) for id in ids]
        with Buffer() as buffer:
            call("qenex_transfers_get", self._handle, b"".join(items), len(items), buffer.out())
            return buffer.read(r.TransferRecord)

    def get_transaction(self, id: UUID) -> list[r.TransferRecord]:
        """The legs of a transaction in the order of posting."""
        with Buffer() as buffer:
            call("qenex_transaction_get", self._handle, from_id(id), buffer.out())
            return buffer.read(r.TransferRecord)

    def transfers_by_reference(self, reference: str) -> list[r.TransferRecord]:
        """The transfers with a reference, end-to-end or other, oldest first."""
        with Buffer() as buffer:
            call("qenex_transfers_by_reference", self._handle, *text(reference, "reference"), buffer.out())
            return buffer.read(r.TransferRecord)

    def find_transfers(self, filter: r.TransferFilter) -> list[r.TransferRecord]:
        """The transfers that a filter lets through, oldest first."""
        packed = pack([filter], Arena())
        with Buffer() as buffer:
            call("qenex_transfers_find", self._handle, packed, buffer.out())
            return buffer.read(r.TransferRecord)

    def statement(
        self,
        account: AccountName,
        asset: int,
        *,
        limit: int = 0,
        after: int = 0,
        up_to: int = 0,
        cursor: bytes | None = None,
    ) -> Page:
        """A page of the statement of an account in an asset, the newest posting first."""
        arena = Arena()
        packed = pack([key(account, asset)], arena)
        options = _abi.RawStatementOptions()
        options.struct_size = _c.sizeof(options)
        options.limit = limit
        options.after = after
        options.up_to = up_to
        kept = _c.create_string_buffer(cursor, len(cursor)) if cursor else None
        options.cursor = _c.addressof(kept) if kept is not None else None
        options.cursor_len = len(cursor) if cursor else 0
        with Buffer() as buffer:
            call(
                "qenex_statement_get",
                self._handle,
                packed,
                len(packed),
                *arena_arguments(arena),
                _c.byref(options),
                buffer.out(),
            )
            return Page(buffer.read(r.StatementLine), buffer.cursor)

    def get_holds(self, ids: Iterable[UUID]) -> list[r.HoldRecord]:
        """One hold per id; an unknown one has the status HOLD_UNKNOWN."""
        items = [from_id(id) for id in ids]
        with Buffer() as buffer:
            call("qenex_holds_get", self._handle, b"".join(items), len(items), buffer.out())
            return buffer.read(r.HoldRecord)

    def list_holds(self, account: UUID, *, after: int = 0, limit: int = 0) -> list[r.HoldRecord]:
        """The active holds against an account, oldest first."""
        with Buffer() as buffer:
            call("qenex_holds_list", self._handle, from_id(account), after, limit, buffer.out())
            return buffer.read(r.HoldRecord)

    def read_feed(self, after: int = 0, *, limit: int = 0) -> list[r.FeedEntry]:
        """The durable changes after a sequence number, in order and without gaps."""
        with Buffer() as buffer:
            call("qenex_feed_read", self._handle, after, limit, buffer.out())
            return buffer.read(r.FeedEntry)

    def sequence(self) -> int:
        """The sequence number of the newest durable change."""
        number = _c.c_uint64()
        call("qenex_sequence_get", self._handle, _c.byref(number))
        return number.value

    def amount(self, minor: int, asset: int) -> Decimal:
        """Minor units of an asset of the file as a Decimal: 10000 of 840 is Decimal('100.00')."""
        for found in self.list_assets():
            if found.number == asset:
                return to_decimal(minor, found.scale)
        raise InvalidInput(Status.ASSET_UNKNOWN, f"the file has no asset with the number {asset}")

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


def _written(amount: Decimal | int | str) -> str:
    if isinstance(amount, float):
        raise InvalidInput(Status.INVALID_ARGUMENT, "money is no float: give a Decimal, an int or a text")
    return format(amount, "f") if isinstance(amount, Decimal) else str(amount)


def _result(raw: _abi.RawResult) -> r.Result:
    return r.Result._unpack(memoryview(bytes(raw)), 0, b"")


def _accepted(raw: _abi.RawResult, what: str) -> r.Result:
    result = _result(raw)
    if result.status != Status.OK:
        reason: bytes = library().qenex_status_explanation(result.status)
        raise Refused(result.status, f"{what}: {reason.decode()}", 0)
    return result
