//! The one-line forms for people and first programs: open an account by a number such as 'ACC001', transfer "100.00"
//! "USD" between two of them. What is missing (the currency, the legal entity, the account that opening balances come
//! from) is created in the same linked chain.

use crate::base::amount::Amount;
use crate::base::currency;
use crate::base::error::{Error, Result};
use crate::base::id::Id;
use crate::base::rate::Rate;
use crate::base::rounding::Rounding;
use crate::base::status::Status;
use crate::ledger::account::{AccountKind, flags};
use crate::ledger::asset::{Asset, AssetKind};
use crate::ledger::command::{
    AccountOpen, AccountRef, AssetCreate, Command, Details, EntityCreate, Exchange, Transfer,
    UserData,
};
use crate::ledger::outcome::Outcome;

use super::command::{CommandList, Item};
use super::options::ExecuteOptions;
use super::session::Session;

/// Number of the equity account that opening balances come from.
pub const OPENING_BALANCES: &str = "OPENING-BALANCES";

impl Session {
    /// Opens a customer's account (a liability of the bank that cannot be overdrawn) with an external number, in an
    /// ISO 4217 currency or an asset of the file, and with an opening balance unless that is empty. Opening it again
    /// is refused with `NUMBER_TAKEN`. Returns the outcome of the opening.
    pub fn open_account(
        &self,
        number: &str,
        currency: &str,
        opening_balance: &str,
    ) -> Result<Outcome> {
        let asset = self.known_asset(currency)?;
        let opening = match opening_balance {
            "" => Amount::ZERO,
            text => Amount::parse(text, asset.scale)?,
        };
        if opening.is_negative() {
            return Err(Error::new(
                Status::INVALID_AMOUNT_TEXT,
                "an opening balance is not negative",
            ));
        }
        let engine = self.engine();
        let mut items = self.foundation(&asset, !opening.is_zero())?;
        let account = self.account_opening(
            number,
            "account",
            AccountKind::Liability,
            flags::NO_OVERDRAFT,
            asset.number,
        );
        let opened = items.len();
        items.push(Command::AccountOpen(account.clone()).into());
        if !opening.is_zero() {
            items.push(
                Command::Transfer(Transfer {
                    id: engine.new_id(),
                    debit: AccountRef::Number(OPENING_BALANCES),
                    credit: AccountRef::Id(account.id),
                    asset: asset.number,
                    amount: opening,
                    transaction: Id::NONE,
                    code: 0,
                    flags: 0,
                    booking_date: None,
                    value_date: None,
                    user_data: UserData::default(),
                    details: Details::default(),
                })
                .into(),
            );
        }
        let outcomes = self.run_linked(items)?;
        let refused = outcomes
            .iter()
            .find(|outcome| !matches!(outcome.status, Status::OK | Status::LINKED_FAILED));
        let opened = refused.or(outcomes.get(opened)).copied();
        opened.ok_or_else(|| Error::new(Status::INTERNAL, "the batch came back without outcomes"))
    }

    /// Transfers an amount, written as in "100.00", from one account to another, named by number. The payer's account
    /// is debited, the receiver's is credited.
    pub fn pay(&self, from: &str, to: &str, amount: &str, currency: &str) -> Result<Outcome> {
        self.pay_once(self.engine().new_id(), from, to, amount, currency)
    }

    /// As [`Session::pay`], under an id of the caller's: however often it is repeated, the payment happens once.
    pub fn pay_once(
        &self,
        id: Id,
        from: &str,
        to: &str,
        amount: &str,
        currency: &str,
    ) -> Result<Outcome> {
        let asset = self.asset_by_code(currency)?;
        let transfer = Command::Transfer(Transfer {
            id,
            debit: AccountRef::Number(from),
            credit: AccountRef::Number(to),
            asset: asset.number,
            amount: Amount::parse(amount, asset.scale)?,
            transaction: Id::NONE,
            code: 0,
            flags: 0,
            booking_date: None,
            value_date: None,
            user_data: UserData::default(),
            details: Details::default(),
        });
        let outcomes = self.run_linked(vec![transfer.into()])?;
        outcomes
            .first()
            .copied()
            .ok_or_else(|| Error::new(Status::INTERNAL, "the batch came back without outcomes"))
    }

    /// Exchanges an amount, written as in "100.00", between two accounts named by number, at a rate that is written as
    /// in "24.512", rounded half to even. One of the currencies is the functional one.
    pub fn exchange(
        &self,
        id: Id,
        (from, to): (&str, &str),
        amount: &str,
        (sold, bought): (&str, &str),
        rate: &str,
    ) -> Result<Outcome> {
        let (sold, bought) = (self.asset_by_code(sold)?, self.asset_by_code(bought)?);
        let rate = Rate::parse(rate)?;
        let exchange = Command::Exchange(Exchange {
            id,
            debit: AccountRef::Number(from),
            credit: AccountRef::Number(to),
            sold: sold.number,
            bought: bought.number,
            sold_amount: Some(Amount::parse(amount, sold.scale)?),
            bought_amount: None,
            rounding: Some(Rounding::HalfEven),
            code: 0,
            flags: 0,
            booking_date: None,
            value_date: None,
            user_data: UserData::default(),
            details: Details {
                rate: Some((rate.coefficient(), rate.scale())),
                ..Details::default()
            },
        });
        let outcomes = self.run_linked(vec![exchange.into()])?;
        outcomes
            .first()
            .copied()
            .ok_or_else(|| Error::new(Status::INTERNAL, "the batch came back without outcomes"))
    }

    /// The balance of an account by number, on its normal side, written with the asset's decimals.
    pub fn balance_text(&self, number: &str, currency: &str) -> Result<String> {
        let asset = self.asset_by_code(currency)?;
        let answer = self.balance(&AccountRef::Number(number), asset.number)?;
        let posted = answer.turnovers.posted();
        Ok(
            Amount::from_minor(if answer.normal_debit { posted } else { -posted })
                .format(asset.scale),
        )
    }

    /// The asset with a code, in the file or, not created yet, from ISO 4217 (number 0).
    fn known_asset(&self, code: &str) -> Result<Asset> {
        if let Ok(asset) = self.asset_by_code(code) {
            return Ok(asset);
        }
        let currency = currency::find(code).ok_or_else(|| {
            Error::new(
                Status::UNKNOWN_CURRENCY,
                format!("'{code}' is neither in ISO 4217 nor an asset of this file: create the asset first"),
            )
        })?;
        Ok(Asset {
            number: u32::from(currency.number),
            code: currency.code.to_owned(),
            scale: currency.scale,
            kind: AssetKind::Currency,
            wide: false,
        })
    }

    /// What an account needs and the file does not have yet.
    fn foundation<'a>(&self, asset: &'a Asset, opening: bool) -> Result<Vec<Item<'a>>> {
        let engine = self.engine();
        let mut items: Vec<Item<'_>> = Vec::new();
        if self.asset_by_code(&asset.code).is_err() {
            items.push(
                Command::AssetCreate(AssetCreate {
                    code: &asset.code,
                    scale: asset.scale,
                    kind: asset.kind,
                    wide: asset.wide,
                })
                .into(),
            );
        }
        if self.entities()?.is_empty() {
            items.push(
                Command::EntityCreate(EntityCreate {
                    id: engine.new_id(),
                    name: "",
                    functional_currency: asset.number,
                    time_zone: "",
                    business_date: engine.now().date(),
                    follows_clock: true,
                })
                .into(),
            );
        }
        if opening && self.account(&AccountRef::Number(OPENING_BALANCES)).is_err() {
            let account =
                self.account_opening(OPENING_BALANCES, "system", AccountKind::Equity, 0, 0);
            items.push(Command::AccountOpen(account).into());
        }
        Ok(items)
    }

    fn account_opening<'a>(
        &self,
        number: &'a str,
        number_type: &'a str,
        kind: AccountKind,
        account_flags: u32,
        asset: u32,
    ) -> AccountOpen<'a> {
        AccountOpen {
            id: self.engine().new_id(),
            entity: 1,
            kind,
            asset,
            parent: Id::NONE,
            flags: account_flags,
            number_type,
            number,
            name: "",
            gl_code: "",
            branch: "",
            cost_centre: "",
            product: "",
            owner: "",
            user_data: UserData::default(),
            opening: None,
        }
    }

    pub(crate) fn run_linked(&self, mut items: Vec<Item<'_>>) -> Result<Vec<Outcome>> {
        let last = items.len().saturating_sub(1);
        for item in &mut items[..last] {
            item.linked = true;
        }
        let mut outcomes = Vec::with_capacity(items.len());
        self.execute(&Items(&items), &ExecuteOptions::default(), &mut outcomes)?;
        Ok(outcomes)
    }
}

/// A slice of items as a batch.
pub struct Items<'a>(pub &'a [Item<'a>]);

impl CommandList for Items<'_> {
    fn len(&self) -> usize {
        self.0.len()
    }

    fn item(&self, index: usize) -> std::result::Result<Item<'_>, Status> {
        self.0.item(index)
    }

    fn key(&self, index: usize) -> Id {
        self.0.key(index)
    }
}
