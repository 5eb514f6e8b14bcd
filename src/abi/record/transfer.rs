//! Records of transfers and reversals.

use super::{qenex_amount, qenex_date, qenex_id, qenex_text, records};

/// A transfer: moves an amount of one asset between two accounts of one entity. 272 bytes.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct qenex_transfer {
    /// The transfer's id and idempotency key: the same id with the same content gives the first result again.
    pub id: qenex_id,
    /// The account to debit, or none when debit_number names it.
    pub debit_id: qenex_id,
    /// The account to credit, or none when credit_number names it.
    pub credit_id: qenex_id,
    /// Minor units, greater than zero. With a balancing flag: at most this much.
    pub amount: qenex_amount,
    /// Groups the legs of one transaction; none: the transfer is a transaction of its own.
    pub transaction: qenex_id,
    /// Stored and returned, never read: a number of 128 bits in network order.
    pub user_data_128: [u8; 16],
    /// Equivalent in the entity's functional currency, in its minor units; zero: none.
    pub functional_amount: qenex_amount,
    /// Coefficient of the rate against the functional currency; zero: no rate. The rate is this / 10^rate_scale.
    pub rate: qenex_amount,
    /// Stored and returned, never read.
    pub user_data_64: u64,
    /// External number of the account to debit ("ACC001", "iban:CZ65..."), when debit_id is none.
    pub debit_number: qenex_text,
    /// External number of the account to credit, when credit_id is none.
    pub credit_number: qenex_text,
    /// The payer's reference for the payee; at most 128 bytes.
    pub end_to_end_reference: qenex_text,
    /// A reference of the host's, at most 128 bytes; transfers are found by it.
    pub reference: qenex_text,
    /// Text for the statement; at most 1024 bytes.
    pub narrative: qenex_text,
    /// Anything else that the host wants kept, as text; at most 4096 bytes.
    pub metadata: qenex_text,
    /// The system that the transfer comes from; at most 64 bytes.
    pub source_system: qenex_text,
    /// Where the rate comes from; at most 64 bytes.
    pub rate_source: qenex_text,
    /// The principal on whose behalf the session acts in this item; empty: as the session says.
    pub on_behalf_of: qenex_text,
    /// Stored and returned, never read.
    pub user_data_32: u32,
    /// Number of the asset: the ISO 4217 number of a currency (840 is USD).
    pub asset: u32,
    /// Transaction code of the host's.
    pub code: u32,
    /// QENEX_TRANSFER_BALANCING_DEBIT, _BALANCING_CREDIT, _FORCE, _STORNO, _BANK; QENEX_LINKED.
    pub flags: u32,
    /// 0: the entity's business date.
    pub booking_date: qenex_date,
    /// 0: the booking date. May lie in the past or the future.
    pub value_date: qenex_date,
    /// Decimals of the rate, 0 to 38.
    pub rate_scale: u32,
    /// Must be zero.
    pub padding: u32,
    /// Must be zero.
    pub reserved: [u64; 4],
}

/// Reverses a transfer, in whole or in part; all reversals of a transfer together never exceed it. 208 bytes.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct qenex_reversal {
    /// Id of the reversing transfer, and idempotency key.
    pub id: qenex_id,
    /// Id of the transfer to reverse.
    pub original: qenex_id,
    /// Minor units; zero: all that was not reversed before.
    pub amount: qenex_amount,
    /// The account that pays when the beneficiary's funds are gone; none, with an empty recovery_number: refuse.
    pub recovery_id: qenex_id,
    /// As in qenex_transfer.
    pub functional_amount: qenex_amount,
    /// As in qenex_transfer.
    pub rate: qenex_amount,
    /// External number of the recovery account, when recovery_id is none.
    pub recovery_number: qenex_text,
    /// As in qenex_transfer; empty: the original's.
    pub end_to_end_reference: qenex_text,
    /// As in qenex_transfer; empty: the original's.
    pub reference: qenex_text,
    /// As in qenex_transfer.
    pub narrative: qenex_text,
    /// As in qenex_transfer.
    pub metadata: qenex_text,
    /// As in qenex_transfer.
    pub source_system: qenex_text,
    /// As in qenex_transfer.
    pub rate_source: qenex_text,
    /// As in qenex_transfer.
    pub on_behalf_of: qenex_text,
    /// Transaction code of the host's.
    pub code: u32,
    /// QENEX_TRANSFER_FORCE, QENEX_TRANSFER_STORNO; QENEX_LINKED.
    pub flags: u32,
    /// Decimals of the rate, 0 to 38.
    pub rate_scale: u32,
    /// Must be zero.
    pub padding: u32,
    /// Must be zero.
    pub reserved: [u64; 4],
}

records! {
    qenex_transfer: 272, reserved padding | reserved,
        texts [debit_number, credit_number, end_to_end_reference, reference, narrative, metadata, source_system, rate_source, on_behalf_of], bytes [];
    qenex_reversal: 208, reserved padding | reserved,
        texts [recovery_number, end_to_end_reference, reference, narrative, metadata, source_system, rate_source, on_behalf_of], bytes [];
}
