//! How each format writes what is awkward to write.

use super::*;

fn place(account: u64, code: &str, kind: AccountKind) -> Place {
    Place {
        code: code.into(),
        kind,
        account,
        number: "ACC,1".into(),
        branch: "Praha \"1\"".into(),
        cost_centre: String::new(),
        product: String::new(),
    }
}

fn written(format: JournalFormat, unit: &Unit, narrative: &str) -> String {
    let (debit, credit) = (
        place(1, "1.000/a", AccountKind::Asset),
        place(2, "", AccountKind::Memorandum),
    );
    let day = Date::from_ymd(2026, 1, 31).unwrap();
    let mut text = String::new();
    format.entry(
        &Entry {
            kind: EntryKind::Transfer,
            sequence: 7,
            transaction: Id::NONE,
            booking_date: day,
            value_date: day,
            debit: &debit,
            credit: &credit,
            unit,
            amount: 12_345,
            reference: "R",
            narrative,
        },
        &mut text,
    );
    format.assertion(&debit, unit, -5, day, &mut text);
    text
}

#[test]
fn csv_quotes_what_rfc_4180_says() {
    let usd = Unit {
        code: "USD".into(),
        scale: 2,
    };
    let text = written(JournalFormat::Csv, &usd, "one\r\n\"two\", three");
    assert_eq!(
        text,
        "7,transfer,,2026-01-31,2026-01-31,1.000/a,1,\"ACC,1\",\"Praha \"\"1\"\"\",,,USD,123.45,,R,\
         \"one\r\n\"\"two\"\", three\"\r\n\
         7,transfer,,2026-01-31,2026-01-31,,2,\"ACC,1\",\"Praha \"\"1\"\"\",,,USD,,123.45,R,\
         \"one\r\n\"\"two\"\", three\"\r\n"
    );
}

#[test]
fn plain_text_keeps_to_what_its_programs_read() {
    let point = Unit {
        code: "1P.".into(),
        scale: 0,
    };
    assert_eq!(
        written(JournalFormat::Hledger, &point, "a;b\n|c"),
        "\n2026-01-31 * (7) a,b ,c\n    Assets:1-000-a:A1  12345 \"1P.\"\n    Equity:Memorandum:None:A2  -12345 \"1P.\"\n\
         \n2026-01-31 * Closing balance\n    Assets:1-000-a:A1  0 \"1P.\" = -5 \"1P.\"\n"
    );
    assert_eq!(
        written(JournalFormat::Beancount, &point, "say \"x\""),
        "\n2026-01-31 * \"say ,x,\"\n  sequence: 7\n  Assets:1-000-a:A1  12345 X1P.X\n  \
         Equity:Memorandum:None:A2  -12345 X1P.X\n2026-02-01 balance Assets:1-000-a:A1  -5 ~ 0 X1P.X\n"
    );
}
