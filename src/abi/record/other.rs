//! Records of entities, assets, dates, host records and time, and the item of a mixed batch.

use std::ffi::c_char;

use super::{qenex_date, qenex_id, qenex_text, qenex_time, records};

/// Creates a legal entity; its number, 1 and up, is in the result. 88 bytes.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct qenex_entity {
    /// The entity's id and idempotency key.
    pub id: qenex_id,
    /// Name; 1 to 256 bytes.
    pub name: qenex_text,
    /// IANA name of the time zone, such as "Europe/Prague"; empty: "UTC".
    pub time_zone: qenex_text,
    /// The principal on whose behalf the session acts in this item; empty: as the session says.
    pub on_behalf_of: qenex_text,
    /// Number of the functional currency's asset.
    pub functional_currency: u32,
    /// The first business date; 0: it follows the clock.
    pub business_date: qenex_date,
    /// QENEX_ENTITY_FOLLOWS_CLOCK; QENEX_LINKED.
    pub flags: u32,
    /// Must be zero.
    pub padding: u32,
    /// Must be zero.
    pub reserved: [u64; 4],
}

/// Creates an asset; its number is in the result: the ISO 4217 number of a currency, 1000 and up for others.
/// Creating it again with the same properties is no error. 64 bytes.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct qenex_asset {
    /// ISO 4217 code or token symbol: 1 to 16 of A-Z, 0-9, '.', '-'.
    pub code: qenex_text,
    /// The principal on whose behalf the session acts in this item; empty: as the session says.
    pub on_behalf_of: qenex_text,
    /// Decimals, 0 to 18. Must be 0 when kind is 0.
    pub scale: u32,
    /// QENEX_ASSET_KIND_...; 0: the ISO 4217 currency of this code, with the decimals that ISO gives it.
    pub kind: u32,
    /// QENEX_ASSET_WIDE; QENEX_LINKED.
    pub flags: u32,
    /// Must be zero.
    pub padding: u32,
    /// Must be zero.
    pub reserved: [u64; 4],
}

/// Moves the business date of an entity forward, and books the transfers that were scheduled for days up to it.
/// 72 bytes.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct qenex_business_date {
    /// Idempotency key.
    pub key: qenex_id,
    /// The principal on whose behalf the session acts in this item; empty: as the session says.
    pub on_behalf_of: qenex_text,
    /// Number of the entity; 0: entity 1.
    pub entity: u32,
    /// The new business date; 0: the next business day of the entity's calendar.
    pub date: qenex_date,
    /// QENEX_BUSINESS_DATE_ANY_DAY; QENEX_LINKED.
    pub flags: u32,
    /// Must be zero.
    pub padding: u32,
    /// Must be zero.
    pub reserved: [u64; 4],
}

/// Forbids booking dates of an entity up to and including a day. 72 bytes.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct qenex_period_close {
    /// Idempotency key.
    pub key: qenex_id,
    /// The principal on whose behalf the session acts in this item; empty: as the session says.
    pub on_behalf_of: qenex_text,
    /// Number of the entity; 0: entity 1.
    pub entity: u32,
    /// The last day of the closed period.
    pub through: qenex_date,
    /// QENEX_LINKED.
    pub flags: u32,
    /// Must be zero.
    pub padding: u32,
    /// Must be zero.
    pub reserved: [u64; 4],
}

/// Writes or deletes a record of the host's own, in the same commit as everything else in the batch. 96 bytes.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct qenex_host_record {
    /// Idempotency key; none is allowed: expected_version guards against repeating.
    pub key: qenex_id,
    /// 1 to 64 bytes of text.
    pub name_space: qenex_text,
    /// The record's key within the namespace: 1 to 256 bytes of any content.
    pub record: qenex_text,
    /// At most 1 MiB of any content.
    pub value: qenex_text,
    /// The principal on whose behalf the session acts in this item; empty: as the session says.
    pub on_behalf_of: qenex_text,
    /// The version that the record must have now; 0: it must not exist.
    pub expected_version: u64,
    /// QENEX_HOST_RECORD_DELETE, QENEX_HOST_RECORD_ANY_VERSION; QENEX_LINKED.
    pub flags: u32,
    /// Must be zero.
    pub padding: u32,
    /// Must be zero.
    pub reserved: [u64; 4],
}

/// Advances time without any other effect: what is due (expiring holds, following business dates) happens.
/// 56 bytes.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct qenex_time_advance {
    /// The time to advance to.
    pub to: qenex_time,
    /// The principal on whose behalf the session acts in this item; empty: as the session says.
    pub on_behalf_of: qenex_text,
    /// QENEX_LINKED.
    pub flags: u32,
    /// Must be zero.
    pub padding: u32,
    /// Must be zero.
    pub reserved: [u64; 4],
}

/// One item of a mixed batch: says of which kind a record is and where in the arena it lies. The texts of that
/// record lie in the same arena. 48 bytes.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct qenex_command {
    /// QENEX_COMMAND_..., other than QENEX_COMMAND_MIXED.
    pub kind: u32,
    /// Must be zero: QENEX_LINKED stands in the record's own flags.
    pub padding: u32,
    /// The record's first byte, counted from the start of the arena; any alignment.
    pub offset: u32,
    /// The record's size: at least the first version's, and at most QENEX_RECORD_SIZE_MAX.
    pub size: u32,
    /// Must be zero.
    pub reserved: [u64; 4],
}

/// A currency of ISO 4217. 152 bytes.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct qenex_currency {
    /// Three capital letters, then NUL.
    pub code: [c_char; 8],
    /// Numeric code; 0 for three withdrawn codes that never had one.
    pub number: u32,
    /// Decimals of the minor unit.
    pub scale: u32,
    /// QENEX_CURRENCY_...
    pub flags: u32,
    /// Zero.
    pub padding: u32,
    /// English name, then NUL.
    pub name: [c_char; 96],
    /// Zero in this version.
    pub reserved: [u64; 4],
}

impl Default for qenex_currency {
    fn default() -> qenex_currency {
        qenex_currency {
            code: [0; 8],
            number: 0,
            scale: 0,
            flags: 0,
            padding: 0,
            name: [0; 96],
            reserved: [0; 4],
        }
    }
}

const _: () = assert!(size_of::<qenex_currency>() == 152);

records! {
    qenex_entity: 88, reserved padding | reserved, texts [name, time_zone, on_behalf_of], bytes [];
    qenex_asset: 64, reserved padding | reserved, texts [code, on_behalf_of], bytes [];
    qenex_business_date: 72, reserved padding | reserved, texts [on_behalf_of], bytes [];
    qenex_period_close: 72, reserved padding | reserved, texts [on_behalf_of], bytes [];
    qenex_host_record: 96, reserved padding | reserved, texts [name_space, on_behalf_of], bytes [record, value];
    qenex_time_advance: 56, reserved padding | reserved, texts [on_behalf_of], bytes [];
    qenex_command: 48, reserved padding | reserved, texts [], bytes [];
}
