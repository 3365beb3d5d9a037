//! From samples to ratios: as a table, as lines of JSON, as files with a plot, as a page of the repository.

mod files;
mod goals;
mod machine;
mod page;
mod plot;
mod table;

use anyhow::Result;

pub(super) use files::write;
pub(super) use page::publish;
pub(super) use table::markdown;

/// What one repetition measured of us and of the other, side by side.
#[derive(Clone, Copy)]
pub(super) struct Sample {
    pub(super) ours: f64,
    pub(super) theirs: f64,
}

/// A cell and one thing that it is compared to, with all repetitions.
pub(super) struct Measured {
    pub(super) cell: String,
    pub(super) against: String,
    /// Of the samples; the ratio has none.
    pub(super) unit: &'static str,
    pub(super) samples: Vec<Sample>,
}

/// Something that is counted and compared to nothing, with all repetitions.
pub(super) struct Figure {
    pub(super) cell: String,
    pub(super) what: String,
    pub(super) unit: &'static str,
    pub(super) values: Vec<f64>,
}

/// How something went over time: seconds since the start, and the value there.
pub(super) struct Course {
    pub(super) cell: &'static str,
    pub(super) what: &'static str,
    pub(super) unit: &'static str,
    pub(super) points: Vec<(f64, f64)>,
}

/// What a cell, or a whole run, has found.
#[derive(Default)]
pub(super) struct Findings {
    pub(super) measured: Vec<Measured>,
    pub(super) figures: Vec<Figure>,
    pub(super) courses: Vec<Course>,
}

impl Findings {
    pub(super) fn append(&mut self, mut other: Self) {
        self.measured.append(&mut other.measured);
        self.figures.append(&mut other.figures);
        self.courses.append(&mut other.courses);
    }

    /// Notes one repetition of a comparison.
    pub(super) fn sample(&mut self, cell: &str, against: &str, unit: &'static str, ours: f64, theirs: f64) {
        let sample = Sample { ours, theirs };
        match self.measured.iter_mut().find(|it| it.cell == cell && it.against == against) {
            Some(measured) => measured.samples.push(sample),
            None => self.measured.push(Measured {
                cell: cell.to_owned(),
                against: against.to_owned(),
                unit,
                samples: vec![sample],
            }),
        }
    }

    /// Notes one repetition of a figure.
    pub(super) fn figure(&mut self, cell: &str, what: &str, unit: &'static str, value: f64) {
        match self.figures.iter_mut().find(|it| it.cell == cell && it.what == what) {
            Some(figure) => figure.values.push(value),
            None => {
                self.figures.push(Figure { cell: cell.to_owned(), what: what.to_owned(), unit, values: vec![value] })
            }
        }
    }
}

/// One comparison: the ratio of each repetition is taken inside of it, the machine's mood being the same there.
#[derive(serde::Serialize)]
struct Comparison<'a> {
    cell: &'a str,
    against: &'a str,
    ratio: f64,
    min: f64,
    max: f64,
}

/// One figure.
#[derive(serde::Serialize)]
struct Figured<'a> {
    cell: &'a str,
    figure: &'a str,
    value: f64,
    min: f64,
    max: f64,
    unit: &'static str,
}

impl Measured {
    fn compare(&self) -> Comparison<'_> {
        let (ratio, min, max) = spread(self.samples.iter().map(Sample::ratio));
        Comparison { cell: &self.cell, against: &self.against, ratio: round(ratio), min: round(min), max: round(max) }
    }
}

impl Sample {
    /// Nothing by nothing is the same.
    fn ratio(&self) -> f64 {
        if self.ours == 0.0 && self.theirs == 0.0 { 1.0 } else { self.ours / self.theirs }
    }
}

impl Figure {
    fn figured(&self) -> Figured<'_> {
        let (value, min, max) = spread(self.values.iter().copied());
        let (cell, figure, unit) = (&*self.cell, &*self.what, self.unit);
        Figured { cell, figure, value: round(value), min: round(min), max: round(max), unit }
    }
}

fn round(value: f64) -> f64 {
    (value * 1_000.0).round() / 1_000.0
}

/// Median, least and greatest.
pub(super) fn spread(values: impl Iterator<Item = f64>) -> (f64, f64, f64) {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    let at = |index: usize| values.get(index).copied().unwrap_or(f64::NAN);
    let (last, half) = (values.len().saturating_sub(1), values.len() / 2);
    let median = if values.len().is_multiple_of(2) { (at(half.saturating_sub(1)) + at(half)) / 2.0 } else { at(half) };
    (median, at(0), at(last))
}

/// One line each.
pub(super) fn json(findings: &Findings) -> Result<String> {
    let mut lines = String::new();
    for measured in &findings.measured {
        lines += &serde_json::to_string(&measured.compare())?;
        lines.push('\n');
    }
    for figure in &findings.figures {
        lines += &serde_json::to_string(&figure.figured())?;
        lines.push('\n');
    }
    Ok(lines)
}

#[cfg(test)]
mod tests {
    use super::{Findings, Sample, json, spread};

    #[test]
    fn a_median_is_in_the_middle() {
        assert_eq!(spread([3.0, 1.0, 2.0].into_iter()), (2.0, 1.0, 3.0));
        assert_eq!(spread([4.0, 1.0, 2.0, 3.0].into_iter()), (2.5, 1.0, 4.0));
    }

    #[test]
    fn a_ratio_is_taken_inside_its_repetition() {
        let mut findings = Findings::default();
        for (ours, theirs) in [(1.0, 2.0), (10.0, 10.0), (300.0, 100.0)] {
            findings.sample("a", "b", "s", ours, theirs);
        }
        let found = findings.measured[0].compare();
        assert_eq!((found.ratio, found.min, found.max), (1.0, 0.5, 3.0));
    }

    #[test]
    fn nothing_by_nothing_is_one() {
        assert_eq!(Sample { ours: 0.0, theirs: 0.0 }.ratio(), 1.0);
    }

    #[test]
    fn json_is_a_line_for_each_comparison_and_figure() {
        let mut findings = Findings::default();
        findings.sample("drain", "ceiling", "events/s", 8.0, 10.0);
        findings.figure("drain", "memory", "MiB", 12.0);
        assert_eq!(
            json(&findings).unwrap(),
            "{\"cell\":\"drain\",\"against\":\"ceiling\",\"ratio\":0.8,\"min\":0.8,\"max\":0.8}\n\
             {\"cell\":\"drain\",\"figure\":\"memory\",\"value\":12.0,\"min\":12.0,\"max\":12.0,\"unit\":\"MiB\"}\n"
        );
    }
}
