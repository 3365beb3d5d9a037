//! From rates to ratios, as lines of JSON or as a table.

use anyhow::Result;

/// Events per second of one repetition.
pub(super) struct Rates {
    pub(super) drain: f64,
    pub(super) read_only: f64,
    pub(super) produce_only: f64,
}

/// A cell with all its repetitions.
pub(super) struct Measured {
    pub(super) cell: &'static str,
    pub(super) rates: Vec<Rates>,
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

type Rate = fn(&Rates) -> f64;
const AGAINST: [(&str, Rate); 3] = [
    ("read_only", |rates| rates.read_only),
    ("produce_only", |rates| rates.produce_only),
    ("ceiling", |rates| rates.read_only.min(rates.produce_only)),
];

fn compare(measured: &Measured, against: &'static str, other: Rate) -> Comparison {
    let (ratio, min, max) = spread(measured.rates.iter().map(|rates| rates.drain / other(rates)));
    let round = |value: f64| (value * 1_000.0).round() / 1_000.0;
    Comparison { cell: measured.cell, against, ratio: round(ratio), min: round(min), max: round(max) }
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

pub(super) fn json(measured: &Measured) -> Result<()> {
    for (against, other) in AGAINST {
        println!("{}", serde_json::to_string(&compare(measured, against, other))?);
    }
    Ok(())
}

pub(super) fn table(measured: &Measured) {
    println!("| cell | against | ratio | min | max | events/s | of the other |\n|---|---|---|---|---|---|---|");
    for (against, other) in AGAINST {
        let Comparison { cell, ratio, min, max, .. } = compare(measured, against, other);
        let (ours, ..) = spread(measured.rates.iter().map(|rates| rates.drain));
        let (theirs, ..) = spread(measured.rates.iter().map(other));
        println!("| {cell} | {against} | {ratio:.2} | {min:.2} | {max:.2} | {ours:.0} | {theirs:.0} |");
    }
}

#[cfg(test)]
mod tests {
    use super::spread;

    #[test]
    fn a_median_is_in_the_middle() {
        assert_eq!(spread([3.0, 1.0, 2.0].into_iter()), (2.0, 1.0, 3.0));
        assert_eq!(spread([4.0, 1.0, 2.0, 3.0].into_iter()), (2.5, 1.0, 4.0));
    }
}
