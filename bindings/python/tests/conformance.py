"""Runs the cases of tests/conformance through the package's public classes. See tests/conformance/README.md.

    QENEX_LIBRARY=target/debug/libqenex.so PYTHONPATH=bindings/python/src python3 bindings/python/tests/conformance.py
"""

from __future__ import annotations

import json
import queue
import sys
import tempfile
from collections.abc import Callable
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from uuid import UUID

import qenex
from qenex import _callbacks

ROOT = Path(__file__).resolve().parents[3] / "tests" / "conformance"
API = json.loads((ROOT / "api.json").read_text())
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


class Failure(Exception):
    pass


def number(value: Any) -> Any:
    """A number, a constant, or flags together."""
    if isinstance(value, list):
        bits = 0
        for name in value:
            bits |= API["constants"][name]
        return bits
    if isinstance(value, str):
        return API["constants"][value]
    return int(value)


def id_of(value: str, saved: dict[str, Any]) -> UUID | None:
    if value == "none":
        return None
    if value == "reserved":
        return UUID(bytes=b"\xff" * 16)
    if value.startswith("$"):
        found: UUID = saved[value[1:]]
        return found
    if value.startswith("@"):
        return UUID(bytes=value.encode().ljust(16, b"\0"))
    return UUID(value)


def time_of(value: Any) -> datetime | None:
    if isinstance(value, str):
        return datetime.fromisoformat(value.replace("Z", "+00:00"))
    return None if value == 0 else EPOCH + timedelta(microseconds=value)


def date_of(value: Any) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) else None


def text_of(value: Any) -> Any:
    return bytes.fromhex(value["hex"]) if isinstance(value, dict) else value


def python_name(field: str) -> str:
    return "from_" if field == "from" else field


def class_of(record: str) -> Any:
    return getattr(qenex, "".join(word.capitalize() for word in record.removeprefix("qenex_").split("_")))


class Case:
    """One case: what is open, and what was saved."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self.engines: dict[str, qenex.Engine] = {}
        self.sessions: dict[str, qenex.Session] = {}
        self.saved: dict[str, Any] = {}
        self.last_engine = ""
        self.last_session = ""

    def value(self, kind: str, value: Any) -> Any:
        """A value of the case as the package takes it."""
        if kind == "qenex_id":
            return id_of(value, self.saved)
        if kind == "qenex_amount":
            return int(value)
        if kind == "qenex_date":
            return date_of(value)
        if kind == "qenex_time":
            return time_of(value)
        if kind == "qenex_text":
            return tuple(date.fromisoformat(day) for day in value) if isinstance(value, list) else text_of(value)
        if kind == "qenex_transfer":
            return self.record(kind, value)
        if kind == "uint8_t[16]":
            return bytes.fromhex(value)
        return number(value)

    def record(self, name: str, value: dict[str, Any]) -> Any:
        kinds = {field["name"]: field["type"] for field in API["records"][name]["fields"]}
        given: dict[str, Any] = {
            python_name(key): self.parts(item) if key == "parts" else self.value(kinds[key], item)
            for key, item in value.items()
        }
        if name == "qenex_host_record":
            for key in ("record", "value"):
                if isinstance(given.get(key), str):
                    given[key] = given[key].encode()
        return class_of(name)(**given)

    def parts(self, items: list[dict[str, Any]]) -> tuple[Any, ...]:
        return tuple(self.record("qenex_split_part", item) for item in items)

    def path(self, value: str) -> str:
        return f"{self.folder}/{value[2:]}" if value.startswith("%/") else value

    def engine(self, given: dict[str, Any]) -> qenex.Engine:
        return self.engines[given.get("engine", self.last_engine)]

    def session(self, given: dict[str, Any]) -> qenex.Session:
        return self.sessions[given.get("session", self.last_session)]

    def end(self) -> None:
        for session in self.sessions.values():
            session.close()
        for engine in self.engines.values():
            engine.close()
        if _callbacks.kept:
            raise Failure(f"{len(_callbacks.kept)} callbacks were never given back")


def options_of(given: dict[str, Any]) -> dict[str, Any]:
    """The keyword arguments of commands."""
    options = given.get("options", {})
    unknown = set(options) - {"time", "flags", "trace"}
    if unknown:
        raise Failure(f"options that the runner does not know: {unknown}")
    return {
        "time": time_of(options["time"]) if "time" in options else None,
        "dry_run": bool(number(options.get("flags", 0)) & qenex.ExecuteFlags.DRY_RUN),
        "trace": bytes.fromhex(options.get("trace", "")),
    }


def command(item: dict[str, Any], case: Case) -> Any:
    record = "qenex_" + item["kind"].removeprefix("QENEX_COMMAND_").lower()
    return case.record(record, item["record"])


Call = Callable[[Case, dict[str, Any]], dict[str, Any]]


def bulk(parameter: str, record: str, method: str) -> Call:
    def run(case: Case, given: dict[str, Any]) -> dict[str, Any]:
        items = [case.record(record, item) for item in given[parameter]]
        return {"results": getattr(case.session(given), method)(items, **options_of(given))}

    return run


def rows(method: Callable[[Case, dict[str, Any]], Any]) -> Call:
    return lambda case, given: {"records": method(case, given)}


def returns(method: Callable[[Case, dict[str, Any]], Any], key: str = "returns") -> Call:
    return lambda case, given: {key: method(case, given)}


def done(method: Callable[[Case, dict[str, Any]], object]) -> Call:
    def run(case: Case, given: dict[str, Any]) -> dict[str, Any]:
        method(case, given)
        return {}

    return run


def open_engine(case: Case, given: dict[str, Any]) -> qenex.Engine:
    options = dict(given["options"])
    path = case.path(options.pop("path", ""))
    if "clock" in options:
        told = time_of(options["clock"])
        assert told is not None
        options["clock"] = lambda: told
    if options.pop("log", False):
        options["log"] = lambda message: message.text or sys.exit("an empty log message")
    numbers = {key: value if key in ("clock", "log") else number(value) for key, value in options.items()}
    return qenex.Engine(path, **numbers)


def free_session(case: Case, given: dict[str, Any]) -> None:
    case.session(given).close()


def simple(method: Callable[[Case, dict[str, Any]], qenex.Result]) -> Call:
    """One-line calls raise Refused where C answers with a refused result."""

    def run(case: Case, given: dict[str, Any]) -> dict[str, Any]:
        try:
            return {"result": method(case, given)}
        except qenex.Refused as refused:
            return {"status": qenex.Status.SOME_REFUSED, "result": qenex.Result(status=refused.status)}

    return run


def statement(case: Case, given: dict[str, Any]) -> dict[str, Any]:
    key, options = given["key"], paged(case, given.get("options", {}))
    options["oldest_first"] = bool(options.pop("flags", 0) & qenex.StatementFlags.OLDEST_FIRST)
    page = case.session(given).statement(account_of(case, key), key["asset"], **options)
    return {"records": page.rows, "cursor": page.cursor}


def account_of(case: Case, key: dict[str, Any]) -> Any:
    return key.get("number") or key.get("account") or id_of(key["id"], case.saved)


def paged(case: Case, options: dict[str, Any]) -> dict[str, Any]:
    """Options as keyword arguments."""
    given: dict[str, Any] = {}
    for key, value in options.items():
        if key == "cursor":
            given[key] = case.saved[value[1:]]
        elif key == "account":
            given[key] = id_of(value, case.saved)
        elif key == "reference":
            given[key] = value
        elif key.startswith(("booked_", "value_")):
            given[key] = date_of(value)
        else:
            given[key] = number(value)
    return given


def find(case: Case, given: dict[str, Any]) -> dict[str, Any]:
    page = case.session(given).find_transfers(**paged(case, given["filter"]))
    return {"records": page.rows, "cursor": page.cursor}


def as_of(given: dict[str, Any]) -> dict[str, Any]:
    options = given.get("as_of", {})
    return {
        "sequence": options.get("sequence", 0),
        "booking_date": date_of(options.get("booking_date")),
        "value_date": date_of(options.get("value_date")),
        "known_at": time_of(options.get("known_at", 0)),
    }


def notify(case: Case, given: dict[str, Any]) -> dict[str, Any]:
    told: queue.Queue[dict[str, Any]] = queue.Queue()

    def completion(status: qenex.Status, results: list[qenex.Result], message: str) -> None:
        told.put({"status": status, "results": results, "message": message})

    case.session(given).submit_notify(batch(case, given), completion, **options_of(given))
    return {"completion": told.get(timeout=60)}


def batch(case: Case, given: dict[str, Any]) -> list[Any]:
    kind = given["kind"].removeprefix("QENEX_COMMAND_").lower()
    items = given["records"]
    return [command(item, case) if kind == "mixed" else case.record("qenex_" + kind, item) for item in items]


def submit(case: Case, given: dict[str, Any]) -> None:
    case.session(given).submit(batch(case, given), given["tag"], **options_of(given))


def collect(case: Case, given: dict[str, Any]) -> dict[str, Any]:
    found: list[qenex.Completion] = []
    while len(found) < max(given["wanted"], 1):
        found += case.engine(given).collect(given["timeout_ms"], given["max"])
    return {"completions": sorted(found, key=lambda completion: given["tags"].index(completion.tag))}


def upgrade(case: Case, given: dict[str, Any]) -> dict[str, Any]:
    before, after = qenex.upgrade(case.path(given["path"]), dry_run=bool(given.get("dry_run", 0)))
    return {"from": before, "to": after}


def balances(case: Case, given: dict[str, Any]) -> dict[str, Any]:
    keys = [case.record("qenex_account_key", key) for key in given["keys"]]
    found = case.session(given).get_balances(keys, **as_of(given))
    return {"balances": found}


def below(case: Case, given: dict[str, Any]) -> qenex.Balance:
    key = given["key"]
    account: Any = key.get("number") or id_of(key["id"], case.saved)
    return case.session(given).get_balance_below(account, key["asset"])


def ids(case: Case, given: dict[str, Any]) -> list[UUID]:
    return [id_of(value, case.saved) or UUID(int=0) for value in given["ids"]]


def backup(case: Case, given: dict[str, Any]) -> None:
    wanted = given.get("progress")
    progress = None if wanted is None else (lambda done, total: wanted == "continue")
    case.engine(given).backup(case.path(given["path"]), progress)


def some_id(case: Case, value: str) -> UUID:
    return id_of(value, case.saved) or UUID(int=0)


def as_time(value: Any) -> datetime:
    return time_of(value) or EPOCH


def as_date(value: Any) -> date:
    return date.fromisoformat(value)


def maybe_id(case: Case, given: dict[str, Any], key: str) -> UUID | None:
    return id_of(given[key], case.saved) if key in given else None


def cursor_of(case: Case, given: dict[str, Any]) -> Any:
    return case.saved[given["cursor"][1:]] if "cursor" in given else None


def daily_balances(case: Case, given: dict[str, Any]) -> dict[str, Any]:
    page = case.session(given).daily_balances(
        [case.record("qenex_account_key", key) for key in given["keys"]],
        as_date(given["from"]),
        as_date(given["to"]),
        by_booking_date=bool(given.get("by_booking_date", 0)),
        limit=given.get("limit", 0),
        cursor=cursor_of(case, given),
    )
    return {"records": page.rows, "cursor": page.cursor}


def issue_statement(case: Case, given: dict[str, Any]) -> dict[str, Any]:
    issued = case.session(given).issue_statement(
        account_of(case, given["key"]),
        given["key"]["asset"],
        given["number"],
        skip=given.get("skip", 0),
        limit=given.get("limit", 0),
    )
    return {"records": issued.lines, "statement": issued.statement}


def journal(case: Case, given: dict[str, Any]) -> dict[str, Any]:
    page = case.session(given).gl_journal(
        as_date(given["from"]),
        as_date(given["to"]),
        number(given["format"]),
        entity=given.get("entity", 0),
        limit=given.get("limit", 0),
        cursor=cursor_of(case, given),
    )
    return {"text": page.text, "cursor": page.cursor}


CALLS: dict[str, Call] = {
    "qenex_version": returns(lambda case, given: qenex.version()),
    "qenex_abi_version": returns(lambda case, given: qenex.abi_version()),
    "qenex_has_feature": returns(lambda case, given: qenex.has_feature(given["name"])),
    "qenex_status_name": returns(lambda case, given: qenex.status_name(number(given["status"]))),
    "qenex_status_explanation": returns(lambda case, given: qenex.status_explanation(number(given["status"]))),
    "qenex_id_new": returns(lambda case, given: qenex.new_id(), "id"),
    "qenex_id_parse": returns(lambda case, given: qenex.parse_id(given["text"]), "id"),
    "qenex_id_format": returns(lambda case, given: qenex.format_id(some_id(case, given["id"])), "text"),
    "qenex_time_now": returns(lambda case, given: qenex.now()),
    "qenex_time_parse": returns(lambda case, given: qenex.parse_time(given["text"]), "time"),
    "qenex_time_format": returns(lambda case, given: qenex.format_time(as_time(given["time"])), "text"),
    "qenex_date_parse": returns(lambda case, given: qenex.parse_date(given["text"]), "date"),
    "qenex_date_format": returns(lambda case, given: qenex.format_date(as_date(given["date"])), "text"),
    "qenex_date_add_days": returns(lambda case, given: qenex.add_days(as_date(given["date"]), given["days"]), "date"),
    "qenex_currency_by_code": returns(lambda case, given: qenex.currency(given["code"]), "currency"),
    "qenex_currency_by_number": returns(lambda case, given: qenex.currency_by_number(given["number"]), "currency"),
    "qenex_amount_parse": returns(lambda case, given: qenex.parse_amount(given["text"], given["scale"]), "amount"),
    "qenex_amount_format": returns(lambda case, given: qenex.format_amount(int(given["amount"]), given["scale"]), "text"),
    "qenex_amount_add": returns(lambda case, given: qenex.add_amounts(int(given["a"]), int(given["b"])), "sum"),
    "qenex_amount_subtract": returns(
        lambda case, given: qenex.subtract_amounts(int(given["a"]), int(given["b"])), "difference"
    ),
    "qenex_amount_compare": returns(lambda case, given: qenex.compare_amounts(int(given["a"]), int(given["b"]))),
    "qenex_session_free": done(free_session),
    "qenex_close": done(lambda case, given: case.engine(given).close()),
    "qenex_execute": lambda case, given: {
        "results": case.session(given).execute(
            [command(item, case) for item in given["commands"]], **options_of(given)
        )
    },
    "qenex_transfers_create": bulk("transfers", "qenex_transfer", "create_transfers"),
    "qenex_transfers_reverse": bulk("reversals", "qenex_reversal", "reverse_transfers"),
    "qenex_holds_place": bulk("holds", "qenex_hold", "place_holds"),
    "qenex_holds_increase": bulk("increases", "qenex_hold_increase", "increase_holds"),
    "qenex_holds_capture": bulk("captures", "qenex_hold_capture", "capture_holds"),
    "qenex_holds_release": bulk("releases", "qenex_hold_release", "release_holds"),
    "qenex_entities_create": bulk("entities", "qenex_entity", "create_entities"),
    "qenex_assets_create": bulk("assets", "qenex_asset", "create_assets"),
    "qenex_accounts_open": bulk("accounts", "qenex_account", "open_accounts"),
    "qenex_account_numbers_set": bulk("numbers", "qenex_account_number", "set_account_numbers"),
    "qenex_account_blocks_set": bulk("blocks", "qenex_account_block", "set_account_blocks"),
    "qenex_account_limits_set": bulk("limits", "qenex_account_limit", "set_account_limits"),
    "qenex_accounts_close": bulk("accounts", "qenex_account_close", "close_accounts"),
    "qenex_business_dates_roll": bulk("dates", "qenex_business_date", "roll_business_dates"),
    "qenex_periods_close": bulk("periods", "qenex_period_close", "close_periods"),
    "qenex_host_records_put": bulk("host_records", "qenex_host_record", "put_host_records"),
    "qenex_time_advance_to": returns(
        lambda case, given: case.session(given).advance_time(as_time(given["to"]), **options_of(given)), "result"
    ),
    "qenex_submit": done(submit),
    "qenex_collect": collect,
    "qenex_balances_get": balances,
    "qenex_balance_hierarchy": returns(below, "balance"),
    "qenex_accounts_get": rows(
        lambda case, given: case.session(given).get_accounts(
            case.record("qenex_account_key", key) for key in given["keys"]
        )
    ),
    "qenex_accounts_list": rows(
        lambda case, given: case.session(given).list_accounts(
            id_of(given["parent"], case.saved) if "parent" in given else None,
            after=given.get("after", 0),
            limit=given.get("limit", 0),
        )
    ),
    "qenex_entities_list": rows(lambda case, given: case.session(given).list_entities()),
    "qenex_assets_list": rows(lambda case, given: case.session(given).list_assets()),
    "qenex_host_record_get": rows(
        lambda case, given: [
            case.session(given).get_host_record(
                given["name_space"],
                given["record"].encode() if isinstance(given["record"], str) else text_of(given["record"]),
            )
        ]
    ),
    "qenex_trial_balance": rows(lambda case, given: case.session(given).trial_balance(given.get("entity", 0))),
    "qenex_transfers_get": rows(lambda case, given: case.session(given).get_transfers(ids(case, given))),
    "qenex_transaction_get": rows(
        lambda case, given: case.session(given).get_transaction(some_id(case, given["id"]))
    ),
    "qenex_transfers_by_reference": rows(
        lambda case, given: case.session(given).transfers_by_reference(given["reference"])
    ),
    "qenex_transfers_find": find,
    "qenex_calendars_set": bulk("calendars", "qenex_calendar", "set_calendars"),
    "qenex_entity_rules_set": bulk("rules", "qenex_entity_rules", "set_entity_rules"),
    "qenex_transfers_schedule": bulk("schedules", "qenex_schedule", "schedule_transfers"),
    "qenex_schedules_cancel": bulk("cancellations", "qenex_schedule_cancel", "cancel_schedules"),
    "qenex_day_end_portions": bulk("day_ends", "qenex_day_end", "seal_day_portions"),
    "qenex_year_end_portions": bulk("year_ends", "qenex_year_end", "close_year_portions"),
    "qenex_account_owners_set": bulk("owners", "qenex_account_owner", "set_account_owners"),
    "qenex_accounts_reactivate": bulk("reactivations", "qenex_reactivation", "reactivate_accounts"),
    "qenex_day_end_run": returns(
        lambda case, given: case.session(given).end_day(
            as_date(given["day"]), entity=given.get("entity", 0), portion=given.get("portion", 0)
        ),
        "result",
    ),
    "qenex_year_end_run": returns(
        lambda case, given: case.session(given).end_year(
            as_date(given["through"]), given["retained"], entity=given.get("entity", 0), code=given.get("code", 0)
        ),
        "result",
    ),
    "qenex_business_date_next": returns(
        lambda case, given: case.session(given).next_business_date(given.get("entity", 0)), "result"
    ),
    "qenex_submit_notify": notify,
    "qenex_calendars_list": rows(lambda case, given: case.session(given).list_calendars()),
    "qenex_business_day_after": returns(
        lambda case, given: case.session(given).business_day_after(as_date(given["day"]), given.get("entity", 0)), "date"
    ),
    "qenex_periods_list": rows(lambda case, given: case.session(given).list_periods(given.get("entity", 0))),
    "qenex_sealed_balances_list": rows(
        lambda case, given: case.session(given).list_sealed_balances(
            some_id(case, given["account"]), given["asset"], as_date(given["first"]), as_date(given["last"])
        )
    ),
    "qenex_corrections_list": rows(
        lambda case, given: case.session(given).list_corrections(
            given.get("entity", 0), after=given.get("after", 0), limit=given.get("limit", 0)
        )
    ),
    "qenex_trial_accounts_list": rows(
        lambda case, given: case.session(given).list_trial_accounts(case.record("qenex_trial_options", given["options"]))
    ),
    "qenex_trial_balance_as_of": rows(
        lambda case, given: case.session(given).trial_balance_as_of(given.get("entity", 0), **as_of(given))
    ),
    "qenex_schedules_list": rows(
        lambda case, given: case.session(given).list_schedules(
            given.get("entity", 0),
            waiting_only=bool(given.get("waiting_only", 0)),
            after=given.get("after", 0),
            limit=given.get("limit", 0),
        )
    ),
    "qenex_account_owners_list": rows(
        lambda case, given: case.session(given).list_account_owners(some_id(case, given["account"]))
    ),
    "qenex_account_blocks_list": rows(
        lambda case, given: case.session(given).list_account_blocks(some_id(case, given["account"]))
    ),
    "qenex_account_numbers_list": rows(
        lambda case, given: case.session(given).list_account_numbers(account_of(case, given["key"]))
    ),
    "qenex_account_limits_list": rows(
        lambda case, given: case.session(given).list_account_limits(account_of(case, given["key"]))
    ),
    "qenex_sequence_at": returns(lambda case, given: case.session(given).sequence_at(as_time(given["time"])), "sequence"),
    "qenex_feed_apply": done(lambda case, given: case.engine(given).apply_feed(case.saved[given["entries"][1:]])),
    "qenex_positions_register": bulk("positions", "qenex_position", "register_positions"),
    "qenex_exchanges_create": bulk("exchanges", "qenex_exchange", "create_exchanges"),
    "qenex_revaluations_post": bulk("revaluations", "qenex_revaluation", "post_revaluations"),
    "qenex_transfers_split": bulk("splits", "qenex_split", "split_transfers"),
    "qenex_accruals_add": bulk("accruals", "qenex_accrual", "add_accruals"),
    "qenex_accruals_post": bulk("posts", "qenex_accrual_post", "post_accruals"),
    "qenex_statements_cut": bulk("cuts", "qenex_statement_cut", "cut_statements"),
    "qenex_gl_codes_set": bulk("codes", "qenex_gl_code", "set_gl_codes"),
    "qenex_gl_assignments_set": bulk("assignments", "qenex_gl_assignment", "assign_gl_codes"),
    "qenex_transfers_import": bulk("imports", "qenex_import_transfer", "import_transfers"),
    "qenex_imports_prove": bulk("proofs", "qenex_import_proof", "prove_imports"),
    "qenex_retentions_set": bulk("retentions", "qenex_retention", "set_retentions"),
    "qenex_import_start": returns(lambda case, given: case.session(given).start_import(maybe_id(case, given, "key")), "result"),
    "qenex_import_end": returns(lambda case, given: case.session(given).end_import(maybe_id(case, given, "key")), "result"),
    "qenex_import_status_get": returns(lambda case, given: case.session(given).import_status(), "import"),
    "qenex_exchange_simple": simple(
        lambda case, given: case.session(given).exchange(
            given["from"],
            given["to"],
            given["amount"],
            given["from_currency"],
            given["to_currency"],
            given["rate"],
            maybe_id(case, given, "id"),
        )
    ),
    "qenex_allocate": returns(lambda case, given: qenex.allocate(int(given["total"]), given["weights"]), "parts"),
    "qenex_positions_list": rows(lambda case, given: case.session(given).list_positions(given.get("entity", 0))),
    "qenex_functional_trial_balance": rows(
        lambda case, given: case.session(given).functional_trial_balance(given.get("entity", 0))
    ),
    "qenex_accruals_list": rows(lambda case, given: case.session(given).list_accruals(account_of(case, given["key"]))),
    "qenex_balances_daily": daily_balances,
    "qenex_statements_list": rows(
        lambda case, given: case.session(given).list_statements(
            account_of(case, given["key"]),
            given["key"]["asset"],
            after=given.get("after", 0),
            limit=given.get("limit", 0),
        )
    ),
    "qenex_statement_issue": issue_statement,
    "qenex_gl_trial_balance": rows(
        lambda case, given: case.session(given).gl_trial_balance(
            as_date(given["date"]), entity=given.get("entity", 0), group=number(given.get("group", 0))
        )
    ),
    "qenex_gl_reconcile": rows(
        lambda case, given: case.session(given).reconcile_gl(as_date(given["date"]), entity=given.get("entity", 0))
    ),
    "qenex_gl_journal": journal,
    "qenex_retention_get": rows(
        lambda case, given: [case.session(given).get_retention(account_of(case, given["key"]))]
    ),
    "qenex_personal_data_list": rows(
        lambda case, given: case.session(given).list_personal_data(
            account_of(case, given["key"]), after=given.get("after", 0), limit=given.get("limit", 0)
        )
    ),
    "qenex_statement_get": statement,
    "qenex_holds_get": rows(lambda case, given: case.session(given).get_holds(ids(case, given))),
    "qenex_holds_list": rows(
        lambda case, given: case.session(given).list_holds(
            some_id(case, given["account"]), after=given.get("after", 0), limit=given.get("limit", 0)
        )
    ),
    "qenex_feed_read": rows(
        lambda case, given: case.session(given).read_feed(given.get("after", 0), limit=given.get("limit", 0))
    ),
    "qenex_sequence_get": returns(lambda case, given: case.session(given).sequence(), "sequence"),
    "qenex_stats_get": returns(lambda case, given: case.engine(given).stats(), "stats"),
    "qenex_backup": done(backup),
    "qenex_restore": done(lambda case, given: qenex.restore(case.path(given["backup"]), case.path(given["target"]))),
    "qenex_rebuild_caches": done(lambda case, given: qenex.rebuild_caches(case.path(given["path"]))),
    "qenex_upgrade": upgrade,
    "qenex_integrity_check": rows(lambda case, given: case.engine(given).integrity_check()),
    "qenex_state_hash": returns(lambda case, given: case.engine(given).state_hash().hex(), "hash"),
    "qenex_support_bundle": returns(lambda case, given: case.engine(given).support_bundle(), "text"),
    "qenex_account_open_simple": simple(
        lambda case, given: case.session(given).create_account(
            given["number"], given["currency"], given.get("opening_balance", "")
        )
    ),
    "qenex_transfer_simple": simple(
        lambda case, given: case.session(given).transfer(
            given["from"],
            given["to"],
            given["amount"],
            given["currency"],
            id_of(given["id"], case.saved) if "id" in given else None,
        )
    ),
    "qenex_balance_text": returns(
        lambda case, given: case.session(given).balance_text(given["number"], given["currency"]), "text"
    ),
    "qenex_asset_number": returns(lambda case, given: case.session(given).asset_number(given["code"]), "number"),
}


def compare(what: str, actual: Any, expected: Any, case: Case) -> None:
    """Fails unless the actual value is what the case expects."""
    if isinstance(expected, dict) and "above" in expected:
        value = (actual - EPOCH) // timedelta(microseconds=1) if isinstance(actual, datetime) else actual
        holds = value > expected["above"]
    elif isinstance(expected, dict) and "contains" in expected:
        holds = expected["contains"] in actual
    elif isinstance(expected, dict) and "any" in expected:
        holds = actual is not None
    elif isinstance(expected, dict) and "hex" in expected:
        holds = actual == bytes.fromhex(expected["hex"])
    elif isinstance(expected, dict):
        for key, value in expected.items():
            found = actual[key] if isinstance(actual, dict) else getattr(actual, python_name(key))
            compare(f"{what}.{key}", found, value, case)
        return
    elif isinstance(actual, UUID) or (actual is None and isinstance(expected, str)):
        holds = actual == id_of(expected, case.saved)
    elif isinstance(actual, datetime) or (actual is None and isinstance(expected, int)):
        holds = actual == time_of(expected)
    elif isinstance(actual, date):
        holds = actual == date_of(expected)
    elif isinstance(actual, (list, tuple)):
        if len(actual) != len(expected):
            raise Failure(f"{what} are {len(actual)}, not {len(expected)}")
        for index, (one, other) in enumerate(zip(actual, expected)):
            compare(f"{what}[{index}]", one, other, case)
        return
    elif isinstance(actual, bytes):
        holds = actual == expected.encode() or actual.hex() == expected
    elif isinstance(actual, bool):
        holds = actual == bool(expected)
    elif isinstance(actual, int):
        holds = actual == (int(expected) if isinstance(expected, str) and expected.lstrip("-").isdigit() else number(expected))
    else:
        holds = actual == expected
    if not holds:
        raise Failure(f"{what} is {actual!r}, not {expected!r}")


def overall(answers: dict[str, Any]) -> int:
    """The status that C would return: the worst of the items."""
    items = answers.get("results") or answers.get("balances") or answers.get("records") or [answers.get("result")]
    # A schedule's status says how it ended, not whether the question was answered.
    statuses = [getattr(item, "status", 0) for item in items if not isinstance(item, qenex.ScheduleRecord)]
    return int(any(status != 0 for status in statuses))


def run_step(case: Case, step: dict[str, Any]) -> None:
    name, given, expect = step["call"], dict(step.get("with", {})), step.get("expect", {})
    wanted = API["constants"][expect.get("status", "QENEX_OK")]
    answers: dict[str, Any] = {}
    try:
        if name == "qenex_open":
            case.engines[step["as"]] = open_engine(case, given)
            case.last_engine = step["as"]
        elif name == "qenex_session_open":
            opened = case.engine(given).session(given["principal"], given.get("on_behalf_of", ""))
            case.sessions[step["as"]] = opened
            case.last_session = step["as"]
        else:
            if name == "qenex_collect":
                given["tags"] = [completion["tag"] for completion in expect.get("completions", [])]
                given["wanted"] = len(given["tags"])
            answers = CALLS[name](case, given)
    except qenex.QenexError as error:
        if error.status != wanted:
            raise Failure(f"{error}, not {expect.get('status', 'QENEX_OK')}") from error
        wants = expect.get("error", {})
        if "item" in wants and (-1 if error.item is None else error.item) != wants["item"]:
            raise Failure(f"the error's item is {error.item}") from error
        if wants.get("message", "") not in error.message or len(error.message) < 8:
            raise Failure(f"the error's message is '{error.message}'") from error
        if "sqlite" in wants and error.sqlite_code != wants["sqlite"]:
            raise Failure(f"the error's code of SQLite is {error.sqlite_code}") from error
        return
    status = answers.pop("status", overall(answers))
    if name in API["functions"] and API["functions"][name]["fallible"] and status != wanted:
        raise Failure(f"the status is {status}, not {wanted}")
    for key, value in step.get("save", {}).items():
        case.saved[key] = answers[value]
    for key, value in expect.items():
        if key in ("status", "error"):
            continue
        if key == "count":
            compare(key, len(answers["records"]), value, case)
        elif key == "cursor":
            compare(key, answers["cursor"] is not None, value, case)
        else:
            compare(key, answers[key], value, case)


def main() -> int:
    given = json.loads((ROOT / "given.json").read_text())
    passed = failed = skipped = 0
    for path in sorted((ROOT / "cases").glob("*.json")):
        for entry in json.loads(path.read_text()):
            if entry.get("raw"):
                skipped += 1
                print("skip", entry["case"])
                continue
            with tempfile.TemporaryDirectory() as folder:
                case = Case(folder)
                steps = given.get(entry.get("given"), []) + entry["steps"]
                try:
                    for index, step in enumerate(steps):
                        try:
                            run_step(case, step)
                        except (Failure, KeyError, AttributeError, TypeError, ValueError) as error:
                            raise Failure(f"step {index}, {step['call']}: {error!r}") from error
                    case.end()
                    passed += 1
                    print("ok  ", entry["case"])
                except Failure as failure:
                    failed += 1
                    print("FAIL", entry["case"], failure, file=sys.stderr)
                    try:
                        case.end()
                    except Failure:
                        pass
                    _callbacks.kept.clear()
    missing = set(API["functions"]) - set(CALLS) - {"qenex_open", "qenex_session_open"}
    missing = {name for name in missing if not name.startswith(("qenex_error_", "qenex_buffer_"))}
    if missing:
        print("the runner does not know", sorted(missing), file=sys.stderr)
        failed += 1
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return int(failed != 0 or passed == 0)


if __name__ == "__main__":
    sys.exit(main())
