//! Data that another release has written.

use anyhow::{Result, ensure};

use super::place::Place;

/// What brought the tables from the version before to the present one, undone.
const BACK: &str = "ALTER TABLE journal RENAME TO journal_after;
CREATE TABLE journal (
    seq INTEGER PRIMARY KEY, format INTEGER NOT NULL, events BLOB NOT NULL, run INTEGER, taken_at INTEGER
) STRICT;
INSERT INTO journal SELECT seq, format, events, run, taken_at FROM journal_after JOIN unfinished USING (first);
INSERT OR REPLACE INTO latest_commit (id, seq) SELECT 1, max(seq) FROM journal_after HAVING max(seq) NOT NULL;
DROP TABLE journal_after; DROP TABLE unfinished; DROP TABLE event_log;";

/// Data of a later release are refused, and open again once they are as they were; data of an earlier one are
/// brought up to date. Leaves the server stopped.
pub fn change(place: &mut Place) -> Result<()> {
    let own = place.layout()?;
    place.sql(&format!("PRAGMA user_version = {}", own + 1))?;
    let refusal = place.start().err().map(|error| error.to_string()).unwrap_or_default();
    let reason =
        format!("the call history has version {} and this release knows versions up to {own}", own + 1);
    ensure!(refusal.contains(&reason), "a later layout is not refused clearly: {refusal}");
    place.sql(&format!("PRAGMA user_version = {own}"))?;
    place.start()?;
    place.stop(1)?;
    place.sql(&format!("{BACK} PRAGMA user_version = {}", own - 1))?;
    place.start()?;
    place.stop(1)?;
    ensure!(place.layout()? == own, "the earlier layout was not brought up to date");
    Ok(())
}
