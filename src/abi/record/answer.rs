//! What queries are asked with and answer with: balances, accounts, entities, assets, host records.

use super::{
    qenex_amount, qenex_date, qenex_id, qenex_status, qenex_text, qenex_time, qenex_turnovers,
    records,
};

/// Names an account, and an asset where a balance is meant. One of id, number and account is given. 72 bytes.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct qenex_account_key {
    /// The account's id; none: named by number or account.
    pub id: qenex_id,
    /// An external number ("ACC001", "iban:CZ65..."), in the arena; empty: named by id or account.
    pub number: qenex_text,
    /// The engine's own number of the account, as other answers give it; 0: named by id or number.
    pub account: u64,
    /// Number of the asset; not read where accounts are asked for.
    pub asset: u32,
    /// Must be zero.
    pub padding: u32,
    /// Must be zero.
    pub reserved: [u64; 4],
}

records! {
    qenex_account_key: 72, reserved padding | reserved, texts [number], bytes [];
}

/// A balance of one account in one asset. 160 bytes.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct qenex_balance {
    /// Everything debited and credited, and everything held.
    pub turnovers: qenex_turnovers,
    /// The balance on the account's normal side: debits less credits of an asset account, credits less debits of a
    /// liability. Negative when overdrawn.
    pub balance: qenex_amount,
    /// The balance less the holds that would lower it. Limits and overdrafts are not counted in.
    pub available: qenex_amount,
    /// The engine's own number of the account.
    pub account: u64,
    /// The answer holds after the change with this sequence number.
    pub sequence: u64,
    /// Number of the asset.
    pub asset: u32,
    /// QENEX_OK; QENEX_ACCOUNT_UNKNOWN, QENEX_ASSET_UNKNOWN: everything else is zero.
    pub status: qenex_status,
    /// QENEX_ACCOUNT_NORMAL_DEBIT, or 0.
    pub flags: u32,
    /// Zero.
    pub padding: u32,
    /// Zero in this version.
    pub reserved: [u64; 4],
}

/// An account. 192 bytes.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct qenex_account_record {
    /// The account's id.
    pub id: qenex_id,
    /// Id of the parent account; none: no parent.
    pub parent: qenex_id,
    /// As given when opening.
    pub user_data_128: [u8; 16],
    /// The engine's own number, 1 and up in the order of opening.
    pub account: u64,
    /// The parent's number; 0: no parent.
    pub parent_account: u64,
    /// Sequence number of the opening.
    pub sequence: u64,
    /// Time of the opening.
    pub opened_at: qenex_time,
    /// As given when opening.
    pub user_data_64: u64,
    /// As given when opening; empty also after erasure.
    pub name: qenex_text,
    /// As given when opening.
    pub gl_code: qenex_text,
    /// As given when opening.
    pub branch: qenex_text,
    /// As given when opening.
    pub cost_centre: qenex_text,
    /// As given when opening.
    pub product: qenex_text,
    /// As given when opening; empty also after erasure.
    pub owner: qenex_text,
    /// As given when opening.
    pub user_data_32: u32,
    /// Number of the legal entity.
    pub entity: u32,
    /// The one asset that the account holds; 0: any.
    pub asset: u32,
    /// QENEX_ACCOUNT_KIND_...
    pub kind: u32,
    /// QENEX_ACCOUNT_...
    pub flags: u32,
    /// QENEX_OK; QENEX_ACCOUNT_UNKNOWN: everything else is zero.
    pub status: qenex_status,
    /// Zero in this version.
    pub reserved: [u64; 4],
}

/// A legal entity. 104 bytes.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct qenex_entity_record {
    /// The entity's id.
    pub id: qenex_id,
    /// Name.
    pub name: qenex_text,
    /// IANA name of the time zone.
    pub time_zone: qenex_text,
    /// The entity's number, 1 and up.
    pub number: u32,
    /// Number of the functional currency's asset.
    pub functional_currency: u32,
    /// The open business date.
    pub business_date: qenex_date,
    /// Booking dates up to this day are closed; 0: none.
    pub closed_through: qenex_date,
    /// QENEX_ENTITY_...
    pub flags: u32,
    /// Number of its calendar; 0: every day is a business day.
    pub calendar: u32,
    /// See qenex_entity_rules.
    pub dormant_after_days: u32,
    /// Days up to this one are sealed; 0: none.
    pub sealed_through: qenex_date,
    /// The day that is being sealed; 0: none.
    pub sealing: qenex_date,
    /// Zero.
    pub padding: u32,
    /// Zero in this version.
    pub reserved: [u64; 4],
}

/// An asset. 56 bytes.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct qenex_asset_record {
    /// ISO 4217 code or token symbol.
    pub code: qenex_text,
    /// ISO 4217 number of a currency, 1000 and up for others.
    pub number: u32,
    /// Decimals, 0 to 18.
    pub scale: u32,
    /// QENEX_ASSET_KIND_...
    pub kind: u32,
    /// QENEX_ASSET_...
    pub flags: u32,
    /// Zero in this version.
    pub reserved: [u64; 4],
}

/// Debits and credits of one asset in one entity, over all accounts: equal, always. 80 bytes.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct qenex_trial_line {
    /// Sum of all debits, in minor units.
    pub debits: qenex_amount,
    /// Sum of all credits.
    pub credits: qenex_amount,
    /// Number of balances.
    pub accounts: u64,
    /// Number of the entity.
    pub entity: u32,
    /// Number of the asset.
    pub asset: u32,
    /// Zero in this version.
    pub reserved: [u64; 4],
}

/// A record of the host's own. 56 bytes.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct qenex_host_value {
    /// Version, 1 and up; it rises with each write and each deletion.
    pub version: u64,
    /// Sequence number of the change that wrote it.
    pub sequence: u64,
    /// The bytes.
    pub value: qenex_text,
    /// Zero in this version.
    pub reserved: [u64; 4],
}

/// Declares the sizes of records that only go out, and that they have no padding.
macro_rules! answers {
    ($($record:ident: $size:literal;)*) => {$(
        const _: () = assert!(size_of::<$record>() == $size && align_of::<$record>() == 8);

        // SAFETY: integers, arrays and structs of them only; the fields add up to the size, so there is no padding.
        unsafe impl $crate::abi::memory::Plain for $record {}
    )*};
}
pub(super) use answers;

/// An external number of an account. 80 bytes.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct qenex_account_number_record {
    /// Sequence number of the change that gave it.
    pub sequence: u64,
    /// In force from this system time on.
    pub valid_from: qenex_time,
    /// It ended at this system time; 0: it is in force.
    pub valid_to: qenex_time,
    /// Type, such as "account" or "iban".
    pub number_type: qenex_text,
    /// The number.
    pub number: qenex_text,
    /// The engine's own number of the account.
    pub account: u64,
    /// Zero in this version.
    pub reserved: [u64; 4],
}

/// A limit of an account in an asset. 72 bytes.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct qenex_account_limit_record {
    /// Minor units.
    pub amount: qenex_amount,
    /// It ends, or ended, at this system time; 0: it stays.
    pub expires_at: qenex_time,
    /// The engine's own number of the account.
    pub account: u64,
    /// Number of the asset.
    pub asset: u32,
    /// QENEX_LIMIT_KIND_...
    pub kind: u32,
    /// Zero in this version.
    pub reserved: [u64; 4],
}

answers! {
    qenex_balance: 160;
    qenex_account_number_record: 80;
    qenex_account_limit_record: 72;
    qenex_account_record: 192;
    qenex_entity_record: 104;
    qenex_trial_line: 80;
    qenex_host_value: 56;
    qenex_asset_record: 56;
}
