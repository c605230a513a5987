//! Charts: lines over time, as SVG without a script or a style of its own, and what is said of them beside it.

use std::{ops::Range, time::Duration};

use call::{
    AccountId, Timestamp,
    event::Side,
    filter::CallFilter,
    series::{Grid, Interval},
};
use history::HistoryError;
use http_core::App;
use maud::{Markup, html};
use questions::activity::Activity;

use crate::{look, viewer::Viewer, words};

/// The drawing's size in its own units; it is stretched to the place that it has.
const WIDTH: f64 = 1_000.0;
const HEIGHT: f64 = 200.0;
/// Accounts whose calls are counted together, at most: each costs a question.
pub const ACCOUNTS: usize = 12;

/// Lines over a stretch of time.
pub struct Chart {
    /// What it shows.
    pub title: &'static str,
    /// From the first value to the last.
    pub span: Range<Timestamp>,
    /// The lines.
    pub lines: Vec<Line>,
    /// When the server was not running.
    pub outages: Vec<Interval>,
    /// How a value is written.
    pub written: fn(f64) -> String,
}

/// A line: evenly spaced values, of which some may not be.
pub struct Line {
    /// What it shows.
    pub name: &'static str,
    /// How it is drawn.
    pub kind: LineKind,
    /// The values.
    pub values: Vec<Option<f64>>,
    /// The greatest value within each step, of a line whose values are those of instants; else none.
    pub peaks: Vec<Option<f64>>,
}

/// How a line is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineKind {
    /// As the first.
    First,
    /// As the second.
    Second,
    /// As what was before.
    Before,
}

/// The calls that were active in the last hour, by the minute.
pub struct LastHour {
    chart: Option<Chart>,
}

impl LineKind {
    const fn class(self) -> &'static str {
        match self {
            Self::First => "line first",
            Self::Second => "line second",
            Self::Before => "line before",
        }
    }

    /// The colour where no stylesheet says another: in a file of its own.
    const fn colour(self) -> &'static str {
        match self {
            Self::First => "#1d6fd8",
            Self::Second => "#c2620a",
            Self::Before => "#8a8f98",
        }
    }
}

impl LastHour {
    /// Of one account, or of all of the viewer's, if they are not too many.
    pub async fn of(app: &App, viewer: &Viewer, account: Option<AccountId>) -> Result<Self, HistoryError> {
        let accounts = account.map_or_else(|| viewer.access.accounts().to_vec(), |account| vec![account]);
        if accounts.len() > ACCOUNTS {
            return Ok(Self { chart: None });
        }
        let now = app.now();
        let grid = Grid::aligned(now - Duration::from_secs(3_600), now, Duration::from_secs(60));
        let mut lines = Vec::new();
        for (side, name, kind) in SIDES {
            let values = counted(active(app, &accounts, side, grid).await?);
            // Each of several accounts may have had its most at another time.
            let peaks = match accounts[..] {
                [_] => counted(active(app, &accounts, side, grid.of_peaks()).await?),
                _ => Vec::new(),
            };
            lines.push(Line { name, kind, values, peaks });
        }
        let outages = app.history.outages(grid.range().unwrap_or(now..now)).await?;
        let span = now - Duration::from_secs(3_600)..now;
        let chart = Chart { title: words::LAST_HOUR, span, lines, outages, written: whole };
        Ok(Self { chart: Some(chart) })
    }
}

/// The sides of an account, and their lines.
pub const SIDES: [(Side, &str, LineKind); 2] =
    [(Side::Origination, words::SENT, LineKind::First), (Side::Termination, words::TAKEN, LineKind::Second)];

/// How many calls of one side of these accounts were active at each instant, together.
pub async fn active(
    app: &App,
    accounts: &[AccountId],
    side: Side,
    grid: Grid,
) -> Result<Vec<u32>, HistoryError> {
    let mut sums = vec![0_u32; grid.len()];
    for account in accounts {
        let counts = active_under(app, *account, (side, &CallFilter::default()), grid).await?;
        sums.iter_mut().zip(counts).for_each(|(sum, count)| *sum = sum.saturating_add(count));
    }
    Ok(sums)
}

/// The same of one account, and of those calls alone that a filter keeps.
pub async fn active_under(
    app: &App,
    account: AccountId,
    (side, filter): (Side, &CallFilter),
    grid: Grid,
) -> Result<Vec<u32>, HistoryError> {
    let (history, live, filter) = (&*app.history, &app.live.snapshot(), filter.clone());
    Activity { history, live, account, side, filter }.at(grid).await
}

/// Counts as values of a line.
pub fn counted(counts: Vec<u32>) -> Vec<Option<f64>> {
    counts.into_iter().map(|count| Some(f64::from(count))).collect()
}

/// The chart of the last hour.
pub fn last_hour(hour: &LastHour) -> Markup {
    html! {
        figure id="hour" class="chart" {
            @match &hour.chart {
                Some(chart) => (chart.figure(false)),
                None => figcaption { (words::CHOOSE_AN_ACCOUNT) }
            }
        }
    }
}

/// A whole number.
pub fn whole(value: f64) -> String {
    format!("{value:.0}")
}

impl Chart {
    /// The drawing, and what is to be said of it; with days where `with_day`.
    pub fn figure(&self, with_day: bool) -> Markup {
        html! {
            figcaption {
                span class="title" { (self.title) }
                @for line in &self.lines { (self.legend(line, with_day)) }
            }
            div class="plot" {
                span class="most" { ((self.written)(self.most())) }
                (self.svg())
            }
            div class="ends" { (look::moment(self.span.start, with_day)) (look::moment(self.span.end, with_day)) }
        }
    }

    fn legend(&self, line: &Line, with_day: bool) -> Markup {
        html! {
            span class={ "legend " (line.kind.class()) } {
                (line.name)
                @if let Some(last) = line.values.iter().rev().find_map(|value| *value) {
                    " " strong { ((self.written)(last)) }
                }
                @if let Some((at, peak)) = self.peak(line) {
                    small { " " (words::PEAK) " " ((self.written)(peak)) " " (look::moment(at, with_day)) }
                }
            }
        }
    }

    /// The drawing.
    pub fn svg(&self) -> Markup {
        html! {
            svg xmlns="http://www.w3.org/2000/svg" viewBox={ "0 0 " (WIDTH) " " (HEIGHT) } preserveAspectRatio="none"
                role="img" aria-label=(self.told()) {
                @for outage in &self.outages {
                    @let (from, to) = (self.x(outage.start), self.x(outage.end));
                    rect class="outage" fill="#8a8f98" fill-opacity="0.3" x=(point(from)) y="0"
                        width=(point((to - from).max(1.0))) height=(HEIGHT) {}
                }
                @for part in [0.25, 0.5, 0.75] {
                    path class="grid" stroke="#8a8f98" stroke-opacity="0.25" vector-effect="non-scaling-stroke"
                        d={ "M0 " (HEIGHT * part) "H" (WIDTH) } {}
                }
                @for line in self.lines.iter().filter(|line| !line.peaks.is_empty()) {
                    path class={ (line.kind.class()) " peaks" } fill="none" stroke=(line.kind.colour())
                        stroke-opacity="0.4" stroke-width="1" vector-effect="non-scaling-stroke"
                        d=(self.path(line, &line.peaks)) {}
                }
                @for line in &self.lines {
                    path class=(line.kind.class()) fill="none" stroke=(line.kind.colour()) stroke-width="1.5"
                        vector-effect="non-scaling-stroke" d=(self.path(line, &line.values)) {}
                }
                @for (at, _) in self.lines.iter().filter(|line| line.kind != LineKind::Before).filter_map(|line| self.peak(line)) {
                    path class="peak" stroke="#8a8f98" stroke-dasharray="2 3" vector-effect="non-scaling-stroke"
                        d={ "M" (point(self.x(at))) " 0V" (HEIGHT) } {}
                }
            }
        }
    }

    /// What the drawing shows, in words.
    fn told(&self) -> String {
        let lines = self.lines.iter().map(|line| {
            let peak = self.peak(line).map_or(0.0, |(_, peak)| peak);
            format!("{}, {} {}", line.name, words::PEAK, (self.written)(peak))
        });
        format!("{}: {}", self.title, lines.collect::<Vec<_>>().join("; "))
    }

    fn most(&self) -> f64 {
        let values = self.lines.iter().flat_map(|line| line.values.iter().chain(&line.peaks)).flatten();
        values.fold(0.0, |most: f64, value| most.max(*value))
    }

    fn x(&self, at: Timestamp) -> f64 {
        let whole = self.span.end.since(self.span.start).as_secs_f64().max(1e-6);
        (at.since(self.span.start).as_secs_f64() / whole * WIDTH).min(WIDTH)
    }

    /// The line, with a gap where there is no value, and where the server was not running.
    fn path(&self, line: &Line, values: &[Option<f64>]) -> String {
        let most = self.most().max(1e-9);
        let mut path = String::new();
        let mut is_open = false;
        for (index, value) in values.iter().enumerate() {
            let at = self.instant(line, index);
            let is_up = !self.outages.iter().any(|outage| outage.contains(at));
            match value.filter(|_| is_up || line.kind == LineKind::Before) {
                Some(value) => {
                    let (x, y) = (point(self.x(at)), point(HEIGHT - value / most * HEIGHT));
                    path.push_str(&format!("{}{x} {y}", if is_open { 'L' } else { 'M' }));
                    is_open = true;
                }
                None => is_open = false,
            }
        }
        path
    }

    fn instant(&self, line: &Line, index: usize) -> Timestamp {
        let last = line.values.len().saturating_sub(1).max(1);
        self.span.start + self.span.end.since(self.span.start).mul_f64(index as f64 / last as f64)
    }

    /// When the line is highest for the first time, and how high, if it ever is above nothing.
    fn peak(&self, line: &Line) -> Option<(Timestamp, f64)> {
        let values = if line.peaks.is_empty() { &line.values } else { &line.peaks };
        let values = values.iter().enumerate().filter_map(|(index, value)| Some((index, (*value)?)));
        let peak = values.filter(|(_, value)| *value > 0.0).reduce(|a, b| if b.1 > a.1 { b } else { a })?;
        Some((self.instant(line, peak.0), peak.1))
    }
}

/// A coordinate, as short as it can be.
fn point(value: f64) -> String {
    let text = format!("{value:.1}");
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chart(values: &[Option<f64>]) -> Chart {
        let line = Line { name: "sent", kind: LineKind::First, values: values.to_vec(), peaks: Vec::new() };
        let span = Timestamp::from_seconds(0)..Timestamp::from_seconds(40);
        Chart { title: "calls", span, lines: vec![line], outages: Vec::new(), written: whole }
    }

    #[test]
    fn a_line_has_a_gap_where_there_is_no_value() {
        let chart = chart(&[Some(0.0), Some(4.0), None, Some(2.0), Some(1.0)]);
        assert_eq!(chart.path(&chart.lines[0], &chart.lines[0].values), "M0 200L250 0M750 100L1000 150");
    }

    #[test]
    fn a_line_has_a_gap_where_the_server_was_not_running() {
        let mut chart = chart(&[Some(4.0), Some(4.0), Some(0.0), Some(4.0), Some(4.0)]);
        chart.outages =
            vec![Interval { start: Timestamp::from_seconds(15), end: Timestamp::from_seconds(25) }];
        assert_eq!(chart.path(&chart.lines[0], &chart.lines[0].values), "M0 0L250 0M750 0L1000 0");
    }

    #[test]
    fn the_first_of_the_highest_values_is_the_peak() {
        let peaked = chart(&[Some(1.0), Some(3.0), None, Some(3.0), Some(0.0)]);
        assert_eq!(peaked.peak(&peaked.lines[0]), Some((Timestamp::from_seconds(10), 3.0)));
        let mut within = chart(&[Some(1.0), Some(3.0), Some(2.0), Some(1.0), Some(0.0)]);
        within.lines[0].peaks = vec![Some(2.0), Some(3.0), Some(7.0), Some(1.0), Some(0.0)];
        assert_eq!(within.peak(&within.lines[0]), Some((Timestamp::from_seconds(20), 7.0)), "within a step");
        let flat = chart(&[Some(0.0), Some(0.0)]);
        assert_eq!(flat.peak(&flat.lines[0]), None);
    }
}
