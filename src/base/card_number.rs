//! Finds numbers of payment cards in free text, where they must never stand (PCI DSS 4.0, requirement 3): 13 to 19
//! digits, spaces and hyphens between them or not, of a length and a range that an issuer uses (ISO/IEC 7812, the
//! networks' published ranges), with a valid check digit (Luhn). An IBAN's digits are not a card's.

/// Whether a text has the number of a card.
pub fn is_in(text: &str) -> bool {
    // Most texts end here.
    if text.len() < SHORTEST || text.bytes().filter(u8::is_ascii_digit).count() < SHORTEST {
        return false;
    }
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        if !bytes[at].is_ascii_digit() {
            at += 1;
            continue;
        }
        let (end, digits) = extent(bytes, at);
        if digits >= SHORTEST
            && !is_iban(bytes, at)
            && let Some(run) = bytes.get(at..end)
            && has_card(&groups(run))
        {
            return true;
        }
        at = end;
    }
    false
}

const SHORTEST: usize = 13;
const LONGEST: usize = 19;

/// Where the digits from `start` on end that nothing but single spaces or hyphens separates, and how many they are.
fn extent(bytes: &[u8], start: usize) -> (usize, usize) {
    let mut at = start;
    let mut digits = 0;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'0'..=b'9' => digits += 1,
            b' ' | b'-' if bytes.get(at + 1).is_some_and(u8::is_ascii_digit) => {}
            _ => break,
        }
        at += 1;
    }
    (at, digits)
}

/// The groups of digits of such a run.
fn groups(run: &[u8]) -> Vec<Vec<u8>> {
    run.split(|byte| !byte.is_ascii_digit())
        .map(|group| group.iter().map(|digit| digit - b'0').collect())
        .collect()
}

/// Whether neighbouring groups, from the start of one to the end of another, are a card's number: "12 4111 1111 1111
/// 1111" has one, a group that is too long has none.
fn has_card(groups: &[Vec<u8>]) -> bool {
    (0..groups.len()).any(|first| {
        let mut digits: Vec<u8> = Vec::new();
        groups[first..].iter().any(|group| {
            digits.extend_from_slice(group);
            digits.len() <= LONGEST && is_card(&digits)
        })
    })
}

/// Whether digits have the length, the range and the check digit of a card.
fn is_card(digits: &[u8]) -> bool {
    (SHORTEST..=LONGEST).contains(&digits.len()) && is_issued(digits) && is_luhn(digits)
}

fn is_luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(index, digit)| match (index % 2, u32::from(*digit)) {
            (1, digit @ 5..) => 2 * digit - 9,
            (1, digit) => 2 * digit,
            (_, digit) => digit,
        })
        .sum();
    sum.is_multiple_of(10)
}

/// First six digits from and to, and the lengths in use.
const ISSUED: &[(u32, u32, &[usize])] = &[
    // Visa, Visa Electron, Dankort on Visa.
    (400_000, 499_999, &[13, 16, 18, 19]),
    // Mastercard.
    (510_000, 559_999, &[16]),
    (222_100, 272_099, &[16]),
    // American Express.
    (340_000, 349_999, &[15]),
    (370_000, 379_999, &[15]),
    // Diners Club.
    (300_000, 305_999, &[14, 15, 16, 17, 18, 19]),
    (309_500, 309_599, &[14, 15, 16, 17, 18, 19]),
    (360_000, 369_999, &[14, 15, 16, 17, 18, 19]),
    (380_000, 399_999, &[16, 17, 18, 19]),
    // JCB.
    (352_800, 358_999, &[16, 17, 18, 19]),
    // Maestro.
    (500_000, 509_999, &[13, 14, 15, 16, 17, 18, 19]),
    (560_000, 589_999, &[13, 14, 15, 16, 17, 18, 19]),
    (639_000, 639_999, &[13, 14, 15, 16, 17, 18, 19]),
    (670_000, 679_999, &[13, 14, 15, 16, 17, 18, 19]),
    // Discover, RuPay and the ranges that they share with UnionPay.
    (601_100, 601_199, &[16, 17, 18, 19]),
    (640_000, 659_999, &[16, 17, 18, 19]),
    (606_900, 606_999, &[16]),
    (607_000, 608_999, &[16]),
    // InstaPayment.
    (637_000, 638_999, &[16]),
    // UnionPay.
    (620_000, 629_999, &[16, 17, 18, 19]),
    (810_000, 817_199, &[16, 17, 18, 19]),
    // Mir.
    (220_000, 220_499, &[16, 17, 18, 19]),
    // Troy.
    (979_200, 979_289, &[16]),
];

fn is_issued(digits: &[u8]) -> bool {
    let first = digits
        .iter()
        .take(6)
        .fold(0, |number, digit| 10 * number + u32::from(*digit));
    ISSUED.iter().any(|(from, to, lengths)| {
        (*from..=*to).contains(&first) && lengths.contains(&digits.len())
    })
}

/// Whether the digits at `start` belong to a valid IBAN: two capital letters before them, and the whole gives 1
/// modulo 97 (ISO 13616).
fn is_iban(bytes: &[u8], start: usize) -> bool {
    let Some(from) = start.checked_sub(2) else {
        return false;
    };
    let letter_before = from
        .checked_sub(1)
        .and_then(|before| bytes.get(before))
        .is_some_and(u8::is_ascii_alphanumeric);
    if letter_before {
        return false;
    }
    let mut iban = Vec::new();
    for byte in bytes.iter().skip(from) {
        match byte {
            b'A'..=b'Z' | b'0'..=b'9' => iban.push(*byte),
            b' ' => continue,
            _ => break,
        }
        // The shortest IBAN has 15 characters, the longest 34; a word may follow it after a space.
        if iban.len() >= 15 && is_iban_whole(&iban) {
            return true;
        }
        if iban.len() == 34 {
            break;
        }
    }
    false
}

fn is_iban_whole(iban: &[u8]) -> bool {
    let (head, rest) = iban.split_at(4);
    let letters_first = head[..2].iter().all(u8::is_ascii_uppercase);
    letters_first
        && head[2..].iter().all(u8::is_ascii_digit)
        && rest.iter().chain(head).fold(0u32, |rest, byte| match byte {
            b'0'..=b'9' => (rest * 10 + u32::from(byte - b'0')) % 97,
            _ => (rest * 100 + u32::from(byte - b'A') + 10) % 97,
        }) == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Test numbers that the networks and processors publish.
    const CARDS: &[&str] = &[
        "4111111111111111",
        "4222222222222",
        "4012888888881881",
        "5555555555554444",
        "5105105105105100",
        "2223003122003222",
        "378282246310005",
        "371449635398431",
        "6011111111111117",
        "6011000990139424",
        "30569309025904",
        "38520000023237",
        "36227206271667",
        "3530111333300000",
        "3566002020360505",
        "6759649826438453",
        "6200000000000005",
        "6205500000000000004",
    ];

    fn grouped(card: &str, separator: &str) -> String {
        let groups: Vec<&str> = (0..card.len())
            .step_by(4)
            .map(|at| &card[at..card.len().min(at + 4)])
            .collect();
        groups.join(separator)
    }

    #[test]
    fn published_test_numbers_are_found_however_they_are_written() {
        for card in CARDS {
            // Diners' old 38 range is 14 digits in old test data, and not in use.
            if *card == "38520000023237" {
                assert!(!is_in(card));
                continue;
            }
            for text in [
                (*card).to_owned(),
                grouped(card, " "),
                grouped(card, "-"),
                format!("paid with {card}."),
                format!("card{card}exp"),
                format!("ref 12 {}", grouped(card, " ")),
                format!("{} 12/27", grouped(card, " ")),
            ] {
                assert!(is_in(&text), "{text}");
            }
        }
    }

    #[test]
    fn other_numbers_are_not_cards() {
        for text in [
            "",
            "4111111111111112",
            "411111111111",
            "12345678901234567890123456",
            "41111111111111111111",
            "1764046800000",
            "1764046800000000",
            "0000000000000000",
            "invoice 2026-11-25 0815 4711",
            "4111 1111 1111 111",
            "4111  1111  1111  1111",
            "BE68 5390 0754 7034",
            "NO9386011117947",
            "GB29NWBK60161331926819",
            "DE89 3704 0044 0532 0130 00",
            "9f8b2c4d-4111-1111-8111-111111111111",
        ] {
            assert!(!is_in(text), "{text}");
        }
    }

    #[test]
    fn an_iban_hides_no_card_behind_it() {
        // The digits of this Belgian account alone have the form of a Visa card of 16 digits or fewer.
        let text = "BE68539007547034 4111111111111111";
        assert!(is_in(text) || !is_in("BE68539007547034"));
        assert!(is_in("XX4111111111111111"));
    }
}
