//! Records about days and the life of accounts: what the host passes in, and what it is told.

use super::answer::answers;
use super::{
    Record, Reserved, qenex_amount, qenex_date, qenex_id, qenex_status, qenex_text, qenex_time,
    qenex_transfer, records,
};
use crate::abi::arena::Arena;
use crate::abi::memory::Plain;
use crate::base::error::Result;

/// Defines a business calendar, or replaces it whole; its number, 1 and up, is in the result. 88 bytes.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct qenex_calendar {
    /// Idempotency key.
    pub key: qenex_id,
    /// Name of the calendar, such as "TARGET"; 1 to 64 bytes.
    pub code: qenex_text,
    /// Days that are no business days: int32_t numbers YYYYMMDD in the host's byte order, ascending, none twice, at most
    /// 8192.
    pub holidays: qenex_text,
    /// The principal on whose behalf the session acts in this item; empty: as the session says.
    pub on_behalf_of: qenex_text,
    /// QENEX_WEEKDAY_...: days of the week that are no business days, not all seven.
    pub weekend: u32,
    /// QENEX_LINKED.
    pub flags: u32,
    /// Must be zero.
    pub padding: [u32; 2],
    /// Must be zero.
    pub reserved: [u64; 4],
}

/// Sets the rules of an entity, all of them. 80 bytes.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct qenex_entity_rules {
    /// Idempotency key.
    pub key: qenex_id,
    /// Code of the entity's calendar; empty: every day is a business day.
    pub calendar: qenex_text,
    /// The principal on whose behalf the session acts in this item; empty: as the session says.
    pub on_behalf_of: qenex_text,
    /// Number of the entity; 0: entity 1.
    pub entity: u32,
    /// A customer's account (QENEX_ACCOUNT_CUSTOMER) that the customer did not move for this many days is dormant at the
    /// end of the day; 0: never.
    pub dormant_after_days: u32,
    /// QENEX_LINKED.
    pub flags: u32,
    /// Must be zero.
    pub padding: u32,
    /// Must be zero.
    pub reserved: [u64; 4],
}

/// Schedules a transfer. 328 bytes.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct qenex_schedule {
    /// The transfer to come: its id is that of the transfer when it is booked, its booking_date the day on which it is
    /// (the next business day if that is none). Its flags may have QENEX_LINKED, for the scheduling itself.
    pub transfer: qenex_transfer,
    /// Idempotency key of the scheduling; other than the transfer's id.
    pub key: qenex_id,
    /// Must be zero.
    pub padding: [u32; 2],
    /// Must be zero.
    pub reserved: [u64; 4],
}

/// Takes a scheduled transfer back that still waits. 80 bytes.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct qenex_schedule_cancel {
    /// Idempotency key.
    pub key: qenex_id,
    /// Key under which the transfer was scheduled.
    pub schedule: qenex_id,
    /// The principal on whose behalf the session acts in this item; empty: as the session says.
    pub on_behalf_of: qenex_text,
    /// QENEX_LINKED.
    pub flags: u32,
    /// Must be zero.
    pub padding: u32,
    /// Must be zero.
    pub reserved: [u64; 4],
}

/// Seals a portion of the balances of a day that is over. 72 bytes.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct qenex_day_end {
    /// Idempotency key; none is usual: the entity remembers where to go on.
    pub key: qenex_id,
    /// The principal on whose behalf the session acts in this item; empty: as the session says.
    pub on_behalf_of: qenex_text,
    /// Number of the entity; 0: entity 1.
    pub entity: u32,
    /// The day, before the entity's business date and after the last sealed one.
    pub day: qenex_date,
    /// Most accounts of this portion, at most 65536; 0: 1000.
    pub portion: u32,
    /// QENEX_LINKED.
    pub flags: u32,
    /// Must be zero.
    pub reserved: [u64; 4],
}

/// Closes a portion of the income and expense accounts into retained earnings. 104 bytes.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct qenex_year_end {
    /// Idempotency key; none is usual: the entity remembers where to go on.
    pub key: qenex_id,
    /// The equity account for retained earnings, or none when retained_number names it.
    pub retained_id: qenex_id,
    /// External number of that account, when retained_id is none.
    pub retained_number: qenex_text,
    /// The principal on whose behalf the session acts in this item; empty: as the session says.
    pub on_behalf_of: qenex_text,
    /// Number of the entity; 0: entity 1.
    pub entity: u32,
    /// The last day of the year, before the entity's business date and not closed: booking and value date of the
    /// transfers.
    pub through: qenex_date,
    /// Transaction code of the transfers.
    pub code: u32,
    /// Most accounts of this portion, at most 65536; 0: 1000.
    pub portion: u32,
    /// QENEX_LINKED.
    pub flags: u32,
    /// Must be zero.
    pub padding: u32,
    /// Must be zero.
    pub reserved: [u64; 4],
}

/// Links an owner to an account, or ends a link. 120 bytes.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct qenex_account_owner {
    /// Idempotency key; a link is ended by it.
    pub key: qenex_id,
    /// The account, or none when account_number names it.
    pub account: qenex_id,
    /// None: the link is given. Otherwise the key of the link to end; owner and role are empty then.
    pub ends: qenex_id,
    /// External number of the account, when account is none.
    pub account_number: qenex_text,
    /// The owner in the host's own customer records: a personal text of at most 64 bytes.
    pub owner: qenex_text,
    /// What the owner may do: small letters, digits and '_', at most 16, such as "holder", "joint", "attorney".
    pub role: qenex_text,
    /// The principal on whose behalf the session acts in this item; empty: as the session says.
    pub on_behalf_of: qenex_text,
    /// QENEX_LINKED.
    pub flags: u32,
    /// Must be zero.
    pub padding: u32,
    /// Must be zero.
    pub reserved: [u64; 4],
}

/// Brings a dormant account back to life. 104 bytes.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct qenex_reactivation {
    /// Idempotency key.
    pub key: qenex_id,
    /// The account, or none when account_number names it.
    pub account: qenex_id,
    /// External number of the account, when account is none.
    pub account_number: qenex_text,
    /// Why; at most 256 bytes.
    pub reason: qenex_text,
    /// On whose authority; at most 256 bytes.
    pub authority: qenex_text,
    /// The principal on whose behalf the session acts in this item; empty: as the session says.
    pub on_behalf_of: qenex_text,
    /// QENEX_LINKED.
    pub flags: u32,
    /// Must be zero.
    pub padding: u32,
    /// Must be zero.
    pub reserved: [u64; 4],
}

/// A business calendar. 72 bytes.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct qenex_calendar_record {
    /// Sequence number of the change that defined it last.
    pub sequence: u64,
    /// Name.
    pub code: qenex_text,
    /// Holidays, as in qenex_calendar; to be copied out (memcpy) because they may not be aligned.
    pub holidays: qenex_text,
    /// The calendar's number, 1 and up.
    pub number: u32,
    /// QENEX_WEEKDAY_...
    pub weekend: u32,
    /// Number of holidays.
    pub holiday_count: u32,
    /// Zero.
    pub padding: u32,
    /// Zero in this version.
    pub reserved: [u64; 4],
}

/// A close of a booking period. 56 bytes.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct qenex_period_record {
    /// Sequence number of the close: what was known then.
    pub sequence: u64,
    /// System time.
    pub time: qenex_time,
    /// Number of the entity.
    pub entity: u32,
    /// The last day of the closed period.
    pub through: qenex_date,
    /// Zero in this version.
    pub reserved: [u64; 4],
}

/// The balance of a sealed day: as it was sealed, and as it is known now. 120 bytes.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct qenex_sealed_balance {
    /// Debits booked up to the day, as known when it was sealed, in minor units.
    pub debits_sealed: qenex_amount,
    /// Credits booked up to the day, as known when it was sealed.
    pub credits_sealed: qenex_amount,
    /// Debits booked up to the day, as known now: with what was booked into the day or before it later.
    pub debits_now: qenex_amount,
    /// Credits booked up to the day, as known now.
    pub credits_now: qenex_amount,
    /// Sequence number of the seal that the sealed turnovers are from; 0: nothing had been booked.
    pub sequence: u64,
    /// The day.
    pub day: qenex_date,
    /// Number of the asset.
    pub asset: u32,
    /// Zero.
    pub padding: [u32; 2],
    /// Zero in this version.
    pub reserved: [u64; 4],
}

/// A posting that reached into days that were sealed or closed: what was computed from both accounts for the days from
/// first_day to last_day is to be computed again. 136 bytes.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct qenex_correction {
    /// Id of the transfer.
    pub transfer: qenex_id,
    /// Minor units.
    pub amount: qenex_amount,
    /// Sequence number of this change, and of the transfer.
    pub sequence: u64,
    /// Sequence number of the transfer.
    pub transfer_sequence: u64,
    /// The engine's own number of the debited account.
    pub debit_account: u64,
    /// The engine's own number of the credited account.
    pub credit_account: u64,
    /// Number of the entity.
    pub entity: u32,
    /// Number of the asset.
    pub asset: u32,
    /// Booking date of the transfer.
    pub booking_date: qenex_date,
    /// Value date of the transfer.
    pub value_date: qenex_date,
    /// The first day to compute again.
    pub first_day: qenex_date,
    /// The last day that was sealed, being sealed or closed.
    pub last_day: qenex_date,
    /// Zero.
    pub padding: [u32; 4],
    /// Zero in this version.
    pub reserved: [u64; 4],
}

/// One account in one asset in a trial balance. 120 bytes.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct qenex_trial_account {
    /// The account's id.
    pub id: qenex_id,
    /// Debits, in minor units.
    pub debits: qenex_amount,
    /// Credits.
    pub credits: qenex_amount,
    /// The engine's own number of the account: `after` of the next page.
    pub account: u64,
    /// As known after the change with this sequence number: `sequence` of the next page.
    pub sequence: u64,
    /// Code in the general ledger.
    pub gl_code: qenex_text,
    /// Number of the entity.
    pub entity: u32,
    /// Number of the asset.
    pub asset: u32,
    /// QENEX_ACCOUNT_KIND_...
    pub kind: u32,
    /// Zero.
    pub padding: u32,
    /// Zero in this version.
    pub reserved: [u64; 4],
}

/// A scheduled transfer. 152 bytes.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct qenex_schedule_record {
    /// Key under which it was scheduled.
    pub key: qenex_id,
    /// Id of the transfer.
    pub transfer: qenex_id,
    /// Minor units.
    pub amount: qenex_amount,
    /// Sequence number of the scheduling: `after` of the next page.
    pub sequence: u64,
    /// Sequence number of the transfer, the refusal or the cancellation; 0: it waits.
    pub ended: u64,
    /// The engine's own number of the account to debit.
    pub debit_account: u64,
    /// The engine's own number of the account to credit.
    pub credit_account: u64,
    /// As given.
    pub reference: qenex_text,
    /// As given.
    pub narrative: qenex_text,
    /// Number of the entity.
    pub entity: u32,
    /// Number of the asset.
    pub asset: u32,
    /// The day from which on it is booked.
    pub booking_date: qenex_date,
    /// QENEX_SCHEDULE_STATE_...
    pub state: u32,
    /// Why it was refused; otherwise QENEX_OK.
    pub status: qenex_status,
    /// Zero.
    pub padding: u32,
    /// Zero in this version.
    pub reserved: [u64; 4],
}

/// A link between an account and an owner. 88 bytes.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct qenex_owner_record {
    /// Key of the command that gave the link.
    pub key: qenex_id,
    /// Sequence number of that change.
    pub sequence: u64,
    /// In force from this time.
    pub valid_from: qenex_time,
    /// In force to this time; 0: still.
    pub valid_to: qenex_time,
    /// As given; empty also after erasure.
    pub owner: qenex_text,
    /// As given.
    pub role: qenex_text,
    /// Zero in this version.
    pub reserved: [u64; 4],
}

/// A block that was set on an account, or lifted. 80 bytes.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct qenex_block_record {
    /// Sequence number of the change.
    pub sequence: u64,
    /// System time.
    pub time: qenex_time,
    /// Why.
    pub reason: qenex_text,
    /// On whose authority.
    pub authority: qenex_text,
    /// QENEX_BLOCK_SIDE_...
    pub side: u32,
    /// QENEX_BLOCK_LIFT: it was lifted rather than set.
    pub flags: u32,
    /// Number of the principal who did it.
    pub actor: u32,
    /// Zero.
    pub padding: u32,
    /// Zero in this version.
    pub reserved: [u64; 4],
}

const _: () = assert!(size_of::<qenex_schedule>() == 328 && align_of::<qenex_schedule>() <= 8);

// SAFETY: integers and arrays and structs of them only; the fields add up to the size, so there is no padding.
unsafe impl Plain for qenex_schedule {}

impl Record for qenex_schedule {
    const NAME: &'static str = "qenex_schedule";

    fn reserved_is_zero(&self) -> bool {
        let bits = self.padding.bits() | self.reserved.bits();
        bits == 0 && self.transfer.reserved_is_zero()
    }

    fn check_arena(&self, arena: &Arena<'_>) -> Result<()> {
        self.transfer.check_arena(arena)
    }
}

answers! {
    qenex_calendar_record: 72;
    qenex_period_record: 56;
    qenex_sealed_balance: 120;
    qenex_correction: 136;
    qenex_trial_account: 120;
    qenex_schedule_record: 152;
    qenex_owner_record: 88;
    qenex_block_record: 80;
}

records! {
    qenex_calendar: 88, reserved padding | reserved, texts [code, on_behalf_of], bytes [holidays];
    qenex_entity_rules: 80, reserved padding | reserved, texts [calendar, on_behalf_of], bytes [];
    qenex_schedule_cancel: 80, reserved padding | reserved, texts [on_behalf_of], bytes [];
    qenex_day_end: 72, reserved reserved, texts [on_behalf_of], bytes [];
    qenex_year_end: 104, reserved padding | reserved, texts [retained_number, on_behalf_of], bytes [];
    qenex_account_owner: 120, reserved padding | reserved,
        texts [account_number, owner, role, on_behalf_of], bytes [];
    qenex_reactivation: 104, reserved padding | reserved,
        texts [account_number, reason, authority, on_behalf_of], bytes [];
}
