//! Reads the rows that the benches write: a flat JSON object on each line. Only what a chart needs is kept; a line
//! that is not such an object is an error that names the line, because a chart of half the figures misleads.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// One measured row.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    fields: BTreeMap<String, String>,
}

impl Row {
    /// The text or the number of a field as it stands in the file; empty when there is none.
    pub fn text(&self, field: &str) -> &str {
        self.fields.get(field).map_or("", String::as_str)
    }

    /// The number of a field; none when the field is absent or not a finite number.
    pub fn number(&self, field: &str) -> Option<f64> {
        self.text(field)
            .parse()
            .ok()
            .filter(|number: &f64| number.is_finite())
    }
}

/// Reads all rows of a file, in their order.
pub fn read(path: &Path) -> Result<Vec<Row>, String> {
    let text = fs::read_to_string(path).map_err(|error| {
        format!(
            "cannot read {}: {error}; run the bench first",
            path.display()
        )
    })?;
    let mut rows = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        let row = parse(line)
            .ok_or_else(|| format!("{}:{number} is not a row of figures", path.display()))?;
        rows.push(row);
    }
    Ok(rows)
}

/// One flat object: texts and plain values, nothing nested.
pub fn parse(line: &str) -> Option<Row> {
    let mut rest = line.trim().strip_prefix('{')?.trim_start();
    let mut fields = BTreeMap::new();
    while !rest.starts_with('}') {
        let (key, after_key) = take_text(rest)?;
        let value_begins = after_key.trim_start().strip_prefix(':')?.trim_start();
        let (value, after_value) = if value_begins.starts_with('"') {
            take_text(value_begins)?
        } else {
            take_plain(value_begins)?
        };
        fields.insert(key, value);
        let after_value = after_value.trim_start();
        rest = match after_value.strip_prefix(',') {
            Some(next) => next.trim_start(),
            None if after_value.starts_with('}') => after_value,
            None => return None,
        };
    }
    (rest == "}").then_some(Row { fields })
}

fn take_text(from: &str) -> Option<(String, &str)> {
    let body = from.strip_prefix('"')?;
    let mut text = String::new();
    let mut characters = body.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return Some((text, body.get(at + 1..)?)),
            '\\' => text.push(characters.next()?.1),
            other => text.push(other),
        }
    }
    None
}

fn take_plain(from: &str) -> Option<(String, &str)> {
    let end = from.find([',', '}'])?;
    let (value, rest) = from.split_at(end);
    let value = value.trim();
    let plain = !value.is_empty()
        && value
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
    plain.then(|| (value.to_owned(), rest))
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn lines_that_are_no_rows_are_refused() {
        for line in [
            "",
            "{",
            "}",
            "[]",
            "{\"a\"}",
            "{\"a\":}",
            "{\"a\":1",
            "{\"a\":1}x",
            "{\"a\":\"b}",
            "{\"a\":1 \"b\":2}",
            "{\"a\":{\"b\":1}}",
            "{\"a\":[1]}",
            "{a:1}",
        ] {
            assert_eq!(parse(line), None, "{line}");
        }
    }

    #[test]
    fn texts_and_numbers_are_told_apart_from_their_surroundings() {
        let row = parse(r#"{"name":"a, \"b\" } c", "tps":66000.5,"rss_mb" : 12 }"#).expect("a row");
        assert_eq!(row.text("name"), "a, \"b\" } c");
        assert_eq!(row.number("tps"), Some(66_000.5));
        assert_eq!(row.number("rss_mb"), Some(12.0));
        assert_eq!(row.number("name"), None);
        assert_eq!(row.text("absent"), "");
        assert!(parse("{}").is_some());
    }
}
