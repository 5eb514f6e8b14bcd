//! The published views `v1_*` of days and the life of accounts; see [`super::views`], which creates them.

use super::views::{date, number, uuid};

/// Their names and selects.
pub(super) fn all() -> Vec<(&'static str, String)> {
    vec![
        (
            "v1_calendars",
            "SELECT number AS calendar, code, weekend, seq FROM calendar".into(),
        ),
        (
            "v1_holidays",
            format!(
                "SELECT calendar, {} AS day FROM calendar_holiday",
                date("day")
            ),
        ),
        (
            "v1_business_days",
            format!(
                "SELECT entity, {} AS day, seq FROM business_day",
                date("day")
            ),
        ),
        (
            "v1_periods",
            format!(
                "SELECT seq, entity, {} AS through, time FROM period",
                date("through")
            ),
        ),
        (
            "v1_day_ends",
            format!(
                "SELECT entity, {} AS day, begun AS begun_seq, nullif(sealed, 0) AS sealed_seq, \
                 CASE sealed WHEN 0 THEN next_account END AS next_account FROM day_end",
                date("day")
            ),
        ),
        ("v1_daily_balances", daily_balances()),
        (
            "v1_corrections",
            format!(
                "SELECT c.seq, c.transfer AS transfer_seq, c.entity, t.debit AS debit_account, t.credit AS credit_account, \
                 t.asset, {} AS amount, {} AS booking_date, {} AS value_date, {} AS first_day, {} AS last_day \
                 FROM correction c JOIN transfer t ON t.seq = c.transfer",
                number("t.amount"),
                date("t.booking_date"),
                date("coalesce(t.value_date, t.booking_date)"),
                date("c.first_day"),
                date("c.last_day")
            ),
        ),
        (
            "v1_year_ends",
            format!(
                "SELECT entity, {} AS through, retained AS retained_account, begun AS begun_seq, done, \
                 CASE done WHEN 0 THEN next_account END AS next_account FROM year_end",
                date("through")
            ),
        ),
        (
            "v1_scheduled_transfers",
            format!(
                "SELECT seq, {} AS key, {} AS transfer_id, entity, debit AS debit_account, credit AS credit_account, asset, \
                 {} AS amount, {} AS booking_date, CASE state WHEN 1 THEN 'waiting' WHEN 2 THEN 'booked' WHEN 3 THEN \
                 'refused' WHEN 4 THEN 'cancelled' END AS state, nullif(status, 0) AS status, nullif(ended, 0) AS ended_seq \
                 FROM scheduled_transfer",
                uuid("key"),
                uuid("transfer_id"),
                number("amount"),
                date("booking_date")
            ),
        ),
        (
            "v1_account_owners",
            format!(
                "SELECT account, owner, role, valid_from, valid_to, seq, {} AS key FROM account_owner",
                uuid("key")
            ),
        ),
        (
            "v1_account_blocks",
            "SELECT b.account, CASE b.side WHEN 1 THEN 'debit' WHEN 2 THEN 'credit' END AS side, b.reason, b.authority, \
             p.name AS set_by, b.time AS set_at, b.seq, l.seq AS lifted_seq, l.time AS lifted_at, \
             q.name AS lifted_by, l.reason AS lift_reason, l.authority AS lift_authority FROM account_block b \
             LEFT JOIN account_block l ON l.seq = (SELECT min(n.seq) FROM account_block n WHERE n.account = b.account \
             AND n.side = b.side AND n.seq > b.seq) LEFT JOIN principal p ON p.number = b.actor \
             LEFT JOIN principal q ON q.number = l.actor WHERE b.is_set"
                .into(),
        ),
        (
            "v1_dormant_accounts",
            format!(
                "SELECT a.number AS account, {} AS last_movement, {} AS dormant_since FROM account a \
                 JOIN account_activity x ON x.account = a.number WHERE a.flags & 8192 != 0",
                date("x.active"),
                date("x.dormant_since")
            ),
        ),
        (
            "v1_turnovers",
            "SELECT account, p.asset, booking_date, sum(CASE WHEN (side = 'debit') != storno THEN \
             CASE WHEN storno THEN -amount ELSE amount END ELSE 0 END) AS debits, \
             sum(CASE WHEN (side = 'credit') != storno THEN CASE WHEN storno THEN -amount ELSE amount END ELSE 0 END) \
             AS credits FROM v1_postings p JOIN asset s ON s.number = p.asset WHERE s.wide = 0 \
             GROUP BY account, p.asset, booking_date"
                .into(),
        ),
        (
            "v1_forced_transfers",
            "SELECT * FROM v1_transfers WHERE flags & 2048 != 0".into(),
        ),
    ]
}

/// Sealed balances, and what they are by now: the corrections that came after the seal are added, for narrow assets.
fn daily_balances() -> String {
    let later = |side: &str| {
        format!(
            "CASE typeof(d.{side}s) WHEN 'integer' THEN d.{side}s + coalesce((SELECT sum(t.amount) FROM correction c \
             JOIN transfer t ON t.seq = c.transfer WHERE t.{side} = d.account AND t.asset = d.asset \
             AND t.booking_date <= d.day AND t.seq > d.seq), 0) END"
        )
    };
    format!(
        "SELECT d.account, d.asset, {} AS day, d.seq, {} AS debits_sealed, {} AS credits_sealed, {} AS debits_now, \
         {} AS credits_now FROM daily_balance d",
        date("d.day"),
        number("d.debits"),
        number("d.credits"),
        later("debit"),
        later("credit")
    )
}
