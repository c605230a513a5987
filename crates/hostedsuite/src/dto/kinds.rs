//! Which Rust type holds what kind.

use std::collections::BTreeMap;

use super::Kind;

/// A type that goes over the wire.
pub trait Shape {
    /// What it holds.
    const KIND: Kind;
}

/// A list that the vendor has behind an interface.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IList<T>(pub Vec<T>);

/// A type with members.
pub trait Described {}

impl<T: Described + Shape> Shape for Option<T> {
    const KIND: Kind = T::KIND;
}

impl Shape for Option<String> {
    const KIND: Kind = Kind::Text;
}

impl Shape for bool {
    const KIND: Kind = Kind::Bool;
}

impl Shape for Option<bool> {
    const KIND: Kind = Kind::Nullable(&Kind::Bool);
}

impl Shape for i32 {
    const KIND: Kind = Kind::Int;
}

impl Shape for i64 {
    const KIND: Kind = Kind::Long;
}

impl Shape for f64 {
    const KIND: Kind = Kind::Double;
}

impl<T: Shape> Shape for Vec<T> {
    const KIND: Kind = Kind::List(&T::KIND);
}

impl<T: Shape> Shape for Option<Vec<T>> {
    const KIND: Kind = Kind::List(&T::KIND);
}

impl<T: Shape> Shape for Option<IList<T>> {
    const KIND: Kind = Kind::Collection(&T::KIND);
}

impl Shape for String {
    const KIND: Kind = Kind::Text;
}

impl Shape for Option<BTreeMap<String, String>> {
    const KIND: Kind = Kind::Dictionary;
}
