//! The lines of a table: a heading, events, then blocks of expectations.

use super::{EventTable, Line, TableError, expectation::Block, script::Script};

const HEADINGS: [(&str, bool); 2] = [("at leg event", false), ("at call leg event", true)];

pub(super) fn parse(file: &str, text: &str) -> Result<EventTable, TableError> {
    let mut table = EventTable { file: file.to_owned(), steps: Vec::new(), blocks: Vec::new() };
    let mut reader = Reader { script: Script::default(), has_call_column: None };
    for (index, line) in text.lines().enumerate() {
        let number = index + 1;
        let line = line.trim();
        if !line.is_empty() && !line.starts_with('#') {
            reader.read(&mut table, number, line).map_err(|reason| TableError {
                file: file.to_owned(),
                line: number,
                reason,
            })?;
        }
    }
    Ok(table)
}

struct Reader {
    script: Script,
    has_call_column: Option<bool>,
}

impl Reader {
    fn read(&mut self, table: &mut EventTable, number: usize, line: &str) -> Result<(), String> {
        if let Some(block) = Block::heading(line) {
            table.blocks.push(Line { number, content: block? });
        } else if let Some(block) = table.blocks.last_mut() {
            block.content.read(number, line)?;
        } else if let Some(has_call_column) = self.has_call_column {
            let steps = self.script.read(line, has_call_column)?;
            table.steps.extend(steps.into_iter().map(|content| Line { number, content }));
        } else {
            self.has_call_column = Some(heading(line)?);
        }
        Ok(())
    }
}

fn heading(line: &str) -> Result<bool, String> {
    let words: Vec<_> = line.split_whitespace().collect();
    let found = HEADINGS.iter().find(|(heading, _)| *heading == words.join(" "));
    found.map(|(_, has_call_column)| *has_call_column).ok_or_else(|| {
        format!("`{line}` is not the heading of a table; accepted: `at leg event`, `at call leg event`")
    })
}
