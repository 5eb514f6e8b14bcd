//! What an account can give and take: available funds, overdrafts, minimum and maximum balances, holds counted.
//! The balance meant here is on the account's normal side.

use crate::base::time::Timestamp;
use crate::ledger::account::{Limit, LimitKind, flags};
use crate::ledger::balance::Turnovers;

/// The side of a posting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    Debit,
    Credit,
}

/// How much `side` can grow before its turnover, holds included, passes the other side's posted turnover.
pub fn room(turnovers: &Turnovers, side: Side) -> u128 {
    match side {
        Side::Debit => turnovers
            .credits_posted
            .saturating_sub(turnovers.debits_posted + turnovers.debits_pending),
        Side::Credit => turnovers
            .debits_posted
            .saturating_sub(turnovers.credits_posted + turnovers.credits_pending),
    }
}

/// Whether posting `amount` on `side` takes the account below what it may fall to.
pub fn shortfall(
    account_flags: u32,
    limits: &[Limit],
    asset: u32,
    now: Timestamp,
    turnovers: &Turnovers,
    side: Side,
    amount: u128,
) -> bool {
    let Some(floor) = floor(account_flags, limits, asset, now) else {
        return false;
    };
    let normal_debit = account_flags & flags::NORMAL_DEBIT != 0;
    let decreases = (side == Side::Debit) != normal_debit;
    decreases && available(account_flags, turnovers).saturating_sub_unsigned(amount) < floor
}

/// Whether the account's balance stays within its maximum when `amount` is posted on `side`.
pub fn check_increase(
    account_flags: u32,
    limits: &[Limit],
    asset: u32,
    now: Timestamp,
    turnovers: &Turnovers,
    side: Side,
    amount: u128,
) -> bool {
    let normal_debit = account_flags & flags::NORMAL_DEBIT != 0;
    if (side == Side::Debit) != normal_debit {
        return true;
    }
    let Some(maximum) = in_force(limits, asset, now, LimitKind::Maximum) else {
        return true;
    };
    let (increase, decrease) = match side {
        Side::Debit => (
            turnovers.debits_posted + turnovers.debits_pending,
            turnovers.credits_posted,
        ),
        Side::Credit => (
            turnovers.credits_posted + turnovers.credits_pending,
            turnovers.debits_posted,
        ),
    };
    (increase as i128 - decrease as i128).saturating_add_unsigned(amount) <= maximum
}

/// The balance on the normal side less what is held against it.
pub fn available(account_flags: u32, turnovers: &Turnovers) -> i128 {
    if account_flags & flags::NORMAL_DEBIT != 0 {
        turnovers.posted() - turnovers.credits_pending as i128
    } else {
        -turnovers.posted() - turnovers.debits_pending as i128
    }
}

/// The least balance that the account may have; `None`: no limit.
pub fn floor(account_flags: u32, limits: &[Limit], asset: u32, now: Timestamp) -> Option<i128> {
    let mut floor = (account_flags & flags::NO_OVERDRAFT != 0).then_some(0);
    if let Some(overdraft) = in_force(limits, asset, now, LimitKind::Overdraft) {
        floor = Some(-overdraft);
    }
    if let Some(minimum) = in_force(limits, asset, now, LimitKind::Minimum) {
        floor = Some(floor.map_or(minimum, |floor| floor.max(minimum)));
    }
    floor
}

fn in_force(limits: &[Limit], asset: u32, now: Timestamp, kind: LimitKind) -> Option<i128> {
    limits
        .iter()
        .find(|limit| {
            limit.asset == asset
                && limit.kind == kind
                && limit.expires_at.is_none_or(|end| end > now)
        })
        .map(|limit| limit.amount)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn turnovers(debits: u128, credits: u128, held: u128) -> Turnovers {
        Turnovers {
            debits_posted: debits,
            credits_posted: credits,
            debits_pending: held,
            credits_pending: 0,
        }
    }

    fn limit(kind: LimitKind, amount: i128, expires_at: Option<i64>) -> Limit {
        Limit {
            asset: 840,
            kind,
            amount,
            expires_at: expires_at.map(Timestamp::from_micros),
        }
    }

    #[test]
    fn holds_count_in_the_funds_check() {
        let now = Timestamp::from_micros(100);
        let state = turnovers(0, 100, 40);
        assert!(!shortfall(
            flags::NO_OVERDRAFT,
            &[],
            840,
            now,
            &state,
            Side::Debit,
            60
        ));
        assert!(shortfall(
            flags::NO_OVERDRAFT,
            &[],
            840,
            now,
            &state,
            Side::Debit,
            61
        ));
        assert!(
            !shortfall(0, &[], 840, now, &state, Side::Debit, 1_000),
            "no limit was set"
        );
        assert!(
            !shortfall(
                flags::NO_OVERDRAFT,
                &[],
                840,
                now,
                &state,
                Side::Credit,
                1_000
            ),
            "credits add"
        );
    }

    #[test]
    fn an_overdraft_counts_until_it_expires() {
        let state = turnovers(0, 100, 0);
        let limits = [limit(LimitKind::Overdraft, 50, Some(200))];
        let short = |now, amount| {
            let now = Timestamp::from_micros(now);
            shortfall(
                flags::NO_OVERDRAFT | flags::LIMITED,
                &limits,
                840,
                now,
                &state,
                Side::Debit,
                amount,
            )
        };
        assert!(!short(199, 150));
        assert!(short(199, 151));
        assert!(short(200, 101));
        assert!(!short(200, 100));
    }

    #[test]
    fn a_maximum_counts_what_is_pending() {
        let now = Timestamp::from_micros(1);
        let limits = [limit(LimitKind::Maximum, 100, None)];
        let state = Turnovers {
            credits_posted: 50,
            credits_pending: 30,
            ..Turnovers::default()
        };
        assert!(check_increase(
            0,
            &limits,
            840,
            now,
            &state,
            Side::Credit,
            20
        ));
        assert!(!check_increase(
            0,
            &limits,
            840,
            now,
            &state,
            Side::Credit,
            21
        ));
        assert!(
            check_increase(0, &limits, 840, now, &state, Side::Debit, 1_000),
            "debits take away"
        );
        assert!(
            check_increase(0, &limits, 978, now, &state, Side::Credit, 21),
            "another asset"
        );
    }

    #[test]
    fn debit_normal_accounts_mirror() {
        let now = Timestamp::from_micros(1);
        let state = turnovers(100, 0, 0);
        let cash = flags::NORMAL_DEBIT | flags::NO_OVERDRAFT;
        assert!(!shortfall(cash, &[], 840, now, &state, Side::Credit, 100));
        assert!(shortfall(cash, &[], 840, now, &state, Side::Credit, 101));
        assert_eq!(room(&state, Side::Credit), 100);
        assert_eq!(room(&state, Side::Debit), 0);
    }
}
