//! Parameters of a query, each with what is accepted of it.

use std::str::FromStr;

use call::Timestamp;

use crate::errors::Failure;

/// What a parameter says.
pub fn parsed<T: FromStr>(name: &str, value: &str, accepted: &str) -> Result<T, Failure> {
    value.parse().map_err(|_| bad(name, value, accepted))
}

/// The instant that a parameter says.
pub fn instant(name: &str, value: &str) -> Result<Timestamp, Failure> {
    let instant: jiff::Timestamp = parsed(name, value, "a date and time such as 2026-01-01T00:00:00Z")?;
    Ok(Timestamp::from_micros(instant.as_microsecond()))
}

/// Which of these a parameter says.
pub fn one_of<T: Copy>(name: &str, value: &str, known: &[(&str, T)]) -> Result<T, Failure> {
    let found = known.iter().find(|(text, _)| *text == value).map(|(_, meaning)| *meaning);
    found.ok_or_else(|| {
        let names: Vec<_> = known.iter().map(|(text, _)| *text).collect();
        bad(name, value, &format!("one of {}", names.join(", ")))
    })
}

/// The whole number that a parameter says, from 1 to `most`.
pub fn up_to(name: &str, value: &str, most: usize) -> Result<usize, Failure> {
    let accepted = format!("a whole number from 1 to {most}");
    let number: usize = parsed(name, value, &accepted)?;
    Some(number).filter(|number| (1..=most).contains(number)).ok_or_else(|| bad(name, value, &accepted))
}

/// A parameter that is not accepted.
pub fn bad(name: &str, value: &str, accepted: &str) -> Failure {
    Failure::bad_member(name, format!("{value:?}"), accepted)
}
