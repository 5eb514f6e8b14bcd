//! The pinned bytes of transfers, holds and reversals.

use super::*;

#[test]
fn transfer_bare() {
    let command = Command::Transfer(Transfer {
        id: ID,
        debit: AccountRef::Id(Id::from_u128(1)),
        credit: AccountRef::Id(TWO),
        asset: 978,
        amount: Amount::from_minor(10_050),
        transaction: Id::NONE,
        code: 0,
        flags: 0,
        booking_date: None,
        value_date: None,
        user_data: UserData::default(),
        details: Details::default(),
    });
    pinned(
        &command,
        None,
        &[
            "010101",
            "0123456789abcdeffedcba9876543210",
            "0000000000000000000000000000000001",
            "0000000000000000000000000000000002",
            "d207",
            "849d01",
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
            "00",
        ],
    );
}

#[test]
fn transfer_full() {
    let command = Command::Transfer(Transfer {
        id: ID,
        debit: AccountRef::Number("ACC001"),
        credit: AccountRef::Id(TWO),
        asset: 1000,
        amount: Amount::from_minor(10i128.pow(30)),
        transaction: TWO,
        code: 300,
        flags: 1 << 31,
        booking_date: Some(date(2026, 1, 31)),
        value_date: Some(Date::MIN),
        user_data: USER_DATA,
        details: DETAILS,
    });
    pinned(
        &command,
        Some([0xc5; 32]),
        &[
            "010101",
            "0123456789abcdeffedcba9876543210",
            "0106414343303031",
            "0000000000000000000000000000000002",
            "e807",
            "80808080c8faf6f48cc1e6c9e5a706",
            "00000000000000000000000000000002",
            "ac02",
            "8080808008",
            "0188c002",
            "01f3e457",
            "80808080808080808080808080808080808002",
            "ffffffffffffffffff01",
            "ffffffff0f",
            "01c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5",
            "057377696674",
            "01d10102",
            "03454342",
            "018827",
        ],
    );
}

#[test]
fn hold_place() {
    let command = Command::HoldPlace(HoldPlace {
        id: ID,
        debit: AccountRef::Id(Id::from_u128(1)),
        credit: Some(AccountRef::Number("ACC002")),
        asset: 978,
        amount: Amount::from_minor(64),
        kind: HoldKind::UnclearedFunds,
        priority: 255,
        force: true,
        expires_at: Some(Timestamp::from_micros(-1)),
        reason: "cheque",
        user_data: UserData::default(),
    });
    pinned(
        &command,
        None,
        &[
            "011b01",
            "0123456789abcdeffedcba9876543210",
            "0000000000000000000000000000000001",
            "010106414343303032",
            "d207",
            "8001",
            "03",
            "ff",
            "01",
            "0101",
            "06636865717565",
            "00",
            "00",
            "00",
        ],
    );
}

#[test]
fn hold_increase() {
    let command = Command::HoldIncrease(HoldIncrease {
        key: ID,
        hold: TWO,
        amount: Amount::from_minor(-64),
        force: true,
    });
    pinned(
        &command,
        None,
        &[
            "011c01",
            "0123456789abcdeffedcba9876543210",
            "00000000000000000000000000000002",
            "7f",
            "01",
        ],
    );
}

#[test]
fn hold_capture() {
    let command = Command::HoldCapture(HoldCapture {
        id: ID,
        hold: TWO,
        credit: Some(AccountRef::Id(Id::from_u128(3))),
        amount: Some(Amount::from_minor(63)),
        last: true,
        force: false,
        code: 7,
        booking_date: Some(date(2026, 2, 1)),
        value_date: Some(Date::MAX),
        user_data: UserData::default(),
        details: DETAILS,
    });
    pinned(
        &command,
        Some([0xc5; 32]),
        &[
            "016501",
            "0123456789abcdeffedcba9876543210",
            "00000000000000000000000000000002",
            "010000000000000000000000000000000003",
            "017e",
            "01",
            "00",
            "07",
            "018ac002",
            "01c082e602",
            "00",
            "00",
            "00",
            "01c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5",
            "057377696674",
            "01d10102",
            "03454342",
            "018827",
        ],
    );
}

#[test]
fn hold_release() {
    let command = Command::HoldRelease(HoldRelease { key: ID, hold: TWO });
    pinned(
        &command,
        None,
        &[
            "011d01",
            "0123456789abcdeffedcba9876543210",
            "00000000000000000000000000000002",
        ],
    );
}

#[test]
fn reverse() {
    let command = Command::Reverse(Reverse {
        id: ID,
        original: TWO,
        amount: Some(Amount::from_minor(1)),
        flags: 5,
        recovery: Some(AccountRef::Number("LOSS")),
        code: 9,
        details: DETAILS,
    });
    pinned(
        &command,
        Some([0xc5; 32]),
        &[
            "016601",
            "0123456789abcdeffedcba9876543210",
            "00000000000000000000000000000002",
            "0102",
            "05",
            "0101044c4f5353",
            "09",
            "01c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5",
            "057377696674",
            "01d10102",
            "03454342",
            "018827",
        ],
    );
}

#[test]
fn reverse_whole() {
    let command = Command::Reverse(Reverse {
        id: ID,
        original: TWO,
        amount: None,
        flags: 0,
        recovery: None,
        code: 0,
        details: Details::default(),
    });
    pinned(
        &command,
        None,
        &[
            "016601",
            "0123456789abcdeffedcba9876543210",
            "00000000000000000000000000000002",
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
