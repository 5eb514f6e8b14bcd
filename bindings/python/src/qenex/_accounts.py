"""Entities, assets and accounts: what there is, and how accounts open, change and close. A part of Session."""

from __future__ import annotations

import ctypes as _c
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from . import _abi, records as r
from ._buffers import arena_arguments, as_list, pack
from ._calls import AccountName, Calls, accepted, key, one_key, raw_id, written
from ._library import call, library, text
from ._values import Arena, from_id
from .constants import Status
from .errors import InvalidInput, Refused
from .values import to_decimal


class Accounts(Calls):
    """Entities, assets and accounts: what there is, and how accounts open, change and close."""

    def create_account(self, number: str, currency: str, opening_balance: Decimal | int | str = "") -> r.Result:
        """Opens a customer's account known by number, such as 'ACC001', in a currency, such as 'USD', with an opening
        balance. Raises Refused with the status NUMBER_TAKEN when there is one already."""
        result = _abi.RawResult()
        call(
            "qenex_account_open_simple",
            self._handle,
            *text(number, "number"),
            *text(currency, "currency"),
            *text(written(opening_balance), "opening_balance"),
            _c.byref(result),
        )
        return accepted(result, f"the account {number} was not opened")

    def asset_number(self, code: str) -> int:
        """The number of an asset of the file by its code: 840 is USD."""
        number = _c.c_uint32()
        call("qenex_asset_number", self._handle, *text(code, "code"), _c.byref(number))
        return number.value

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

    def get_accounts(self, keys: Iterable[r.AccountKey]) -> list[r.AccountRecord]:
        """One account per key; an unknown one has the status ACCOUNT_UNKNOWN."""
        items, arena = as_list(keys), Arena()
        packed = pack(items, arena)
        return self._asked(
            "qenex_accounts_get",
            r.AccountRecord,
            packed,
            len(items),
            r.AccountKey._struct.size,
            *arena_arguments(arena),
        )

    def list_accounts(self, parent: UUID | None = None, *, after: int = 0, limit: int = 0) -> list[r.AccountRecord]:
        """Accounts in the order of opening: all, or those right below a parent. after: the engine's number of the last
        account of the page before."""
        return self._asked("qenex_accounts_list", r.AccountRecord, raw_id(parent), after, limit)

    def list_entities(self) -> list[r.EntityRecord]:
        """All legal entities."""
        return self._asked("qenex_entities_list", r.EntityRecord)

    def list_assets(self) -> list[r.AssetRecord]:
        """All assets of the file."""
        return self._asked("qenex_assets_list", r.AssetRecord)

    def list_account_owners(self, account: UUID) -> list[r.OwnerRecord]:
        """The owners of an account, in the order in which they were linked."""
        return self._asked("qenex_account_owners_list", r.OwnerRecord, from_id(account))

    def list_account_blocks(self, account: UUID) -> list[r.BlockRecord]:
        """The blocks that were set and lifted on an account, oldest first."""
        return self._asked("qenex_account_blocks_list", r.BlockRecord, from_id(account))

    def list_account_numbers(
        self, account: AccountName, *, after: int = 0, limit: int = 0
    ) -> list[r.AccountNumberRecord]:
        """The external numbers of an account, in force and ended."""
        arguments = one_key(account)
        return self._asked(
            "qenex_account_numbers_list",
            r.AccountNumberRecord,
            *arguments,
            after,
            limit,
        )

    def list_account_limits(self, account: AccountName) -> list[r.AccountLimitRecord]:
        """The limits of an account, by asset and kind."""
        arguments = one_key(account)
        return self._asked(
            "qenex_account_limits_list",
            r.AccountLimitRecord,
            *arguments,
        )

    def amount(self, minor: int, asset: int) -> Decimal:
        """Minor units of an asset of the file as a Decimal: 10000 of 840 is Decimal('100.00')."""
        for found in self.list_assets():
            if found.number == asset:
                return to_decimal(minor, found.scale)
        raise InvalidInput(Status.ASSET_UNKNOWN, f"the file has no asset with the number {asset}")
