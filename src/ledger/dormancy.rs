//! Dormancy: a customer's account that the customer has not moved for the entity's term is found by the end of a day,
//! refuses debits from then on, and comes back to life by a command that says on whose authority. Interest, fees and
//! reversals are no movements of the customer's.

use crate::base::error::Result;
use crate::base::id::Id;
use crate::base::status::Status;
use crate::base::time::Date;
use crate::ledger::account::{flags, length};
use crate::ledger::accounts::{Account, AccountSlot};
use crate::ledger::command::{AccountReactivate, Command};
use crate::ledger::day_state::{Activity, load_activity};
use crate::ledger::encoding::encode_dormant;
use crate::ledger::entity::Entity;
use crate::ledger::outcome::Outcome;
use crate::ledger::state::{Ledger, Services};
use crate::ledger::transfer::{Checked, check_text, refuse_unless};
use crate::tx::{ChangeKind, Context};

impl Ledger {
    /// Starts the term of a customer's account when it is opened or comes back to life.
    pub(super) fn start_activity(&mut self, account: u64, entity: u32, sequence: i64) {
        let Some(active) = self.entity(entity).map(|entity| entity.business_date) else {
            return;
        };
        let activity = Activity {
            active,
            checked: sequence,
            dormant_since: None,
        };
        self.days.activity.put(account, Some(activity));
    }

    /// Makes the account dormant if its term is over at the end of `day`.
    pub(super) fn detect_dormancy(
        &mut self,
        services: &mut Services<'_>,
        context: &Context,
        slot: AccountSlot,
        account: &Account,
        entity: &Entity,
        day: Date,
    ) -> Result<()> {
        const OUT: u32 = flags::DORMANT | flags::CLOSED;
        if entity.dormant_after == 0
            || account.flags & flags::CUSTOMER == 0
            || account.flags & OUT != 0
        {
            return Ok(());
        }
        let reader = services.reader;
        let Some(mut activity) = self
            .days
            .activity
            .get(&account.number, || load_activity(reader, account.number))?
            .cloned()
        else {
            return Ok(());
        };
        let over = |active: Date| active.days_until(day) >= i64::from(entity.dormant_after);
        if !over(activity.active) {
            return Ok(());
        }
        // Only now it is worth looking, at what came since it was looked at last.
        let (newest, all) = self.newest_movement(services, slot, account, &activity, day)?;
        activity.active = newest;
        if all {
            activity.checked = services.changes.last_sequence();
        }
        if over(activity.active) {
            activity.dormant_since = Some(day);
            let mut content = Vec::with_capacity(24);
            encode_dormant(account.id, day, &mut content);
            services
                .changes
                .record(context, ChangeKind::ACCOUNT_DORMANT, Id::NONE, content);
            self.change_flags(slot, account.flags | flags::DORMANT)?;
        }
        self.days.activity.put(account.number, Some(activity));
        Ok(())
    }

    /// The latest booking date of the customer's movements since the account was looked at last, and whether that is
    /// the latest of all: one that is late enough ends the search, an earlier posting may be booked later still.
    fn newest_movement(
        &mut self,
        services: &mut Services<'_>,
        slot: AccountSlot,
        account: &Account,
        known: &Activity,
        day: Date,
    ) -> Result<(Date, bool)> {
        let mut all = true;
        let mut newest = known.active.days();
        for asset in self.assets_of(services, account)? {
            let Some(number) = self.balance_number(services.reader, slot, asset)? else {
                continue;
            };
            let mut sequence = self.balances.get(number).map_or(0, |balance| balance.head);
            while sequence > known.checked && newest < day.days() {
                let event = self.link(services.reader, sequence, account.number)?;
                if let (Some((booking, _)), true) = (event.days, event.customer) {
                    newest = newest.max(booking);
                }
                sequence = event.previous;
            }
            all &= sequence <= known.checked;
        }
        Ok((Date::from_days(newest), all))
    }

    pub(super) fn reactivate_account(
        &mut self,
        services: &mut Services<'_>,
        context: &Context,
        command: &Command<'_>,
        reactivate: &AccountReactivate<'_>,
    ) -> Result<Checked<Outcome>> {
        refuse_unless!(check_text(reactivate.reason, length::REASON));
        refuse_unless!(check_text(reactivate.authority, length::REASON));
        let Some(slot) = self.locate(services, &reactivate.account)? else {
            return Ok(Err(Status::ACCOUNT_UNKNOWN));
        };
        let account = *self.account(slot)?;
        if account.flags & flags::DORMANT == 0 {
            return Ok(Err(Status::NOT_DORMANT));
        }
        let sequence = self.record(
            services,
            context,
            ChangeKind::ACCOUNT_REACTIVATED,
            command,
            None,
        );
        self.change_flags(slot, account.flags & !flags::DORMANT)?;
        self.start_activity(account.number, account.entity, sequence);
        Ok(Ok(Outcome::applied(sequence, context.time, reactivate.key)))
    }
}
