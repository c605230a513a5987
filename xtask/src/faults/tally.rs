//! What callers were told, against what is recorded.

use std::collections::HashMap;

use super::{calls::Told, records::Recorded};

/// From when on a length is wrong, in seconds.
const WRONG: f64 = 1.0;

/// The sums of a fault.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tally {
    started: usize,
    answered: usize,
    recorded: usize,
    doubled: usize,
    lost: usize,
    wrong: usize,
    /// The greatest difference between a recorded length and what the caller saw, in seconds.
    most: f64,
    /// Acknowledged before they were on disk.
    pub before_commit: u64,
}

impl Tally {
    /// The server ended at an instant, in seconds of the day: calls that had not ended before lasted until then,
    /// whatever the clock.
    pub fn of(
        told: &HashMap<String, Told>,
        records: &[Recorded],
        ended_at: f64,
        judges_lengths: bool,
    ) -> Self {
        let mut by_call: HashMap<&str, Vec<&Recorded>> = HashMap::new();
        for record in records.iter().filter(|record| !record.call_id.is_empty()) {
            by_call.entry(&record.call_id).or_default().push(record);
        }
        let mut tally = Self { started: told.len(), recorded: records.len(), ..Self::default() };
        tally.doubled = by_call.values().filter(|same| same.len() > 1).count();
        for (call, told) in told {
            let Some(answered) = told.answered else { continue };
            tally.answered += 1;
            let known = by_call.get(call.as_str()).and_then(|same| same.first());
            match known.and_then(|record| record.talked) {
                None => tally.lost += 1,
                Some(talked) if judges_lengths => tally.judge(told, talked, ended_at - answered, answered),
                Some(_) => {}
            }
        }
        tally
    }

    /// Whoever got no answer to its BYE talked until the server ended, if it did not hang up before.
    fn judge(&mut self, told: &Told, talked: f64, until_the_end: f64, answered: f64) {
        let length = match (told.ended, told.hung_up) {
            (Some(_), Some(at)) => at - answered,
            (_, hung_up) => hung_up.map_or(until_the_end, |at| until_the_end.min(at - answered)),
        };
        let difference = (talked - length).abs();
        self.most = self.most.max(difference);
        if difference > WRONG {
            println!("recorded {talked:.3} s, true {length:.3} s: {told:?}");
            self.wrong += 1;
        }
    }

    /// Adds another one.
    pub fn add(&mut self, other: &Self) {
        self.started += other.started;
        self.answered += other.answered;
        self.recorded += other.recorded;
        self.doubled += other.doubled;
        self.lost += other.lost;
        self.wrong += other.wrong;
        self.most = self.most.max(other.most);
        self.before_commit += other.before_commit;
    }

    /// Whether nothing is wrong.
    pub fn is_clean(&self) -> bool {
        (self.doubled, self.lost, self.wrong) == (0, 0, 0)
    }

    /// A row of the table.
    pub fn row(&self, title: &str) -> String {
        let Self { started, answered, recorded, doubled, lost, wrong, most, before_commit } = self;
        format!(
            "| {title} | {started} | {answered} | {recorded} | {doubled} | {lost} | {wrong} | {most:.3} | {before_commit} |"
        )
    }
}

/// How long the set-up of calls took that began in a stretch of time.
pub fn set_ups(told: &HashMap<String, Told>, (title, from, until): (&str, f64, f64)) -> String {
    let within = told.values().filter(|told| told.called.is_some_and(|at| (from..until).contains(&at)));
    let mut took: Vec<f64> = within.filter_map(|told| Some(told.answered? - told.called?)).collect();
    took.sort_by(f64::total_cmp);
    let at =
        |hundredths: usize| took.get(took.len() * hundredths / 100).map_or(0.0, |seconds| seconds * 1_000.0);
    format!("{title}: {} calls, set-up median {:.1} ms, p99 {:.1} ms", took.len(), at(50), at(99))
}
