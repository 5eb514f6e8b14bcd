//! What happens to holds: placed, increased, captured, released, expired. Each changes what is pending on the
//! balances it touches and enters their chains, so that a balance as of any sequence number includes its holds.

use crate::base::error::Result;
use crate::base::id::Id;
use crate::base::status::Status;
use crate::ledger::account::flags as account_flags;
use crate::ledger::accounts::{Account, AccountSlot};
use crate::ledger::balance::Turnovers;
use crate::ledger::command::{
    AccountRef, Command, HoldCapture, HoldIncrease, HoldPlace, HoldRelease,
};
use crate::ledger::funds::{Side, shortfall};
use crate::ledger::hold::{Hold, HoldState, active_holds_below};
use crate::ledger::outcome::Outcome;
use crate::ledger::posting::Posting;
use crate::ledger::state::{Ledger, Services};
use crate::ledger::transfer::{
    Checked, Parties, check_details, check_text, flags as transfer_flags, given, positive,
    refuse_unless,
};
use crate::ledger::write::HoldEventRow;
use crate::tx::{ChangeKind, Context, KeySpace};

const REASON_LENGTH: usize = 256;

impl Ledger {
    pub(super) fn place_hold(
        &mut self,
        services: &mut Services<'_>,
        context: &Context,
        command: &Command<'_>,
        place: &HoldPlace<'_>,
    ) -> Result<Checked<Outcome>> {
        let amount = refuse_unless!(positive(place.amount.minor(), false));
        refuse_unless!(check_text(place.reason, REASON_LENGTH));
        if crate::base::card_number::is_in(place.reason) {
            return Ok(Err(Status::CARD_NUMBER_IN_REASON));
        }
        if place.expires_at.is_some_and(|end| end <= context.time) {
            return Ok(Err(Status::EXPIRY_IN_THE_PAST));
        }
        let Some(asset) = self.asset(place.asset).cloned() else {
            return Ok(Err(Status::ASSET_UNKNOWN));
        };
        if amount > asset.maximum() {
            return Ok(Err(Status::AMOUNT_OVERFLOW));
        }
        let Some(debit) = self.locate(services, &place.debit)? else {
            return Ok(Err(Status::DEBIT_ACCOUNT_UNKNOWN));
        };
        let mut credit = None;
        if let Some(account) = &place.credit {
            let parties =
                refuse_unless!(self.parties(services, &place.debit, account, place.asset)?);
            if parties.credit_account.flags & account_flags::CLOSED != 0 {
                return Ok(Err(Status::CREDIT_ACCOUNT_CLOSED));
            }
            credit = Some((parties.credit, parties.credit_account));
        }
        let account = *self.account(debit)?;
        if account.asset != 0 && account.asset != place.asset {
            return Ok(Err(Status::ASSET_NOT_ALLOWED));
        }
        refuse_unless!(self.may_hold(
            services,
            context,
            debit,
            &account,
            place.asset,
            amount,
            place.force
        )?);
        if let Some((slot, _)) = &credit {
            refuse_unless!(self.may_await(services, *slot, place.asset, amount)?);
        }
        let sequence = self.record(services, context, ChangeKind::HOLD_PLACED, command, None);
        let hold = Hold {
            sequence,
            id: place.id,
            debit: account.number,
            credit: credit.as_ref().map_or(0, |(_, account)| account.number),
            asset: place.asset,
            wide: asset.wide,
            amount,
            remaining: amount,
            captured: 0,
            kind: place.kind,
            priority: place.priority,
            state: HoldState::Active,
            expires_at: place.expires_at,
            reason: place.reason.to_owned(),
            user_data: place.user_data,
        };
        self.change_pending(services, context, sequence, hold, amount as i128, place.id)
    }

    pub(super) fn increase_hold(
        &mut self,
        services: &mut Services<'_>,
        context: &Context,
        command: &Command<'_>,
        increase: &HoldIncrease,
    ) -> Result<Checked<Outcome>> {
        let amount = refuse_unless!(positive(increase.amount.minor(), false));
        let mut hold = refuse_unless!(self.active_hold(services, &increase.hold)?);
        let maximum = if hold.wide {
            i128::MAX as u128
        } else {
            i64::MAX as u128
        };
        if amount > maximum {
            return Ok(Err(Status::AMOUNT_OVERFLOW));
        }
        let Some(debit) = self.locate_number(services.reader, hold.debit)? else {
            return Ok(Err(Status::DEBIT_ACCOUNT_UNKNOWN));
        };
        let account = *self.account(debit)?;
        refuse_unless!(self.may_hold(
            services,
            context,
            debit,
            &account,
            hold.asset,
            amount,
            increase.force
        )?);
        if hold.credit != 0
            && let Some(credit) = self.locate_number(services.reader, hold.credit)?
        {
            refuse_unless!(self.may_await(services, credit, hold.asset, amount)?);
        }
        hold.amount += amount;
        hold.remaining += amount;
        let sequence = self.record(services, context, ChangeKind::HOLD_INCREASED, command, None);
        self.change_pending(
            services,
            context,
            sequence,
            hold,
            amount as i128,
            increase.key,
        )
    }

    pub(super) fn release_hold(
        &mut self,
        services: &mut Services<'_>,
        context: &Context,
        command: &Command<'_>,
        release: &HoldRelease,
    ) -> Result<Checked<Outcome>> {
        let mut hold = refuse_unless!(self.active_hold(services, &release.hold)?);
        let sequence = self.record(services, context, ChangeKind::HOLD_RELEASED, command, None);
        let rest = hold.remaining;
        hold.remaining = 0;
        hold.state = HoldState::Released;
        self.change_pending(
            services,
            context,
            sequence,
            hold,
            -(rest as i128),
            release.key,
        )
    }

    /// Ends every hold that expires at or before the command's time, oldest first; each is a change of its own.
    pub fn expire_holds(&mut self, services: &mut Services<'_>, context: &Context) -> Result<()> {
        while let Some(expiry) = self
            .expiries
            .due(services.reader, &self.holds, context.time)?
        {
            let Some(mut hold) = self.hold_by_sequence(services.reader, expiry.1)? else {
                self.expiries.remove(&expiry);
                continue;
            };
            let release = HoldRelease {
                key: Id::NONE,
                hold: hold.id,
            };
            let command = Command::HoldRelease(release);
            let sequence = self.record(services, context, ChangeKind::HOLD_EXPIRED, &command, None);
            let rest = hold.remaining;
            hold.remaining = 0;
            hold.state = HoldState::Expired;
            let key = Id::NONE;
            // An expiry is never refused: it only frees what was pending.
            let _ = self.change_pending(services, context, sequence, hold, -(rest as i128), key)?;
        }
        Ok(())
    }

    pub(super) fn capture_hold(
        &mut self,
        services: &mut Services<'_>,
        context: &Context,
        capture: &HoldCapture<'_>,
    ) -> Result<Checked<Outcome>> {
        refuse_unless!(check_details(&capture.details));
        let mut hold = refuse_unless!(self.active_hold(services, &capture.hold)?);
        let amount = match capture.amount {
            Some(amount) => refuse_unless!(positive(amount.minor(), false)),
            None => hold.remaining,
        };
        if amount > hold.remaining && !capture.force {
            return Ok(Err(Status::CAPTURE_ABOVE_HOLD));
        }
        let debit = AccountRef::Id(refuse_unless!(self.id_of(services, hold.debit)?));
        let named = match &capture.credit {
            Some(account) => match self.locate(services, account)? {
                Some(slot) => Some(self.account(slot)?.number),
                None => return Ok(Err(Status::CREDIT_ACCOUNT_UNKNOWN)),
            },
            None => None,
        };
        let credit = match (named, hold.credit) {
            (None, 0) => return Ok(Err(Status::HOLD_COUNTERPARTY_NEEDED)),
            (Some(named), expected) if expected != 0 && named != expected => {
                return Ok(Err(Status::HOLD_COUNTERPARTY_DIFFERS));
            }
            (Some(named), _) => named,
            (None, expected) => expected,
        };
        let credit = AccountRef::Id(refuse_unless!(self.id_of(services, credit)?));
        let parties = refuse_unless!(self.parties(services, &debit, &credit, hold.asset)?);
        if amount > parties.maximum {
            return Ok(Err(Status::AMOUNT_OVERFLOW));
        }
        let dates = refuse_unless!(self.dates(&parties, capture.booking_date, capture.value_date));
        let unheld = if capture.last {
            hold.remaining
        } else {
            amount.min(hold.remaining)
        };
        let mut flags = transfer_flags::CAPTURE;
        if hold.credit != 0 {
            flags |= transfer_flags::CAPTURE_CREDIT;
        }
        flags |= given(capture.booking_date, capture.value_date);
        if capture.last {
            flags |= transfer_flags::CAPTURE_LAST;
        }
        if capture.force {
            flags |= transfer_flags::FORCE;
        }
        if amount > hold.remaining {
            flags |= transfer_flags::FORCED;
        }
        // What stays held by this very hold does not stand against its capture either.
        let yielding = self
            .yielding_holds(services, &parties, &hold)?
            .saturating_add(hold.remaining - unheld);
        let posting = Posting {
            id: capture.id,
            transaction: Id::NONE,
            code: capture.code,
            flags,
            user_data: capture.user_data,
            details: &capture.details,
            salted: false,
            requested: capture.amount.is_none().then_some(0),
            hold: hold.sequence,
            unheld,
            yielding,
            reverses: 0,
            recovery: 0,
        };
        let outcome =
            refuse_unless!(self.post(services, context, &parties, amount, dates, posting)?);
        if capture.booking_date.is_some() || capture.value_date.is_some() {
            self.note_correction(services, context, &parties, dates, outcome.sequence);
        }
        hold.remaining -= unheld;
        hold.captured += amount;
        if hold.remaining == 0 {
            hold.state = HoldState::Captured;
        }
        self.put_hold(hold);
        Ok(Ok(outcome))
    }

    /// What is set aside on the hold's account by holds of lower priority: it yields to a capture of this one.
    fn yielding_holds(
        &mut self,
        services: &mut Services<'_>,
        parties: &Parties,
        hold: &Hold,
    ) -> Result<u128> {
        const CHECKED: u32 = account_flags::NO_OVERDRAFT | account_flags::LIMITED;
        if hold.priority == 0 || parties.debit_account.flags & CHECKED == 0 {
            return Ok(0);
        }
        let mut sequences = active_holds_below(services.reader, hold.debit, hold.priority)?;
        sequences.extend(self.holds.undurable());
        sequences.sort_unstable();
        sequences.dedup();
        let mut sum = 0u128;
        for sequence in sequences {
            let other = self.hold_by_sequence(services.reader, sequence)?;
            let yields = other.filter(|other| {
                other.state == HoldState::Active
                    && (other.debit, other.asset) == (hold.debit, hold.asset)
                    && other.priority < hold.priority
            });
            sum = sum.saturating_add(yields.map_or(0, |other| other.remaining));
        }
        Ok(sum)
    }

    /// The hold with an id, if it is still active.
    pub(super) fn active_hold(
        &mut self,
        services: &mut Services<'_>,
        id: &Id,
    ) -> Result<Checked<Hold>> {
        Ok(match self.hold(services, id)? {
            None => Err(Status::HOLD_UNKNOWN),
            Some(hold) => match hold.state {
                HoldState::Active => Ok(hold),
                HoldState::Captured => Err(Status::HOLD_CAPTURED),
                HoldState::Released => Err(Status::HOLD_RELEASED),
                HoldState::Expired => Err(Status::HOLD_EXPIRED),
            },
        })
    }

    /// The hold with an id.
    pub fn hold(&mut self, services: &mut Services<'_>, id: &Id) -> Result<Option<Hold>> {
        let hash = services.keys.hash(KeySpace::Command, &id.0);
        for sequence in services.keys.find(services.reader, hash)?.to_vec() {
            if let Some(hold) = self.hold_by_sequence(services.reader, sequence as i64)?
                && hold.id == *id
            {
                return Ok(Some(hold));
            }
        }
        Ok(None)
    }

    fn id_of(&mut self, services: &mut Services<'_>, number: u64) -> Result<Checked<Id>> {
        Ok(match self.locate_number(services.reader, number)? {
            Some(slot) => Ok(self.account(slot)?.id),
            None => Err(Status::ACCOUNT_UNKNOWN),
        })
    }

    /// Whether `amount` more may be set aside on the account's debit side.
    #[allow(clippy::too_many_arguments)]
    fn may_hold(
        &mut self,
        services: &mut Services<'_>,
        context: &Context,
        slot: AccountSlot,
        account: &Account,
        asset: u32,
        amount: u128,
        force: bool,
    ) -> Result<Checked<()>> {
        if account.flags & account_flags::CLOSED != 0 {
            return Ok(Err(Status::DEBIT_ACCOUNT_CLOSED));
        }
        if account.flags & account_flags::DEBIT_BLOCKED != 0 {
            return Ok(Err(Status::DEBIT_BLOCKED));
        }
        if account.flags & account_flags::DORMANT != 0 {
            return Ok(Err(Status::DEBIT_DORMANT));
        }
        let number = self.balance_number(services.reader, slot, asset)?;
        let turnovers: Turnovers = number
            .map(|number| self.turnovers(number))
            .unwrap_or_default();
        let maximum = self.asset(asset).map_or(0, |asset| asset.maximum());
        if turnovers.debits_posted + turnovers.debits_pending + amount > maximum {
            return Ok(Err(Status::BALANCE_OVERFLOW));
        }
        let limits = self.limits_of(services.reader, account)?;
        let short = shortfall(
            account.flags,
            &limits,
            asset,
            context.time,
            &turnovers,
            Side::Debit,
            amount,
        );
        Ok(if short && !force {
            Err(Status::INSUFFICIENT_FUNDS)
        } else {
            Ok(())
        })
    }

    /// Whether `amount` more may become pending on the account's credit side.
    fn may_await(
        &mut self,
        services: &mut Services<'_>,
        slot: AccountSlot,
        asset: u32,
        amount: u128,
    ) -> Result<Checked<()>> {
        let number = self.balance_number(services.reader, slot, asset)?;
        let turnovers = number
            .map(|number| self.turnovers(number))
            .unwrap_or_default();
        let maximum = self.asset(asset).map_or(0, |asset| asset.maximum());
        Ok(
            if turnovers.credits_posted + turnovers.credits_pending + amount > maximum {
                Err(Status::BALANCE_OVERFLOW)
            } else {
                Ok(())
            },
        )
    }

    /// Adds `change` to what is pending on the hold's balances, enters the event, and keeps the hold.
    fn change_pending(
        &mut self,
        services: &mut Services<'_>,
        context: &Context,
        sequence: i64,
        hold: Hold,
        change: i128,
        key: Id,
    ) -> Result<Checked<Outcome>> {
        let mut outcome = Outcome::applied(sequence, context.time, key);
        outcome.amount = change.saturating_abs();
        let mut previous = [0i64; 2];
        for (side, number) in [hold.debit, hold.credit].into_iter().enumerate() {
            if number == 0 {
                continue;
            }
            let Some(slot) = self.locate_number(services.reader, number)? else {
                continue;
            };
            let balance = self.balance_for(services.reader, slot, hold.asset, sequence)?;
            let mut turnovers = self.turnovers(balance);
            let pending = if side == 0 {
                &mut turnovers.debits_pending
            } else {
                &mut turnovers.credits_pending
            };
            *pending = pending.saturating_add_signed(change);
            previous[side] = self.enter(balance, sequence, &turnovers, None, hold.wide);
            if side == 0 {
                outcome.debit = turnovers;
            } else {
                outcome.credit = turnovers;
            }
        }
        self.open.hold_events.push(HoldEventRow {
            sequence,
            hold: hold.sequence,
            debit: hold.debit,
            credit: hold.credit,
            asset: hold.asset,
            wide: hold.wide,
            change,
            debit_previous: previous[0],
            credit_previous: previous[1],
        });
        self.put_hold(hold);
        Ok(Ok(outcome))
    }
}
