"""Sessions: who acts, and everything that can be done and asked."""

from __future__ import annotations

import ctypes as _c
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Generic, TypeVar
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
    set_numbers,
)
from ._library import call, library, text
from ._callbacks import forget, keep
from ._values import Arena, from_date, from_id, from_time, to_date
from .constants import CommandKind, StatementFlags, Status
from .errors import InvalidInput, Refused
from .values import to_decimal

if TYPE_CHECKING:
    from .engine import Engine

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

    def set_calendars(
        self, calendars: Iterable[r.Calendar], *, time: datetime | None = None, dry_run: bool = False, trace: bytes = b""
    ) -> list[r.Result]:
        """Defines business calendars, or replaces them whole; their numbers are in the results."""
        return self._bulk(library().qenex_calendars_set, calendars, time, dry_run, trace)

    def set_entity_rules(
        self, rules: Iterable[r.EntityRules], *, time: datetime | None = None, dry_run: bool = False, trace: bytes = b""
    ) -> list[r.Result]:
        """Sets the rules of entities: their calendar, and when a customer's account becomes dormant."""
        return self._bulk(library().qenex_entity_rules_set, rules, time, dry_run, trace)

    def schedule_transfers(
        self, schedules: Iterable[r.Schedule], *, time: datetime | None = None, dry_run: bool = False, trace: bytes = b""
    ) -> list[r.Result]:
        """Schedules transfers for days to come."""
        return self._bulk(library().qenex_transfers_schedule, schedules, time, dry_run, trace)

    def cancel_schedules(
        self, cancellations: Iterable[r.ScheduleCancel], *, time: datetime | None = None, dry_run: bool = False, trace: bytes = b""
    ) -> list[r.Result]:
        """Takes scheduled transfers back that still wait."""
        return self._bulk(library().qenex_schedules_cancel, cancellations, time, dry_run, trace)

    def seal_day_portions(
        self, portions: Iterable[r.DayEnd], *, time: datetime | None = None, dry_run: bool = False, trace: bytes = b""
    ) -> list[r.Result]:
        """Seals a portion of the balances of days that are over; end_day does it to the end."""
        return self._bulk(library().qenex_day_end_portions, portions, time, dry_run, trace)

    def close_year_portions(
        self, portions: Iterable[r.YearEnd], *, time: datetime | None = None, dry_run: bool = False, trace: bytes = b""
    ) -> list[r.Result]:
        """Closes a portion of the income and expense accounts; end_year does it to the end."""
        return self._bulk(library().qenex_year_end_portions, portions, time, dry_run, trace)

    def set_account_owners(
        self, owners: Iterable[r.AccountOwner], *, time: datetime | None = None, dry_run: bool = False, trace: bytes = b""
    ) -> list[r.Result]:
        """Links owners to accounts, or ends links."""
        return self._bulk(library().qenex_account_owners_set, owners, time, dry_run, trace)

    def reactivate_accounts(
        self, reactivations: Iterable[r.Reactivation], *, time: datetime | None = None, dry_run: bool = False, trace: bytes = b""
    ) -> list[r.Result]:
        """Brings dormant accounts back to life."""
        return self._bulk(library().qenex_accounts_reactivate, reactivations, time, dry_run, trace)

    def end_day(self, day: date, *, entity: int = 0, portion: int = 0) -> r.Result:
        """Seals a day of an entity to its end, portion accounts a commit; calling again goes on where it stood. The
        result says why a day was refused."""
        result = _abi.RawResult()
        call("qenex_day_end_run", self._handle, entity, from_date(day), portion, _c.byref(result))
        return _result(result)

    def end_year(self, through: date, retained: str, *, entity: int = 0, code: int = 0) -> r.Result:
        """Closes the income and expense accounts into the equity account with the number retained."""
        result = _abi.RawResult()
        call(
            "qenex_year_end_run",
            self._handle,
            entity,
            from_date(through),
            *text(retained, "retained"),
            code,
            _c.byref(result),
        )
        return _result(result)

    def next_business_date(self, entity: int = 0) -> r.Result:
        """Rolls the business date to the next business day of the entity's calendar."""
        result = _abi.RawResult()
        call("qenex_business_date_next", self._handle, entity, _c.byref(result))
        return _result(result)

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
        call("qenex_submit", self._handle, *_queued(commands), _c.byref(execute_options(time, dry_run, trace)), tag)

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
            *_queued(commands),
            _c.byref(execute_options(time, dry_run, trace)),
            function,
            number,
            forget,
        )

    # ---- questions ----

    def get_balances(
        self,
        keys: Iterable[r.AccountKey],
        *,
        sequence: int = 0,
        booking_date: date | None = None,
        value_date: date | None = None,
        known_at: datetime | None = None,
    ) -> list[r.Balance]:
        """One balance per key, now or as of a sequence number or a system time, a booking date or a value date."""
        items, arena = as_list(keys), Arena()
        packed = pack(items, arena)
        as_of = _as_of(sequence, booking_date, value_date, known_at)
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

    def trial_balance_as_of(
        self,
        entity: int = 0,
        *,
        sequence: int = 0,
        booking_date: date | None = None,
        value_date: date | None = None,
        known_at: datetime | None = None,
    ) -> list[r.TrialLine]:
        """The trial balance at another time."""
        as_of = _as_of(sequence, booking_date, value_date, known_at)
        with Buffer() as buffer:
            call("qenex_trial_balance_as_of", self._handle, entity, _c.byref(as_of), buffer.out())
            return buffer.read(r.TrialLine)

    def list_trial_accounts(self, options: r.TrialOptions) -> list[r.TrialAccount]:
        """A page of a trial balance by account, in the order of opening."""
        with Buffer() as buffer:
            call("qenex_trial_accounts_list", self._handle, pack([options], Arena()), buffer.out())
            return buffer.read(r.TrialAccount)

    def list_calendars(self) -> list[r.CalendarRecord]:
        """All business calendars."""
        with Buffer() as buffer:
            call("qenex_calendars_list", self._handle, buffer.out())
            return buffer.read(r.CalendarRecord)

    def business_day_after(self, day: date, entity: int = 0) -> date:
        """The first business day after a day in the calendar of an entity."""
        number = _c.c_int32()
        call("qenex_business_day_after", self._handle, entity, from_date(day), _c.byref(number))
        found = to_date(number.value)
        assert found is not None
        return found

    def list_periods(self, entity: int = 0) -> list[r.PeriodRecord]:
        """The closes of booking periods, oldest first."""
        with Buffer() as buffer:
            call("qenex_periods_list", self._handle, entity, buffer.out())
            return buffer.read(r.PeriodRecord)

    def list_daily_balances(self, account: UUID, asset: int, first: date, last: date) -> list[r.DailyBalance]:
        """The balances of an account on each sealed day: as sealed, and as known now."""
        with Buffer() as buffer:
            call(
                "qenex_daily_balances_list",
                self._handle,
                from_id(account),
                asset,
                from_date(first),
                from_date(last),
                buffer.out(),
            )
            return buffer.read(r.DailyBalance)

    def list_corrections(self, entity: int = 0, *, after: int = 0, limit: int = 0) -> list[r.Correction]:
        """Postings that reached into days that were sealed or closed, oldest first."""
        with Buffer() as buffer:
            call("qenex_corrections_list", self._handle, entity, after, limit, buffer.out())
            return buffer.read(r.Correction)

    def list_schedules(
        self, entity: int = 0, *, waiting_only: bool = False, after: int = 0, limit: int = 0
    ) -> list[r.ScheduleRecord]:
        """Scheduled transfers, oldest first."""
        with Buffer() as buffer:
            call("qenex_schedules_list", self._handle, entity, int(waiting_only), after, limit, buffer.out())
            return buffer.read(r.ScheduleRecord)

    def list_account_owners(self, account: UUID) -> list[r.OwnerRecord]:
        """The owners of an account, in the order in which they were linked."""
        with Buffer() as buffer:
            call("qenex_account_owners_list", self._handle, from_id(account), buffer.out())
            return buffer.read(r.OwnerRecord)

    def list_account_blocks(self, account: UUID) -> list[r.BlockRecord]:
        """The blocks that were set and lifted on an account, oldest first."""
        with Buffer() as buffer:
            call("qenex_account_blocks_list", self._handle, from_id(account), buffer.out())
            return buffer.read(r.BlockRecord)

    def list_account_numbers(
        self, account: AccountName, *, after: int = 0, limit: int = 0
    ) -> list[r.AccountNumberRecord]:
        """The external numbers of an account, in force and ended."""
        arena = Arena()
        packed = pack([key(account)], arena)
        with Buffer() as buffer:
            call(
                "qenex_account_numbers_list",
                self._handle,
                packed,
                len(packed),
                *arena_arguments(arena),
                after,
                limit,
                buffer.out(),
            )
            return buffer.read(r.AccountNumberRecord)

    def list_account_limits(self, account: AccountName) -> list[r.AccountLimitRecord]:
        """The limits of an account, by asset and kind."""
        arena = Arena()
        packed = pack([key(account)], arena)
        with Buffer() as buffer:
            call(
                "qenex_account_limits_list",
                self._handle,
                packed,
                len(packed),
                *arena_arguments(arena),
                buffer.out(),
            )
            return buffer.read(r.AccountLimitRecord)

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
        kept = _cursor(raw, cursor)
        with Buffer() as buffer:
            call("qenex_transfers_find", self._handle, _c.byref(raw), buffer.out())
            del kept
            return Page(buffer.read(r.TransferRecord), buffer.cursor)

    def statement(
        self,
        account: AccountName,
        asset: int,
        *,
        oldest_first: bool = False,
        booked_from: date | None = None,
        booked_to: date | None = None,
        value_from: date | None = None,
        value_to: date | None = None,
        after: int = 0,
        up_to: int = 0,
        limit: int = 0,
        cursor: bytes | None = None,
    ) -> Page[r.StatementLine]:
        """A page of the statement of an account in an asset: the newest posting first, or the oldest. Go on with the
        page's cursor and the same arguments."""
        arena = Arena()
        packed = pack([key(account, asset)], arena)
        options = _abi.RawStatementOptions()
        options.struct_size = _c.sizeof(options)
        set_numbers(options, {"limit": limit, "after": after, "up_to": up_to})
        options.flags = StatementFlags.OLDEST_FIRST if oldest_first else 0
        options.booked_from, options.booked_to = from_date(booked_from), from_date(booked_to)
        options.value_from, options.value_to = from_date(value_from), from_date(value_to)
        kept = _cursor(options, cursor)
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
            del kept
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

    def sequence_at(self, time: datetime) -> int:
        """The sequence number of the last durable change up to a system time; 0: there was none."""
        number = _c.c_uint64()
        call("qenex_sequence_at", self._handle, from_time(time), _c.byref(number))
        return number.value

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


def _cursor(options: Any, cursor: bytes | None) -> Any:
    """Sets the cursor of an option struct and gives what must live until the call is over."""
    kept = _c.create_string_buffer(cursor, len(cursor)) if cursor else None
    options.cursor = _c.addressof(kept) if kept is not None else None
    options.cursor_len = len(cursor) if cursor else 0
    return kept


def _queued(commands: Iterable[Any]) -> tuple[Any, ...]:
    """The arguments of a batch for the queue, from its kind to its arena."""
    items, arena = as_list(commands), Arena()
    kind = kind_of(items)
    mixed = kind == CommandKind.MIXED
    packed = pack_commands(items, arena) if mixed else pack(items, arena)
    size = _c.sizeof(_abi.RawCommand) if mixed or not items else items[0]._struct.size
    return (kind, packed, len(items), size, *arena_arguments(arena))


def _as_of(
    sequence: int, booking_date: date | None, value_date: date | None, known_at: datetime | None
) -> _abi.RawAsOfOptions:
    as_of = _abi.RawAsOfOptions()
    as_of.struct_size = _c.sizeof(as_of)
    as_of.sequence = sequence
    as_of.booking_date = from_date(booking_date)
    as_of.value_date = from_date(value_date)
    as_of.known_at = from_time(known_at)
    return as_of


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
