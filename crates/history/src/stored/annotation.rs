//! Changes of annotations, without their time, which has a column of its own.

use std::time::Duration;

use call::{DeviceId, UserId};
use serde::{Deserialize, Serialize};

use super::frozen;
use crate::annotations::{AnnotationChange, AnnotationEdit, Author, WorkEdit};

/// An [`AnnotationChange`] as stored.
#[derive(Serialize, Deserialize)]
pub(crate) struct StoredAnnotationChangeV1 {
    #[serde(rename = "by", with = "AuthorV1")]
    by: Author,
    #[serde(rename = "e", with = "AnnotationEditV1")]
    edit: AnnotationEdit,
}

impl From<&AnnotationChange> for StoredAnnotationChangeV1 {
    fn from(change: &AnnotationChange) -> Self {
        Self { by: change.by.clone(), edit: change.edit.clone() }
    }
}

impl From<StoredAnnotationChangeV1> for (Author, AnnotationEdit) {
    fn from(stored: StoredAnnotationChangeV1) -> Self {
        (stored.by, stored.edit)
    }
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Author", rename_all = "snake_case")]
enum AuthorV1 {
    User {
        #[serde(with = "frozen")]
        id: UserId,
        login: String,
    },
    Token,
    Device {
        #[serde(with = "frozen")]
        id: DeviceId,
        name: String,
    },
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "AnnotationEdit")]
struct AnnotationEditV1 {
    #[serde(rename = "n", default, skip_serializing_if = "Option::is_none")]
    notes: Option<String>,
    #[serde(rename = "f", default, skip_serializing_if = "Option::is_none")]
    is_flagged: Option<bool>,
    #[serde(rename = "fn", default, skip_serializing_if = "Option::is_none")]
    flag_notes: Option<String>,
    #[serde(rename = "fa", default, skip_serializing_if = "Vec::is_empty")]
    added_forms: Vec<String>,
    #[serde(rename = "fr", default, skip_serializing_if = "Vec::is_empty")]
    removed_forms: Vec<String>,
    #[serde(rename = "w", with = "frozen", default, skip_serializing_if = "Option::is_none")]
    work: Option<WorkEdit>,
}

/// In microseconds.
#[derive(Serialize, Deserialize)]
#[serde(remote = "WorkEdit", rename_all = "snake_case")]
pub(super) enum WorkEditV1 {
    Is(#[serde(with = "frozen")] Duration),
    More(#[serde(with = "frozen")] Duration),
}
