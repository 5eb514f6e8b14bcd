//! Records of the commands of the books: positions and exchanges, revaluations, splits, accruals, statements, the
//! general ledger, the import, retention.

use super::{qenex_amount, qenex_date, qenex_id, qenex_text, qenex_time, qenex_transfer, records};

/// Makes an account the position account of its entity in an asset: from then on exchanges, revaluations and reversals of
/// whole exchanges alone move it. 128 bytes.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct qenex_position {
    /// Idempotency key.
    pub key: qenex_id,
    /// The account, or none when account_number names it.
    pub account: qenex_id,
    /// Takes differences of a minor unit where both amounts of an exchange are given, or none.
    pub rounding: qenex_id,
    /// Book value in the functional currency of the balance that the account has already; its sign is the position's:
    /// above zero for a credit balance.
    pub carried: qenex_amount,
    /// External number, when account is none.
    pub account_number: qenex_text,
    /// External number, when rounding is none.
    pub rounding_number: qenex_text,
    /// The principal on whose behalf the session acts in this item; empty: as the session says.
    pub on_behalf_of: qenex_text,
    /// Number of the asset.
    pub asset: u32,
    /// QENEX_LINKED.
    pub flags: u32,
    /// Must be zero.
    pub reserved: [u64; 4],
}

/// Sells an amount of one asset for an amount of another, through the position accounts of the entity, in one command
/// with two or three legs of one transaction that bears the command's id. 280 bytes.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct qenex_exchange {
    /// Idempotency key, and the transaction of the legs.
    pub id: qenex_id,
    /// Debited in the asset that is sold, or none when debit_number names it.
    pub debit: qenex_id,
    /// Credited in the asset that is bought, or none when credit_number names it.
    pub credit: qenex_id,
    /// Minor units of the asset that is sold; zero: computed from bought_amount.
    pub sold_amount: qenex_amount,
    /// Minor units of the asset that is bought; zero: computed from sold_amount. With both given they must agree with the
    /// rate within one minor unit of the bought asset; the difference goes to the position's rounding account.
    pub bought_amount: qenex_amount,
    /// Units of the bought asset for one of the sold asset: this / 10^rate_scale. Always needed.
    pub rate: qenex_amount,
    /// Equivalent in the functional currency, in its minor units: needed where neither asset is that currency.
    pub functional_amount: qenex_amount,
    /// Stored and returned, never read.
    pub user_data_128: [u8; 16],
    /// Stored and returned, never read.
    pub user_data_64: u64,
    /// External number, when debit is none.
    pub debit_number: qenex_text,
    /// External number, when credit is none.
    pub credit_number: qenex_text,
    /// As in qenex_transfer.
    pub end_to_end_reference: qenex_text,
    /// As in qenex_transfer.
    pub reference: qenex_text,
    /// As in qenex_transfer.
    pub narrative: qenex_text,
    /// As in qenex_transfer.
    pub metadata: qenex_text,
    /// As in qenex_transfer.
    pub source_system: qenex_text,
    /// Where the rate comes from; at most 64 bytes.
    pub rate_source: qenex_text,
    /// The principal on whose behalf the session acts in this item; empty: as the session says.
    pub on_behalf_of: qenex_text,
    /// Stored and returned, never read.
    pub user_data_32: u32,
    /// Number of the asset that is sold.
    pub sold: u32,
    /// Number of the asset that is bought.
    pub bought: u32,
    /// QENEX_ROUNDING_...; 0: what is computed must come out exact.
    pub rounding: u32,
    /// Decimals of the rate, 0 to 38.
    pub rate_scale: u32,
    /// Transaction code of the host's.
    pub code: u32,
    /// QENEX_TRANSFER_FORCE; QENEX_LINKED.
    pub flags: u32,
    /// 0: the entity's business date.
    pub booking_date: qenex_date,
    /// 0: the booking date.
    pub value_date: qenex_date,
    /// Must be zero.
    pub padding: u32,
    /// Must be zero.
    pub reserved: [u64; 4],
}

/// Values a position at the end of a booking day and posts what that differs from its book value as an unrealised gain
/// or loss in the functional currency. Again for the same day: only the difference to the last one is posted. 136 bytes.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct qenex_revaluation {
    /// Idempotency key.
    pub key: qenex_id,
    /// Takes gains on its credit side and losses on its debit side, or none when account_number names it.
    pub account: qenex_id,
    /// Units of the functional currency for one of the asset: this / 10^rate_scale.
    pub rate: qenex_amount,
    /// External number, when account is none.
    pub account_number: qenex_text,
    /// Where the rate comes from; at most 64 bytes.
    pub rate_source: qenex_text,
    /// The principal on whose behalf the session acts in this item; empty: as the session says.
    pub on_behalf_of: qenex_text,
    /// Decimals of the rate, 0 to 38.
    pub rate_scale: u32,
    /// Number of the entity; 0: entity 1.
    pub entity: u32,
    /// Number of the position's asset.
    pub asset: u32,
    /// The day, whose booking period must be open.
    pub date: qenex_date,
    /// QENEX_ROUNDING_...; there is no default.
    pub rounding: u32,
    /// Transaction code of the host's.
    pub code: u32,
    /// QENEX_LINKED.
    pub flags: u32,
    /// Must be zero.
    pub padding: u32,
    /// Must be zero.
    pub reserved: [u64; 4],
}

/// Debits one account and credits several in proportion to weights, by the largest remainder: the parts sum to the
/// amount, and equal remainders go to the part that stands first. 192 bytes.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct qenex_split {
    /// Idempotency key, and the transaction of the legs.
    pub id: qenex_id,
    /// The account to debit, or none when debit_number names it.
    pub debit: qenex_id,
    /// Minor units, greater than zero.
    pub amount: qenex_amount,
    /// Stored and returned, never read.
    pub user_data_128: [u8; 16],
    /// Stored and returned, never read.
    pub user_data_64: u64,
    /// External number, when debit is none.
    pub debit_number: qenex_text,
    /// 1 to 1000 qenex_split_part records in the arena, one after the other, at any alignment.
    pub parts: qenex_text,
    /// As in qenex_transfer.
    pub end_to_end_reference: qenex_text,
    /// As in qenex_transfer.
    pub reference: qenex_text,
    /// As in qenex_transfer.
    pub narrative: qenex_text,
    /// As in qenex_transfer.
    pub metadata: qenex_text,
    /// As in qenex_transfer.
    pub source_system: qenex_text,
    /// The principal on whose behalf the session acts in this item; empty: as the session says.
    pub on_behalf_of: qenex_text,
    /// Stored and returned, never read.
    pub user_data_32: u32,
    /// Number of the asset.
    pub asset: u32,
    /// Transaction code of the host's.
    pub code: u32,
    /// QENEX_TRANSFER_FORCE; QENEX_LINKED.
    pub flags: u32,
    /// 0: the entity's business date.
    pub booking_date: qenex_date,
    /// 0: the booking date.
    pub value_date: qenex_date,
    /// Must be zero.
    pub reserved: [u64; 4],
}

/// A part of a split, in the arena. 64 bytes.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct qenex_split_part {
    /// The account to credit, or none when credit_number names it.
    pub credit: qenex_id,
    /// The part's share is its weight's share of the sum of all weights.
    pub weight: u64,
    /// External number, when credit is none.
    pub credit_number: qenex_text,
    /// Must be zero.
    pub reserved: [u64; 4],
}

/// Adds to an accrual of an account, which begins with its first addition: exactly, in 10^-18 of a minor unit. 120 bytes.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct qenex_accrual {
    /// Idempotency key.
    pub key: qenex_id,
    /// The account, or none when account_number names it.
    pub account: qenex_id,
    /// What is added, in minor units: this / 10^scale. Negative amounts take back.
    pub amount: qenex_amount,
    /// External number, when account is none.
    pub account_number: qenex_text,
    /// Name of the accrual, such as "interest"; 1 to 64 bytes.
    pub name: qenex_text,
    /// The principal on whose behalf the session acts in this item; empty: as the session says.
    pub on_behalf_of: qenex_text,
    /// Number of the asset.
    pub asset: u32,
    /// 0 to 18.
    pub scale: u32,
    /// QENEX_LINKED.
    pub flags: u32,
    /// Must be zero.
    pub padding: u32,
    /// Must be zero.
    pub reserved: [u64; 4],
}

/// Posts the whole minor units of an accrual by a transfer and keeps the rest; with a residue account the accrual ends
/// and the rest goes to that account's accrual of the same name. 224 bytes.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct qenex_accrual_post {
    /// Idempotency key, and the transaction of the transfer.
    pub id: qenex_id,
    /// Credited while the accrual is above zero, debited below, or none when account_number names it.
    pub account: qenex_id,
    /// The other side of the transfer, or none when contra_number names it.
    pub contra: qenex_id,
    /// Ends the accrual, and takes what is less than a minor unit into its own; none: the rest stays.
    pub residue: qenex_id,
    /// Stored and returned, never read.
    pub user_data_128: [u8; 16],
    /// Stored and returned, never read.
    pub user_data_64: u64,
    /// External number, when account is none.
    pub account_number: qenex_text,
    /// External number, when contra is none.
    pub contra_number: qenex_text,
    /// External number, when residue is none.
    pub residue_number: qenex_text,
    /// Name of the accrual.
    pub name: qenex_text,
    /// As in qenex_transfer.
    pub end_to_end_reference: qenex_text,
    /// As in qenex_transfer.
    pub reference: qenex_text,
    /// As in qenex_transfer.
    pub narrative: qenex_text,
    /// As in qenex_transfer.
    pub metadata: qenex_text,
    /// As in qenex_transfer.
    pub source_system: qenex_text,
    /// The principal on whose behalf the session acts in this item; empty: as the session says.
    pub on_behalf_of: qenex_text,
    /// Stored and returned, never read.
    pub user_data_32: u32,
    /// Transaction code of the host's.
    pub code: u32,
    /// QENEX_LINKED.
    pub flags: u32,
    /// 0: the entity's business date.
    pub booking_date: qenex_date,
    /// 0: the booking date.
    pub value_date: qenex_date,
    /// Must be zero.
    pub padding: u32,
    /// Must be zero.
    pub reserved: [u64; 4],
}

/// Cuts the next statement of an account in an asset; its number, without gaps, is in the result. 96 bytes.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct qenex_statement_cut {
    /// Idempotency key.
    pub key: qenex_id,
    /// The account, or none when account_number names it.
    pub account: qenex_id,
    /// External number, when account is none.
    pub account_number: qenex_text,
    /// The principal on whose behalf the session acts in this item; empty: as the session says.
    pub on_behalf_of: qenex_text,
    /// Number of the asset.
    pub asset: u32,
    /// The last day; 0: the business date. Not before the last statement's.
    pub to: qenex_date,
    /// QENEX_STATEMENT_CUT_BY_VALUE_DATE, which all statements of an account and asset share; QENEX_STATEMENT_CUT_COLLAPSED;
    /// QENEX_LINKED.
    pub flags: u32,
    /// Must be zero.
    pub padding: u32,
    /// Must be zero.
    pub reserved: [u64; 4],
}

/// Enters a code into the chart of an entity, or changes its name and whether it is a control account. 88 bytes.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct qenex_gl_code {
    /// Idempotency key.
    pub key: qenex_id,
    /// The code: 1 to 64 printable characters of ASCII.
    pub code: qenex_text,
    /// Name; at most 256 bytes.
    pub name: qenex_text,
    /// The principal on whose behalf the session acts in this item; empty: as the session says.
    pub on_behalf_of: qenex_text,
    /// Number of the entity; 0: entity 1.
    pub entity: u32,
    /// QENEX_ACCOUNT_KIND_..., which never changes.
    pub kind: u32,
    /// QENEX_GL_CODE_CONTROL; QENEX_LINKED.
    pub flags: u32,
    /// Must be zero.
    pub padding: u32,
    /// Must be zero.
    pub reserved: [u64; 4],
}

/// Gives an account its codes from a day on. 104 bytes.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct qenex_gl_assignment {
    /// Idempotency key.
    pub key: qenex_id,
    /// The account, or none when account_number names it.
    pub account: qenex_id,
    /// External number, when account is none.
    pub account_number: qenex_text,
    /// The code, which is in the chart.
    pub code: qenex_text,
    /// The code while the balance is not on the account's normal side; empty: code.
    pub contrary_code: qenex_text,
    /// The principal on whose behalf the session acts in this item; empty: as the session says.
    pub on_behalf_of: qenex_text,
    /// The first day, not in a closed period.
    pub from: qenex_date,
    /// QENEX_LINKED.
    pub flags: u32,
    /// Must be zero.
    pub reserved: [u64; 4],
}

/// Begins import mode, in a file without transfers. 64 bytes.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct qenex_import_begin {
    /// Idempotency key.
    pub key: qenex_id,
    /// The principal on whose behalf the session acts in this item; empty: as the session says.
    pub on_behalf_of: qenex_text,
    /// QENEX_LINKED.
    pub flags: u32,
    /// Must be zero.
    pub padding: u32,
    /// Must be zero.
    pub reserved: [u64; 4],
}

/// A transfer of the past, flagged for ever. Funds, limits and closed periods are not checked: it has happened. 320 bytes.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct qenex_import_transfer {
    /// The transfer; its flags may be QENEX_TRANSFER_STORNO and QENEX_LINKED.
    pub transfer: qenex_transfer,
    /// When the old system recorded it; kept as data, needed.
    pub original_time: qenex_time,
    /// QENEX_IMPORT_OPENING.
    pub flags: u32,
    /// Must be zero.
    pub padding: u32,
    /// Must be zero.
    pub reserved: [u64; 4],
}

/// Proves a balance that was imported; refused unless every amount is what the ledger has. 152 bytes.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct qenex_import_proof {
    /// Idempotency key.
    pub key: qenex_id,
    /// The account, or none when account_number names it.
    pub account: qenex_id,
    /// Sum of what was imported with QENEX_IMPORT_OPENING, on the account's normal side.
    pub opening: qenex_amount,
    /// Sum of the other debits.
    pub debits: qenex_amount,
    /// Sum of the other credits.
    pub credits: qenex_amount,
    /// The balance on the account's normal side.
    pub closing: qenex_amount,
    /// External number, when account is none.
    pub account_number: qenex_text,
    /// The principal on whose behalf the session acts in this item; empty: as the session says.
    pub on_behalf_of: qenex_text,
    /// Number of the asset.
    pub asset: u32,
    /// QENEX_LINKED.
    pub flags: u32,
    /// Must be zero.
    pub reserved: [u64; 4],
}

/// Ends import mode for ever; every imported balance must be proved. 64 bytes.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct qenex_go_live {
    /// Idempotency key.
    pub key: qenex_id,
    /// The principal on whose behalf the session acts in this item; empty: as the session says.
    pub on_behalf_of: qenex_text,
    /// QENEX_LINKED.
    pub flags: u32,
    /// Must be zero.
    pub padding: u32,
    /// Must be zero.
    pub reserved: [u64; 4],
}

/// Says how long an account's data is kept; replaces what was said before. 112 bytes.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct qenex_retention {
    /// Idempotency key.
    pub key: qenex_id,
    /// The account, or none when account_number names it.
    pub account: qenex_id,
    /// External number, when account is none.
    pub account_number: qenex_text,
    /// The host's own class; at most 64 bytes.
    pub class_name: qenex_text,
    /// At most 256 bytes, as authority.
    pub reason: qenex_text,
    /// Who asked for it; a legal hold names it.
    pub authority: qenex_text,
    /// The principal on whose behalf the session acts in this item; empty: as the session says.
    pub on_behalf_of: qenex_text,
    /// Kept at least until this day; 0: no day is set.
    pub until: qenex_date,
    /// QENEX_RETENTION_LEGAL_HOLD; QENEX_LINKED.
    pub flags: u32,
    /// Must be zero.
    pub reserved: [u64; 4],
}

records! {
    qenex_position: 128, reserved reserved, texts [account_number, rounding_number, on_behalf_of], bytes [];
    qenex_exchange: 280, reserved padding | reserved, texts [debit_number, credit_number, end_to_end_reference, reference, narrative, metadata, source_system, rate_source, on_behalf_of], bytes [];
    qenex_revaluation: 136, reserved padding | reserved, texts [account_number, rate_source, on_behalf_of], bytes [];
    qenex_split: 192, reserved reserved, texts [debit_number, end_to_end_reference, reference, narrative, metadata, source_system, on_behalf_of], bytes [parts];
    qenex_split_part: 64, reserved reserved, texts [credit_number], bytes [];
    qenex_accrual: 120, reserved padding | reserved, texts [account_number, name, on_behalf_of], bytes [];
    qenex_accrual_post: 224, reserved padding | reserved, texts [account_number, contra_number, residue_number, name, end_to_end_reference, reference, narrative, metadata, source_system, on_behalf_of], bytes [];
    qenex_statement_cut: 96, reserved padding | reserved, texts [account_number, on_behalf_of], bytes [];
    qenex_gl_code: 88, reserved padding | reserved, texts [code, name, on_behalf_of], bytes [];
    qenex_gl_assignment: 104, reserved reserved, texts [account_number, code, contrary_code, on_behalf_of], bytes [];
    qenex_import_begin: 64, reserved padding | reserved, texts [on_behalf_of], bytes [];
    qenex_import_proof: 152, reserved reserved, texts [account_number, on_behalf_of], bytes [];
    qenex_go_live: 64, reserved padding | reserved, texts [on_behalf_of], bytes [];
    qenex_retention: 112, reserved reserved, texts [account_number, class_name, reason, authority, on_behalf_of], bytes [];
}

const _: () =
    assert!(size_of::<qenex_import_transfer>() == 320 && align_of::<qenex_import_transfer>() <= 8);

// SAFETY: integers, arrays and structs of them only; the fields add up to the size, so there is no padding.
unsafe impl crate::abi::memory::Plain for qenex_import_transfer {}

impl super::Record for qenex_import_transfer {
    const NAME: &'static str = "qenex_import_transfer";

    #[inline]
    fn reserved_is_zero(&self) -> bool {
        use super::Reserved;
        self.padding.bits() | self.reserved.bits() == 0 && self.transfer.reserved_is_zero()
    }

    #[inline]
    fn check_arena(&self, arena: &crate::abi::arena::Arena<'_>) -> crate::base::error::Result<()> {
        self.transfer.check_arena(arena)
    }
}
