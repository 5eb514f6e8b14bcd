//! The pinned bytes of the commands of the books.

use super::*;
use crate::base::rounding::Rounding;

#[test]
fn position_register() {
    let command = Command::PositionRegister(PositionRegister {
        key: ID,
        account: AccountRef::Number("POS"),
        asset: 978,
        rounding: Some(AccountRef::Id(TWO)),
        carried: Amount::from_minor(-1100),
    });
    pinned(
        &command,
        None,
        &[
            "014601",
            "0123456789abcdeffedcba9876543210",
            "0103504f53",
            "d207",
            "010000000000000000000000000000000002",
            "9711",
        ],
    );
}

#[test]
fn exchange_full() {
    let command = Command::Exchange(Exchange {
        id: ID,
        debit: AccountRef::Id(TWO),
        credit: AccountRef::Number("EVA"),
        sold: 203,
        bought: 978,
        sold_amount: Some(Amount::from_minor(100_001)),
        bought_amount: Some(Amount::from_minor(4001)),
        rounding: Some(Rounding::Ceiling),
        code: 300,
        flags: 1 << 31,
        booking_date: Some(date(2026, 1, 31)),
        value_date: Some(date(2026, 2, 2)),
        user_data: USER_DATA,
        details: DETAILS,
    });
    pinned(
        &command,
        Some([0xc5; 32]),
        &[
            "014701",
            "0123456789abcdeffedcba9876543210",
            "0000000000000000000000000000000002",
            "0103455641",
            "cb01",
            "d207",
            "01c29a0c",
            "01c23e",
            "0107",
            "ac02",
            "8080808008",
            "0188c002",
            "018cc002",
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
fn exchange_bare() {
    let command = Command::Exchange(Exchange {
        id: ID,
        debit: AccountRef::Id(TWO),
        credit: AccountRef::Id(TWO),
        sold: 203,
        bought: 978,
        sold_amount: None,
        bought_amount: None,
        rounding: None,
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
            "014701",
            "0123456789abcdeffedcba9876543210",
            "0000000000000000000000000000000002",
            "0000000000000000000000000000000002",
            "cb01",
            "d207",
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
            "00",
            "00",
            "00",
        ],
    );
}

#[test]
fn revalue() {
    let command = Command::Revalue(Revalue {
        key: ID,
        entity: 2,
        asset: 203,
        date: date(2026, 1, 31),
        rate: (10i128.pow(30), 38),
        rate_source: "CNB",
        rounding: Rounding::HalfEven,
        account: AccountRef::Number("GAINS"),
        code: 12,
    });
    pinned(
        &command,
        None,
        &[
            "014801",
            "0123456789abcdeffedcba9876543210",
            "02",
            "cb01",
            "88c002",
            "80808080c8faf6f48cc1e6c9e5a706",
            "26",
            "03434e42",
            "01",
            "01054741494e53",
            "0c",
        ],
    );
}

#[test]
fn split_full() {
    let command = Command::Split(Split {
        id: ID,
        debit: AccountRef::Number("EVA"),
        asset: 840,
        amount: Amount::from_minor(1000),
        parts: vec![
            SplitPart {
                credit: AccountRef::Id(TWO),
                weight: u64::MAX,
            },
            SplitPart {
                credit: AccountRef::Number("ADAM"),
                weight: 0,
            },
        ],
        code: 3,
        flags: 2,
        booking_date: Some(date(2026, 1, 31)),
        value_date: None,
        user_data: USER_DATA,
        details: DETAILS,
    });
    pinned(
        &command,
        Some([0xc5; 32]),
        &[
            "014901",
            "0123456789abcdeffedcba9876543210",
            "0103455641",
            "c806",
            "d00f",
            "02",
            "0000000000000000000000000000000002",
            "ffffffffffffffffff01",
            "01044144414d",
            "00",
            "03",
            "02",
            "0188c002",
            "00",
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
fn accrue() {
    let command = Command::Accrue(Accrue {
        key: ID,
        account: AccountRef::Id(TWO),
        name: "interest",
        asset: 840,
        coefficient: -12_345,
        scale: 18,
    });
    pinned(
        &command,
        None,
        &[
            "014a01",
            "0123456789abcdeffedcba9876543210",
            "0000000000000000000000000000000002",
            "08696e746572657374",
            "c806",
            "f1c001",
            "12",
        ],
    );
}

#[test]
fn accrual_post_full() {
    let command = Command::AccrualPost(AccrualPost {
        id: ID,
        account: AccountRef::Number("EVA"),
        name: "interest",
        contra: AccountRef::Id(TWO),
        residue: Some(AccountRef::Number("ADAM")),
        code: 4,
        booking_date: None,
        value_date: Some(date(2026, 1, 31)),
        user_data: USER_DATA,
        details: DETAILS,
    });
    pinned(
        &command,
        Some([0xc5; 32]),
        &[
            "014b01",
            "0123456789abcdeffedcba9876543210",
            "0103455641",
            "08696e746572657374",
            "0000000000000000000000000000000002",
            "0101044144414d",
            "04",
            "00",
            "0188c002",
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
fn accrual_post_bare() {
    let command = Command::AccrualPost(AccrualPost {
        id: ID,
        account: AccountRef::Id(TWO),
        name: "fee",
        contra: AccountRef::Id(TWO),
        residue: None,
        code: 0,
        booking_date: None,
        value_date: None,
        user_data: UserData::default(),
        details: Details::default(),
    });
    pinned(
        &command,
        None,
        &[
            "014b01",
            "0123456789abcdeffedcba9876543210",
            "0000000000000000000000000000000002",
            "03666565",
            "0000000000000000000000000000000002",
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
fn statement_cut() {
    let command = Command::StatementCut(StatementCut {
        key: ID,
        account: AccountRef::Number("EVA"),
        asset: 840,
        to: Some(date(2026, 1, 31)),
        by_value: true,
        collapsed: false,
    });
    pinned(
        &command,
        None,
        &[
            "014c01",
            "0123456789abcdeffedcba9876543210",
            "0103455641",
            "c806",
            "0188c002",
            "01",
            "00",
        ],
    );
}

#[test]
fn statement_cut_to_the_business_date() {
    let command = Command::StatementCut(StatementCut {
        key: ID,
        account: AccountRef::Id(TWO),
        asset: 840,
        to: None,
        by_value: false,
        collapsed: true,
    });
    pinned(
        &command,
        None,
        &[
            "014c01",
            "0123456789abcdeffedcba9876543210",
            "0000000000000000000000000000000002",
            "c806",
            "00",
            "00",
            "01",
        ],
    );
}

#[test]
fn gl_code() {
    let command = Command::GlCode(GlCode {
        key: ID,
        entity: 1,
        code: "2150",
        name: "Běžné účty",
        kind: AccountKind::Liability,
        control: true,
    });
    pinned(
        &command,
        None,
        &[
            "014d01",
            "0123456789abcdeffedcba9876543210",
            "01",
            "0432313530",
            "0f42c49bc5be6ec3a920c3bac48d7479",
            "02",
            "01",
        ],
    );
}

#[test]
fn gl_assignment() {
    let command = Command::GlAssignment(GlAssignment {
        key: ID,
        account: AccountRef::Id(TWO),
        from: date(2026, 1, 31),
        code: "2150",
        contrary_code: "",
    });
    pinned(
        &command,
        None,
        &[
            "014e01",
            "0123456789abcdeffedcba9876543210",
            "0000000000000000000000000000000002",
            "88c002",
            "0432313530",
            "00",
        ],
    );
}

#[test]
fn import_begin() {
    let command = Command::ImportBegin(ImportBegin { key: ID });
    pinned(
        &command,
        None,
        &["014f01", "0123456789abcdeffedcba9876543210"],
    );
}

#[test]
fn import_transfer() {
    let command = Command::ImportTransfer(ImportTransfer {
        transfer: Transfer {
            id: ID,
            debit: AccountRef::Number("ACC001"),
            credit: AccountRef::Id(TWO),
            asset: 978,
            amount: Amount::from_minor(10_050),
            transaction: TWO,
            code: 300,
            flags: 0,
            booking_date: Some(date(2026, 1, 31)),
            value_date: None,
            user_data: USER_DATA,
            details: DETAILS,
        },
        original_time: Timestamp::from_micros(981_173_106_000_000),
        opening: true,
    });
    pinned(
        &command,
        Some([0xc5; 32]),
        &[
            "015001",
            "808292a7e597be03",
            "01",
            "0123456789abcdeffedcba9876543210",
            "0106414343303031",
            "0000000000000000000000000000000002",
            "d207",
            "849d01",
            "00000000000000000000000000000002",
            "ac02",
            "00",
            "0188c002",
            "00",
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
fn import_proof() {
    let command = Command::ImportProof(ImportProof {
        key: ID,
        account: AccountRef::Number("ACC001"),
        asset: 978,
        opening: Amount::from_minor(-700),
        debits: Amount::from_minor(50),
        credits: Amount::from_minor(0),
        closing: Amount::from_minor(-750),
    });
    pinned(
        &command,
        None,
        &[
            "015101",
            "0123456789abcdeffedcba9876543210",
            "0106414343303031",
            "d207",
            "f70a",
            "64",
            "00",
            "db0b",
        ],
    );
}

#[test]
fn go_live() {
    let command = Command::GoLive(GoLive { key: ID });
    pinned(
        &command,
        None,
        &["015201", "0123456789abcdeffedcba9876543210"],
    );
}

#[test]
fn account_retention() {
    let command = Command::AccountRetention(AccountRetention {
        key: ID,
        account: AccountRef::Id(TWO),
        class: "customer",
        until: Some(date(2026, 1, 31)),
        legal_hold: true,
        reason: "case 7",
        authority: "court",
    });
    pinned(
        &command,
        None,
        &[
            "015301",
            "0123456789abcdeffedcba9876543210",
            "0000000000000000000000000000000002",
            "08637573746f6d6572",
            "0188c002",
            "01",
            "06636173652037",
            "05636f757274",
        ],
    );
}
