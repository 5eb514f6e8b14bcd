//! The journal as comma-separated values (RFC 4180): CRLF ends each line, a field with a comma, a quotation mark or a
//! line break stands in quotation marks, and a quotation mark in it is doubled. Two lines an entry.

use super::{Entry, EntryKind, Place, amount};

pub(super) fn begin(text: &mut String) {
    text.push_str(
        "sequence,kind,transaction,booking_date,value_date,gl_code,account,number,branch,cost_centre,product,asset,\
         debit,credit,reference,narrative\r\n",
    );
}

pub(super) fn entry(entry: &Entry<'_>, text: &mut String) {
    let moved = amount(entry.amount, entry.unit);
    line(entry, entry.debit, &moved, "", text);
    line(entry, entry.credit, "", &moved, text);
}

fn line(entry: &Entry<'_>, place: &Place, debit: &str, credit: &str, text: &mut String) {
    let kind = match entry.kind {
        EntryKind::Opening => "opening",
        EntryKind::Transfer => "transfer",
        EntryKind::Reclassification => "reclassification",
    };
    let account = match place.account {
        0 => String::new(),
        account => account.to_string(),
    };
    let transaction = if entry.transaction.is_none() {
        String::new()
    } else {
        entry.transaction.format()
    };
    let fields: [&str; 16] = [
        &entry.sequence.to_string(),
        kind,
        &transaction,
        &entry.booking_date.format(),
        &entry.value_date.format(),
        &place.code,
        &account,
        &place.number,
        &place.branch,
        &place.cost_centre,
        &place.product,
        &entry.unit.code,
        debit,
        credit,
        entry.reference,
        entry.narrative,
    ];
    for (index, field) in fields.iter().enumerate() {
        if index > 0 {
            text.push(',');
        }
        push(field, text);
    }
    text.push_str("\r\n");
}

fn push(field: &str, text: &mut String) {
    if !field.contains([',', '"', '\r', '\n']) {
        text.push_str(field);
        return;
    }
    text.push('"');
    text.push_str(&field.replace('"', "\"\""));
    text.push('"');
}
