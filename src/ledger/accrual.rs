//! Accruals: what grows by less than a minor unit a day, such as interest, is added up exactly, in 10^-18 of a minor
//! unit and 128 bits; posting moves the whole units by an ordinary transfer and leaves the rest, and at the end the
//! rest goes to the accrual of another account, so that nothing is ever dropped.

use crate::base::error::Result;
use crate::base::id::Id;
use crate::base::status::Status;
use crate::base::time::Date;
use crate::ledger::books::load;
use crate::ledger::books::rows::Accrual;
use crate::ledger::command::{AccountRef, Command, Details, UserData};
use crate::ledger::legs::{Leg, LegFields, signed};
use crate::ledger::outcome::Outcome;
use crate::ledger::state::{Ledger, Services};
use crate::ledger::transfer::{Checked, check_details, check_text, dates, given, refuse_unless};
use crate::tx::{ChangeKind, Context};

/// Decimals of a minor unit that an accrual keeps.
pub const SCALE: u8 = 18;
/// One minor unit.
pub const UNIT: i128 = 10i128.pow(SCALE as u32);
/// Longest name of an accrual, in bytes.
pub const NAME: usize = 64;

/// Adds to an accrual, which begins with its first addition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accrue<'a> {
    pub key: Id,
    pub account: AccountRef<'a>,
    /// "interest", "fee 2026" and the like; an account has any number of accruals.
    pub name: &'a str,
    pub asset: u32,
    /// What is added, in minor units: coefficient / 10^scale, exactly. Negative amounts take back.
    pub coefficient: i128,
    /// 0 to [`SCALE`].
    pub scale: u8,
}

/// Posts the whole minor units of an accrual.
#[derive(Clone, Debug, PartialEq)]
pub struct AccrualPost<'a> {
    /// Key, and the transaction of the leg.
    pub id: Id,
    /// Credited while the accrual is above zero, debited below.
    pub account: AccountRef<'a>,
    pub name: &'a str,
    /// The other side of the transfer.
    pub contra: AccountRef<'a>,
    /// Ends the accrual: what is less than a minor unit goes to the accrual of this account with the same name.
    pub residue: Option<AccountRef<'a>>,
    pub code: u32,
    pub booking_date: Option<Date>,
    pub value_date: Option<Date>,
    pub user_data: UserData,
    pub details: Details<'a>,
}

impl Ledger {
    pub(super) fn accrue(
        &mut self,
        services: &mut Services<'_>,
        context: &Context,
        command: &Command<'_>,
        accrue: &Accrue<'_>,
    ) -> Result<Checked<Outcome>> {
        refuse_unless!(check_name(accrue.name));
        if self.asset(accrue.asset).is_none() {
            return Ok(Err(Status::ASSET_UNKNOWN));
        }
        let Some(slot) = self.locate(services, &accrue.account)? else {
            return Ok(Err(Status::ACCOUNT_UNKNOWN));
        };
        let account = *self.account(slot)?;
        if account.asset != 0 && account.asset != accrue.asset {
            return Ok(Err(Status::ASSET_NOT_ALLOWED));
        }
        let Some(added) = SCALE
            .checked_sub(accrue.scale)
            .and_then(|scale| accrue.coefficient.checked_mul(10i128.pow(u32::from(scale))))
        else {
            return Ok(Err(Status::ACCRUAL_OUT_OF_RANGE));
        };
        let row = self.accrual(services, account.number, accrue.name)?;
        let row = refuse_unless!(grown(row, accrue.asset, added));
        let sequence = self.record(services, context, ChangeKind::ACCRUAL, command, None);
        let mut outcome = Outcome::applied(sequence, context.time, accrue.key);
        outcome.amount = row.value / UNIT;
        self.books
            .accruals
            .put((account.number, accrue.name.to_owned()), Some(row));
        Ok(Ok(outcome))
    }

    pub(super) fn post_accrual(
        &mut self,
        services: &mut Services<'_>,
        context: &Context,
        command: &Command<'_>,
        post: &AccrualPost<'_>,
    ) -> Result<Checked<Outcome>> {
        refuse_unless!(check_name(post.name));
        refuse_unless!(check_details(&post.details));
        let Some(slot) = self.locate(services, &post.account)? else {
            return Ok(Err(Status::ACCOUNT_UNKNOWN));
        };
        let account = *self.account(slot)?;
        let Some(mut row) = self.accrual(services, account.number, post.name)? else {
            return Ok(Err(Status::ACCRUAL_UNKNOWN));
        };
        let Some(entity) = self.entity(account.entity) else {
            return Ok(Err(Status::ENTITY_UNKNOWN));
        };
        let booked = refuse_unless!(dates(entity, post.booking_date, post.value_date));
        let whole = row.value / UNIT;
        let rest = row.value % UNIT;
        let residue = match &post.residue {
            Some(named) => {
                let Some(slot) = self.locate(services, named)? else {
                    return Ok(Err(Status::ACCOUNT_UNKNOWN));
                };
                let taker = *self.account(slot)?;
                if taker.number == account.number {
                    return Ok(Err(Status::ACCOUNTS_EQUAL));
                }
                if taker.entity != account.entity {
                    return Ok(Err(Status::ENTITIES_DIFFER));
                }
                if taker.asset != 0 && taker.asset != row.asset {
                    return Ok(Err(Status::ASSET_NOT_ALLOWED));
                }
                let kept = self.accrual(services, taker.number, post.name)?;
                Some((taker.number, refuse_unless!(grown(kept, row.asset, rest))))
            }
            None => None,
        };
        let Some(posted) = row.posted.checked_add(whole) else {
            return Ok(Err(Status::ACCRUAL_OUT_OF_RANGE));
        };
        let fields = LegFields {
            code: post.code,
            flags: given(post.booking_date, post.value_date),
            user_data: post.user_data,
            dates: booked,
            any: whole != 0,
        };
        let mut legs = self.begin_legs(
            services,
            context,
            ChangeKind::ACCRUAL_POSTED,
            command,
            fields,
            post.details,
        );
        let mut outcome = Outcome::applied(legs.sequence, context.time, post.id);
        if whole != 0 {
            let (debit, credit) = if whole > 0 {
                (post.contra, post.account)
            } else {
                (post.account, post.contra)
            };
            let leg = Leg {
                debit,
                credit,
                asset: row.asset,
                amount: whole.unsigned_abs(),
                functional: None,
            };
            let done = refuse_unless!(self.post_leg(services, &mut legs, &leg)?);
            self.end_legs(services, &legs);
            outcome.amount = signed(leg.amount, whole > 0);
            outcome.debit = done.debit;
            outcome.credit = done.credit;
        }
        row.posted = posted;
        row.value = if residue.is_some() { 0 } else { rest };
        let name = post.name.to_owned();
        self.books
            .accruals
            .put((account.number, name.clone()), Some(row));
        if let Some((taker, kept)) = residue {
            self.books.accruals.put((taker, name), Some(kept));
        }
        Ok(Ok(outcome))
    }

    fn accrual(
        &mut self,
        services: &Services<'_>,
        account: u64,
        name: &str,
    ) -> Result<Option<Accrual>> {
        let reader = services.reader;
        let key = (account, name.to_owned());
        let row = self.books.accruals.get(&key, || {
            let row = load::<(String, Accrual)>(
                reader,
                "SELECT * FROM accrual WHERE account = ? AND name = ?",
                (account as i64, name),
            )?;
            Ok(row.map(|(_, accrual)| accrual))
        })?;
        Ok(row.cloned())
    }
}

/// The accrual with more in it.
fn grown(row: Option<Accrual>, asset: u32, added: i128) -> Checked<Accrual> {
    let mut row = row.unwrap_or(Accrual {
        asset,
        value: 0,
        posted: 0,
    });
    if row.asset != asset {
        return Err(Status::ACCRUAL_ASSET_DIFFERS);
    }
    row.value = row
        .value
        .checked_add(added)
        .ok_or(Status::ACCRUAL_OUT_OF_RANGE)?;
    Ok(row)
}

fn check_name(name: &str) -> Checked<()> {
    if name.is_empty() {
        return Err(Status::TEXT_INVALID);
    }
    check_text(name, NAME)
}
