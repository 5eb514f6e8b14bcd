//! What happens to accounts: opening, external numbers, blocks, limits, closing. Each is checked whole before it
//! changes anything.

use crate::base::card_number;
use crate::base::error::Result;
use crate::base::hash::commitment;
use crate::base::id::Id;
use crate::base::status::Status;
use crate::ledger::account::{AccountRecord, BlockSide, Limit, LimitKind, flags, length};
use crate::ledger::account_number::check_number;
use crate::ledger::accounts::{Account, NO_BALANCE};
use crate::ledger::balance::Turnovers;
use crate::ledger::command::{
    AccountBlock, AccountClose, AccountLimit, AccountOpen, AccountRef, Command, Details, Transfer,
    UserData,
};
use crate::ledger::day_state::BlockRow;
use crate::ledger::encoding::personal_texts;
use crate::ledger::load;
use crate::ledger::outcome::Outcome;
use crate::ledger::retention::check_reason;
use crate::ledger::reversal::derived_id;
use crate::ledger::state::{Ledger, Services};
use crate::ledger::transfer::{Checked, check_text, positive, refuse_unless};
use crate::tx::{ChangeKind, Context, KeySpace};

impl Ledger {
    pub(super) fn open_account(
        &mut self,
        services: &mut Services<'_>,
        context: &Context,
        command: &Command<'_>,
        open: &AccountOpen<'_>,
    ) -> Result<Checked<Outcome>> {
        refuse_unless!(self.check_opening(open));
        refuse_unless!(self.check_opening_balance(open));
        let mut parent_number = 0;
        if !open.parent.is_none() {
            let Some(slot) = self.locate(services, &AccountRef::Id(open.parent))? else {
                return Ok(Err(Status::PARENT_INVALID));
            };
            let parent = self.account(slot)?;
            if parent.entity != open.entity || parent.id == open.id {
                return Ok(Err(Status::PARENT_INVALID));
            }
            parent_number = parent.number;
        }
        if self.locate(services, &AccountRef::Id(open.id))?.is_some() {
            return Ok(Err(Status::EXISTS_WITH_DIFFERENT_CONTENT));
        }
        if !open.number.is_empty() && self.number_taken(services, open.number_type, open.number)? {
            return Ok(Err(Status::NUMBER_TAKEN));
        }
        let salt = context.salt(services.changes.last_sequence() + 1);
        let committed = personal_texts(command).map(|texts| commitment(&salt, texts.as_slice()));
        let sequence = self.record(
            services,
            context,
            ChangeKind::ACCOUNT_OPENED,
            command,
            committed.as_ref(),
        );
        let number = self.accounts.count() + 1;
        let mut account_flags = open.flags;
        if open.kind.normal_debit() != (open.flags & flags::CONTRA != 0) {
            account_flags |= flags::NORMAL_DEBIT;
        }
        let slot = self.accounts.create(Account {
            id: open.id,
            number,
            entity: open.entity,
            flags: account_flags,
            asset: open.asset,
            first_asset: 0,
            first_balance: NO_BALANCE,
        });
        services.keys.insert(
            services.keys.hash(KeySpace::Account, &open.id.0),
            number,
            sequence,
        );
        if open.asset != 0 {
            self.create_balance(services.reader, slot, open.asset, sequence)?;
        }
        if !open.number.is_empty() {
            self.give_number(
                services,
                context,
                sequence,
                number,
                open.number_type,
                open.number,
                None,
            );
        }
        if open.flags & flags::CUSTOMER != 0 {
            self.start_activity(number, open.entity, sequence);
        }
        self.open.accounts.push(AccountRecord {
            number,
            id: open.id,
            entity: open.entity,
            kind: open.kind,
            flags: account_flags,
            asset: open.asset,
            parent: open.parent,
            parent_number,
            name: open.name.to_owned(),
            gl_code: open.gl_code.to_owned(),
            branch: open.branch.to_owned(),
            cost_centre: open.cost_centre.to_owned(),
            product: open.product.to_owned(),
            owner: open.owner.to_owned(),
            salt: committed.map(|_| salt),
            user_data: open.user_data,
            sequence,
            opened_at: context.time,
        });
        let mut outcome = Outcome::applied(sequence, context.time, open.id);
        outcome.number = number;
        if let Some(opening) = &open.opening {
            let own = AccountRef::Id(open.id);
            let (debit, credit) = match account_flags & flags::NORMAL_DEBIT {
                0 => (opening.contra, own),
                _ => (own, opening.contra),
            };
            let moved = self.transfer(
                services,
                context,
                &Transfer {
                    id: opening_id(&open.id),
                    debit,
                    credit,
                    asset: opening.asset,
                    amount: opening.amount,
                    transaction: Id::NONE,
                    code: 0,
                    flags: 0,
                    booking_date: None,
                    value_date: None,
                    user_data: UserData::default(),
                    details: Details::default(),
                },
            )?;
            let moved = refuse_unless!(moved);
            outcome.amount = moved.amount;
            outcome.debit = moved.debit;
            outcome.credit = moved.credit;
        }
        Ok(Ok(outcome))
    }

    /// Whether the first amount is one, in an asset that the account may hold.
    fn check_opening_balance(&self, open: &AccountOpen<'_>) -> Checked<()> {
        let Some(opening) = &open.opening else {
            return Ok(());
        };
        if self.asset(opening.asset).is_none() {
            return Err(Status::ASSET_UNKNOWN);
        }
        if open.asset != 0 && open.asset != opening.asset {
            return Err(Status::ASSET_NOT_ALLOWED);
        }
        positive(opening.amount.minor(), false).map(|_| ())
    }

    fn check_opening(&self, open: &AccountOpen<'_>) -> Checked<()> {
        if open.flags & !flags::OPENING != 0 {
            return Err(Status::INVALID_FLAGS);
        }
        if self.entity(open.entity).is_none() {
            return Err(Status::ENTITY_UNKNOWN);
        }
        if open.asset != 0 && self.asset(open.asset).is_none() {
            return Err(Status::ASSET_UNKNOWN);
        }
        check_text(open.name, length::NAME)?;
        if card_number::is_in(open.name) {
            return Err(Status::CARD_NUMBER_IN_NAME);
        }
        if card_number::is_in(open.owner) {
            return Err(Status::CARD_NUMBER_IN_OWNER);
        }
        for text in [
            open.gl_code,
            open.branch,
            open.cost_centre,
            open.product,
            open.owner,
        ] {
            check_text(text, length::CODE)?;
        }
        if !open.number.is_empty() || !open.number_type.is_empty() {
            check_number(open.number_type, open.number)?;
        }
        Ok(())
    }

    pub(super) fn account_block(
        &mut self,
        services: &mut Services<'_>,
        context: &Context,
        command: &Command<'_>,
        change: &AccountBlock<'_>,
    ) -> Result<Checked<Outcome>> {
        refuse_unless!(check_reason(change.reason));
        refuse_unless!(check_text(change.authority, length::REASON));
        let Some(slot) = self.locate(services, &change.account)? else {
            return Ok(Err(Status::ACCOUNT_UNKNOWN));
        };
        let account = *self.account(slot)?;
        let flag = match change.side {
            BlockSide::Debit => flags::DEBIT_BLOCKED,
            BlockSide::Credit => flags::CREDIT_BLOCKED,
        };
        if (account.flags & flag != 0) == change.set {
            return Ok(Err(Status::BLOCK_UNCHANGED));
        }
        let sequence = self.record(services, context, ChangeKind::ACCOUNT_BLOCK, command, None);
        self.open.days.blocks.push(BlockRow {
            sequence,
            account: account.number,
            side: change.side.number(),
            set: change.set,
            reason: change.reason.to_owned(),
            authority: change.authority.to_owned(),
            actor: context.actor,
            time: context.time,
        });
        self.change_flags(
            slot,
            if change.set {
                account.flags | flag
            } else {
                account.flags & !flag
            },
        )?;
        Ok(Ok(Outcome::applied(sequence, context.time, change.key)))
    }

    pub(super) fn account_limit(
        &mut self,
        services: &mut Services<'_>,
        context: &Context,
        command: &Command<'_>,
        change: &AccountLimit,
    ) -> Result<Checked<Outcome>> {
        let Some(slot) = self.locate(services, &AccountRef::Id(change.account))? else {
            return Ok(Err(Status::ACCOUNT_UNKNOWN));
        };
        if self.asset(change.asset).is_none() {
            return Ok(Err(Status::ASSET_UNKNOWN));
        }
        if change.expires_at.is_some_and(|end| end <= context.time) {
            return Ok(Err(Status::EXPIRY_IN_THE_PAST));
        }
        let account = *self.account(slot)?;
        let mut limits = self.limits_of(services.reader, &account)?;
        limits.retain(|limit| (limit.asset, limit.kind) != (change.asset, change.kind));
        if let Some(amount) = change.amount {
            let amount = amount.minor();
            if amount == i128::MIN || change.kind == LimitKind::Overdraft && amount < 0 {
                return Ok(Err(Status::LIMIT_INVALID));
            }
            limits.push(Limit {
                asset: change.asset,
                kind: change.kind,
                amount,
                expires_at: change.expires_at,
            });
            let of = |kind| {
                limits
                    .iter()
                    .find(|limit| limit.asset == change.asset && limit.kind == kind)
            };
            if let (Some(minimum), Some(maximum)) = (of(LimitKind::Minimum), of(LimitKind::Maximum))
                && minimum.amount > maximum.amount
            {
                return Ok(Err(Status::LIMIT_INVALID));
            }
            limits.sort_by_key(|limit| (limit.asset, limit.kind.number()));
        }
        let sequence = self.record(services, context, ChangeKind::ACCOUNT_LIMIT, command, None);
        let limited = if limits.is_empty() {
            account.flags & !flags::LIMITED
        } else {
            account.flags | flags::LIMITED
        };
        self.limits.put(account.number, Some(limits));
        if limited != account.flags {
            self.change_flags(slot, limited)?;
        }
        Ok(Ok(Outcome::applied(sequence, context.time, change.key)))
    }

    pub(super) fn close_account(
        &mut self,
        services: &mut Services<'_>,
        context: &Context,
        command: &Command<'_>,
        close: &AccountClose,
    ) -> Result<Checked<Outcome>> {
        let Some(slot) = self.locate(services, &AccountRef::Id(close.account))? else {
            return Ok(Err(Status::ACCOUNT_UNKNOWN));
        };
        let account = *self.account(slot)?;
        if account.flags & flags::CLOSED != 0 {
            return Ok(Err(Status::ACCOUNT_CLOSED));
        }
        for asset in self.assets_of(services, &account)? {
            if let Some(number) = self.balance_number(services.reader, slot, asset)? {
                let turnovers: Turnovers = self.turnovers(number);
                if turnovers.posted() != 0
                    || turnovers.debits_pending != 0
                    || turnovers.credits_pending != 0
                {
                    return Ok(Err(Status::ACCOUNT_NOT_EMPTY));
                }
            }
        }
        let sequence = self.record(services, context, ChangeKind::ACCOUNT_CLOSED, command, None);
        self.change_flags(slot, account.flags | flags::CLOSED)?;
        Ok(Ok(Outcome::applied(sequence, context.time, close.key)))
    }

    /// The assets that an account has balances in, those of batches in flight included.
    pub(super) fn assets_of(
        &mut self,
        services: &Services<'_>,
        account: &Account,
    ) -> Result<Vec<u32>> {
        let mut assets: Vec<u32> = load::account_balances(services.reader, account.number)?
            .into_iter()
            .map(|(asset, _)| asset)
            .collect();
        if account.first_balance != NO_BALANCE {
            assets.push(account.first_asset);
        }
        let recent = self.more_balances.undurable();
        assets.extend(
            recent
                .into_iter()
                .filter(|(number, _)| *number == account.number)
                .map(|(_, asset)| asset),
        );
        assets.sort_unstable();
        assets.dedup();
        Ok(assets)
    }

    pub(super) fn change_flags(
        &mut self,
        slot: crate::ledger::accounts::AccountSlot,
        new: u32,
    ) -> Result<()> {
        let number = self.account(slot)?.number;
        self.accounts.change(slot, |account| account.flags = new);
        self.open.account_flags.push((number, new));
        Ok(())
    }
}

/// The id of the transfer of an opening balance: derived from the account's.
pub(super) fn opening_id(account: &Id) -> Id {
    let mut bytes = b"opening balance".to_vec();
    bytes.extend_from_slice(&account.0);
    derived_id(&bytes)
}
