//! What applying a file changes. Names fields, never shows their values.

mod compared;

use std::{collections::HashMap, fmt};

use self::compared::Compared;
use crate::{
    audit::{AuditAction, Noted, Whose, difference, redacted},
    snapshot::Snapshot,
};

/// What applying a file changed, kind by kind; in each kind first what was added or changed.
///
/// `Display` prints a line for each change, as a short diff: `+ user "ann"`, `~ trunk "west": port, routes`,
/// `- extension 1001 of account 1234`; or `no changes`.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Changes(Vec<Change>);

/// One change.
#[derive(Clone, PartialEq, Eq)]
pub struct Change {
    /// The entry, as in `user "ann"`. Holds names and numbers: not for the log.
    pub entry: String,
    /// What happened to it.
    pub action: Action,
    /// What it was; `None` if it is new.
    was: Option<Side>,
    /// What it is; `None` if it is gone.
    is: Option<Side>,
}

/// An entry before or after a change.
#[derive(Clone, PartialEq, Eq)]
struct Side {
    whose: Whose,
    /// As a directory file has it, secrets and all.
    text: String,
}

/// What happened to an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// It is new.
    Added,
    /// These fields have other values.
    Changed(Vec<&'static str>),
    /// It is gone.
    Removed,
}

impl Changes {
    /// Whether nothing changed.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many entries changed.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The changes.
    pub fn iter(&self) -> impl Iterator<Item = &Change> {
        self.0.iter()
    }

    /// What makes `new` out of `old`.
    pub(crate) fn between(old: &Snapshot, new: &Snapshot) -> Self {
        let mut changes = Self::default();
        if old.realm() != new.realm() {
            changes.0.push(Change::of_realm(old.realm(), new.realm()));
        }
        let (from, to) = (old.entries(), new.entries());
        changes.compare((old, &from.customers), (new, &to.customers));
        changes.compare((old, &from.centers), (new, &to.centers));
        changes.compare((old, &from.accounts), (new, &to.accounts));
        changes.compare((old, &from.devices), (new, &to.devices));
        changes.compare((old, &from.extensions), (new, &to.extensions));
        changes.compare((old, &from.numbers), (new, &to.numbers));
        changes.compare((old, &from.users), (new, &to.users));
        changes.compare((old, &from.applications), (new, &to.applications));
        changes.compare((old, &from.trunks), (new, &to.trunks));
        changes.compare((old, &from.rateplans), (new, &to.rateplans));
        changes.compare((old, &from.profiles), (new, &to.profiles));
        changes.compare((old, &from.numberlists), (new, &to.numberlists));
        changes.compare((old, &from.services), (new, &to.services));
        changes.compare((old, &from.webhooks), (new, &to.webhooks));
        changes
    }

    fn compare<T: Compared>(&mut self, (old, from): (&Snapshot, &[T]), (new, to): (&Snapshot, &[T])) {
        let mut before: HashMap<T::Key, &T> = from.iter().map(|entry| (entry.key(), entry)).collect();
        for entry in to {
            let was = before.remove(&entry.key());
            let action = match was {
                None => Action::Added,
                Some(was) if was == entry => continue,
                Some(was) => Action::Changed(was.differences(entry)),
            };
            let (was, is) = (was.map(|was| Side::of(was, old)), Some(Side::of(entry, new)));
            self.0.push(Change { entry: entry.title(new), action, was, is });
        }
        for gone in from.iter().filter(|entry| before.contains_key(&entry.key())) {
            let (action, was) = (Action::Removed, Some(Side::of(gone, old)));
            self.0.push(Change { entry: gone.title(old), action, was, is: None });
        }
    }

    /// As the audit trail has them.
    pub(crate) fn noted(&self) -> Vec<Noted> {
        self.0.iter().flat_map(Change::noted).collect()
    }
}

impl Change {
    fn of_realm(old: &str, new: &str) -> Self {
        let side = |realm| Side { whose: Whose::default(), text: format!("realm = {realm:?}") };
        let (was, is) = (Some(side(old)), Some(side(new)));
        Self { entry: "directory".to_owned(), action: Action::Changed(vec!["realm"]), was, is }
    }

    /// An entry that is somebody else's now has left the one and come to the other: neither learns what it is or
    /// was with the other.
    fn noted(&self) -> Vec<Noted> {
        match (&self.was, &self.is) {
            (Some(was), Some(is)) if was.whose == is.whose => {
                let (before, after) = difference(&was.text, &is.text);
                vec![self.note(is.whose, AuditAction::Changed, (Some(before), Some(after)))]
            }
            (was, is) => {
                let gone = was
                    .as_ref()
                    .map(|was| self.note(was.whose, AuditAction::Removed, (Some(redacted(&was.text)), None)));
                let come = is
                    .as_ref()
                    .map(|is| self.note(is.whose, AuditAction::Added, (None, Some(redacted(&is.text)))));
                gone.into_iter().chain(come).collect()
            }
        }
    }

    fn note(&self, whose: Whose, action: AuditAction, shown: (Option<String>, Option<String>)) -> Noted {
        let (before, after) = shown;
        Noted { whose, action, entry: self.entry.clone(), before, after }
    }
}

impl Side {
    fn of<T: Compared>(entry: &T, directory: &Snapshot) -> Self {
        Self { whose: entry.whose(directory), text: directory.shown(entry.entry()) }
    }
}

impl fmt::Display for Changes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            return f.write_str("no changes");
        }
        for (at, change) in self.iter().enumerate() {
            write!(f, "{}{change}", if at == 0 { "" } else { "\n" })?;
        }
        Ok(())
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.action {
            Action::Added => write!(f, "+ {}", self.entry),
            Action::Changed(fields) => write!(f, "~ {}: {}", self.entry, fields.join(", ")),
            Action::Removed => write!(f, "- {}", self.entry),
        }
    }
}

impl fmt::Debug for Changes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Changes({})", self.len())
    }
}

impl fmt::Debug for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Change({:?})", self.action)
    }
}
