//! From samples to ratios, as lines of JSON or as a table.

use anyhow::Result;

/// What one repetition measured of us and of the other, side by side.
pub(super) struct Sample {
    pub(super) ours: f64,
    pub(super) theirs: f64,
}

/// A cell and one thing that it is compared to, with all repetitions.
pub(super) struct Measured {
    pub(super) cell: &'static str,
    pub(super) against: &'static str,
    /// Of the samples; the ratio has none.
    pub(super) unit: &'static str,
    pub(super) samples: Vec<Sample>,
}

/// One comparison: the ratio of each repetition is taken inside of it, the machine's mood being the same there.
#[derive(serde::Serialize)]
struct Comparison {
    cell: &'static str,
    against: &'static str,
    ratio: f64,
    min: f64,
    max: f64,
}

fn compare(measured: &Measured) -> Comparison {
    let (ratio, min, max) = spread(measured.samples.iter().map(|sample| sample.ours / sample.theirs));
    let round = |value: f64| (value * 1_000.0).round() / 1_000.0;
    Comparison { cell: measured.cell, against: measured.against, ratio: round(ratio), min: round(min), max: round(max) }
}

/// Median, least and greatest.
fn spread(values: impl Iterator<Item = f64>) -> (f64, f64, f64) {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    let at = |index: usize| values.get(index).copied().unwrap_or(f64::NAN);
    let (last, half) = (values.len().saturating_sub(1), values.len() / 2);
    let median = if values.len().is_multiple_of(2) { (at(half.saturating_sub(1)) + at(half)) / 2.0 } else { at(half) };
    (median, at(0), at(last))
}

pub(super) fn json(measured: &[Measured]) -> Result<()> {
    for measured in measured {
        println!("{}", serde_json::to_string(&compare(measured))?);
    }
    Ok(())
}

pub(super) fn table(measured: &[Measured]) {
    println!("| cell | against | ratio | min | max | ours | theirs | unit |\n|---|---|---|---|---|---|---|---|");
    for measured in measured {
        let Comparison { cell, against, ratio, min, max } = compare(measured);
        let (ours, ..) = spread(measured.samples.iter().map(|sample| sample.ours));
        let (theirs, ..) = spread(measured.samples.iter().map(|sample| sample.theirs));
        println!(
            "| {cell} | {against} | {ratio:.2} | {min:.2} | {max:.2} | {} | {} | {} |",
            digits(ours),
            digits(theirs),
            measured.unit
        );
    }
}

/// Three digits that count, at least.
fn digits(value: f64) -> String {
    if value < 100.0 { format!("{value:.2}") } else { format!("{value:.0}") }
}

#[cfg(test)]
mod tests {
    use super::{Measured, Sample, compare, spread};

    #[test]
    fn a_median_is_in_the_middle() {
        assert_eq!(spread([3.0, 1.0, 2.0].into_iter()), (2.0, 1.0, 3.0));
        assert_eq!(spread([4.0, 1.0, 2.0, 3.0].into_iter()), (2.5, 1.0, 4.0));
    }

    #[test]
    fn a_ratio_is_taken_inside_its_repetition() {
        let samples = [(1.0, 2.0), (10.0, 10.0), (300.0, 100.0)].map(|(ours, theirs)| Sample { ours, theirs }).into();
        let found = compare(&Measured { cell: "a", against: "b", unit: "s", samples });
        assert_eq!((found.ratio, found.min, found.max), (1.0, 0.5, 3.0));
    }
}
