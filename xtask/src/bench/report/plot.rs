//! Plots as SVG: all ratios on one page, and a page for each thing that was watched over time.

use anyhow::{Result, anyhow};
use plotters::prelude::*;

use super::{Course, Findings};

const ROW: i32 = 22;
const WIDTH: u32 = 900;

/// Names and texts of the files.
pub(super) fn all(findings: &Findings) -> Result<Vec<(String, String)>> {
    let mut plots = Vec::new();
    if findings.measured.iter().any(|measured| measured.compare().ratio > 0.0) {
        plots.push(("ratios.svg".to_owned(), ratios(findings)?));
    }
    for course in &findings.courses {
        plots.push((format!("{}-{}.svg", course.cell, course.what.replace(' ', "-")), over_time(course)?));
    }
    Ok(plots)
}

/// One row for each comparison: the median as a dot, least and greatest as a line, by powers of ten.
fn ratios(findings: &Findings) -> Result<String> {
    // A ratio of nothing has no logarithm.
    let rows: Vec<_> = findings.measured.iter().map(|it| it.compare()).filter(|it| it.min > 0.0).collect();
    let least = rows.iter().map(|row| row.min).fold(0.5, f64::min) / 1.2;
    let greatest = rows.iter().map(|row| row.max).fold(2.0, f64::max) * 1.2;
    let count = rows.len() as i32;
    let mut svg = String::new();
    {
        let height = (count * ROW + 90) as u32;
        let area = SVGBackend::with_string(&mut svg, (WIDTH, height)).into_drawing_area();
        area.fill(&WHITE).map_err(failed)?;
        let mut chart = ChartBuilder::on(&area)
            .caption("ours ÷ theirs", ("sans-serif", 18))
            .margin(12)
            .x_label_area_size(30)
            .y_label_area_size(330)
            .build_cartesian_2d((least..greatest).log_scale(), 0..count)
            .map_err(failed)?;
        chart
            .configure_mesh()
            .disable_y_mesh()
            .y_labels(1)
            .y_label_formatter(&|_| String::new())
            .x_labels(12)
            .x_label_formatter(&|ratio| format!("{ratio}"))
            .draw()
            .map_err(failed)?;
        let line = |from: (f64, i32), to: (f64, i32), style: ShapeStyle| PathElement::new(vec![from, to], style);
        chart.draw_series([line((1.0, 0), (1.0, count), BLACK.stroke_width(1))]).map_err(failed)?;
        for (index, row) in (0..).zip(&rows) {
            let at = count - index - 1;
            let spread = line((row.min, at), (row.max, at), BLUE.mix(0.4).stroke_width(4));
            chart.draw_series([spread]).map_err(failed)?;
            chart.draw_series([Circle::new((row.ratio, at), 4, BLUE.filled())]).map_err(failed)?;
            let (_, y) = chart.backend_coord(&(row.ratio, at));
            let style = ("sans-serif", 13).into_text_style(&area);
            area.draw_text(&format!("{} ÷ {}: {:.2}", row.cell, row.against, row.ratio), &style, (12, y - 7))
                .map_err(failed)?;
        }
        area.present().map_err(failed)?;
    }
    Ok(svg)
}

fn over_time(course: &Course) -> Result<String> {
    let end = course.points.iter().map(|(second, _)| *second).fold(1.0, f64::max);
    let top = course.points.iter().map(|(_, value)| *value).fold(f64::MIN_POSITIVE, f64::max) * 1.1;
    let mut svg = String::new();
    {
        let area = SVGBackend::with_string(&mut svg, (WIDTH, 320)).into_drawing_area();
        area.fill(&WHITE).map_err(failed)?;
        let mut chart = ChartBuilder::on(&area)
            .caption(format!("{}: {}", course.cell, course.what), ("sans-serif", 18))
            .margin(12)
            .x_label_area_size(40)
            .y_label_area_size(70)
            .build_cartesian_2d(0.0..end, 0.0..top)
            .map_err(failed)?;
        chart.configure_mesh().x_desc("s").y_desc(course.unit).draw().map_err(failed)?;
        chart.draw_series(LineSeries::new(course.points.iter().copied(), BLUE.stroke_width(2))).map_err(failed)?;
        area.present().map_err(failed)?;
    }
    Ok(svg)
}

fn failed(error: impl std::fmt::Display) -> anyhow::Error {
    anyhow!("cannot draw a plot: {error}")
}

#[cfg(test)]
mod tests {
    use super::super::{Course, Findings};
    use super::all;

    #[test]
    fn each_comparison_has_a_row_and_each_course_a_page() {
        let mut findings = Findings::default();
        findings.sample("drain", "ceiling", "events/s", 90.0, 100.0);
        findings.sample("drain", "textbook", "events/s", 90.0, 3.0);
        // Nothing against something: no logarithm, no row.
        findings.sample("wal", "textbook", "B", 0.0, 3.0);
        let points = vec![(0.0, 1.0), (1.0, 2.0)];
        findings.courses.push(Course { cell: "held", what: "table bytes", unit: "B", points });
        let plots = all(&findings).unwrap();
        let names: Vec<_> = plots.iter().map(|(name, _)| &**name).collect();
        assert_eq!(names, ["ratios.svg", "held-table-bytes.svg"]);
        assert_eq!(plots[0].1.matches("<circle").count(), 2);
        assert!(plots[0].1.contains("drain ÷ textbook: 30.00"), "{}", plots[0].1);
    }
}
