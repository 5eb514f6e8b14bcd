//! Records of accounts: opening, external numbers, blocks, limits, closing.

use super::{qenex_amount, qenex_id, qenex_text, qenex_time, records};

/// Opens an account, with a first amount if opening_amount is not zero. 232 bytes.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct qenex_account {
    /// The account's id and idempotency key.
    pub id: qenex_id,
    /// Id of the parent account; none: no parent.
    pub parent: qenex_id,
    /// Stored and returned, never read: a number of 128 bits in network order.
    pub user_data_128: [u8; 16],
    /// Stored and returned, never read.
    pub user_data_64: u64,
    /// Type of the external number ("account", "iban"); at most 16 bytes; empty: "account".
    pub number_type: qenex_text,
    /// External number, accepted wherever an account is named; at most 64 bytes; empty: none for now.
    pub number: qenex_text,
    /// Name; at most 256 bytes.
    pub name: qenex_text,
    /// Code in the general ledger; this and the next four at most 64 bytes.
    pub gl_code: qenex_text,
    /// Branch.
    pub branch: qenex_text,
    /// Cost centre.
    pub cost_centre: qenex_text,
    /// Product.
    pub product: qenex_text,
    /// The owner in the host's own customer records.
    pub owner: qenex_text,
    /// The principal on whose behalf the session acts in this item; empty: as the session says.
    pub on_behalf_of: qenex_text,
    /// Stored and returned, never read.
    pub user_data_32: u32,
    /// Number of the legal entity; 0: entity 1.
    pub entity: u32,
    /// The one asset that the account holds; 0: any asset of the file.
    pub asset: u32,
    /// QENEX_ACCOUNT_KIND_...; there is no default.
    pub kind: u32,
    /// QENEX_ACCOUNT_NO_OVERDRAFT, QENEX_ACCOUNT_CONTRA, QENEX_ACCOUNT_CUSTOMER; QENEX_LINKED.
    pub flags: u32,
    /// Asset of the opening amount; 0: the account's.
    pub opening_asset: u32,
    /// Minor units that the account opens with, on its normal side, by an ordinary transfer against the contra account
    /// in the same command; zero, without a contra account: it opens empty.
    pub opening_amount: qenex_amount,
    /// The account that the opening amount comes from, or none when contra_number names it.
    pub contra_id: qenex_id,
    /// External number of the contra account, when contra_id is none.
    pub contra_number: qenex_text,
    /// Must be zero.
    pub padding: [u32; 2],
    /// Must be zero.
    pub reserved: [u64; 4],
}

/// Gives an account an external number, moves one to it, or ends one. 112 bytes.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct qenex_account_number {
    /// Idempotency key.
    pub key: qenex_id,
    /// The account, or none when account_number names it.
    pub account: qenex_id,
    /// The number ends at this time by itself, as a change of its own; 0: it stays.
    pub expires_at: qenex_time,
    /// A number that the account has, when account is none.
    pub account_number: qenex_text,
    /// Type of the number to give or end; empty: "account".
    pub number_type: qenex_text,
    /// The number to give or end; at most 64 bytes.
    pub number: qenex_text,
    /// The principal on whose behalf the session acts in this item; empty: as the session says.
    pub on_behalf_of: qenex_text,
    /// QENEX_ACCOUNT_NUMBER_END, QENEX_ACCOUNT_NUMBER_TAKE; QENEX_LINKED.
    pub flags: u32,
    /// Must be zero.
    pub padding: u32,
    /// Must be zero.
    pub reserved: [u64; 4],
}

/// Sets or lifts a debit or credit block. 104 bytes.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct qenex_account_block {
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
    /// QENEX_BLOCK_SIDE_...; there is no default.
    pub side: u32,
    /// QENEX_BLOCK_LIFT; QENEX_LINKED.
    pub flags: u32,
    /// Must be zero.
    pub reserved: [u64; 4],
}

/// Sets a limit of an account in an asset, or lifts it. 112 bytes.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct qenex_account_limit {
    /// Idempotency key.
    pub key: qenex_id,
    /// The account's id.
    pub account: qenex_id,
    /// Minor units.
    pub amount: qenex_amount,
    /// The limit ends at this time; 0: it stays.
    pub expires_at: qenex_time,
    /// The principal on whose behalf the session acts in this item; empty: as the session says.
    pub on_behalf_of: qenex_text,
    /// Number of the asset.
    pub asset: u32,
    /// QENEX_LIMIT_KIND_...; there is no default.
    pub kind: u32,
    /// QENEX_LIMIT_LIFT; QENEX_LINKED.
    pub flags: u32,
    /// Must be zero.
    pub padding: u32,
    /// Must be zero.
    pub reserved: [u64; 4],
}

/// Closes an account of which every balance and hold is zero. 80 bytes.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct qenex_account_close {
    /// Idempotency key.
    pub key: qenex_id,
    /// The account's id.
    pub account: qenex_id,
    /// The principal on whose behalf the session acts in this item; empty: as the session says.
    pub on_behalf_of: qenex_text,
    /// QENEX_LINKED.
    pub flags: u32,
    /// Must be zero.
    pub padding: u32,
    /// Must be zero.
    pub reserved: [u64; 4],
}

records! {
    qenex_account: 232, reserved padding | reserved,
        texts [number_type, number, name, gl_code, branch, cost_centre, product, owner, on_behalf_of, contra_number], bytes [];
    qenex_account_number: 112, reserved padding | reserved,
        texts [account_number, number_type, number, on_behalf_of], bytes [];
    qenex_account_block: 104, reserved reserved, texts [account_number, reason, authority, on_behalf_of], bytes [];
    qenex_account_limit: 112, reserved padding | reserved, texts [on_behalf_of], bytes [];
    qenex_account_close: 80, reserved padding | reserved, texts [on_behalf_of], bytes [];
}
