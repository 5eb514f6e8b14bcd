"""Exchanges, splits, accruals, statements that are issued, the general ledger, the import and retention. A part of
Session."""

from __future__ import annotations

import ctypes as _c
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from . import _abi, records as r
from ._buffers import Buffer, arena_arguments, as_list, pack
from ._calls import AccountName, Calls, Page, accepted, one_key, raw_id, result_of, written
from ._library import call, library, text
from ._values import Arena, from_date
from .constants import GlGroupFlags, Journal


@dataclass(frozen=True)
class IssuedStatement:
    """A statement that was cut, and a page of its lines."""

    statement: r.StatementRecord
    lines: list[r.IssuedLine]


@dataclass(frozen=True)
class JournalPage:
    """A page of the journal of the general ledger."""

    text: str
    cursor: bytes | None
    """Goes on with the next page, which is to be written right behind; None: this was the last one."""


class Books(Calls):
    """Exchanges, splits, accruals, statements that are issued, the general ledger, the import and retention."""

    def register_positions(
        self, positions: Iterable[r.Position], *, time: datetime | None = None, dry_run: bool = False, trace: bytes = b""
    ) -> list[r.Result]:
        """Makes accounts the position accounts of their entities: exchanges alone move them from then on."""
        return self._bulk(library().qenex_positions_register, positions, time, dry_run, trace)

    def create_exchanges(
        self, exchanges: Iterable[r.Exchange], *, time: datetime | None = None, dry_run: bool = False, trace: bytes = b""
    ) -> list[r.Result]:
        """Sells amounts of one asset for another, through the position accounts."""
        return self._bulk(library().qenex_exchanges_create, exchanges, time, dry_run, trace)

    def post_revaluations(
        self, revaluations: Iterable[r.Revaluation], *, time: datetime | None = None, dry_run: bool = False, trace: bytes = b""
    ) -> list[r.Result]:
        """Posts unrealised gains and losses of positions; they are the amounts of the results."""
        return self._bulk(library().qenex_revaluations_post, revaluations, time, dry_run, trace)

    def split_transfers(
        self, splits: Iterable[r.Split], *, time: datetime | None = None, dry_run: bool = False, trace: bytes = b""
    ) -> list[r.Result]:
        """Splits amounts over several accounts by the largest remainder."""
        return self._bulk(library().qenex_transfers_split, splits, time, dry_run, trace)

    def add_accruals(
        self, accruals: Iterable[r.Accrual], *, time: datetime | None = None, dry_run: bool = False, trace: bytes = b""
    ) -> list[r.Result]:
        """Adds to accruals, exactly; the results have the whole minor units that are not posted yet."""
        return self._bulk(library().qenex_accruals_add, accruals, time, dry_run, trace)

    def post_accruals(
        self, posts: Iterable[r.AccrualPost], *, time: datetime | None = None, dry_run: bool = False, trace: bytes = b""
    ) -> list[r.Result]:
        """Posts the whole minor units of accruals and keeps the rest."""
        return self._bulk(library().qenex_accruals_post, posts, time, dry_run, trace)

    def cut_statements(
        self, cuts: Iterable[r.StatementCut], *, time: datetime | None = None, dry_run: bool = False, trace: bytes = b""
    ) -> list[r.Result]:
        """Cuts statements; their numbers, without gaps, are in the results."""
        return self._bulk(library().qenex_statements_cut, cuts, time, dry_run, trace)

    def set_gl_codes(
        self, codes: Iterable[r.GlCode], *, time: datetime | None = None, dry_run: bool = False, trace: bytes = b""
    ) -> list[r.Result]:
        """Enters codes into the charts of entities, or changes them."""
        return self._bulk(library().qenex_gl_codes_set, codes, time, dry_run, trace)

    def assign_gl_codes(
        self, assignments: Iterable[r.GlAssignment], *, time: datetime | None = None, dry_run: bool = False, trace: bytes = b""
    ) -> list[r.Result]:
        """Gives accounts codes of the general ledger from a day on."""
        return self._bulk(library().qenex_gl_assignments_set, assignments, time, dry_run, trace)

    def import_transfers(
        self, imports: Iterable[r.ImportTransfer], *, time: datetime | None = None, dry_run: bool = False, trace: bytes = b""
    ) -> list[r.Result]:
        """Imports transfers of the past, between start_import and end_import alone."""
        return self._bulk(library().qenex_transfers_import, imports, time, dry_run, trace)

    def prove_imports(
        self, proofs: Iterable[r.ImportProof], *, time: datetime | None = None, dry_run: bool = False, trace: bytes = b""
    ) -> list[r.Result]:
        """Proves imported balances: opening plus movements equals closing."""
        return self._bulk(library().qenex_imports_prove, proofs, time, dry_run, trace)

    def set_retentions(
        self, retentions: Iterable[r.Retention], *, time: datetime | None = None, dry_run: bool = False, trace: bytes = b""
    ) -> list[r.Result]:
        """Says how long accounts' data is kept, and sets or lifts legal holds."""
        return self._bulk(library().qenex_retentions_set, retentions, time, dry_run, trace)

    def exchange(
        self,
        source: str,
        target: str,
        amount: Decimal | int | str,
        sold: str,
        bought: str,
        rate: Decimal | int | str,
        id: UUID | None = None,
    ) -> r.Result:
        """Sells an amount of one currency for another at a rate (units bought for one sold), rounded half to even: the
        account source is debited, target credited, both named by number. id as in transfer. Raises Refused."""
        result = _abi.RawResult()
        call(
            "qenex_exchange_simple",
            self._handle,
            raw_id(id),
            *text(source, "source"),
            *text(target, "target"),
            *text(written(amount), "amount"),
            *text(sold, "sold"),
            *text(bought, "bought"),
            *text(written(rate), "rate"),
            _c.byref(result),
        )
        return accepted(result, f"{source} did not sell {amount} {sold} for {bought}")

    def start_import(self, key: UUID | None = None) -> r.Result:
        """Begins import mode, in a file without transfers. The result says why it was refused."""
        result = _abi.RawResult()
        call("qenex_import_start", self._handle, raw_id(key), _c.byref(result))
        return result_of(result)

    def end_import(self, key: UUID | None = None) -> r.Result:
        """Ends import mode for ever; the result's number is that of imported transfers."""
        result = _abi.RawResult()
        call("qenex_import_end", self._handle, raw_id(key), _c.byref(result))
        return result_of(result)

    def import_status(self) -> r.ImportStatus:
        """Where the import stands."""
        raw = _abi.RawImportStatus()
        call("qenex_import_status_get", self._handle, _c.byref(raw))
        return r.ImportStatus._unpack(memoryview(bytes(raw)), 0, b"")

    def list_positions(self, entity: int = 0) -> list[r.PositionRecord]:
        """The positions of an entity, by asset."""
        return self._asked("qenex_positions_list", r.PositionRecord, entity)

    def functional_trial_balance(self, entity: int = 0) -> list[r.FunctionalLine]:
        """What each asset nets to, and its book value in the functional currency; the book values sum to zero."""
        return self._asked("qenex_functional_trial_balance", r.FunctionalLine, entity)

    def list_accruals(self, account: AccountName) -> list[r.AccrualRecord]:
        """The accruals of an account, by name."""
        return self._asked("qenex_accruals_list", r.AccrualRecord, *one_key(account))

    def daily_balances(
        self,
        keys: Iterable[r.AccountKey],
        first: date,
        last: date,
        *,
        by_booking_date: bool = False,
        limit: int = 0,
        cursor: bytes | None = None,
    ) -> Page[r.DayBalance]:
        """The balances at the end of each day, account by account, by value date or by booking date. Go on with the
        page's cursor and the same arguments."""
        items, arena = as_list(keys), Arena()
        packed = pack(items, arena)
        with Buffer() as buffer:
            call(
                "qenex_balances_daily",
                self._handle,
                packed,
                len(items),
                r.AccountKey._struct.size,
                *arena_arguments(arena),
                from_date(first),
                from_date(last),
                int(by_booking_date),
                limit,
                cursor,
                len(cursor or b""),
                buffer.out(),
            )
            return Page(buffer.read(r.DayBalance), buffer.cursor)

    def list_statements(
        self, account: AccountName, asset: int, *, after: int = 0, limit: int = 0
    ) -> list[r.StatementRecord]:
        """The statements that were cut of an account in an asset, in order."""
        return self._asked("qenex_statements_list", r.StatementRecord, *one_key(account, asset), after, limit)

    def issue_statement(
        self, account: AccountName, asset: int, number: int, *, skip: int = 0, limit: int = 0
    ) -> IssuedStatement:
        """A statement that was cut with its lines: the same whenever it is asked for. A page with fewer lines than limit
        (0: 100) is the last; skip: how many lines the pages before had."""
        raw = _abi.RawStatementRecord()
        with Buffer() as buffer:
            arguments = one_key(account, asset)
            call(
                "qenex_statement_issue", self._handle, *arguments, number, skip, limit, _c.byref(raw), buffer.out()
            )
            statement = r.StatementRecord._unpack(memoryview(bytes(raw)), 0, b"")
            return IssuedStatement(statement, buffer.read(r.IssuedLine))

    def gl_trial_balance(self, date: date, *, entity: int = 0, group: GlGroupFlags | int = 0) -> list[r.GlLine]:
        """The trial balance by code at the end of a booking day; group: the dimensions that lines are apart by."""
        return self._asked("qenex_gl_trial_balance", r.GlLine, entity, from_date(date), int(group))

    def reconcile_gl(self, date: date, *, entity: int = 0) -> list[r.GlDifference]:
        """Each code's balance from its accounts and from the transfers one by one: a difference that is not zero is
        damage."""
        return self._asked("qenex_gl_reconcile", r.GlDifference, entity, from_date(date))

    def gl_journal(
        self,
        first: date,
        last: date,
        format: Journal | int,
        *,
        entity: int = 0,
        limit: int = 0,
        cursor: bytes | None = None,
    ) -> JournalPage:
        """A page of the journal as text: CSV, or for hledger or beancount. Go on with the page's cursor and the same
        arguments."""
        with Buffer() as buffer:
            call(
                "qenex_gl_journal",
                self._handle,
                entity,
                from_date(first),
                from_date(last),
                int(format),
                limit,
                cursor,
                len(cursor or b""),
                buffer.out(),
            )
            return JournalPage(buffer.arena.decode(), buffer.cursor)

    def get_retention(self, account: AccountName) -> r.RetentionRecord:
        """How long an account's data is kept; its sequence is 0 when nothing was said."""
        return self._asked("qenex_retention_get", r.RetentionRecord, *one_key(account))[0]

    def list_personal_data(
        self, account: AccountName, *, after: int = 0, limit: int = 0
    ) -> list[r.PersonalPlace]:
        """Where personal texts of an account are, by sequence number."""
        return self._asked("qenex_personal_data_list", r.PersonalPlace, *one_key(account), after, limit)
