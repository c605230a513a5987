//! Reading the attributes of a new export: every mistake is reported, under 422.

use call::Timestamp;
use directory::model::HiddenFields;
use jiff::tz::TimeZone;
use serde_json::{Map, Value};

use super::{
    CdrFile,
    columns::{COLUMNS, USUAL},
    request::{StoredExportV1, StoredZoneV1},
};
use crate::{
    convert,
    errors::invalid_attribute,
    wire::{
        cdr_export::{FileFormatWire, TimeFormatWire},
        error::ErrorWire,
    },
};

/// Filters that clients may give.
const ALLOWED: [&str; 8] = [
    "time_start_gteq",
    "time_start_lt",
    "success_eq",
    "duration_eq",
    "duration_gteq",
    "duration_lteq",
    "src_prefix_routing_eq",
    "dst_prefix_routing_eq",
];
/// Filters that exist, but not for clients.
const FORBIDDEN: [&str; 3] = ["customer_id_eq", "customer_acc_id_eq", "time_start_lteq"];

/// What the attributes of a new export ask for.
pub struct ReadExport {
    /// What is stored with the job.
    pub request: StoredExportV1,
    /// What its file shall be.
    pub file: CdrFile,
}

/// Reads the attributes of a new export, of whose records the client is not shown what is hidden.
pub fn read(attributes: &Map<String, Value>, hidden: &HiddenFields) -> Result<ReadExport, Vec<ErrorWire>> {
    let mut reading = Reading { hidden, errors: Vec::new() };
    let filters = reading.filters(attributes.get("filters"));
    let time_format = attributes.get("time-format").and_then(|value| reading.time_format(value));
    let time_zone = attributes.get("time-zone-name").and_then(|value| reading.time_zone(value));
    let fields = attributes.get("fields").and_then(|value| reading.fields(value));
    let format = attributes.get("format").and_then(|value| reading.file_format(value));
    match filters {
        Some(filters) if reading.errors.is_empty() => Ok(ReadExport {
            request: StoredExportV1 {
                time_format,
                time_zone: time_zone.unwrap_or_default(),
                fields: fields.or_else(|| usual_fields(hidden)),
                ..filters
            },
            file: CdrFile(format.unwrap_or_default()),
        }),
        _ => Err(reading.errors),
    }
}

/// What is stored of a request that chooses no columns; `None` as long as those are the usual ones.
fn usual_fields(hidden: &HiddenFields) -> Option<Vec<String>> {
    let seen = COLUMNS[..USUAL].iter().filter(|column| !column.is_hidden(hidden));
    (!hidden.is_empty()).then(|| seen.map(|column| column.name.to_owned()).collect())
}

struct Reading<'a> {
    hidden: &'a HiddenFields,
    errors: Vec<ErrorWire>,
}

impl Reading<'_> {
    fn refuse<T>(&mut self, attribute: &str, message: &str) -> Option<T> {
        self.errors.push(invalid_attribute(attribute, message));
        None
    }

    fn filters(&mut self, value: Option<&Value>) -> Option<StoredExportV1> {
        let members = match value {
            None | Some(Value::Null) => return self.refuse("filters", "can't be blank"),
            Some(Value::Object(members)) => members,
            Some(_) => return self.refuse("filters", "is invalid"),
        };
        let is_known = |name: &str| ALLOWED.contains(&name) || FORBIDDEN.contains(&name);
        if !members.keys().any(|name| is_known(name)) {
            return self.refuse("filters", "can't be blank");
        }
        let started_from = self.time(members, "time_start_gteq");
        let started_before = self.time(members, "time_start_lt");
        let hidden = |name: &str| self.hidden.hides_filter(&name.replace('_', "-"));
        let is_refused = |name: &&str| !ALLOWED.contains(name) || hidden(name);
        let not_allowed: Vec<_> = members.keys().map(String::as_str).filter(is_refused).collect();
        if !not_allowed.is_empty() {
            self.refuse::<()>("filters", &format!("{} not allowed", not_allowed.join(", ")));
        }
        Some(StoredExportV1 {
            answered: self.optional(members, "success_eq", boolean),
            seconds: self.optional(members, "duration_eq", integer),
            seconds_from: self.optional(members, "duration_gteq", integer),
            seconds_to: self.optional(members, "duration_lteq", integer),
            caller: self.optional(members, "src_prefix_routing_eq", text),
            called: self.optional(members, "dst_prefix_routing_eq", text),
            started_from_micros: started_from?.as_micros(),
            started_before_micros: started_before?.as_micros(),
            time_format: None,
            time_zone: StoredZoneV1::Unsaid,
            fields: None,
        })
    }

    fn time(&mut self, members: &Map<String, Value>, name: &str) -> Option<Timestamp> {
        let time = members.get(name).and_then(Value::as_str).and_then(convert::time);
        time.or_else(|| self.refuse("filters", &format!("requires {name}")))
    }

    /// A filter that may be absent, `null` or empty.
    fn optional<T>(
        &mut self,
        members: &Map<String, Value>,
        name: &str,
        read: impl Fn(&Value) -> Option<T>,
    ) -> Option<T> {
        let value = members.get(name).filter(|value| !value.is_null() && *value != "")?;
        read(value).or_else(|| self.refuse("filters", &format!("{name} is invalid")))
    }

    fn time_format(&mut self, value: &Value) -> Option<TimeFormatWire> {
        if value.is_null() || value == "" {
            self.refuse::<()>("time-format", "can't be blank");
        }
        let found = TimeFormatWire::ALL.into_iter().find(|format| value == format.name());
        found.or_else(|| self.not_included("time-format", &TimeFormatWire::ALL.map(TimeFormatWire::name)))
    }

    fn file_format(&mut self, value: &Value) -> Option<FileFormatWire> {
        let found = FileFormatWire::ALL.into_iter().find(|format| value == format.name());
        found.or_else(|| self.not_included("format", &FileFormatWire::ALL.map(FileFormatWire::name)))
    }

    /// The columns, each once, in the order of the file.
    fn fields(&mut self, value: &Value) -> Option<Vec<String>> {
        let names = value.as_array().map(|names| names.iter().map(Value::as_str).collect::<Option<Vec<_>>>());
        let seen = COLUMNS.iter().filter(|column| !column.is_hidden(self.hidden)).map(|column| column.name);
        let seen: Vec<_> = seen.collect();
        match names.flatten() {
            Some(names) if names.is_empty() => self.refuse("fields", "can't be blank"),
            Some(names) if names.iter().all(|name| seen.contains(name)) => {
                let chosen = seen.into_iter().filter(|column| names.contains(column));
                Some(chosen.map(str::to_owned).collect())
            }
            _ => self.not_included("fields", &seen),
        }
    }

    fn not_included<T>(&mut self, attribute: &str, words: &[&str]) -> Option<T> {
        self.refuse(attribute, &format!("is not included in the list: {}", words.join(", ")))
    }

    fn time_zone(&mut self, value: &Value) -> Option<StoredZoneV1> {
        let is_known = |name: &str| name.is_empty() || TimeZone::get(name).is_ok();
        match value {
            Value::Null => Some(StoredZoneV1::None),
            Value::String(name) if is_known(name) => Some(StoredZoneV1::Named(name.clone())),
            _ => self.refuse("time-zone-name", "is not included in the list"),
        }
    }
}

fn boolean(value: &Value) -> Option<bool> {
    value.as_bool().or_else(|| convert::boolean(&convert::shown(value)))
}

fn integer(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str()?.trim().parse().ok())
}

fn text(value: &Value) -> Option<String> {
    (value.is_string() || value.is_number()).then(|| convert::shown(value))
}
