//! What a table expects of a record.

use call::{CallId, CallRecord};

use super::{
    Line,
    field::{
        FIELDS, Field, read_interaction, read_leg, read_recording, read_row, read_transfer, show_interaction,
        show_leg, show_recording, show_row, show_transfer,
    },
    names::{call_id, check_name},
    words::{Words, pick},
};

/// One block of expectations.
#[derive(Debug)]
pub(super) struct Block {
    pub(super) call: CallId,
    pub(super) expected: Expected,
}

#[derive(Debug)]
pub(super) enum Expected {
    Values(Vec<Line<(Field, String)>>),
    Interactions(Vec<Line<String>>),
    Legs(Vec<Line<String>>),
    Transfers(Vec<Line<String>>),
    Recordings(Vec<Line<String>>),
    Rows(Vec<Line<String>>),
}

impl Block {
    /// A heading such as `record` or `legs 2`; `None` if the line is none.
    pub(super) fn heading(line: &str) -> Option<Result<Self, String>> {
        let mut words = Words::of(line);
        let expected = match words.next()? {
            "record" => Expected::Values(Vec::new()),
            "interactions" => Expected::Interactions(Vec::new()),
            "legs" => Expected::Legs(Vec::new()),
            "transfers" => Expected::Transfers(Vec::new()),
            "recordings" => Expected::Recordings(Vec::new()),
            "rows" => Expected::Rows(Vec::new()),
            _ => return None,
        };
        let call = words.next().map_or(Ok("1"), check_name);
        Some(call.and_then(|call| words.end().map(|()| Self { call: call_id(call), expected })))
    }

    /// Takes in a line below the heading.
    pub(super) fn read(&mut self, number: usize, line: &str) -> Result<(), String> {
        match &mut self.expected {
            Expected::Values(values) => {
                for pair in pairs(line) {
                    values.push(Line { number, content: value(pair)? });
                }
            }
            Expected::Interactions(rows) => rows.push(Line { number, content: read_interaction(line)? }),
            Expected::Legs(rows) => rows.push(Line { number, content: read_leg(line)? }),
            Expected::Transfers(rows) => rows.push(Line { number, content: read_transfer(line)? }),
            Expected::Recordings(rows) => rows.push(Line { number, content: read_recording(line)? }),
            Expected::Rows(rows) => rows.push(Line { number, content: read_row(line)? }),
        }
        Ok(())
    }

    /// What the record says otherwise; `heading` is the block's line.
    pub(super) fn mismatches(&self, heading: usize, record: &CallRecord) -> Vec<Line<String>> {
        match &self.expected {
            Expected::Values(values) => values.iter().filter_map(|value| differs(value, record)).collect(),
            Expected::Interactions(rows) => {
                let found = record.interactions.iter().map(show_interaction).collect();
                differing_rows(heading, rows, found)
            }
            Expected::Legs(rows) => differing_rows(heading, rows, record.legs.iter().map(show_leg).collect()),
            Expected::Transfers(rows) => {
                differing_rows(heading, rows, record.transfers.iter().map(show_transfer).collect())
            }
            Expected::Recordings(rows) => {
                differing_rows(heading, rows, record.recordings.iter().map(show_recording).collect())
            }
            Expected::Rows(rows) => {
                differing_rows(heading, rows, record.rows().iter().map(show_row).collect())
            }
        }
    }
}

/// The parts of a line that two or more blanks separate.
fn pairs(line: &str) -> impl Iterator<Item = &str> {
    line.split("  ").map(str::trim).filter(|pair| !pair.is_empty())
}

fn value(pair: &str) -> Result<(Field, String), String> {
    let mut words = Words::of(pair);
    let known: Vec<_> = FIELDS.iter().map(|field| (field.name, *field)).collect();
    let field = pick("value of a record", words.need("a value's name")?, &known)?;
    let text = words.take_rest();
    if text.is_empty() {
        return Err(format!("`{}` has no value", field.name));
    }
    Ok((field, (field.read)(text)?))
}

fn differs(line: &Line<(Field, String)>, record: &CallRecord) -> Option<Line<String>> {
    let (field, expected) = &line.content;
    let found = (field.show)(record, expected);
    let content = format!("{}: expected {expected}, found {found}", field.name);
    (&found != expected).then_some(Line { number: line.number, content })
}

fn differing_rows(heading: usize, expected: &[Line<String>], found: Vec<String>) -> Vec<Line<String>> {
    if expected.iter().map(|line| &line.content).eq(&found) {
        return Vec::new();
    }
    let expected: Vec<_> = expected.iter().map(|line| line.content.clone()).collect();
    let content = format!("expected\n      {}\n    found\n      {}", rows(&expected), rows(&found));
    vec![Line { number: heading, content }]
}

fn rows(rows: &[String]) -> String {
    if rows.is_empty() { "(none)".to_owned() } else { rows.join("\n      ") }
}
