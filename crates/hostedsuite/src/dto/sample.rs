//! What the metadata pages show instead of real values.

use super::{Dto, Kind, Value};

/// A value that shows what `kind` looks like.
pub fn sample(kind: &'static Kind) -> Value {
    match kind {
        Kind::Text => Value::Text("String".to_owned()),
        Kind::Bool => Value::Bool(false),
        Kind::Int | Kind::Long => Value::Int(0),
        Kind::Double => Value::Double(0.0),
        Kind::Choice(choice) => Value::Text(choice.words.first().copied().unwrap_or_default().to_owned()),
        Kind::Nullable(kind) => sample(kind),
        Kind::List(kind) => Value::List(kind, vec![sample(kind)]),
        Kind::Collection(_) => Value::Null,
        Kind::Dictionary => Value::Dictionary(vec![("String".to_owned(), "String".to_owned())]),
        Kind::Object(dto) => sample_object(dto),
    }
}

/// An object that shows what `dto` looks like.
pub fn sample_object(dto: &'static Dto) -> Value {
    Value::Object(dto, dto.all_members().map(|member| sample(&member.kind)).collect())
}
