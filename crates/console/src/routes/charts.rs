//! `GET /console/charts`, and the same figures as `/console/charts.csv`: what became of the calls of an account, over
//! any stretch of time, beside the week before.

use std::time::Duration;

use axum::{
    extract::{RawQuery, State},
    http::header,
    response::{Html, IntoResponse, Response},
};
use call::{
    AccountId, Timestamp,
    event::Side,
    filter::CallFilter,
    series::Grid,
    statistics::{Sampling, Tally},
};
use http_core::{App, time::rfc3339};
use maud::{Markup, html};
use questions::activity::called;
use rust_decimal::prelude::ToPrimitive;

use super::CHARTS;
use crate::{
    Console,
    chart::{self, Chart, Line, LineKind},
    errors::Failure,
    form::Fields,
    look,
    now::{self, one_of},
    page,
    search::{self, Stretch},
    viewer::Viewer,
    words,
};

const DAY: Duration = Duration::from_secs(86_400);
const WEEK: Duration = Duration::from_secs(7 * 86_400);
/// Values of a line, at most.
const MOST: u64 = 1_500;

/// What is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Measure {
    Active,
    Calls,
    Answered,
    Asr,
    Acd,
    Minutes,
    Cost,
}

const MEASURES: [(&str, Measure); 7] = [
    ("active", Measure::Active),
    ("calls", Measure::Calls),
    ("answered", Measure::Answered),
    ("asr", Measure::Asr),
    ("acd", Measure::Acd),
    ("minutes", Measure::Minutes),
    ("cost", Measure::Cost),
];
const SIDES: [(&str, Side); 2] = [("sent", Side::Origination), ("taken", Side::Termination)];
const STEPS: [(&str, Sampling); 5] = [
    ("minute", Sampling::Minute),
    ("five-minutes", Sampling::FiveMinutes),
    ("fifteen-minutes", Sampling::FifteenMinutes),
    ("hour", Sampling::Hour),
    ("day", Sampling::Day),
];

/// Which chart is wanted.
struct Wanted {
    account: Option<AccountId>,
    measure: Measure,
    side: Side,
    stretch: Stretch,
    step: Sampling,
    /// Which calls count.
    filter: CallFilter,
}

/// The page.
pub async fn show(
    viewer: Viewer,
    State(console): State<Console>,
    RawQuery(query): RawQuery,
) -> Result<Html<String>, Failure> {
    let fields = Fields::parse(query.unwrap_or_default().as_bytes());
    let wanted = Wanted::read(&fields, &viewer, console.app.now())?;
    let chart = wanted.chart(&console.app).await?;
    let with_day = wanted.stretch.length() >= DAY;
    let content = html! {
        h1 { (words::CHARTS) }
        (filters(&fields, &viewer, &wanted))
        figure class="chart tall" { (chart.figure(with_day)) }
        p class="links" { a href={ "/console/charts.csv" (fields.query()) } download { (words::AS_CSV) } }
    };
    Ok(page::framed(&viewer, CHARTS, words::CHARTS, &content))
}

/// The figures: the instant, the value, the value a week before, and of active calls the most within the step.
pub async fn csv(
    viewer: Viewer,
    State(console): State<Console>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let fields = Fields::parse(query.unwrap_or_default().as_bytes());
    let wanted = Wanted::read(&fields, &viewer, console.app.now())?;
    let chart = wanted.chart(&console.app).await?;
    let values = |line: usize| chart.lines.get(line).map(|line| line.values.clone()).unwrap_or_default();
    let text = |value: Option<f64>| value.map(|value| value.to_string()).unwrap_or_default();
    let peaks = chart.lines.first().map(|line| line.peaks.clone()).unwrap_or_default();
    let peaks = peaks.into_iter().chain(std::iter::repeat(None));
    let rows = wanted.instants().into_iter().zip(values(0).into_iter().zip(values(1)).zip(peaks));
    let rows = rows.map(|(at, ((value, before), peak))| {
        format!("{},{},{},{}\r\n", rfc3339(at), text(value), text(before), text(peak))
    });
    let file = format!("time,value,week_before,peak\r\n{}", rows.collect::<String>());
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"chart.csv\""),
    ];
    Ok((headers, file).into_response())
}

impl Wanted {
    fn read(fields: &Fields, viewer: &Viewer, now: Timestamp) -> Result<Self, Failure> {
        let account = fields.get("account").map(|text| now::account(text, viewer)).transpose()?;
        let stretch = Stretch::read(fields, now)?;
        let measure = one_of(fields, "measure", &MEASURES)?.unwrap_or(Measure::Active);
        let step = one_of(fields, "step", &STEPS)?.unwrap_or_else(|| measure.usual_step(stretch.length()));
        let length = step.length().unwrap_or(WEEK).as_secs();
        if stretch.length().as_secs() / length > MOST {
            return Err(now::refused("step", fields.get("step").unwrap_or_default(), words::ACCEPTED_STEP));
        }
        let country = fields.get("country");
        let filter = called(country, fields.get("prefix").map(|text| text.trim_start_matches('+')))
            .ok_or_else(|| now::refused("country", country.unwrap_or_default(), words::ACCEPTED_COUNTRY))?;
        Ok(Self {
            account: account.or_else(|| viewer.access.accounts().first().copied()),
            measure,
            side: one_of(fields, "side", &SIDES)?.unwrap_or(Side::Origination),
            stretch,
            step,
            filter,
        })
    }

    async fn chart(&self, app: &App) -> Result<Chart, Failure> {
        let (from, to) = (self.stretch.from, self.stretch.to);
        let values = self.values(app, Duration::ZERO).await?;
        let before = self.values(app, WEEK).await?;
        let title = words::of_choice(name_of(&MEASURES, self.measure));
        let lines = vec![
            Line { name: words::THIS_STRETCH, kind: LineKind::First, values, peaks: self.peaks(app).await? },
            Line { name: words::WEEK_BEFORE, kind: LineKind::Before, values: before, peaks: Vec::new() },
        ];
        let instants = self.instants();
        let span = instants.first().copied().unwrap_or(from)..instants.last().copied().unwrap_or(to);
        let outages = app.history.outages(from..to).await?;
        Ok(Chart { title, span, lines, outages, written: self.measure.written() })
    }

    fn step_length(&self) -> Duration {
        self.step.length().unwrap_or(WEEK)
    }

    fn grid(&self, earlier: Duration) -> Grid {
        Grid::aligned(
            self.step.start_of(self.stretch.from) - earlier,
            self.stretch.to - earlier,
            self.step_length(),
        )
    }

    fn instants(&self) -> Vec<Timestamp> {
        self.grid(Duration::ZERO).instants().collect()
    }

    /// The most calls within each step, where it is calls at instants that are shown.
    async fn peaks(&self, app: &App) -> Result<Vec<Option<f64>>, Failure> {
        let account = self.account.filter(|_| self.measure == Measure::Active);
        let Some(account) = account else { return Ok(Vec::new()) };
        let grid = self.grid(Duration::ZERO).of_peaks();
        Ok(chart::counted(chart::active_under(app, account, (self.side, &self.filter), grid).await?))
    }

    async fn values(&self, app: &App, earlier: Duration) -> Result<Vec<Option<f64>>, Failure> {
        let grid = self.grid(earlier);
        let Some(account) = self.account else { return Ok(vec![None; grid.len()]) };
        if self.measure == Measure::Active {
            return Ok(chart::counted(
                chart::active_under(app, account, (self.side, &self.filter), grid).await?,
            ));
        }
        let range = self.stretch.from - earlier..self.stretch.to - earlier;
        let mut tallies =
            app.history.statistics(account, self.side, range.clone(), self.filter.clone(), self.step).await?;
        tallies.fill(range.start, range.end);
        let value = |at: Timestamp| {
            tallies.stretches().find(|(start, _)| *start == at).map(|(_, tally)| self.measure.of(tally))
        };
        Ok(grid.instants().map(|at| value(at).unwrap_or(Some(0.0))).collect())
    }
}

impl Measure {
    fn of(self, tally: &Tally) -> Option<f64> {
        let decimal = |value: Option<rust_decimal::Decimal>| value.and_then(|value| value.to_f64());
        match self {
            Self::Active | Self::Calls => Some(tally.calls as f64),
            Self::Answered => Some(tally.answered as f64),
            Self::Asr => decimal(tally.answered_ratio()).map(|ratio| ratio * 100.0),
            Self::Acd => decimal(tally.average_seconds()),
            Self::Minutes => Some(tally.seconds as f64 / 60.0),
            Self::Cost => decimal(Some(tally.price)),
        }
    }

    /// What a line of such a length is easily read by. Calls are counted at an instant, which may be a minute ago;
    /// all else is of a stretch, which needs some calls.
    fn usual_step(self, length: Duration) -> Sampling {
        match (self, length.as_secs().div_ceil(3_600)) {
            (_, 0..=6) | (Self::Active, 7..=24) => Sampling::Minute,
            (_, 7..=24) => Sampling::FiveMinutes,
            (_, 25..=96) => Sampling::FifteenMinutes,
            (_, 97..=1_000) => Sampling::Hour,
            _ => Sampling::Day,
        }
    }

    fn written(self) -> fn(f64) -> String {
        match self {
            Self::Active | Self::Calls | Self::Answered => chart::whole,
            Self::Asr => |value| format!("{value:.1} %"),
            Self::Acd => |value| look::length(Duration::from_secs_f64(value.max(0.0))),
            Self::Minutes => |value| format!("{value:.1}"),
            Self::Cost => |value| format!("{value:.2}"),
        }
    }
}

fn name_of<T: PartialEq>(known: &[(&'static str, T)], wanted: T) -> &'static str {
    known.iter().find(|(_, value)| *value == wanted).map_or("", |(name, _)| name)
}

fn filters(fields: &Fields, viewer: &Viewer, wanted: &Wanted) -> Markup {
    let accounts = viewer.accounts().map(|account| (account.id.to_string(), &*account.name));
    let account = wanted.account.map(|account| account.to_string());
    html! {
        form class="filters" method="get" action=(CHARTS) {
            (look::choice_of("measure", words::MEASURE, look::named(&MEASURES), Some(name_of(&MEASURES, wanted.measure))))
            (look::choice_of("account", words::ACCOUNT, accounts, account.as_deref()))
            (look::choice_of("side", words::SIDE, look::named(&SIDES), Some(name_of(&SIDES, wanted.side))))
            (search::stretch_fields(fields, &wanted.stretch))
            (look::field("country", words::CALLED_COUNTRY, "text", fields.get("country")))
            (look::field("prefix", words::CALLED_PREFIX, "text", fields.get("prefix")))
            (look::choice_of("step", words::STEP, look::or_else(words::USUAL_STEP, &STEPS), fields.get("step")))
            button { (words::SHOW) }
        }
    }
}
