//! The findings as Markdown.

use std::fmt::Write;

use super::{Comparison, Findings, Sample, goals, spread};

/// Two tables: ratios, and what is only counted.
pub(crate) fn markdown(findings: &Findings) -> String {
    let mut text = String::new();
    let mut line = |line: std::fmt::Arguments<'_>| {
        // Into a String it cannot fail.
        let _ = writeln!(text, "{line}");
    };
    if !findings.measured.is_empty() {
        line(format_args!("| cell | against | ratio | min | max | ours | theirs | unit | goal |"));
        line(format_args!("|---|---|---:|---:|---:|---:|---:|---|---|"));
    }
    for measured in &findings.measured {
        let Comparison { cell, against, ratio, min, max } = measured.compare();
        let of = |side: fn(&Sample) -> f64| digits(spread(measured.samples.iter().map(side)).0);
        let (ours, theirs) = (of(|sample| sample.ours), of(|sample| sample.theirs));
        let (unit, goal) = (measured.unit, goals::of_measured(measured));
        let [ratio, min, max] = [ratio, min, max].map(ratio_digits);
        line(format_args!("| {cell} | {against} | {ratio} | {min} | {max} | {ours} | {theirs} | {unit} | {goal} |"));
    }
    if !findings.figures.is_empty() {
        line(format_args!("\n| cell | figure | median | min | max | unit | goal |"));
        line(format_args!("|---|---|---:|---:|---:|---|---|"));
    }
    for figure in &findings.figures {
        let figured = figure.figured();
        let goal = goals::of_figure(&figured);
        let [value, min, max] = [figured.value, figured.min, figured.max].map(digits);
        let (cell, what, unit) = (figured.cell, figured.figure, figured.unit);
        line(format_args!("| {cell} | {what} | {value} | {min} | {max} | {unit} | {goal} |"));
    }
    let (judged, met) = goals::count(findings);
    if judged > 0 {
        line(format_args!("\n{met} of {judged} goals met."));
    }
    text
}

/// Three digits that count, at least.
fn digits(value: f64) -> String {
    if value == value.trunc() && value.abs() < 1e15 {
        format!("{value:.0}")
    } else if value.abs() < 100.0 {
        format!("{value:.2}")
    } else {
        format!("{value:.0}")
    }
}

/// Ratios near 1 are read by their second digit, those near 0 by their third.
fn ratio_digits(ratio: f64) -> String {
    if ratio < 0.1 {
        format!("{ratio:.3}")
    } else if ratio < 20.0 {
        format!("{ratio:.2}")
    } else {
        format!("{ratio:.0}")
    }
}

#[cfg(test)]
mod tests {
    use super::{Findings, digits, markdown, ratio_digits};

    #[test]
    fn numbers_have_the_digits_that_count() {
        assert_eq!([0.0, 3.0, 3.25, 123.4].map(digits), ["0", "3", "3.25", "123"]);
        assert_eq!([0.0123, 0.876, 4.0, 55.5].map(ratio_digits), ["0.012", "0.88", "4.00", "56"]);
    }

    #[test]
    fn the_table_says_which_goals_are_met() {
        let mut findings = Findings::default();
        findings.sample("drain", "ceiling", "events/s", 90.0, 100.0);
        findings.figure("memory", "above_idle", "MiB", 65.5);
        let text = markdown(&findings);
        assert!(
            text.contains("| drain | ceiling | 0.90 | 0.90 | 0.90 | 90 | 100 | events/s | ≥ 0.85: met |"),
            "{text}"
        );
        assert!(text.contains("≤ 64: **missed**"), "{text}");
        assert!(text.ends_with("1 of 2 goals met.\n"), "{text}");
    }
}
