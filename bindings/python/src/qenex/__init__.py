"""libqenex for Python: accounts, payments, holds and statements in one file inside this process.

    with qenex.Bank("bank.db", principal="teller") as bank:
        bank.create_account("ACC001", "USD", "250.00")
        bank.create_account("ACC002", "USD")
        bank.transfer("ACC001", "ACC002", "100.00", "USD")
        bank.get_balance("ACC001", "USD")      # Decimal('150.00')
"""

from ._books import IssuedStatement as IssuedStatement, JournalPage as JournalPage
from .constants import *  # noqa: F403
from .engine import (
    Bank as Bank,
    Completion as Completion,
    Engine as Engine,
    LogMessage as LogMessage,
    rebuild_caches as rebuild_caches,
    restore as restore,
    upgrade as upgrade,
)
from .errors import (
    Closed as Closed,
    IncompatibleLibrary as IncompatibleLibrary,
    InvalidInput as InvalidInput,
    NotFound as NotFound,
    QenexError as QenexError,
    Refused as Refused,
    TimedOut as TimedOut,
)
from .records import *  # noqa: F403
from .session import (
    Page as Page,
    Session as Session,
    key as key,
)
from .values import (
    abi_version as abi_version,
    add_amounts as add_amounts,
    add_days as add_days,
    allocate as allocate,
    compare_amounts as compare_amounts,
    currency as currency,
    currency_by_number as currency_by_number,
    format_amount as format_amount,
    format_date as format_date,
    format_id as format_id,
    format_time as format_time,
    has_feature as has_feature,
    new_id as new_id,
    now as now,
    parse_amount as parse_amount,
    parse_date as parse_date,
    parse_id as parse_id,
    parse_time as parse_time,
    status_explanation as status_explanation,
    status_name as status_name,
    subtract_amounts as subtract_amounts,
    to_decimal as to_decimal,
    to_minor as to_minor,
    version as version,
)
