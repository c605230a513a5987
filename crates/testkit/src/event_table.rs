//! Calls as text tables: what happened line by line, and what the record must say.
//!
//! ```text
//! # an answered outbound call, hung up by the caller
//! at      leg  event
//! 0.000   A    offered   from ext 1001 dialed +14155550199
//! 0.120   B    offered   to trunk carrier-a
//! 1.400   B    ringing
//! 1.500   -    live      ringing legs A,B accounts acme,carrier-a
//! 6.020   B    answered
//! 6.031   A+B  bridged
//! 66.031  A    ended     normal
//! 66.040  B    ended     normal by switch
//!
//! record
//! direction outbound  disposition answered  released_by caller
//! pdd 1.400  ring 4.620  talk 60.011
//!
//! interactions
//! 6.020   answered  carrier-a
//! 66.031  hung-up   Alice
//!
//! legs
//! A  0.000  -      -      66.031  normal
//! B  0.120  1.400  6.020  66.040  normal
//! ```
//!
//! **Events.** Times are seconds after the table's [`START`]. A heading `at call leg event` adds a column
//! for tables of several calls; without it there is the call `1`. The first `offered` line of a call also
//! starts it, and a line that offers an unanswered call to someone new also routes it.
//!
//! | line | event |
//! | --- | --- |
//! | `A offered from PARTY dialed NUMBER [showing NUMBER] [named NAME]` | INVITE from a phone or trunk |
//! | `B offered to PARTY [as NUMBER] [SENT] [rated]` | INVITE to one |
//! | `- originated from PARTY to NUMBER`, then `A offered back to PARTY [SENT] [rated]` | placed by the API |
//! | `- routed nowhere` | no route |
//! | `B ringing`, `B answered`, `A+B bridged`, `A held`, `A resumed` | |
//! | `A transfers blind\|attended to NUMBER [named NAME]` | a transfer is asked for |
//! | `A+C transferred`, `A transfer-failed` | it comes about (A hands over to C), or not |
//! | `A parked in SLOT [by B]`, `A retrieved by C`, `- merged CALL`, `- interrupted` | |
//! | `A pressed KEY`, `A plays`, `A silent`, `A recorded standing\|on-demand in FILE`, `A recording-ended` | |
//! | `A ended CAUSE [by party\|switch\|command] [sip CODE REASON]` | by the party unless it says so |
//! | `- live PHASE [legs A,B] [bridged A+B] [accounts acme]`, `- gone` | no event: a check of the registry |
//!
//! A `PARTY` is `ext 1001`, `phone bob-cell` or `trunk carrier-a` of the [`cast`]. `SENT` is `sent by ACCOUNT
//! [through LEG] hunt N attempt N`. What is `rated` costs whoever sends it 1 a second once it is answered, else
//! 0.1, and brings whoever takes it half of that.
//!
//! **Expectations.** Blocks `record`, `interactions`, `transfers`, `recordings`, `legs` and `rows`, each followed by
//! the call's name if it is not `1`. A record's values come in pairs that two blanks part; the others are complete
//! lists: of transfers `20.000 24.020 blind B A C` (from, to, the way, initiator, transferred, recipient), of
//! recordings `A 4.210 60.000 on-demand a.wav`, of rows `acme sent 0.000 6.020 66.031 +14155550199 normal 200 -60
//! call,counted`: account, sides (`sent`, `taken`, `both`), start, answer, end, number as routed, cause, the status
//! of the called party, what the balance moves by, and whether it stands for the call, and counts as a call sent.

pub mod cast;
mod expectation;
mod field;
mod live;
mod names;
mod parser;
mod run;
mod script;
mod words;

use std::{fmt, sync::Arc};

use call::{CallEvent, CallRecord, Timestamp};

use expectation::Block;
pub use names::{call_id, leg_id};
use script::Step;

/// The instant that the times of every table are counted from.
pub const START: Timestamp = Timestamp::from_seconds(1_790_000_000);

/// A table that has been read.
#[derive(Debug)]
pub struct EventTable {
    file: String,
    steps: Vec<Line<Step>>,
    blocks: Vec<Line<Block>>,
}

/// Something and the line that it stands on.
#[derive(Debug)]
struct Line<T> {
    number: usize,
    content: T,
}

/// Why a table cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("{file}:{line}: {reason}")]
pub struct TableError {
    /// The file as it was named.
    pub file: String,
    /// The line, counted from 1.
    pub line: usize,
    /// What was found and what is accepted.
    pub reason: String,
}

/// What is otherwise than the table says.
#[derive(Debug)]
pub struct Mismatches {
    file: String,
    found: Vec<Line<String>>,
}

impl EventTable {
    /// Reads a table. `file` is its name in messages.
    pub fn parse(file: &str, text: &str) -> Result<Self, TableError> {
        parser::parse(file, text)
    }

    /// The table's events, in order.
    pub fn events(&self) -> Vec<Arc<CallEvent>> {
        self.steps.iter().filter_map(|step| step.content.event().cloned()).collect()
    }

    /// The records of the calls that end in the table, in the order of their ends.
    pub fn records(&self) -> Vec<CallRecord> {
        run::records(&self.events())
    }

    /// Plays the events into a registry and compares what the table expects.
    pub fn check(&self) -> Result<(), Mismatches> {
        run::check(self)
    }
}

/// Reads a table and compares what it expects.
///
/// # Panics
///
/// With a message for a person if the table cannot be read or expects something else.
pub fn assert_table(file: &str, text: &str) {
    let table = EventTable::parse(file, text).unwrap_or_else(|error| panic!("{error}"));
    table.check().unwrap_or_else(|mismatches| panic!("{mismatches}"));
}

impl fmt::Display for Mismatches {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is not what happens:", self.file)?;
        for line in &self.found {
            write!(f, "\n  line {}: {}", line.number, line.content)?;
        }
        Ok(())
    }
}

impl std::error::Error for Mismatches {}
