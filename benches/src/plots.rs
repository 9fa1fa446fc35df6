//! Plots of the cost against the number of siblings, as SVG.

use std::error::Error;
use std::fs;
use std::path::Path;

use plotters::prelude::*;

use crate::case::{Case, Effort, Flavor};
use crate::digits;
use crate::entrant::Entrant;
use crate::results::Results;
use crate::scenario::{Mode, Scenario, in_words};
use crate::{contestants, scenarios};

const SIZE: (u32, u32) = (800, 460);
/// The width of the chart; the names of the lines stand to the right of it.
const WIDTH: u32 = 650;

/// Colours that can be told apart, even by readers who do not see all of them.
const COLOURS: [RGBColor; 10] = [
    RGBColor(0, 0, 0),
    RGBColor(230, 159, 0),
    RGBColor(213, 94, 0),
    RGBColor(0, 114, 178),
    RGBColor(148, 148, 148),
    RGBColor(86, 180, 233),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(120, 80, 40),
    RGBColor(110, 40, 140),
];

/// Returns whether a scenario is measured at several sizes.
pub fn has_plots(scenario: &Scenario) -> bool {
    scenario.modes.iter().any(|mode| mode.children.len() > 2)
}

pub fn file_name(scenario: &Scenario, mode: &Mode, flavor: Flavor) -> String {
    format!("{}-{}-{flavor}.svg", scenario.name, mode.name)
}

pub fn draw_all(results: &Results, folder: &Path) -> Result<(), Box<dyn Error + Send + Sync>> {
    fs::create_dir_all(folder)?;
    for scenario in scenarios::ALL.into_iter().filter(|scenario| has_plots(scenario)) {
        for flavor in Flavor::ALL {
            for mode in scenario.modes {
                let path = folder.join(file_name(scenario, mode, flavor));
                let drawn = draw(results, scenario, mode, flavor);
                fs::write(path, drawn.map_err(|error| error.to_string())?)?;
            }
        }
    }
    Ok(())
}

/// The line of one contestant.
struct Line {
    /// The index of the contestant among all, which gives the line its colour.
    index: usize,
    name: &'static str,
    points: Vec<(f64, f64)>,
}

/// The lines of a plot: nanoseconds for one child, against the number of children.
fn lines(results: &Results, scenario: &'static Scenario, mode: &Mode, flavor: Flavor) -> Vec<Line> {
    let cases = scenario.cases(Effort { short: false });
    let cases: Vec<Case> =
        cases.into_iter().filter(|case| case.flavor == flavor && case.mode == mode.name).collect();
    let mut lines = Vec::new();
    for (index, entrant) in Entrant::all().into_iter().enumerate() {
        let points: Vec<_> = cases
            .iter()
            .filter_map(|case| {
                let median = results.summary(*case, entrant.name(), 0)?.median;
                let children = f64::from(case.children);
                let more_is_better = scenario.metrics[0].more_is_better;
                let cost = if more_is_better { 1e9 / median } else { median * 1e6 / children };
                Some((children, cost))
            })
            .collect();
        if !points.is_empty() {
            lines.push(Line { index, name: entrant.name(), points });
        }
    }
    lines
}

fn draw(
    results: &Results,
    scenario: &'static Scenario,
    mode: &Mode,
    flavor: Flavor,
) -> Result<String, Box<dyn Error>> {
    let lines = lines(results, scenario, mode, flavor);
    let points = || lines.iter().flat_map(|line| &line.points);
    let widest = |least: f64, greatest: f64, at: f64| (least.min(at), greatest.max(at));
    let (left, right) =
        points().fold((f64::MAX, 1.0), |(least, most), at| widest(least, most, at.0));
    let (low, high) = points().fold((f64::MAX, 1.0), |(least, most), at| widest(least, most, at.1));
    let mut picture = String::new();
    {
        let area = SVGBackend::with_string(&mut picture, SIZE).into_drawing_area();
        area.fill(&WHITE)?;
        let title = format!("{}: {}, {flavor}", scenario.title, in_words(mode.name));
        let each = if scenario.metrics[0].more_is_better { "restart" } else { "child" };
        let (area, legend) = area.split_horizontally(WIDTH);
        let mut chart = ChartBuilder::on(&area)
            .caption(title, ("sans-serif", 18))
            .margin(12)
            .x_label_area_size(40)
            .y_label_area_size(70)
            .build_cartesian_2d(
                (left.min(right)..right * 1.2).log_scale(),
                (low.min(high) / 2.0..high * 2.0).log_scale(),
            )?;
        chart
            .configure_mesh()
            .x_desc("children (both axes logarithmic)")
            .y_desc(format!("ns per {each} (lower is better)"))
            .x_label_formatter(&|children| digits::rounded(*children as u32))
            .y_label_formatter(&|cost| digits::scaled(*cost))
            .light_line_style(WHITE)
            .draw()?;
        for (row, Line { index, name, points }) in (2..).zip(&lines) {
            let colour = COLOURS[*index % COLOURS.len()];
            let width = if *index < contestants::OURS { 3 } else { 1 };
            let style = colour.stroke_width(width);
            chart.draw_series(LineSeries::new(points.iter().copied(), style))?;
            let dots = points.iter().map(|&at| Circle::new(at, 3, colour.filled()));
            chart.draw_series(dots)?;
            let y = row * 20;
            legend.draw(&PathElement::new([(0, y), (20, y)], style))?;
            legend.draw(&Text::new(*name, (28, y - 6), ("sans-serif", 14)))?;
        }
        area.present()?;
    }
    Ok(picture)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::Findings;
    use crate::results::Outcome;

    #[test]
    fn a_plot_has_a_line_for_each_who_was_measured_and_no_other() {
        let scenario = scenarios::find("restarts").expect("there is one");
        let mode = &scenario.modes[0];
        let mut results = Results::default();
        for case in scenario.cases(Effort { short: false }) {
            for (name, rate) in [("floor", 2e6), ("by hand", 1.9e6)] {
                results.add(case, name, Outcome::Found(Findings::of([rate])));
            }
            results.add(case, "kameo", Outcome::Failed("no end".to_owned()));
        }
        let picture = draw(&results, scenario, mode, Flavor::Ct).expect("it can be drawn");
        assert!(picture.starts_with("<svg"));
        assert!(picture.contains("by hand") && picture.contains("floor"), "{picture}");
        assert!(!picture.contains("kameo"));
    }

    #[test]
    fn without_results_there_is_an_empty_plot() {
        let scenario = scenarios::find("stop").expect("there is one");
        let drawn = draw(&Results::default(), scenario, &scenario.modes[0], Flavor::Mt);
        assert!(drawn.is_ok(), "{drawn:?}");
    }
}
