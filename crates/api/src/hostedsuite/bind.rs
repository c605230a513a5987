//! From members to typed values. Every fault is kept, so that one answer names them all.

use std::borrow::Cow;

use serde_json::Value as Json;

use super::{
    errors::{Failure, Fault, FieldError},
    members::Members,
};

/// Characters of a wrong value that its error shows.
const SHOWN: usize = 40;

/// Reads members one by one and keeps what is wrong with them.
pub struct Binder<'a> {
    members: &'a Members,
    errors: Vec<FieldError>,
}

/// Why a text is not accepted.
pub struct Rejected {
    /// What kind of fault it is.
    pub fault: Fault,
    /// What is accepted.
    pub accepted: &'static str,
}

impl<'a> Binder<'a> {
    /// Reads from `members`.
    pub fn new(members: &'a Members) -> Self {
        Self { members, errors: Vec::new() }
    }

    /// What was read, if nothing was wrong.
    pub fn finish<T>(self, bound: T) -> Result<T, Failure> {
        if self.errors.is_empty() { Ok(bound) } else { Err(Failure::of_fields(self.errors)) }
    }

    /// A text that must be there; empty if it is not. What was found is not shown: it may be a secret.
    pub fn required(&mut self, name: &'static str) -> String {
        match self.members.get(name) {
            None => self.reject(name, Fault::Missing, format!("{name} is missing")),
            Some(found) => match scalar(found) {
                Some(text) => return text.into_owned(),
                None => self.reject(name, Fault::Unbindable, format!("{name} is not a text")),
            },
        }
        String::new()
    }

    /// A text.
    pub fn text(&mut self, name: &'static str) -> Option<String> {
        self.parsed(name, |text| Ok(text.to_owned()))
    }

    /// A whole number from zero up; zero if it is absent.
    pub fn count(&mut self, name: &'static str) -> u32 {
        const ACCEPTED: &str = "a whole number from 0 to 2147483647";
        let count = self.parsed(name, |text| {
            let number: i32 =
                text.trim().parse().map_err(|_| Rejected { fault: Fault::Unbindable, accepted: ACCEPTED })?;
            u32::try_from(number).map_err(|_| Rejected { fault: Fault::OutOfRange, accepted: ACCEPTED })
        });
        count.unwrap_or_default()
    }

    /// A number of seconds from zero up; zero if it is absent.
    pub fn seconds(&mut self, name: &'static str) -> f64 {
        const ACCEPTED: &str = "a finite number of seconds from 0 up";
        let seconds = self.parsed(name, |text| {
            let number: f64 =
                text.trim().parse().map_err(|_| Rejected { fault: Fault::Unbindable, accepted: ACCEPTED })?;
            let is_length = number.is_finite() && number >= 0.0;
            is_length.then_some(number).ok_or(Rejected { fault: Fault::OutOfRange, accepted: ACCEPTED })
        });
        seconds.unwrap_or_default()
    }

    /// Yes or no; no if it is absent. Of a list with commas the first word counts.
    pub fn flag(&mut self, name: &'static str) -> bool {
        let flag = self.parsed(name, |text| {
            let word = text.split(',').next().unwrap_or_default().trim().to_ascii_lowercase();
            match word.as_str() {
                "true" | "1" | "t" | "y" | "on" => Ok(true),
                "false" | "0" | "f" | "n" | "off" | "" => Ok(false),
                _ => Err(Rejected { fault: Fault::Unbindable, accepted: "true or false" }),
            }
        });
        flag.unwrap_or_default()
    }

    /// One of `choices`, by its name in either case or by its place; `accepted` lists them.
    pub fn choice<T: Copy>(
        &mut self,
        name: &'static str,
        choices: &[(&str, T)],
        accepted: &'static str,
    ) -> Option<T> {
        self.parsed(name, |text| {
            let text = text.trim();
            let by_name = choices.iter().find(|(word, _)| word.eq_ignore_ascii_case(text));
            let by_place = || choices.get(text.parse::<usize>().ok()?);
            let choice = by_name.or_else(by_place).map(|(_, choice)| *choice);
            choice.ok_or(Rejected { fault: Fault::Unknown, accepted })
        })
    }

    /// What `parse` makes of the member's text; `None` if it is absent or not accepted. Numbers and bools
    /// are taken as they are written.
    pub fn parsed<T>(
        &mut self,
        name: &'static str,
        parse: impl FnOnce(&str) -> Result<T, Rejected>,
    ) -> Option<T> {
        let found = self.members.get(name)?;
        let not_scalar = Rejected { fault: Fault::Unbindable, accepted: "a single value" };
        match scalar(found).ok_or(not_scalar).and_then(|text| parse(&text)) {
            Ok(value) => Some(value),
            Err(Rejected { fault, accepted }) => {
                let message = format!("{name} is {}; accepted: {accepted}", shown(found));
                self.reject(name, fault, message);
                None
            }
        }
    }

    fn reject(&mut self, field: &'static str, fault: Fault, message: String) {
        self.errors.push(FieldError { fault, field, message });
    }
}

fn scalar(found: &Json) -> Option<Cow<'_, str>> {
    match found {
        Json::String(text) => Some(text.into()),
        Json::Array(_) | Json::Object(_) => None,
        Json::Null | Json::Bool(_) | Json::Number(_) => Some(found.to_string().into()),
    }
}

fn shown(found: &Json) -> String {
    let text = found.to_string();
    match text.char_indices().nth(SHOWN) {
        Some((cut, _)) => format!("{}…", text.get(..cut).unwrap_or_default()),
        None => text,
    }
}
