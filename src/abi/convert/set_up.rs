//! Entities, assets, accounts, dates, host records and time: records into commands.

use super::{
    CommandRecord, Converted, account_if_named, account_ref, date, item, kind, text, time,
    user_data,
};
use crate::abi::arena::Arena;
use crate::abi::record::*;
use crate::base::constants::{
    LINKED, account, account_number, block, business_date, entity, host_record, limit,
};
use crate::base::currency;
use crate::base::id::Id;
use crate::base::status::Status;
use crate::base::time::Date;
use crate::engine::command::{Command, HostRecordPut, TimeAdvance};
use crate::ledger::account::{AccountKind, BlockSide, LimitKind};
use crate::ledger::asset::AssetKind;
use crate::ledger::command as ledger;

/// Entity 1 unless another is named.
pub(super) fn entity_number(number: u32) -> u32 {
    number.max(1)
}

fn number_type<'a>(
    number_type: qenex_text,
    number: qenex_text,
    arena: &Arena<'a>,
) -> Result<&'a str, Status> {
    match text(number_type, arena)? {
        "" if number.length != 0 => Ok("account"),
        given => Ok(given),
    }
}

impl CommandRecord for qenex_entity {
    fn key(&self) -> Id {
        self.id.into()
    }

    fn item<'a>(&self, arena: &Arena<'a>) -> Converted<'a> {
        let business_date = date(self.business_date)?;
        let command = ledger::EntityCreate {
            id: self.id.into(),
            name: text(self.name, arena)?,
            functional_currency: self.functional_currency,
            time_zone: text(self.time_zone, arena)?,
            // A business date that follows the clock starts anywhere in the past.
            business_date: business_date.unwrap_or(Date::from_days(0)),
            follows_clock: business_date.is_none() || self.flags & entity::FOLLOWS_CLOCK != 0,
        };
        let command = Command::Ledger(ledger::Command::EntityCreate(command));
        item(command, self.flags, entity::ALL, self.on_behalf_of, arena)
    }
}

impl CommandRecord for qenex_asset {
    fn key(&self) -> Id {
        Id::NONE
    }

    fn item<'a>(&self, arena: &Arena<'a>) -> Converted<'a> {
        use crate::base::constants::asset;
        let code = text(self.code, arena)?;
        let (scale, asset_kind) = match self.kind {
            0 => match currency::find(code) {
                Some(found) if self.scale == 0 => (found.scale, AssetKind::Currency),
                Some(_) => return Err(Status::SCALE_OUT_OF_RANGE),
                None => return Err(Status::ASSET_UNKNOWN),
            },
            number => (
                u8::try_from(self.scale).map_err(|_| Status::SCALE_OUT_OF_RANGE)?,
                kind(number, AssetKind::from_number, Status::KIND_UNKNOWN)?,
            ),
        };
        let wide = self.flags & asset::WIDE != 0;
        let command = ledger::AssetCreate {
            code,
            scale,
            kind: asset_kind,
            wide,
        };
        let command = Command::Ledger(ledger::Command::AssetCreate(command));
        item(command, self.flags, asset::ALL, self.on_behalf_of, arena)
    }
}

impl CommandRecord for qenex_account {
    fn key(&self) -> Id {
        self.id.into()
    }

    fn item<'a>(&self, arena: &Arena<'a>) -> Converted<'a> {
        let command = ledger::AccountOpen {
            id: self.id.into(),
            entity: entity_number(self.entity),
            kind: kind(
                self.kind,
                AccountKind::from_number,
                Status::ACCOUNT_KIND_UNKNOWN,
            )?,
            asset: self.asset,
            parent: self.parent.into(),
            flags: self.flags & !LINKED,
            number_type: number_type(self.number_type, self.number, arena)?,
            number: text(self.number, arena)?,
            name: text(self.name, arena)?,
            gl_code: text(self.gl_code, arena)?,
            branch: text(self.branch, arena)?,
            cost_centre: text(self.cost_centre, arena)?,
            product: text(self.product, arena)?,
            owner: text(self.owner, arena)?,
            user_data: user_data(self.user_data_128, self.user_data_64, self.user_data_32),
            opening: match account_if_named(self.contra_id, self.contra_number, arena)? {
                Some(contra) => Some(ledger::OpeningBalance {
                    contra,
                    asset: match self.opening_asset {
                        0 => self.asset,
                        asset => asset,
                    },
                    amount: self.opening_amount.into(),
                }),
                None if self.opening_amount.minor() != 0 || self.opening_asset != 0 => {
                    return Err(Status::ACCOUNT_UNKNOWN);
                }
                None => None,
            },
        };
        let command = Command::Ledger(ledger::Command::AccountOpen(command));
        item(
            command,
            self.flags,
            account::NO_OVERDRAFT | account::CONTRA | account::CUSTOMER,
            self.on_behalf_of,
            arena,
        )
    }
}

impl CommandRecord for qenex_account_number {
    fn key(&self) -> Id {
        self.key.into()
    }

    fn item<'a>(&self, arena: &Arena<'a>) -> Converted<'a> {
        let command = ledger::AccountNumber {
            key: self.key.into(),
            account: account_ref(self.account, self.account_number, arena)?,
            number_type: number_type(self.number_type, self.number, arena)?,
            number: text(self.number, arena)?,
            end: self.flags & account_number::END != 0,
            take: self.flags & account_number::TAKE != 0,
            expires_at: time(self.expires_at)?,
        };
        let command = Command::Ledger(ledger::Command::AccountNumber(command));
        item(
            command,
            self.flags,
            account_number::ALL,
            self.on_behalf_of,
            arena,
        )
    }
}

impl CommandRecord for qenex_account_block {
    fn key(&self) -> Id {
        self.key.into()
    }

    fn item<'a>(&self, arena: &Arena<'a>) -> Converted<'a> {
        use crate::base::constants::block_side;
        let command = ledger::AccountBlock {
            key: self.key.into(),
            account: account_ref(self.account, self.account_number, arena)?,
            side: match self.side {
                block_side::DEBIT => BlockSide::Debit,
                block_side::CREDIT => BlockSide::Credit,
                _ => return Err(Status::KIND_UNKNOWN),
            },
            set: self.flags & block::LIFT == 0,
            reason: text(self.reason, arena)?,
            authority: text(self.authority, arena)?,
        };
        let command = Command::Ledger(ledger::Command::AccountBlock(command));
        item(command, self.flags, block::ALL, self.on_behalf_of, arena)
    }
}

impl CommandRecord for qenex_account_limit {
    fn key(&self) -> Id {
        self.key.into()
    }

    fn item<'a>(&self, arena: &Arena<'a>) -> Converted<'a> {
        let lift = self.flags & limit::LIFT != 0;
        if lift && self.amount.minor() != 0 {
            return Err(Status::LIMIT_INVALID);
        }
        let command = ledger::AccountLimit {
            key: self.key.into(),
            account: self.account.into(),
            asset: self.asset,
            kind: kind(self.kind, LimitKind::from_number, Status::KIND_UNKNOWN)?,
            amount: (!lift).then(|| self.amount.into()),
            expires_at: time(self.expires_at)?,
        };
        let command = Command::Ledger(ledger::Command::AccountLimit(command));
        item(command, self.flags, limit::ALL, self.on_behalf_of, arena)
    }
}

impl CommandRecord for qenex_account_close {
    fn key(&self) -> Id {
        self.key.into()
    }

    fn item<'a>(&self, arena: &Arena<'a>) -> Converted<'a> {
        let command = ledger::AccountClose {
            key: self.key.into(),
            account: self.account.into(),
        };
        item(
            Command::Ledger(ledger::Command::AccountClose(command)),
            self.flags,
            0,
            self.on_behalf_of,
            arena,
        )
    }
}

impl CommandRecord for qenex_business_date {
    fn key(&self) -> Id {
        self.key.into()
    }

    fn item<'a>(&self, arena: &Arena<'a>) -> Converted<'a> {
        let command = ledger::BusinessDateRoll {
            key: self.key.into(),
            entity: entity_number(self.entity),
            to: date(self.date)?,
            any_day: self.flags & business_date::ANY_DAY != 0,
        };
        item(
            Command::Ledger(ledger::Command::BusinessDateRoll(command)),
            self.flags,
            business_date::ALL,
            self.on_behalf_of,
            arena,
        )
    }
}

impl CommandRecord for qenex_period_close {
    fn key(&self) -> Id {
        self.key.into()
    }

    fn item<'a>(&self, arena: &Arena<'a>) -> Converted<'a> {
        let command = ledger::PeriodClose {
            key: self.key.into(),
            entity: entity_number(self.entity),
            through: date(self.through)?.ok_or(Status::DATE_INVALID)?,
        };
        item(
            Command::Ledger(ledger::Command::PeriodClose(command)),
            self.flags,
            0,
            self.on_behalf_of,
            arena,
        )
    }
}

impl CommandRecord for qenex_host_record {
    fn key(&self) -> Id {
        self.key.into()
    }

    fn item<'a>(&self, arena: &Arena<'a>) -> Converted<'a> {
        let delete = self.flags & host_record::DELETE != 0;
        let any_version = self.flags & host_record::ANY_VERSION != 0;
        if (delete && self.value.length != 0) || (any_version && self.expected_version != 0) {
            return Err(Status::INVALID_FLAGS);
        }
        let bytes = |at| arena.bytes(at).ok_or(Status::TEXT_INVALID);
        let value = if delete {
            None
        } else {
            Some(bytes(self.value)?)
        };
        let command = HostRecordPut {
            key: self.key.into(),
            namespace: text(self.name_space, arena)?,
            record: bytes(self.record)?,
            expected_version: (!any_version).then_some(self.expected_version),
            value,
        };
        item(
            Command::HostRecord(command),
            self.flags,
            host_record::ALL,
            self.on_behalf_of,
            arena,
        )
    }
}

impl CommandRecord for qenex_time_advance {
    fn key(&self) -> Id {
        Id::NONE
    }

    fn item<'a>(&self, arena: &Arena<'a>) -> Converted<'a> {
        let to = time(self.to)?.ok_or(Status::TIME_INVALID)?;
        item(
            Command::TimeAdvance(TimeAdvance { to }),
            self.flags,
            0,
            self.on_behalf_of,
            arena,
        )
    }
}
