//! `filter[attribute_operator]=values` (contract yeti.md, section 5).

use call::Timestamp;
use rust_decimal::Decimal;
use uuid::Uuid;

use super::Query;
use crate::yeti::{convert, errors::Refusal};

/// A filter of a request: an attribute, an operator and the values to compare with.
pub struct Filter {
    /// The attribute, with underscores.
    pub attribute: &'static str,
    /// How it is compared.
    pub test: Test,
}

/// A comparison with values of the attribute's kind.
pub enum Test {
    /// With numbers.
    Number(Operator, Vec<Decimal>),
    /// With instants.
    Time(Operator, Vec<Timestamp>),
    /// With texts, or words of an enumeration.
    Text(Operator, Vec<String>),
    /// With ids.
    Uuid(Operator, Vec<Uuid>),
}

/// How an attribute is compared. Attributes without a value pass none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// Equal to one of the values.
    In,
    /// Equal to none of the values.
    NotIn,
    /// Greater than the value.
    Above,
    /// Greater than the value, or equal.
    AtLeast,
    /// Less than the value.
    Below,
    /// Less than the value, or equal.
    AtMost,
    /// A text with one of the values in it, in either case.
    Contains,
    /// A text that begins with the value, in either case.
    StartsWith,
    /// A text that ends with the value, in either case.
    EndsWith,
}

/// An attribute that can be filtered by.
#[derive(Clone, Copy, Debug)]
pub struct Filterable {
    /// Its name, with underscores.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
}

/// What an attribute holds; decides on the operators.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// Numbers.
    Number,
    /// Instants.
    Time,
    /// Texts.
    Text,
    /// Ids.
    Uuid,
    /// One of these words.
    Enum(&'static [&'static str]),
    /// One of these words; the filter is the bare name.
    PlainEnum(&'static [&'static str]),
    /// Ids; the filter is the bare name.
    PlainUuid,
}

/// Operators by name; those that take several values say so.
const OPERATORS: [(&str, Operator, bool); 12] = [
    ("not_eq", Operator::NotIn, false),
    ("eq", Operator::In, false),
    ("not_in", Operator::NotIn, true),
    ("in", Operator::In, true),
    ("gteq", Operator::AtLeast, false),
    ("gt", Operator::Above, false),
    ("lteq", Operator::AtMost, false),
    ("lt", Operator::Below, false),
    ("cont_any", Operator::Contains, true),
    ("cont", Operator::Contains, false),
    ("start", Operator::StartsWith, false),
    ("end", Operator::EndsWith, false),
];

/// The filters of a request for a resource that can be filtered by `known`.
pub fn read(query: &Query, known: &[Filterable]) -> Result<Vec<Filter>, Refusal> {
    let parameters = query.named("filter").map(|parameter| match parameter.keys.as_slice() {
        [name] => Ok((underscored(name), parameter.value.as_str())),
        [name, list] if list.is_empty() => Ok((underscored(name), parameter.value.as_str())),
        [] => Err(invalid_syntax(&parameter.value)),
        _ => Err(invalid_syntax(&parameter.full_name())),
    });
    let mut latest: Vec<(String, &str)> = Vec::new();
    for parameter in parameters {
        let (name, text) = parameter?;
        latest.retain(|(earlier, _)| *earlier != name);
        latest.push((name, text));
    }
    let filters = latest.iter().map(|(name, text)| filter(name, text, known));
    filters.filter_map(Result::transpose).collect()
}

/// `None` for a list of values that is empty: it keeps everything.
fn filter(name: &str, text: &str, known: &[Filterable]) -> Result<Option<Filter>, Refusal> {
    let found = known.iter().find_map(|attribute| Some((attribute, attribute.operator(name)?)));
    let Some((attribute, (operator, takes_several))) = found else {
        return Err(Refusal::invalid(102, "Filter not allowed", format!("{name} is not allowed.")));
    };
    let values = values(text);
    if takes_several && values.is_empty() {
        return Ok(None);
    }
    let fits = takes_several || (values.len() == 1 && !values[0].is_empty());
    let test = fits.then(|| attribute.kind.test(operator, &values)).flatten();
    let test = test.ok_or_else(|| {
        let detail = format!("{} is not a valid value for {name}.", values.join(","));
        Refusal::invalid(107, "Invalid filter value", detail)
    })?;
    Ok(Some(Filter { attribute: attribute.name, test }))
}

impl Filterable {
    /// The operator that a filter's name asks for, and whether it takes several values; `None` if the
    /// name is not one of this attribute.
    fn operator(&self, name: &str) -> Option<(Operator, bool)> {
        let rest = name.strip_prefix(self.name)?;
        if matches!(self.kind, Kind::PlainEnum(_) | Kind::PlainUuid) {
            return rest.is_empty().then_some((Operator::In, true));
        }
        let wanted = rest.strip_prefix('_')?;
        let found = OPERATORS.iter().find(|(name, ..)| *name == wanted);
        found
            .filter(|(_, operator, _)| self.kind.has(*operator))
            .map(|(_, operator, several)| (*operator, *several))
    }
}

impl Kind {
    fn has(self, operator: Operator) -> bool {
        match operator {
            Operator::In | Operator::NotIn => true,
            Operator::Above | Operator::AtLeast | Operator::Below | Operator::AtMost => {
                matches!(self, Self::Number | Self::Time)
            }
            Operator::Contains | Operator::StartsWith | Operator::EndsWith => matches!(self, Self::Text),
        }
    }

    /// `None` if one of the values is not of this kind.
    fn test(self, operator: Operator, values: &[String]) -> Option<Test> {
        let is_word = |words: &[&str]| values.iter().all(|value| words.contains(&value.as_str()));
        match self {
            Self::Number => {
                all(values, |text| text.parse().ok()).map(|numbers| Test::Number(operator, numbers))
            }
            Self::Time => all(values, convert::time).map(|times| Test::Time(operator, times)),
            Self::Uuid | Self::PlainUuid => all(values, convert::uuid).map(|ids| Test::Uuid(operator, ids)),
            Self::Text => Some(Test::Text(operator, values.to_vec())),
            Self::Enum(words) | Self::PlainEnum(words) => {
                is_word(words).then(|| Test::Text(operator, values.to_vec()))
            }
        }
    }
}

fn all<T>(values: &[String], read: impl Fn(&str) -> Option<T>) -> Option<Vec<T>> {
    values.iter().map(|value| read(value)).collect()
}

impl Operator {
    /// Whether a value passes.
    pub fn accepts<T: Ord>(self, actual: Option<&T>, values: &[T]) -> bool {
        let (Some(actual), Some(first)) = (actual, values.first()) else { return false };
        match self {
            Self::In => values.contains(actual),
            Self::NotIn => !values.contains(actual),
            Self::Above => actual > first,
            Self::AtLeast => actual >= first,
            Self::Below => actual < first,
            Self::AtMost => actual <= first,
            Self::Contains | Self::StartsWith | Self::EndsWith => false,
        }
    }

    /// Whether a text passes.
    pub fn accepts_text(self, actual: Option<&str>, values: &[String]) -> bool {
        let Some(actual) = actual else { return false };
        let lower = actual.to_lowercase();
        let some = |test: &dyn Fn(&str) -> bool| values.iter().any(|value| test(&value.to_lowercase()));
        match self {
            Self::Contains => some(&|value| lower.contains(value)),
            Self::StartsWith => some(&|value| lower.starts_with(value)),
            Self::EndsWith => some(&|value| lower.ends_with(value)),
            _ => self.accepts(Some(&actual.to_owned()), values),
        }
    }
}

/// The values of a filter: one line of CSV. With unbalanced quotes the text is one value.
fn values(text: &str) -> Vec<String> {
    let mut values = vec![String::new()];
    let mut is_quoted = false;
    for part in text.split_inclusive(['"', ',']) {
        let value = values.last_mut().expect("there is a first value, and none is taken away");
        match part.char_indices().next_back() {
            Some((at, '"')) => {
                value.push_str(&part[..at]);
                is_quoted = !is_quoted;
            }
            Some((at, ',')) if !is_quoted => {
                value.push_str(&part[..at]);
                values.push(String::new());
            }
            _ => value.push_str(part),
        }
    }
    match (is_quoted, text.trim()) {
        (_, "") => Vec::new(),
        (true, text) => vec![text.to_owned()],
        (false, _) => values.iter().map(|value| value.trim().to_owned()).collect(),
    }
}

/// `status-eq` and `statusEq` are `status_eq`.
pub fn underscored(name: &str) -> String {
    let mut out = String::with_capacity(name.len() + 4);
    for letter in name.chars() {
        match letter {
            '-' => out.push('_'),
            letter if letter.is_ascii_uppercase() => {
                out.push('_');
                out.push(letter.to_ascii_lowercase());
            }
            letter => out.push(letter),
        }
    }
    out
}

fn invalid_syntax(text: &str) -> Refusal {
    let detail = format!("{text} is not a valid syntax for filtering.");
    Refusal::invalid(120, "Invalid filters syntax", detail)
}
