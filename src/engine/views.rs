//! The published views `v1_*`: what an auditor or a reporting tool reads with any SQLite. They are exact at any
//! commit, whether caches were written or not. Amounts of narrow assets are integers of minor units, those of wide
//! assets are decimal text; dates are ISO 8601 text, times microseconds since 1970.

use crate::ledger::balance::PAGE_BALANCES;

/// The statements that create all views.
pub fn all() -> String {
    let mut sql = String::new();
    for (name, select) in views() {
        sql.push_str(&format!("CREATE VIEW {name} AS {select};\n"));
    }
    sql
}

/// A number column of an asset that may be wide: integers as they are, 16 bytes as decimal text.
pub(super) fn number(column: &str) -> String {
    let base = "100000000000000";
    let digit = format!("instr('0123456789ABCDEF', substr(hex({column}), i, 1)) - 1");
    let low = format!("c * 16 + {digit}");
    format!(
        "CASE typeof({column}) WHEN 'blob' THEN (WITH RECURSIVE d(i, a, b, c) AS (SELECT 1, 0, 0, 0 UNION ALL \
         SELECT i + 1, a * 16 + (b * 16 + ({low}) / {base}) / {base}, (b * 16 + ({low}) / {base}) % {base}, \
         ({low}) % {base} FROM d WHERE i <= 32) SELECT coalesce(nullif(ltrim(printf('%d%014d%014d', a, b, c), '0'), ''), \
         '0') FROM d WHERE i = 33) ELSE {column} END"
    )
}

/// A sum of which the billions and the rest were summed apart: each balance fits into 63 bits, not always their sum,
/// which is text then.
fn total(billions: &str, rest: &str) -> String {
    format!(
        "CASE WHEN abs({billions} + ({rest}) / 1000000000) < 9223372036 THEN ({billions}) * 1000000000 + ({rest}) ELSE \
         printf('%d%09d', {billions} + ({rest}) / 1000000000, abs(({rest}) % 1000000000)) END"
    )
}

pub(super) fn date(column: &str) -> String {
    format!("date({column} * 86400, 'unixepoch')")
}

pub(super) fn uuid(column: &str) -> String {
    format!("lower(hex({column}))")
}

fn views() -> Vec<(&'static str, String)> {
    let amount = number("t.amount");
    let (booking, value) = (
        date("t.booking_date"),
        date("coalesce(t.value_date, t.booking_date)"),
    );
    vec![
        (
            "v1_entities",
            format!(
                "SELECT number AS entity, {} AS id, name, functional_currency, time_zone, {} AS business_date, \
                 follows_clock, {} AS closed_through, nullif(calendar, 0) AS calendar, dormant_after, \
                 {} AS sealed_through, {} AS sealing FROM entity",
                uuid("id"),
                date("business_date"),
                date("closed_through"),
                date("sealed_through"),
                date("sealing")
            ),
        ),
        ("v1_assets", "SELECT number AS asset, code, scale, kind, wide FROM asset".into()),
        (
            "v1_accounts",
            format!(
                "SELECT number AS account, {} AS id, entity, {} AS kind, \
                 flags, flags & 512 != 0 AS debit_blocked, flags & 1024 != 0 AS credit_blocked, \
                 flags & 2048 != 0 AS closed, nullif(asset, 0) AS asset, parent, name, gl_code, branch, cost_centre, \
                 product, owner, seq, opened_at, flags & 4 != 0 AS customer, flags & 8192 != 0 AS dormant FROM account",
                uuid("id"),
                account_kind()
            ),
        ),
        (
            "v1_account_numbers",
            "SELECT account, type, number, valid_from, valid_to, seq, expires_at FROM account_number".into(),
        ),
        (
            "v1_account_limits",
            "SELECT account, asset, CASE kind WHEN 1 THEN 'overdraft' WHEN 2 THEN 'minimum' WHEN 3 THEN 'maximum' END \
             AS kind, amount, expires_at FROM account_limit"
                .into(),
        ),
        (
            "v1_transfers",
            format!(
                "SELECT t.seq, {} AS id, t.time, p.name AS actor, b.name AS on_behalf_of, t.debit AS debit_account, \
                 t.credit AS credit_account, t.asset, {amount} AS amount, {booking} AS booking_date, \
                 {value} AS value_date, t.code, t.flags, {} AS transaction_id, t.hold AS hold_seq, \
                 t.reverses AS reverses_seq, t.recovery AS recovery_account, t.user_data_long, t.user_data_short, \
                 t.end_to_end_reference, t.reference, t.narrative, t.metadata, t.source_system, t.rate_coefficient, t.rate_scale, t.rate_source, \
                 t.functional_amount FROM transfer t LEFT JOIN principal p ON p.number = t.actor \
                 LEFT JOIN principal b ON b.number = t.on_behalf_of",
                uuid("t.id"),
                uuid("coalesce(t.transaction_id, t.id)")
            ),
        ),
        (
            "v1_postings",
            format!(
                "SELECT t.seq, t.debit AS account, 'debit' AS side, t.credit AS counterparty, t.asset, \
                 {amount} AS amount, {booking} AS booking_date, {value} AS value_date, t.flags & 16 != 0 AS storno \
                 FROM transfer t UNION ALL SELECT t.seq, t.credit, 'credit', t.debit, t.asset, {amount}, {booking}, {value}, \
                 t.flags & 16 != 0 FROM transfer t"
            ),
        ),
        (
            "v1_holds",
            format!(
                "SELECT seq, {} AS id, debit AS debit_account, nullif(credit, 0) AS credit_account, asset, {} AS amount, \
                 {} AS remaining, {} AS captured, CASE kind WHEN 1 THEN 'authorisation' WHEN 2 THEN 'lien' WHEN 3 THEN \
                 'uncleared_funds' WHEN 4 THEN 'pledge' END AS kind, priority, CASE state WHEN 1 THEN 'active' WHEN 2 \
                 THEN 'captured' WHEN 3 THEN 'released' WHEN 4 THEN 'expired' END AS state, expires_at, reason FROM hold",
                uuid("id"),
                number("amount"),
                number("remaining"),
                number("captured")
            ),
        ),
        ("v1_balances", balances()),
        (
            "v1_trial_balance",
            format!(
                "SELECT a.entity, b.asset, {} AS debits, {} AS credits, {} AS difference FROM v1_balances b \
                 JOIN account a ON a.number = b.account JOIN asset s ON s.number = b.asset WHERE s.wide = 0 \
                 GROUP BY a.entity, b.asset",
                total("sum(b.debits_posted / 1000000000)", "sum(b.debits_posted % 1000000000)"),
                total("sum(b.credits_posted / 1000000000)", "sum(b.credits_posted % 1000000000)"),
                total(
                    "sum(b.debits_posted / 1000000000 - b.credits_posted / 1000000000)",
                    "sum(b.debits_posted % 1000000000 - b.credits_posted % 1000000000)"
                )
            ),
        ),
        (
            "v1_changes",
            format!(
                "SELECT c.seq, c.time, p.name AS actor, CASE c.kind {} END AS kind, {} AS key, c.content FROM change c \
                 LEFT JOIN principal p ON p.number = c.actor UNION ALL SELECT t.seq, t.time, p.name, 'transfer', {}, NULL \
                 FROM transfer t LEFT JOIN principal p ON p.number = t.actor",
                kinds(),
                uuid("c.key"),
                uuid("t.id")
            ),
        ),
        (
            "v1_host_records",
            "SELECT namespace, record, version, value, seq FROM host_record WHERE value IS NOT NULL".into(),
        ),
        (
            "v1_positions",
            format!(
                "SELECT entity, asset, account, rounding AS rounding_account, amount, carried, rate_coefficient, \
                 rate_scale, rate_source, {} AS revalued FROM position",
                date("revalued")
            ),
        ),
        (
            "v1_accruals",
            "SELECT account, name, asset, value, posted FROM accrual".into(),
        ),
        (
            "v1_statements",
            format!(
                "SELECT account, asset, number, {} AS key, seq, time, {} AS last_day, by_value, collapsed, \
                 opening_debits, opening_credits, closing_debits, closing_credits FROM statement",
                uuid("key"),
                date("last_day")
            ),
        ),
        (
            "v1_gl_codes",
            format!("SELECT entity, code, name, {} AS kind, control FROM gl_code", account_kind()),
        ),
        (
            "v1_gl_assignments",
            format!(
                "SELECT account, {} AS first_day, code, contrary_code FROM gl_assignment",
                date("first_day")
            ),
        ),
        (
            "v1_imported",
            "SELECT i.seq, i.original_time, t.flags & 4194304 != 0 AS opening FROM imported i \
             JOIN transfer t ON t.seq = i.seq"
                .into(),
        ),
        (
            "v1_import_balances",
            "SELECT account, asset, opening_debits, opening_credits, proved FROM import_balance".into(),
        ),
        (
            "v1_retention",
            format!(
                "SELECT account, class, {} AS until, legal_hold, reason, authority, seq FROM retention",
                date("until")
            ),
        ),
    ]
    .into_iter()
    .chain(super::day_views::all())
    .collect()
}

fn account_kind() -> &'static str {
    "CASE kind WHEN 1 THEN 'asset' WHEN 2 THEN 'liability' WHEN 3 THEN 'equity' WHEN 4 THEN 'income' WHEN 5 THEN \
     'expense' WHEN 6 THEN 'memorandum' END"
}

fn kinds() -> String {
    use crate::tx::ChangeKind;
    let mut cases = String::new();
    for number in 0..128 {
        let name = ChangeKind(number).name();
        if name != "unknown" {
            cases.push_str(&format!("WHEN {number} THEN '{name}' "));
        }
    }
    cases
}

/// Balances: what the pages hold, plus the events since each page was written. Pages of wide balances are written
/// with each commit that changes them, so that nothing needs to be added to text.
fn balances() -> String {
    "WITH page AS (SELECT p.page, p.seq, e.key AS slot, e.value AS fields FROM balance_page p, json_each(p.balances) e), \
     known AS (SELECT b.number, b.account, b.asset, coalesce(p.seq, 0) AS page_seq, \
       coalesce(json_extract(p.fields, '$[5]'), 0) AS debits_posted, \
       coalesce(json_extract(p.fields, '$[6]'), 0) AS credits_posted, \
       coalesce(json_extract(p.fields, '$[7]'), 0) AS debits_pending, \
       coalesce(json_extract(p.fields, '$[8]'), 0) AS credits_pending \
       FROM account_balance b LEFT JOIN page p ON p.page = b.number / {PAGE} AND p.slot = b.number % {PAGE}), \
     start AS (SELECT replay_from FROM commit_state), \
     recent AS (SELECT t.seq, t.debit AS account, t.asset, t.amount AS debit, 0 AS credit, -coalesce(t.unheld, 0) AS \
       debit_pending, 0 AS credit_pending FROM transfer t WHERE t.seq >= (SELECT replay_from FROM start) UNION ALL \
       SELECT t.seq, t.credit, t.asset, 0, t.amount, 0, CASE WHEN t.flags & 8192 != 0 THEN -coalesce(t.unheld, 0) ELSE 0 \
       END FROM transfer t WHERE t.seq >= (SELECT replay_from FROM start) UNION ALL \
       SELECT h.seq, h.debit, h.asset, 0, 0, h.change, 0 FROM hold_event h WHERE h.seq >= (SELECT replay_from FROM start) \
       UNION ALL SELECT h.seq, h.credit, h.asset, 0, 0, 0, h.change FROM hold_event h \
       WHERE h.credit != 0 AND h.seq >= (SELECT replay_from FROM start)), \
     added AS (SELECT b.number, sum(r.debit) AS debit, sum(r.credit) AS credit, sum(r.debit_pending) AS debit_pending, \
       sum(r.credit_pending) AS credit_pending FROM recent r JOIN asset s ON s.number = r.asset AND s.wide = 0 \
       JOIN account_balance b ON b.account = r.account AND b.asset = r.asset \
       LEFT JOIN balance_page p ON p.page = b.number / {PAGE} WHERE r.seq > coalesce(p.seq, 0) GROUP BY b.number) \
     SELECT k.account, k.asset, \
       CASE WHEN n.number IS NULL THEN k.debits_posted ELSE k.debits_posted + n.debit END AS debits_posted, \
       CASE WHEN n.number IS NULL THEN k.credits_posted ELSE k.credits_posted + n.credit END AS credits_posted, \
       CASE WHEN n.number IS NULL THEN k.debits_pending ELSE k.debits_pending + n.debit_pending END AS debits_pending, \
       CASE WHEN n.number IS NULL THEN k.credits_pending ELSE k.credits_pending + n.credit_pending END AS credits_pending \
     FROM known k LEFT JOIN added n ON n.number = k.number"
        .replace("{PAGE}", &PAGE_BALANCES.to_string())
}
