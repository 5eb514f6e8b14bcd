//! What the queries of the books answer with.

use super::answer::answers;
use super::{qenex_amount, qenex_date, qenex_id, qenex_text, qenex_time, qenex_transfer_record};

/// What an entity holds of an asset, and what it is carried at. 120 bytes.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct qenex_position_record {
    /// Credits less debits of the position account, in minor units: above zero, the entity is long.
    pub amount: qenex_amount,
    /// Book value in the functional currency, revaluations included.
    pub carried: qenex_amount,
    /// Rate of the newest revaluation; zero: none.
    pub rate: qenex_amount,
    /// The engine's own number of the position account.
    pub account: u64,
    /// Number of the rounding account; 0: none.
    pub rounding_account: u64,
    /// Source of that rate.
    pub rate_source: qenex_text,
    /// Decimals of that rate.
    pub rate_scale: u32,
    /// Day of the newest revaluation; 0: none.
    pub revalued: qenex_date,
    /// Number of the entity.
    pub entity: u32,
    /// Number of the asset.
    pub asset: u32,
    /// Zero in this version.
    pub reserved: [u64; 4],
}

/// A line of the trial balance in the functional currency: one asset of an entity. 72 bytes.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct qenex_functional_line {
    /// Debits less credits of all accounts but the position account, in the asset.
    pub net: qenex_amount,
    /// What that is carried at in the functional currency; all lines sum to zero.
    pub functional: qenex_amount,
    /// Number of the asset.
    pub asset: u32,
    /// 1: the asset has a position account; 0: it nets to zero by itself.
    pub has_position: u32,
    /// Zero in this version.
    pub reserved: [u64; 4],
}

/// An accrual of an account. 80 bytes.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct qenex_accrual_record {
    /// Not posted yet, in 10^-18 of a minor unit.
    pub value: qenex_amount,
    /// Posted so far, in minor units.
    pub posted: qenex_amount,
    /// Name.
    pub name: qenex_text,
    /// Number of the asset.
    pub asset: u32,
    /// Zero.
    pub padding: u32,
    /// Zero in this version.
    pub reserved: [u64; 4],
}

/// The balance of an account at the end of a day. 104 bytes.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct qenex_day_balance {
    /// On the account's normal side.
    pub balance: qenex_amount,
    /// All debits up to the day.
    pub debits: qenex_amount,
    /// All credits up to the day.
    pub credits: qenex_amount,
    /// The engine's own number of the account.
    pub account: u64,
    /// The answer holds after the change with this sequence number.
    pub sequence: u64,
    /// Number of the asset.
    pub asset: u32,
    /// The day.
    pub date: qenex_date,
    /// Zero in this version.
    pub reserved: [u64; 4],
}

/// A statement that was cut. Balances are on the account's normal side. 144 bytes.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct qenex_statement_record {
    /// The cut's key.
    pub key: qenex_id,
    /// The balance that the statement before it ended with.
    pub opening: qenex_amount,
    /// The balance that it ends with.
    pub closing: qenex_amount,
    /// Debits in it.
    pub debits: qenex_amount,
    /// Credits in it.
    pub credits: qenex_amount,
    /// Sequence number of the cut.
    pub sequence: u64,
    /// System time of the cut.
    pub time: qenex_time,
    /// 1 and up, without gaps.
    pub number: u32,
    /// The last day.
    pub to: qenex_date,
    /// QENEX_STATEMENT_CUT_...
    pub flags: u32,
    /// Zero.
    pub padding: u32,
    /// Zero in this version.
    pub reserved: [u64; 4],
}

/// A line of a statement that was cut. 376 bytes.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct qenex_issued_line {
    /// The transfer, or the first leg of the transaction.
    pub transfer: qenex_transfer_record,
    /// Change of the balance on the account's normal side.
    pub change: qenex_amount,
    /// The balance on the account's normal side after the line.
    pub balance: qenex_amount,
    /// Postings that the line stands for.
    pub legs: u32,
    /// The date that decided: booking or value date.
    pub date: qenex_date,
    /// Zero in this version.
    pub reserved: [u64; 4],
}

/// A line of the trial balance by code of the general ledger. 120 bytes.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct qenex_gl_line {
    /// Sum of the balances on the debit side.
    pub debit: qenex_amount,
    /// Sum of the balances on the credit side.
    pub credit: qenex_amount,
    /// Number of balances.
    pub accounts: u64,
    /// The code; empty: accounts without one.
    pub code: qenex_text,
    /// Its name.
    pub name: qenex_text,
    /// The dimensions that the lines are apart by; others are empty.
    pub branch: qenex_text,
    /// Cost centre.
    pub cost_centre: qenex_text,
    /// Product.
    pub product: qenex_text,
    /// Number of the asset.
    pub asset: u32,
    /// QENEX_GL_CODE_...
    pub flags: u32,
    /// Zero in this version.
    pub reserved: [u64; 4],
}

/// A code's balance from its accounts, and from the transfers one by one. Debits less credits. 96 bytes.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct qenex_gl_difference {
    /// From the accounts' balances.
    pub sub_ledger: qenex_amount,
    /// From every transfer.
    pub journal: qenex_amount,
    /// sub_ledger less journal: zero, unless the file is damaged.
    pub difference: qenex_amount,
    /// The code.
    pub code: qenex_text,
    /// Number of the asset.
    pub asset: u32,
    /// QENEX_GL_CODE_...
    pub flags: u32,
    /// Zero in this version.
    pub reserved: [u64; 4],
}

/// Where the import stands. 56 bytes.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct qenex_import_status {
    /// Transfers that were imported.
    pub transfers: u64,
    /// Imported balances that are not proved since they last changed.
    pub unproved: u64,
    /// 1: import mode was begun.
    pub begun: u32,
    /// 1: the file has gone live.
    pub live: u32,
    /// Zero in this version.
    pub reserved: [u64; 4],
}

/// How long an account's data is kept. 72 bytes.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct qenex_retention_record {
    /// Sequence number of the change that said so; 0: nothing was said.
    pub sequence: u64,
    /// Class.
    pub class_name: qenex_text,
    /// Reason.
    pub reason: qenex_text,
    /// Authority.
    pub authority: qenex_text,
    /// 0: no day is set.
    pub until: qenex_date,
    /// QENEX_RETENTION_...
    pub flags: u32,
    /// Zero in this version.
    pub reserved: [u64; 4],
}

/// Where a personal text is. 56 bytes.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct qenex_personal_place {
    /// Sequence number of the change that it came with.
    pub sequence: u64,
    /// Bytes of text.
    pub length: u64,
    /// QENEX_PERSONAL_...
    pub kind: u32,
    /// Zero.
    pub padding: u32,
    /// Zero in this version.
    pub reserved: [u64; 4],
}

answers! {
    qenex_position_record: 120;
    qenex_functional_line: 72;
    qenex_accrual_record: 80;
    qenex_day_balance: 104;
    qenex_statement_record: 144;
    qenex_issued_line: 376;
    qenex_gl_line: 120;
    qenex_gl_difference: 96;
    qenex_import_status: 56;
    qenex_retention_record: 72;
    qenex_personal_place: 56;
}
