//! `cargo xtask chart`: draws the README's chart, transfers per second by batch size, from the rows that the bench
//! `throughput` wrote. The picture is plain SVG: no script, no font of its own, a transparent ground, and colours
//! that stand out on a light page and on a dark one.

mod rows;

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use rows::Row;

/// The load that is charted, as fields of a row.
const LOAD: [(&str, &str); 5] = [
    ("name", "throughput"),
    ("ids", "time"),
    ("accounts", "10000"),
    ("payload", "bare"),
    ("threads", "1"),
];
const LOAD_IN_WORDS: &str =
    "one caller, 10,000 accounts, time-ordered ids, an fsync on every commit, log scale";

/// Designs by name in the rows, name in the chart and class in the picture; others are left out.
const DESIGNS: [(&str, &str, &str); 3] = [
    ("naive", "naive SQLite", "naive"),
    ("tuned", "tuned SQLite", "tuned"),
    ("libqenex", "libqenex", "ours"),
];

/// Runs the command with what stands behind its name.
pub fn run(arguments: &[&str]) -> Result<(), String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .ok_or("xtask lies in no repository")?;
    let mut from = target_directory(root).join("bench/throughput.jsonl");
    let mut to = root.join("benches/throughput.svg");
    let mut arguments = arguments.iter();
    while let Some(argument) = arguments.next() {
        let path = arguments
            .next()
            .map(PathBuf::from)
            .ok_or_else(|| format!("{argument} needs a file"))?;
        match *argument {
            "--from" => from = path,
            "--to" => to = path,
            other => return Err(format!("chart does not know '{other}'")),
        }
    }
    let chart =
        Chart::of(&rows::read(&from)?).map_err(|error| format!("{}: {error}", from.display()))?;
    fs::write(&to, chart.draw())
        .map_err(|error| format!("cannot write {}: {error}", to.display()))?;
    println!("{}", to.display());
    Ok(())
}

fn target_directory(root: &Path) -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from)
}

/// What is drawn.
#[derive(Debug, PartialEq)]
struct Chart {
    /// Batch sizes, smallest first, each with its bars in the order of [`DESIGNS`].
    groups: Vec<(u64, Vec<Bar>)>,
    machine: String,
}

#[derive(Debug, PartialEq)]
struct Bar {
    /// Place in [`DESIGNS`].
    design: usize,
    per_second: f64,
}

impl Chart {
    /// Picks the rows of the charted load. Of two rows for the same bar the later one counts.
    fn of(rows: &[Row]) -> Result<Chart, String> {
        let mut groups: Vec<(u64, Vec<Bar>)> = Vec::new();
        let mut machine = String::new();
        for row in rows
            .iter()
            .filter(|row| LOAD.iter().all(|(field, value)| row.text(field) == *value))
        {
            let Some(design) = DESIGNS
                .iter()
                .position(|(name, _, _)| *name == row.text("design"))
            else {
                continue;
            };
            let batch: u64 = row
                .text("batch")
                .parse()
                .map_err(|_| "a row without a batch size".to_owned())?;
            let per_second = row.number("tps").filter(|tps| *tps >= 1.0);
            let per_second = per_second.ok_or("a row without transfers per second")?;
            let at = groups
                .iter()
                .position(|(size, _)| *size == batch)
                .unwrap_or_else(|| {
                    groups.push((batch, Vec::new()));
                    groups.len() - 1
                });
            let bars = &mut groups[at].1;
            bars.retain(|bar| bar.design != design);
            bars.push(Bar { design, per_second });
            bars.sort_by_key(|bar| bar.design);
            machine = format!(
                "{}, {} cores, {}, {}",
                row.text("cpu"),
                row.text("cores"),
                row.text("kernel"),
                row.text("date")
            );
        }
        groups.sort_by_key(|(batch, _)| *batch);
        if groups.is_empty() {
            return Err(
                "no row of the charted load; run `cargo bench --bench throughput`".to_owned(),
            );
        }
        Ok(Chart { groups, machine })
    }

    fn rates(&self) -> impl Iterator<Item = f64> {
        self.groups
            .iter()
            .flat_map(|(_, bars)| bars.iter().map(|bar| bar.per_second))
    }

    fn draw(&self) -> String {
        let lowest = self.rates().fold(f64::INFINITY, f64::min).log10().floor() as i32;
        let highest = self.rates().fold(1.0, f64::max).log10().ceil() as i32;
        let scale = Scale {
            lowest,
            highest: highest.max(lowest + 1),
        };
        let mut svg = String::from(HEAD);
        // Writing to a String cannot fail.
        let _ = writeln!(
            svg,
            "<text class=\"title\" x=\"{LEFT}\" y=\"26\">Transfers per second by size of the batch</text>\n\
             <text class=\"note\" x=\"{LEFT}\" y=\"46\">{}</text>",
            escaped(LOAD_IN_WORDS)
        );
        self.draw_legend(&mut svg);
        scale.draw(&mut svg);
        let group_width = (RIGHT - LEFT) / self.groups.len() as f64;
        for (place, (batch, bars)) in self.groups.iter().enumerate() {
            let left = LEFT + group_width * place as f64;
            draw_group(&mut svg, &scale, left, group_width, *batch, bars);
        }
        let _ = writeln!(
            svg,
            "<text class=\"note\" x=\"{LEFT}\" y=\"{:.0}\">{}</text>\n</svg>",
            BOTTOM + 46.0,
            escaped(&self.machine)
        );
        svg
    }

    fn draw_legend(&self, svg: &mut String) {
        let mut x = LEFT;
        for (design, (_, label, class)) in DESIGNS.iter().enumerate() {
            if !self
                .groups
                .iter()
                .any(|(_, bars)| bars.iter().any(|bar| bar.design == design))
            {
                continue;
            }
            let _ = writeln!(
                svg,
                "<rect class=\"{class}\" x=\"{x:.0}\" y=\"60\" width=\"12\" height=\"12\" rx=\"2\"/>\
                 <text x=\"{:.0}\" y=\"71\">{label}</text>",
                x + 18.0
            );
            x += 130.0;
        }
    }
}

const LEFT: f64 = 56.0;
const RIGHT: f64 = 780.0;
const TOP: f64 = 104.0;
const BOTTOM: f64 = 360.0;
/// Share of a group's width that its bars fill.
const FILLED: f64 = 0.84;

const HEAD: &str = r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 800 420" width="800" height="420" role="img">
<title>Transfers per second by size of the batch: naive SQLite, tuned SQLite, libqenex</title>
<style>
text { font: 13px system-ui, -apple-system, "Segoe UI", sans-serif; fill: #24292f; }
.title { font-size: 17px; font-weight: 600; }
.note, .axis { font-size: 12px; fill: #57606a; }
.figure { font-size: 12px; font-weight: 600; text-anchor: middle; }
.middle { text-anchor: middle; }
.axis { text-anchor: end; }
line { stroke: #8c959f; stroke-opacity: 0.35; }
.naive { fill: #8c959f; }
.tuned { fill: #4c8dd6; }
.ours { fill: #2da44e; }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3; }
.note, .axis { fill: #9da7b3; }
}
</style>
"#;

/// A logarithmic scale over whole powers of ten.
struct Scale {
    lowest: i32,
    highest: i32,
}

impl Scale {
    fn y(&self, per_second: f64) -> f64 {
        let share =
            (per_second.log10() - f64::from(self.lowest)) / f64::from(self.highest - self.lowest);
        BOTTOM - share * (BOTTOM - TOP)
    }

    fn draw(&self, svg: &mut String) {
        for power in self.lowest..=self.highest {
            let per_second = 10f64.powi(power);
            let y = self.y(per_second);
            let _ = writeln!(
                svg,
                "<line x1=\"{LEFT}\" y1=\"{y:.1}\" x2=\"{RIGHT}\" y2=\"{y:.1}\"/>\
                 <text class=\"axis\" x=\"{:.0}\" y=\"{:.1}\">{}</text>",
                LEFT - 8.0,
                y + 4.0,
                short(per_second)
            );
        }
    }
}

fn draw_group(svg: &mut String, scale: &Scale, left: f64, width: f64, batch: u64, bars: &[Bar]) {
    let slot = width * FILLED / DESIGNS.len() as f64;
    let first = left + (width - slot * bars.len() as f64) / 2.0;
    for (place, bar) in bars.iter().enumerate() {
        let x = first + slot * place as f64;
        let y = scale.y(bar.per_second);
        // A bar at the foot of the scale is still seen.
        let height = (BOTTOM - y).max(1.0);
        let (_, label, class) = DESIGNS[bar.design];
        let _ = writeln!(
            svg,
            "<rect class=\"{class}\" x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{height:.1}\" rx=\"2\">\
             <title>{label}, batch {batch}: {:.0}/s</title></rect>\
             <text class=\"figure\" x=\"{:.1}\" y=\"{:.1}\">{}</text>",
            x + 2.0,
            BOTTOM - height,
            slot - 4.0,
            bar.per_second,
            x + slot / 2.0,
            BOTTOM - height - 5.0,
            short(bar.per_second)
        );
    }
    let _ = writeln!(
        svg,
        "<text class=\"middle\" x=\"{:.1}\" y=\"{:.0}\">batch {}</text>",
        left + width / 2.0,
        BOTTOM + 20.0,
        grouped(batch)
    );
}

/// A rate in as few characters as its first two or three digits need: 950, 4.3k, 66k, 294k, 1.06M.
fn short(per_second: f64) -> String {
    let whole = |text: String, unit: &str| {
        let text = if text.contains('.') {
            text.trim_end_matches('0').trim_end_matches('.')
        } else {
            &text
        };
        format!("{text}{unit}")
    };
    match per_second {
        rate if rate < 999.5 => format!("{rate:.0}"),
        rate if rate < 9_950.0 => whole(format!("{:.1}", rate / 1e3), "k"),
        rate if rate < 999_500.0 => whole(format!("{:.0}", rate / 1e3), "k"),
        rate => whole(format!("{:.2}", rate / 1e6), "M"),
    }
}

/// A number with commas between its thousands.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::{Chart, grouped, rows, short};

    fn row(design: &str, batch: &str, ids: &str, tps: &str) -> rows::Row {
        let line = format!(
            r#"{{"name":"throughput","design":"{design}","batch":{batch},"ids":"{ids}","accounts":10000,"threads":1,"payload":"bare","tps":{tps},"cpu":"A & B","cores":2,"kernel":"Linux 6","date":"2026-01-02"}}"#
        );
        rows::parse(&line).expect("a row")
    }

    #[test]
    fn without_a_fitting_row_there_is_no_chart() {
        assert!(Chart::of(&[]).is_err());
        assert!(Chart::of(&[row("naive", "1", "random", "5")]).is_err());
        assert!(Chart::of(&[row("other", "1", "time", "5")]).is_err());
        assert!(Chart::of(&[row("naive", "1", "time", "0")]).is_err());
        assert!(Chart::of(&[row("naive", "\"x\"", "time", "5")]).is_err());
    }

    #[test]
    fn the_later_row_counts_and_designs_keep_their_order() {
        let chart = Chart::of(&[
            row("libqenex", "8190", "time", "700000"),
            row("naive", "8190", "time", "1"),
            row("naive", "8190", "time", "66000"),
            row("naive", "1", "time", "4300"),
        ])
        .expect("a chart");
        let batches: Vec<u64> = chart.groups.iter().map(|(batch, _)| *batch).collect();
        assert_eq!(batches, [1, 8_190]);
        let rates: Vec<f64> = chart.groups[1].1.iter().map(|bar| bar.per_second).collect();
        assert_eq!(rates, [66_000.0, 700_000.0]);
    }

    #[test]
    fn a_drawn_chart_is_well_formed_and_shows_its_figures() {
        let svg = Chart::of(&[
            row("naive", "1", "time", "1000"),
            row("tuned", "8190", "time", "1000000"),
        ])
        .expect("a chart")
        .draw();
        for shown in [
            ">1k<",
            ">1M<",
            ">batch 8,190<",
            "A &amp; B, 2 cores, Linux 6, 2026-01-02",
            ">tuned SQLite<",
        ] {
            assert!(svg.contains(shown), "{shown} in {svg}");
        }
        assert!(!svg.contains("NaN") && !svg.contains("inf"));
        for element in ["svg", "text", "style", "title"] {
            let opened = svg.matches(&format!("<{element}")).count();
            assert_eq!(
                opened,
                svg.matches(&format!("</{element}>")).count(),
                "{element}"
            );
        }
    }

    #[test]
    fn figures_are_short() {
        for (rate, text) in [
            (7.4, "7"),
            (950.0, "950"),
            (999.6, "1k"),
            (4_300.0, "4.3k"),
            (9_960.0, "10k"),
            (66_020.0, "66k"),
            (100_000.0, "100k"),
            (999_600.0, "1M"),
            (1_060_000.0, "1.06M"),
            (12_000_000.0, "12M"),
        ] {
            assert_eq!(short(rate), text);
        }
        assert_eq!(grouped(1), "1");
        assert_eq!(grouped(1_000), "1,000");
        assert_eq!(grouped(10_000_000), "10,000,000");
    }
}
