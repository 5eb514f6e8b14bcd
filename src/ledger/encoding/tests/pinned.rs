//! Values of every kind and their bytes, for ever: files are full of them. A test here that fails means that the
//! file format was changed; the answer is a new version beside the old one, never new bytes here. The bytes were
//! computed from the description of the format by another program.

mod books;
mod movements;

use super::*;

const ID: Id = Id::from_u128(0x0123_4567_89ab_cdef_fedc_ba98_7654_3210);
const TWO: Id = Id::from_u128(2);
const USER_DATA: UserData = UserData {
    wide: 1 << 127,
    long: u64::MAX,
    short: u32::MAX,
};
const DETAILS: Details<'_> = Details {
    end_to_end_reference: "E2E-1",
    reference: "INV 7",
    narrative: "rent",
    metadata: "{}",
    source_system: "swift",
    rate: Some((-105, 2)),
    rate_source: "ECB",
    functional_amount: Some(Amount::from_minor(2500)),
};

fn date(year: i32, month: u8, day: u8) -> Date {
    Date::from_ymd(year, month, day).expect("a date of the calendar")
}

/// `fields` is the hex of the header and of each field in turn.
fn pinned(command: &Command<'_>, commitment: Option<[u8; 32]>, fields: &[&str]) {
    let bytes = encoded(command, commitment.as_ref());
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(hex, fields.concat(), "{command:?}");
    let (decoded, found) = decode(&bytes).expect("the pinned bytes can be read");
    assert_eq!(found, commitment);
    assert_eq!(with_texts(decoded, &strings(command)), *command);
}

#[test]
fn entity_create() {
    let command = Command::EntityCreate(EntityCreate {
        id: ID,
        name: "Banka Ž",
        functional_currency: 978,
        time_zone: "Europe/Prague",
        business_date: date(2026, 1, 31),
        follows_clock: true,
    });
    pinned(
        &command,
        None,
        &[
            "011401",
            "0123456789abcdeffedcba9876543210",
            "0842616e6b6120c5bd",
            "d207",
            "0d4575726f70652f507261677565",
            "88c002",
            "01",
        ],
    );
}

#[test]
fn asset_create() {
    let command = Command::AssetCreate(AssetCreate {
        code: "USD.T",
        scale: 18,
        kind: AssetKind::Token,
        wide: true,
    });
    pinned(
        &command,
        None,
        &["011501", "055553442e54", "12", "04", "01"],
    );
}

#[test]
fn account_open_full() {
    let command = Command::AccountOpen(AccountOpen {
        id: ID,
        entity: 1,
        kind: AccountKind::Liability,
        asset: 840,
        parent: TWO,
        flags: 3,
        number_type: "iban",
        number: "CZ6508000000192000145399",
        name: "Ada",
        gl_code: "2010",
        branch: "Brno",
        cost_centre: "CC1",
        product: "current",
        owner: "C-17",
        user_data: USER_DATA,
        opening: None,
    });
    pinned(
        &command,
        Some([0xc5; 32]),
        &[
            "011601",
            "0123456789abcdeffedcba9876543210",
            "01",
            "02",
            "c806",
            "00000000000000000000000000000002",
            "03",
            "046962616e",
            "18435a36353038303030303030313932303030313435333939",
            "01c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5",
            "0432303130",
            "0442726e6f",
            "03434331",
            "0763757272656e74",
            "80808080808080808080808080808080808002",
            "ffffffffffffffffff01",
            "ffffffff0f",
        ],
    );
}

#[test]
fn account_open_bare() {
    let command = Command::AccountOpen(AccountOpen {
        id: ID,
        entity: 0,
        kind: AccountKind::Asset,
        asset: 0,
        parent: Id::NONE,
        flags: 0,
        number_type: "",
        number: "",
        name: "",
        gl_code: "",
        branch: "",
        cost_centre: "",
        product: "",
        owner: "",
        user_data: UserData::default(),
        opening: None,
    });
    pinned(
        &command,
        None,
        &[
            "011601",
            "0123456789abcdeffedcba9876543210",
            "00",
            "01",
            "00",
            "00000000000000000000000000000000",
            "00",
            "00",
            "00",
            "00",
            "00",
            "00",
            "00",
            "00",
            "00",
            "00",
            "00",
        ],
    );
}

#[test]
fn account_number() {
    let command = Command::AccountNumber(AccountNumber {
        key: ID,
        account: AccountRef::Number("iban:X"),
        number_type: "account",
        number: "ACC001",
        end: true,
        take: false,
        expires_at: None,
    });
    pinned(
        &command,
        None,
        &[
            "011701",
            "0123456789abcdeffedcba9876543210",
            "01066962616e3a58",
            "076163636f756e74",
            "06414343303031",
            "01",
        ],
    );
}

#[test]
fn account_block() {
    let command = Command::AccountBlock(AccountBlock {
        key: ID,
        account: AccountRef::Id(TWO),
        side: BlockSide::Credit,
        set: true,
        reason: "court order",
        authority: "12 C 1/2026",
    });
    pinned(
        &command,
        None,
        &[
            "011801",
            "0123456789abcdeffedcba9876543210",
            "0000000000000000000000000000000002",
            "02",
            "01",
            "0b636f757274206f72646572",
            "0b3132204320312f32303236",
        ],
    );
}

#[test]
fn account_limit() {
    let command = Command::AccountLimit(AccountLimit {
        key: ID,
        account: TWO,
        asset: 978,
        kind: LimitKind::Maximum,
        amount: Some(Amount::MAX),
        expires_at: Some(Timestamp::from_micros(1_700_000_000_000_000)),
    });
    pinned(
        &command,
        None,
        &[
            "011901",
            "0123456789abcdeffedcba9876543210",
            "00000000000000000000000000000002",
            "d207",
            "03",
            "01feffffffffffffffffffffffffffffffffff03",
            "018080f28183898506",
        ],
    );
}

#[test]
fn account_limit_lifted() {
    let command = Command::AccountLimit(AccountLimit {
        key: ID,
        account: TWO,
        asset: 978,
        kind: LimitKind::Overdraft,
        amount: None,
        expires_at: None,
    });
    pinned(
        &command,
        None,
        &[
            "011901",
            "0123456789abcdeffedcba9876543210",
            "00000000000000000000000000000002",
            "d207",
            "01",
            "00",
            "00",
        ],
    );
}

#[test]
fn account_close() {
    let command = Command::AccountClose(AccountClose {
        key: ID,
        account: TWO,
    });
    pinned(
        &command,
        None,
        &[
            "011a01",
            "0123456789abcdeffedcba9876543210",
            "00000000000000000000000000000002",
        ],
    );
}

#[test]
fn business_date_roll() {
    let command = Command::BusinessDateRoll(BusinessDateRoll {
        key: ID,
        entity: 1,
        to: Some(date(2026, 2, 2)),
        any_day: false,
    });
    pinned(
        &command,
        None,
        &["011f01", "0123456789abcdeffedcba9876543210", "01", "8cc002"],
    );
}

#[test]
fn period_close() {
    let command = Command::PeriodClose(PeriodClose {
        key: ID,
        entity: 1,
        through: date(1969, 12, 31),
    });
    pinned(
        &command,
        None,
        &["012001", "0123456789abcdeffedcba9876543210", "01", "01"],
    );
}

#[test]
fn business_date_roll_to_the_next_business_day() {
    let command = Command::BusinessDateRoll(BusinessDateRoll {
        key: ID,
        entity: 1,
        to: None,
        any_day: false,
    });
    pinned(
        &command,
        None,
        &[
            "011f02",
            "0123456789abcdeffedcba9876543210",
            "01",
            "00",
            "00",
        ],
    );
}

#[test]
fn account_number_taken() {
    let command = Command::AccountNumber(AccountNumber {
        key: ID,
        account: AccountRef::Id(TWO),
        number_type: "iban",
        number: "X",
        end: false,
        take: true,
        expires_at: Some(Timestamp::from_micros(-1)),
    });
    pinned(
        &command,
        None,
        &[
            "011702",
            "0123456789abcdeffedcba9876543210",
            "0000000000000000000000000000000002",
            "046962616e",
            "0158",
            "00",
            "01",
            "0101",
        ],
    );
}

#[test]
fn calendar_set() {
    let command = Command::CalendarSet(CalendarSet {
        key: ID,
        code: "TARGET",
        weekend: 0x60,
        holidays: vec![date(1969, 12, 31), date(2026, 2, 2)].into(),
    });
    pinned(
        &command,
        None,
        &[
            "012801",
            "0123456789abcdeffedcba9876543210",
            "06544152474554",
            "60",
            "02",
            "01",
            "8cc002",
        ],
    );
}

#[test]
fn entity_rules() {
    let command = Command::EntityRules(EntityRules {
        key: ID,
        entity: 1,
        calendar: "X",
        dormant_after: 300,
    });
    pinned(
        &command,
        None,
        &[
            "012901",
            "0123456789abcdeffedcba9876543210",
            "01",
            "0158",
            "ac02",
        ],
    );
}

#[test]
fn schedule_cancel() {
    let command = Command::ScheduleCancel(ScheduleCancel {
        key: ID,
        schedule: TWO,
    });
    pinned(
        &command,
        None,
        &[
            "012b01",
            "0123456789abcdeffedcba9876543210",
            "00000000000000000000000000000002",
        ],
    );
}

#[test]
fn end_of_day() {
    let command = Command::EndOfDay(EndOfDay {
        key: ID,
        entity: 1,
        day: date(2026, 2, 2),
        portion: 300,
    });
    pinned(
        &command,
        None,
        &[
            "012c01",
            "0123456789abcdeffedcba9876543210",
            "01",
            "8cc002",
            "ac02",
        ],
    );
}

#[test]
fn year_end() {
    let command = Command::YearEnd(YearEnd {
        key: ID,
        entity: 1,
        through: date(1969, 12, 31),
        retained: AccountRef::Number("RE"),
        code: 9,
        portion: 0,
    });
    pinned(
        &command,
        None,
        &[
            "012d01",
            "0123456789abcdeffedcba9876543210",
            "01",
            "01",
            "01025245",
            "09",
            "00",
        ],
    );
}

#[test]
fn account_owner() {
    let command = Command::AccountOwner(AccountOwner {
        key: ID,
        account: AccountRef::Id(TWO),
        owner: "C-17",
        role: "joint",
        ends: Id::NONE,
    });
    pinned(
        &command,
        Some([0xc5; 32]),
        &[
            "012e01",
            "0123456789abcdeffedcba9876543210",
            "0000000000000000000000000000000002",
            "01c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5",
            "056a6f696e74",
            "00000000000000000000000000000000",
        ],
    );
}

#[test]
fn account_reactivate() {
    let command = Command::AccountReactivate(AccountReactivate {
        key: ID,
        account: AccountRef::Id(TWO),
        reason: "came in",
        authority: "desk 4",
    });
    pinned(
        &command,
        None,
        &[
            "012f01",
            "0123456789abcdeffedcba9876543210",
            "0000000000000000000000000000000002",
            "0763616d6520696e",
            "066465736b2034",
        ],
    );
}
