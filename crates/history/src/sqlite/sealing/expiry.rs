//! Deleting calls for their age: sealed ones as whole files where nobody keeps any of them, else by writing the part
//! anew without them; hot ones a portion at a time.

use call::{AccountId, CallId};

use super::{PORTION, Pace, Worker, day_of, rewriting};
use crate::{
    Retention,
    columns::Columns,
    sqlite::{
        daily::DAY,
        deleted,
        fault::Fault,
        forgetting, records,
        sealed::{self, Files},
        writer::Change,
    },
};

impl Worker {
    /// Deletes what nobody keeps any longer; gives how many rows went. It may be stopped at any instruction: what is
    /// left then is deleted later.
    pub(super) fn delete_expired(&self, pace: Pace) -> Result<u64, Fault> {
        let retention = (self.workbench.retention)();
        let today = day_of((self.workbench.now)());
        if retention == Retention::default() {
            return Ok(0);
        }
        self.take_over(pace)?;
        // While there is a call, it is known whose its recordings are.
        self.delete_recordings(&retention, today, pace)?;
        let (before, _) = deleted::count(&self.workbench.connection)?;
        if let Some(first_whole_day) = retention.first_whole_day(today) {
            self.delete_sealed(&retention, today, first_whole_day, pace)?;
            self.delete_hot(&retention, today, pace)?;
        }
        let deleted = deleted::count(&self.workbench.connection)?.0.abs_diff(before);
        if deleted > 0 {
            self.forget_merged()?;
            tracing::info!(rows = deleted, "deleted calls that are older than they are kept");
        }
        Ok(deleted)
    }

    fn delete_sealed(
        &self,
        retention: &Retention,
        today: i64,
        first_whole_day: i64,
        pace: Pace,
    ) -> Result<(), Fault> {
        for (part, day) in sealed::parts_before(&self.workbench.connection, first_whole_day)? {
            if self.is_closing() {
                return Ok(());
            }
            let is_over = |account| retention.first_day(account, today).is_some_and(|first| day < first);
            self.but_for_damage(self.delete_from((part, day), is_over, pace))?;
        }
        Ok(())
    }

    fn delete_from(
        &self,
        (part, day): (i64, i64),
        is_over: impl Fn(AccountId) -> bool,
        pace: Pace,
    ) -> Result<(), Fault> {
        let files = self.workbench.sealed.files(&self.workbench.connection, part)?;
        let gone: Vec<_> = files.rows()?.accounts().filter(|account| is_over(*account)).collect();
        if gone.is_empty() {
            return Ok(());
        }
        self.forget_notes(&files, &gone, pace)?;
        if self.is_closing() {
            return Ok(());
        }
        let keeps = |account| !is_over(account);
        match rewriting::rewrite(&self.workbench, (day, &[part]), keeps, self.paced(pace))? {
            Some(exchange) => self.exchange(exchange).map(drop),
            None => Ok(()),
        }
    }

    /// What the accounts noted goes first: a part that is still there is looked at again.
    fn forget_notes(&self, files: &Files, accounts: &[AccountId], pace: Pace) -> Result<(), Fault> {
        let (rows, is_halted) = (files.rows()?, self.paced(pace));
        for account in accounts {
            let ids = rows.call_ids(rows.rows_of(*account))?;
            let calls = (0..rows.rows_of(*account).len() as u32).map(|row| (*account, ids.call_id(row)));
            let noted = forgetting::noted(&self.workbench.connection, calls)?;
            for portion in noted.chunks(PORTION as usize) {
                if is_halted() {
                    return Ok(());
                }
                self.change(Change::ForgetNotes(portion.to_vec()))?;
            }
        }
        Ok(())
    }

    fn delete_hot(&self, retention: &Retention, today: i64, pace: Pace) -> Result<(), Fault> {
        let connection = &self.workbench.connection;
        let mut last = None;
        while let Some(account) = forgetting::next_account(connection, last)? {
            last = Some(account);
            let Some(first_day) = retention.first_day(account, today) else { continue };
            let halted = self.paced(pace);
            loop {
                let rows = forgetting::rows_before(connection, account, first_day * DAY, PORTION)?;
                if rows.is_empty() || halted() {
                    break;
                }
                self.change(Change::ForgetRows(rows))?;
            }
        }
        Ok(())
    }

    /// Calls that were merged into one that is gone are forgotten too.
    fn forget_merged(&self) -> Result<(), Fault> {
        let (connection, sealed) = (&self.workbench.connection, &self.workbench.sealed);
        let mut gone: Vec<CallId> = Vec::new();
        for (merged, into) in records::merged_calls(connection)? {
            // What lies in a damaged file is there all the same.
            if self.but_for_damage(sealed.is_recorded(connection, into))? == Some(false) {
                gone.push(merged);
            }
        }
        gone.chunks(PORTION as usize)
            .try_for_each(|portion| self.change(Change::ForgetMerged(portion.to_vec())))
    }
}
