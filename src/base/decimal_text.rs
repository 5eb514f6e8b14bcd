//! The one grammar of decimal numbers in text, for amounts and rates: an optional '-', digits, and optionally a
//! point with digits on both sides. Nothing else is guessed at: no '+', spaces, exponents or separators.

use super::error::{Error, Result, quoted};
use super::status::Status;

/// A decimal number as written: the digits without the point, and how many of them stand after it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Written {
    pub digits: i128,
    pub decimals: u8,
}

/// Reads `text`. `what` ("amount", "rate") and `status` are for the error; more than `most_decimals` decimals are
/// refused, not rounded. Errors: `status`, or `OVERFLOW` when the digits do not fit 128 bits.
pub(super) fn read(text: &str, what: &str, status: Status, most_decimals: u8) -> Result<Written> {
    let refuse = |reason: &str| Error::new(status, format!("the {what} {} {reason}", quoted(text)));
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (whole, decimals) = match unsigned.split_once('.') {
        Some((whole, decimals)) => (whole, Some(decimals)),
        None => (unsigned, None),
    };
    let mut digits = Digits {
        value: 0,
        negative: unsigned.len() != text.len(),
        fits: true,
    };
    for part in [whole, decimals.unwrap_or("0")] {
        if let Some(found) = part.chars().find(|c| !c.is_ascii_digit()) {
            return Err(refuse(&refused_character(found)));
        }
        if part.is_empty() {
            return Err(refuse(if unsigned.is_empty() {
                "has no digits: write for example '12.50'"
            } else {
                "needs at least one digit before and after the point: write for example '0.50'"
            }));
        }
    }
    let decimals = decimals.unwrap_or_default();
    let count = match u8::try_from(decimals.len()) {
        Ok(count) if count <= most_decimals => count,
        _ => {
            let reason = format!(
                "has {} decimals, at most {most_decimals} are allowed: round it first",
                decimals.len()
            );
            return Err(refuse(&reason));
        }
    };
    for digit in whole.bytes().chain(decimals.bytes()) {
        digits.push(digit - b'0');
    }
    if !digits.fits {
        return Err(Error::new(
            Status::OVERFLOW,
            format!("the {what} {} does not fit 128 bits", quoted(text)),
        ));
    }
    Ok(Written {
        digits: digits.value,
        decimals: count,
    })
}

/// Digits read so far. Counted down when negative, so that the smallest integer can be read.
struct Digits {
    value: i128,
    negative: bool,
    fits: bool,
}

impl Digits {
    fn push(&mut self, digit: u8) {
        let digit = i128::from(digit);
        let shifted = self.value.checked_mul(10);
        let next = shifted.and_then(|v| {
            if self.negative {
                v.checked_sub(digit)
            } else {
                v.checked_add(digit)
            }
        });
        match next {
            Some(value) => self.value = value,
            None => self.fits = false,
        }
    }
}

fn refused_character(found: char) -> String {
    match found {
        ',' => "has a comma: write the decimals after a point and thousands without separators, as in '1234.50'".into(),
        '.' => "has more than one point: write thousands without separators, as in '1234.50'".into(),
        '+' => "has a '+': leave it out, only a leading '-' is a sign".into(),
        '-' => "has a '-' that is not its first character".into(),
        'e' | 'E' => "has an exponent: write all digits".into(),
        space if space.is_whitespace() => "has a space: write digits without spaces around or between them".into(),
        other => format!("has the character '{}': only digits, one point and a leading '-' are allowed", other.escape_debug()),
    }
}

/// Writes `value` divided by 10 to the power of `scale`, with exactly `scale` decimals.
pub(super) fn write(value: i128, scale: u8) -> String {
    let scale = usize::from(scale);
    // 39 digits and a sign, or all the decimals with "-0." before them.
    let mut text = String::with_capacity(scale.max(39) + 3);
    if value < 0 {
        text.push('-');
    }
    let digits = value.unsigned_abs().to_string();
    let whole = digits.len().saturating_sub(scale);
    let (before, after) = digits.split_at(whole);
    text.push_str(if before.is_empty() { "0" } else { before });
    if scale > 0 {
        text.push('.');
        text.extend(std::iter::repeat_n('0', scale - after.len()));
        text.push_str(after);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_written_with_all_their_decimals() {
        assert_eq!(write(0, 0), "0");
        assert_eq!(write(0, 2), "0.00");
        assert_eq!(write(-5, 2), "-0.05");
        assert_eq!(write(-105, 2), "-1.05");
        assert_eq!(
            write(i128::MIN, 38),
            "-1.70141183460469231731687303715884105728"
        );
        assert_eq!(
            write(i128::MIN, 39),
            "-0.170141183460469231731687303715884105728"
        );
        assert_eq!(write(7, 255).len(), 257);
    }

    #[test]
    fn the_written_digits_are_kept() {
        let written = |text| read(text, "number", Status::INVALID_ARGUMENT, 255);
        assert_eq!(
            written("-1.50"),
            Ok(Written {
                digits: -150,
                decimals: 2
            })
        );
        assert_eq!(
            written("007"),
            Ok(Written {
                digits: 7,
                decimals: 0
            })
        );
        assert_eq!(
            written("-0"),
            Ok(Written {
                digits: 0,
                decimals: 0
            })
        );
        let long = format!("0.{}", "0".repeat(256));
        assert!(written(&long).is_err_and(|error| error.message().contains("256 decimals")));
    }
}
