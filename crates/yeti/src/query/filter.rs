//! `filter[attribute_operator]=values` (contract yeti.md, section 5).

mod operator;
mod values;

use call::filter::TextTest;

pub use self::operator::Operator;

use super::{Query, viewer::Viewer};
use crate::{
    convert,
    errors::Refusal,
    resource::{
        Resource,
        attribute::{Attribute, Filtered},
        value::Value,
    },
};

/// A filter of a request: an attribute, an operator and the values to compare with.
pub struct Filter<T: 'static> {
    /// The attribute.
    pub attribute: &'static Attribute<T>,
    /// How it is compared.
    pub operator: Operator,
    /// The values: at least one, and just one where the operator takes one.
    pub values: Vec<Value>,
    /// The test, if it is one of texts.
    text: Option<TextTest>,
}

/// The filters of a request.
pub fn read<T: Resource>(query: &Query, viewer: &Viewer) -> Result<Vec<Filter<T>>, Refusal> {
    let filters = sent(query)?;
    let filters = filters.iter().map(|(name, texts)| Filter::read(name, texts, viewer));
    filters.filter_map(Result::transpose).collect()
}

/// Names of filters, and what was sent under each: of `filter[name]` the last, of `filter[name][]` all.
fn sent(query: &Query) -> Result<Vec<(String, Vec<&str>)>, Refusal> {
    let mut sent: Vec<(String, Vec<&str>)> = Vec::new();
    for parameter in query.named("filter") {
        let (name, is_list) = match parameter.keys.as_slice() {
            [name] => (underscored(name), false),
            [name, list] if list.is_empty() => (underscored(name), true),
            [] => return Err(invalid_syntax(&parameter.value)),
            _ => return Err(invalid_syntax(&parameter.full_name())),
        };
        let text = parameter.value.as_str();
        match sent.iter_mut().find(|(earlier, _)| *earlier == name) {
            Some((_, texts)) if is_list => texts.push(text),
            Some((_, texts)) => *texts = vec![text],
            None => sent.push((name, vec![text])),
        }
    }
    Ok(sent)
}

impl<T: Resource> Filter<T> {
    /// `None` for a list of values that is empty: it keeps everything.
    fn read(name: &str, texts: &[&str], viewer: &Viewer) -> Result<Option<Self>, Refusal> {
        let known = std::iter::once(T::ID).chain(T::ATTRIBUTES);
        let mut seen = known.filter(|attribute| !viewer.hides(T::KIND, attribute.name));
        let found = seen.find_map(|attribute| Some((attribute, asked_of(attribute, name)?)));
        let Some((attribute, (operator, takes_several))) = found else {
            return Err(Refusal::invalid(102, "Filter not allowed", format!("{name} is not allowed.")));
        };
        let texts: Vec<_> = texts.iter().flat_map(|text| values::split(text)).collect();
        if takes_several && texts.is_empty() {
            return Ok(None);
        }
        let fits = takes_several || (texts.len() == 1 && !texts[0].is_empty());
        let values: Option<Vec<_>> =
            texts.iter().map(|text| attribute.kind.read(text, &viewer.zone)).collect();
        let values = values.filter(|_| fits).ok_or_else(|| invalid_value(name, &texts))?;
        let text = attribute.kind.text_kind().zip(operator.of_texts());
        let text = text.map(|(kind, operator)| TextTest::new(kind, operator, texts));
        Ok(Some(Self { attribute, operator, values, text }))
    }

    /// Whether a resource passes.
    pub fn passes(&self, resource: &T) -> bool {
        let actual = self.attribute.value(resource);
        match (actual, &self.text) {
            (Value::Null, _) => false,
            (actual, Some(test)) => test.accepts(&actual.to_string()),
            (Value::Time(at), None) => {
                self.operator.accepts(&Value::Time(convert::shown_instant(at)), &self.values)
            }
            (actual, None) => self.operator.accepts(&actual, &self.values),
        }
    }
}

/// The operator that a filter's name asks for of an attribute, and whether it takes several values; `None` if
/// the name is not one of this attribute.
fn asked_of<T: Resource>(attribute: &Attribute<T>, name: &str) -> Option<(Operator, bool)> {
    let rest = name.strip_prefix(underscored(attribute.name).as_str())?;
    let is_id = attribute.name == T::ID.name;
    match attribute.filtered {
        Filtered::Plain | Filtered::Operators if rest.is_empty() => {
            (is_id || attribute.filtered == Filtered::Plain).then_some((Operator::In, true))
        }
        Filtered::Operators => Operator::named(rest.strip_prefix('_')?, attribute.kind),
        Filtered::Plain | Filtered::No => None,
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

fn invalid_value(name: &str, values: &[String]) -> Refusal {
    let detail = format!("{} is not a valid value for {name}.", values.join(","));
    Refusal::invalid(107, "Invalid filter value", detail)
}
