//! From members, however they arrived, to typed values. Every fault is kept, so that one answer names them all.

use std::{borrow::Cow, collections::BTreeMap};

use serde_json::Value as Json;

use super::{Choice, Dto};
use crate::{
    errors::{Failure, Fault, FieldError},
    members::Members,
    notation::jsv,
};

/// Characters of a wrong value that its error shows.
const SHOWN: usize = 40;

/// Why a value is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Misfit {
    /// What kind of fault it is.
    pub fault: Fault,
    /// What is accepted.
    pub accepted: &'static str,
}

/// What can be read from a member. Null is the default of the type, and so is an empty text of all that is no
/// text itself. Numbers and bools are taken as they are written, in JSON strings too (section 1.7).
pub trait Read: Default {
    /// From what was found.
    fn read(found: &Json) -> Result<Self, Misfit>;
}

/// The members of a request and what is wrong with them.
pub struct Faults<'a> {
    dto: &'static Dto,
    members: &'a Members,
    errors: Vec<FieldError>,
}

impl<'a> Faults<'a> {
    /// Nothing is wrong yet with `members`, which are those of `dto`.
    pub fn new(dto: &'static Dto, members: &'a Members) -> Self {
        Self { dto, members, errors: Vec::new() }
    }

    /// The member `name`; the default of its type if it is absent or not accepted.
    pub fn member<T: Read>(&mut self, name: &'static str) -> T {
        let found = self.members.get(name).filter(|found| !found.is_null());
        let is_empty = found.is_none_or(|found| found.as_str() == Some(""));
        if is_empty && self.is_required(name) {
            let message = format!("{name} is missing");
            self.errors.push(FieldError { fault: Fault::Missing, field: name, message });
        }
        let read = found.map_or_else(|| Ok(T::default()), T::read);
        read.unwrap_or_else(|misfit| {
            self.refuse(name, misfit);
            T::default()
        })
    }

    /// What `parse` makes of a text that was read from the member `name`; `None` if there is none, or it is
    /// empty or not accepted.
    pub fn parsed<T>(
        &mut self,
        name: &'static str,
        text: Option<&str>,
        parse: impl FnOnce(&str) -> Result<T, Misfit>,
    ) -> Option<T> {
        let parsed = parse(text.filter(|text| !text.is_empty())?);
        parsed.map_err(|misfit| self.refuse(name, misfit)).ok()
    }

    /// Adds that the member `name` is not accepted. What was found is shown, unless the member is required:
    /// those are the credentials.
    pub fn refuse(&mut self, name: &'static str, Misfit { fault, accepted }: Misfit) {
        let found = self.members.get(name).filter(|_| !self.is_required(name)).map(shown);
        let found = found.unwrap_or_else(|| "something else".to_owned());
        let message = format!("{name} is {found}; accepted: {accepted}");
        self.errors.push(FieldError { fault, field: name, message });
    }

    fn is_required(&self, name: &str) -> bool {
        self.dto.all_members().any(|member| member.name == name && member.said.is_required)
    }

    /// What was read, if nothing was wrong. Faults go by the place of their members.
    pub fn finish<T>(mut self, read: T) -> Result<T, Failure> {
        if self.errors.is_empty() {
            return Ok(read);
        }
        let place = |error: &FieldError| self.dto.all_members().position(|member| member.name == error.field);
        self.errors.sort_by_key(place);
        let mut failure = Failure::of_fields(self.errors);
        if failure.name == Fault::Unbindable.name() {
            failure.message = format!("Unable to bind to request '{}': {}", self.dto.name, failure.message);
        }
        Err(failure)
    }
}

impl Read for Option<String> {
    fn read(found: &Json) -> Result<Self, Misfit> {
        if found.is_null() { Ok(None) } else { scalar(found).map(|text| Some(text.into_owned())) }
    }
}

impl Read for bool {
    fn read(found: &Json) -> Result<Self, Misfit> {
        Option::<bool>::read(found).map(Option::unwrap_or_default)
    }
}

/// Of a list with commas the first word counts.
impl Read for Option<bool> {
    fn read(found: &Json) -> Result<Self, Misfit> {
        let text = filled(found)?;
        let word = text.as_deref().map(|text| text.split(',').next().unwrap_or_default().trim());
        match word.map(str::to_ascii_lowercase).as_deref() {
            None => Ok(None),
            Some("true" | "1" | "t" | "y" | "on") => Ok(Some(true)),
            Some("false" | "0" | "f" | "n" | "off" | "") => Ok(Some(false)),
            Some(_) => Err(Misfit { fault: Fault::Unbindable, accepted: "true or false" }),
        }
    }
}

impl Read for i32 {
    fn read(found: &Json) -> Result<Self, Misfit> {
        let accepted = "a whole number from 0 to 2147483647";
        let Some(text) = filled(found)? else { return Ok(0) };
        text.trim().parse().map_err(|_| Misfit { fault: Fault::Unbindable, accepted })
    }
}

impl Read for f64 {
    fn read(found: &Json) -> Result<Self, Misfit> {
        let accepted = "a finite number of seconds from 0 up";
        let Some(text) = filled(found)? else { return Ok(0.0) };
        text.trim().parse().map_err(|_| Misfit { fault: Fault::Unbindable, accepted })
    }
}

/// As a list, or in a text as JSV or with commas.
impl Read for Vec<String> {
    fn read(found: &Json) -> Result<Self, Misfit> {
        let texts = |items: &[Json]| items.iter().map(|item| scalar(item).map(Cow::into_owned)).collect();
        match found {
            Json::Array(items) => texts(items),
            _ => match filled(found)? {
                None => Ok(Self::new()),
                Some(text) => texts(&jsv::list(&text)),
            },
        }
    }
}

/// As an object, or in a text as JSV.
impl Read for Option<BTreeMap<String, String>> {
    fn read(found: &Json) -> Result<Self, Misfit> {
        let not_pairs = Misfit { fault: Fault::Unbindable, accepted: "texts by name" };
        let in_text = match found.as_str().filter(|text| !text.is_empty()) {
            Some(text) => Some(jsv::parse(text.as_bytes()).map_err(|_| not_pairs)?),
            None => None,
        };
        match in_text.as_ref().unwrap_or(found) {
            Json::Object(pairs) => {
                let texts = pairs.iter().map(|(name, value)| Ok((name.clone(), scalar(value)?.into_owned())));
                texts.collect::<Result<_, _>>().map(Some)
            }
            Json::Null => Ok(None),
            Json::String(text) if text.is_empty() => Ok(None),
            _ => Err(not_pairs),
        }
    }
}

/// The place of the word that was found, by its name in either case or by its place.
pub fn word(choice: &Choice, found: &Json) -> Result<Option<usize>, Misfit> {
    let Some(text) = filled(found)? else { return Ok(None) };
    let text = text.trim();
    let by_name = choice.words.iter().position(|word| word.eq_ignore_ascii_case(text));
    let by_place = || text.parse().ok().filter(|place| *place < choice.words.len());
    let place = by_name.or_else(by_place);
    place.map(Some).ok_or(Misfit { fault: Fault::Unknown, accepted: choice.listed })
}

/// The text of a value that is one; `None` if it is null or empty.
fn filled(found: &Json) -> Result<Option<Cow<'_, str>>, Misfit> {
    let is_there = !found.is_null() && found.as_str() != Some("");
    is_there.then(|| scalar(found)).transpose()
}

fn scalar(found: &Json) -> Result<Cow<'_, str>, Misfit> {
    match found {
        Json::String(text) => Ok(text.into()),
        Json::Array(_) | Json::Object(_) => {
            Err(Misfit { fault: Fault::Unbindable, accepted: "a single value" })
        }
        Json::Null | Json::Bool(_) | Json::Number(_) => Ok(found.to_string().into()),
    }
}

fn shown(found: &Json) -> String {
    let text = found.to_string();
    match text.char_indices().nth(SHOWN) {
        Some((cut, _)) => format!("{}…", text.get(..cut).unwrap_or_default()),
        None => text,
    }
}
