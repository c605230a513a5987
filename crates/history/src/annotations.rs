//! What people and programs note about a call.
//!
//! Kept apart from the call's record, which only tells what happened on the wire, and for each account that
//! has a side of the call on its own: no account reads what another wrote. What holds now is the sum of the
//! changes, and they say who changed what when.

use std::{fmt, time::Duration};

use call::{AccountId, CallId, DeviceId, Timestamp, UserId};

/// Characters that a note has at most.
pub const TEXT_LIMIT: usize = 10_000;
/// Characters that the id of a form has at most.
pub const FORM_ID_LIMIT: usize = 200;
/// Forms that one edit names at most.
pub const FORMS_LIMIT: usize = 100;
/// The longest after-call work: a thousand hours.
pub const WORK_LIMIT: Duration = Duration::from_secs(3_600_000);

/// The annotations of a call, as one account sees them.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Annotations {
    /// What was noted.
    pub notes: Option<String>,
    /// Whether the call is flagged.
    pub is_flagged: bool,
    /// What was noted about the flag.
    pub flag_notes: Option<String>,
    /// Ids of the forms that were filled in, in the order in which they came.
    pub form_ids: Vec<String>,
    /// How long was worked on the call after it.
    pub work: Duration,
}

/// What is to be different. Each part that is left out stays as it is.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct AnnotationEdit {
    /// The notes; empty removes them.
    pub notes: Option<String>,
    /// The flag.
    pub is_flagged: Option<bool>,
    /// The notes about the flag; empty removes them.
    pub flag_notes: Option<String>,
    /// Forms that were filled in. One that is there already stays where it is.
    pub added_forms: Vec<String>,
    /// Forms that no longer count, taken out after the others were added.
    pub removed_forms: Vec<String>,
    /// After-call work.
    pub work: Option<WorkEdit>,
}

/// How after-call work changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WorkEdit {
    /// It was this long in all.
    Is(Duration),
    /// It was this much longer.
    More(Duration),
}

/// An edit that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnnotationChange {
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: Author,
    /// What became different.
    pub edit: AnnotationEdit,
}

/// A change of what accounts note about a call, for each of them on its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Annotation {
    /// The accounts.
    pub accounts: Vec<AccountId>,
    /// The call.
    pub call: CallId,
    /// What changes.
    pub change: AnnotationChange,
}

/// Who changed something.
#[derive(Clone, PartialEq, Eq)]
pub enum Author {
    /// A person who logged in.
    User {
        /// Who.
        id: UserId,
        /// The login at that time.
        login: String,
    },
    /// A program with a token of the account that stands for no person.
    Token,
    /// Whoever used a phone.
    Device {
        /// Which.
        id: DeviceId,
        /// Its name at that time.
        name: String,
    },
}

/// A part of an edit that is not accepted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{part:?} has {found}; accepted is {accepted}")]
pub struct AnnotationEditError {
    /// Which part.
    pub part: AnnotationPart,
    /// What was found.
    pub found: String,
    /// What is accepted.
    pub accepted: String,
}

/// A part of an edit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AnnotationPart {
    /// The notes.
    Notes,
    /// The notes about the flag.
    FlagNotes,
    /// Forms to add.
    AddedForms,
    /// Forms to take out.
    RemovedForms,
    /// After-call work.
    Work,
}

impl Annotations {
    /// What holds after these edits, oldest first.
    pub fn after<'a>(edits: impl IntoIterator<Item = &'a AnnotationEdit>) -> Self {
        let mut annotations = Self::default();
        edits.into_iter().for_each(|edit| annotations.apply(edit));
        annotations
    }

    /// Makes an edit.
    pub fn apply(&mut self, edit: &AnnotationEdit) {
        if let Some(notes) = &edit.notes {
            self.notes = text(notes);
        }
        if let Some(flag_notes) = &edit.flag_notes {
            self.flag_notes = text(flag_notes);
        }
        self.is_flagged = edit.is_flagged.unwrap_or(self.is_flagged);
        for form in &edit.added_forms {
            if !self.form_ids.contains(form) {
                self.form_ids.push(form.clone());
            }
        }
        self.form_ids.retain(|form| !edit.removed_forms.contains(form));
        self.work = match edit.work {
            Some(WorkEdit::Is(work)) => work,
            Some(WorkEdit::More(more)) => self.work.saturating_add(more).min(WORK_LIMIT),
            None => self.work,
        };
    }

    /// The parts of `edit` that would change something; `None` if there is none.
    pub fn lacking(&self, edit: &AnnotationEdit) -> Option<AnnotationEdit> {
        let mut after = self.clone();
        after.apply(edit);
        let lacking = AnnotationEdit {
            notes: edit.notes.clone().filter(|_| after.notes != self.notes),
            is_flagged: edit.is_flagged.filter(|_| after.is_flagged != self.is_flagged),
            flag_notes: edit.flag_notes.clone().filter(|_| after.flag_notes != self.flag_notes),
            added_forms: difference(&after.form_ids, &self.form_ids),
            removed_forms: difference(&self.form_ids, &after.form_ids),
            work: edit.work.filter(|_| after.work != self.work),
        };
        (after != *self).then_some(lacking)
    }
}

/// A text; `None` if it is empty.
fn text(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

/// What only the first list has.
fn difference(these: &[String], those: &[String]) -> Vec<String> {
    these.iter().filter(|form| !those.contains(form)).cloned().collect()
}

impl AnnotationEdit {
    /// Whether each part is within its limits.
    ///
    /// Errors with the first part that is not.
    pub fn check(&self) -> Result<(), AnnotationEditError> {
        check_text(AnnotationPart::Notes, self.notes.as_deref())?;
        check_text(AnnotationPart::FlagNotes, self.flag_notes.as_deref())?;
        check_forms(AnnotationPart::AddedForms, &self.added_forms)?;
        check_forms(AnnotationPart::RemovedForms, &self.removed_forms)?;
        match self.work {
            Some(WorkEdit::Is(work) | WorkEdit::More(work)) if work > WORK_LIMIT => {
                Err(AnnotationEditError {
                    part: AnnotationPart::Work,
                    found: format!("{} seconds", work.as_secs()),
                    accepted: format!("0 to {} seconds", WORK_LIMIT.as_secs()),
                })
            }
            _ => Ok(()),
        }
    }
}

fn check_text(part: AnnotationPart, text: Option<&str>) -> Result<(), AnnotationEditError> {
    match text.map(|text| text.chars().count()) {
        Some(length) if length > TEXT_LIMIT => Err(AnnotationEditError {
            part,
            found: format!("{length} characters"),
            accepted: format!("at most {TEXT_LIMIT} characters"),
        }),
        _ => Ok(()),
    }
}

fn check_forms(part: AnnotationPart, forms: &[String]) -> Result<(), AnnotationEditError> {
    let refuse = |found, accepted| Err(AnnotationEditError { part, found, accepted });
    if forms.len() > FORMS_LIMIT {
        return refuse(format!("{} forms", forms.len()), format!("at most {FORMS_LIMIT} forms"));
    }
    let lengths = forms.iter().map(|form| form.chars().count());
    match lengths.into_iter().find(|length| !(1..=FORM_ID_LIMIT).contains(length)) {
        Some(length) => {
            refuse(format!("an id of {length} characters"), format!("ids of 1 to {FORM_ID_LIMIT} characters"))
        }
        None => Ok(()),
    }
}

impl fmt::Debug for Annotations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Annotations")
            .field("is_flagged", &self.is_flagged)
            .field("work", &self.work)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for AnnotationEdit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AnnotationEdit")
            .field("is_flagged", &self.is_flagged)
            .field("work", &self.work)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Author {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User { id, .. } => write!(f, "User({id})"),
            Self::Token => f.write_str("Token"),
            Self::Device { id, .. } => write!(f, "Device({id})"),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn refused(edit: AnnotationEdit) -> String {
        edit.check().unwrap_err().to_string()
    }

    #[test]
    fn what_is_too_long_or_too_much_is_refused_with_what_is_accepted() {
        let nothing = AnnotationEdit::default;
        assert_eq!(nothing().check(), Ok(()));
        let longest = "é".repeat(TEXT_LIMIT);
        assert_eq!(AnnotationEdit { notes: Some(longest.clone()), ..nothing() }.check(), Ok(()));
        let notes = refused(AnnotationEdit { notes: Some(longest + "é"), ..nothing() });
        assert_eq!(notes, "Notes has 10001 characters; accepted is at most 10000 characters");
        let form = refused(AnnotationEdit { added_forms: vec![String::new()], ..nothing() });
        assert_eq!(form, "AddedForms has an id of 0 characters; accepted is ids of 1 to 200 characters");
        let forms = refused(AnnotationEdit { removed_forms: vec!["f".into(); 101], ..nothing() });
        assert_eq!(forms, "RemovedForms has 101 forms; accepted is at most 100 forms");
        let work = WorkEdit::Is(WORK_LIMIT + Duration::from_secs(1));
        let work = refused(AnnotationEdit { work: Some(work), ..nothing() });
        assert_eq!(work, "Work has 3600001 seconds; accepted is 0 to 3600000 seconds");
    }

    #[test]
    fn a_form_that_comes_and_goes_in_one_edit_is_no_change() {
        let edit = AnnotationEdit {
            added_forms: vec!["f".into()],
            removed_forms: vec!["f".into()],
            ..AnnotationEdit::default()
        };
        assert_eq!(Annotations::default().lacking(&edit), None);
    }

    fn edits() -> impl Strategy<Value = Vec<AnnotationEdit>> {
        let text = || proptest::option::of("[ab]{0,1}");
        let forms = || proptest::collection::vec("[xyz]", 0..3);
        let work = prop_oneof![
            (0..3_u64).prop_map(|seconds| WorkEdit::Is(Duration::from_secs(seconds))),
            (0..3_u64).prop_map(|seconds| WorkEdit::More(Duration::from_secs(seconds))),
        ];
        let flag = proptest::option::of(any::<bool>());
        let edit = (text(), flag, text(), forms(), forms(), proptest::option::of(work));
        let edit = edit.prop_map(|(notes, is_flagged, flag_notes, added_forms, removed_forms, work)| {
            AnnotationEdit { notes, is_flagged, flag_notes, added_forms, removed_forms, work }
        });
        proptest::collection::vec(edit, 0..12)
    }

    proptest! {
        #[test]
        fn what_holds_is_the_sum_of_the_changes(edits in edits()) {
            let (mut held, mut changes) = (Annotations::default(), Vec::new());
            for edit in &edits {
                let before = held.clone();
                let lacking = held.lacking(edit);
                held.apply(edit);
                prop_assert_eq!(lacking.is_some(), held != before);
                changes.extend(lacking);
            }
            prop_assert_eq!(Annotations::after(&changes), held);
        }
    }
}
