//! Deleting recordings for their age.

use std::{fs, io, path::Path, sync::atomic::Ordering};

use call::CallId;
use uuid::Uuid;

use super::{Pace, Worker, day_of};
use crate::{
    HistoryError, Retention,
    sqlite::{fault::Fault, records},
};

/// Characters of a UUID in front of a file's name: the call that was recorded.
const CALL: usize = 36;

impl Worker {
    /// Deletes the files that the accounts which they were made for keep no longer. Files of calls without a record,
    /// and those that are no recordings of ours, stay.
    pub(super) fn delete_recordings(
        &self,
        retention: &Retention,
        today: i64,
        pace: Pace,
    ) -> Result<(), Fault> {
        let Some(folder) = &self.workbench.recordings else { return Ok(()) };
        if !retention.deletes_recordings() {
            return Ok(());
        }
        let entries = match fs::read_dir(folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            entries => entries.map_err(failed)?,
        };
        let (mut deleted, is_halted) = (0_u64, self.paced(pace));
        for entry in entries {
            let path = entry.map_err(failed)?.path();
            if is_halted() {
                break;
            }
            // Whose a recording of a damaged day is, cannot be known.
            if self.but_for_damage(self.is_expired(&path, retention, today))? == Some(true) {
                remove(&path)?;
                deleted += 1;
            }
        }
        if deleted > 0 {
            self.workbench.sealed.deleted_recordings.fetch_add(deleted, Ordering::Relaxed);
            tracing::info!(files = deleted, "deleted recordings that are older than they are kept");
        }
        Ok(())
    }

    fn is_expired(&self, path: &Path, retention: &Retention, today: i64) -> Result<bool, Fault> {
        let Some((name, call)) = path.file_name().and_then(|name| named(name.to_str()?)) else {
            return Ok(false);
        };
        let (connection, sealed) = (&self.workbench.connection, &self.workbench.sealed);
        let call = records::resolved(connection, call)?;
        let Some(record) = records::stored(connection, sealed, call)? else { return Ok(false) };
        let recording = record.recordings.iter().find(|recording| *recording.file == *name);
        let account = recording.and_then(|recording| record.recorded_for(recording));
        let first_day = account.and_then(|owner| retention.first_recorded_day(owner.account, today));
        Ok(first_day.is_some_and(|first| day_of(record.started_at) < first))
    }
}

/// The name of a recording, and the call.
fn named(name: &str) -> Option<(&str, CallId)> {
    let call = Uuid::try_parse(name.get(..CALL)?).ok()?;
    name.ends_with(".wav").then_some((name, CallId::from_uuid(call)))
}

fn remove(path: &Path) -> Result<(), HistoryError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(failed(error)),
        _ => Ok(()),
    }
}

fn failed(source: io::Error) -> HistoryError {
    HistoryError::Store { what: "delete old recordings", source: Box::new(source) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recording_is_named_by_its_call() {
        let call = "01900000-0000-7000-8000-000000000001";
        let name = format!("{call}-01900000-0000-7000-8000-000000000002-1.wav");
        assert_eq!(named(&name).map(|(_, call)| call.to_string()).as_deref(), Some(call));
        for other in ["greeting.wav", &format!("{call}-1.txt"), call, ""] {
            assert_eq!(named(other), None, "{other}");
        }
    }
}
