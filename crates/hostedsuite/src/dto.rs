//! The types of the wire, described once. A description says what a type is called, what it extends and what
//! its members are; from it requests are read ([`read`]), answers are printed ([`value`] and the formats), and
//! the metadata pages and the types for clients are written.
//!
//! `dto!` makes a Rust type and its description from one list of members, `choice!` an enum and its names.

mod kinds;
mod macros;
pub mod read;
mod sample;
pub mod value;

use std::fmt;

pub use kinds::{Described, IList, Shape};
pub(crate) use macros::{choice, dto};
pub use read::{Faults, Read};
pub use sample::{sample, sample_object};
pub use value::{Show, Value};

/// Where the vendor's own types are in XML.
pub const VENDOR: &str = "http://schemas.datacontract.org/2004/07/Evo.HostedSuite.Core.ServiceModel";
/// Where the framework's types are in XML.
pub const FRAMEWORK: &str = "http://schemas.servicestack.net/types";

/// A type with members.
#[derive(Debug)]
pub struct Dto {
    /// Its name.
    pub name: &'static str,
    /// The root element of a document that holds one.
    pub root: &'static str,
    /// Its XML namespace, and so whether members have an order of their own there.
    pub namespace: &'static str,
    /// The type that it extends.
    pub base: Option<Base>,
    /// What a generic type is generic in.
    pub parameter: Option<Parameter>,
    /// Its own members, in order.
    pub members: &'static [Member],
}

/// What a type extends.
#[derive(Debug)]
pub struct Base {
    /// The type.
    pub dto: &'static Dto,
    /// What stands for its parameter.
    pub argument: &'static str,
}

/// What a generic type is generic in.
#[derive(Clone, Copy, Debug)]
pub struct Parameter {
    /// The parameter's name.
    pub name: &'static str,
    /// What stands for it in the members of the description; empty if no member shows it.
    pub argument: &'static str,
}

/// A member.
#[derive(Clone, Copy, Debug)]
pub struct Member {
    /// Its name.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// What the documents say of it.
    pub said: Said,
}

/// What a member or an answer holds. Texts, lists and objects may be null.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// Text.
    Text,
    /// Yes or no.
    Bool,
    /// A whole number of 32 bits.
    Int,
    /// A whole number of 64 bits.
    Long,
    /// A number.
    Double,
    /// One of several words.
    Choice(&'static Choice),
    /// The same, or null.
    Nullable(&'static Kind),
    /// Values in a row.
    List(&'static Kind),
    /// The same behind an interface: the vendor's samples cannot show one.
    Collection(&'static Kind),
    /// Texts by name.
    Dictionary,
    /// A type with members.
    Object(&'static Dto),
}

/// Several words of which a member holds one; the first is the default.
#[derive(Debug)]
pub struct Choice {
    /// The name of the type.
    pub name: &'static str,
    /// The words.
    pub words: &'static [&'static str],
    /// The words with commas, for who uses another.
    pub listed: &'static str,
}

/// What the documents say of a member.
#[derive(Clone, Copy, Debug)]
pub struct Said {
    /// Where the documents have it; it may come from anywhere.
    pub place: &'static str,
    /// Whether it must be there.
    pub is_required: bool,
    /// What it means.
    pub about: &'static str,
}

impl Said {
    /// Nothing.
    pub const NOTHING: Self = Self { place: "form", is_required: false, about: "" };

    /// That it is a member of the operation itself, and what it means.
    pub const fn body(about: &'static str) -> Self {
        Self { place: "body", is_required: false, about }
    }

    /// That it must be there, and what it means.
    pub const fn required(about: &'static str) -> Self {
        Self { place: "form", is_required: true, about }
    }
}

impl Dto {
    /// The type and what it extends, nearest first.
    pub fn lineage(&'static self) -> impl Iterator<Item = &'static Self> {
        std::iter::successors(Some(self), |dto| dto.base.as_ref().map(|base| base.dto))
    }

    /// All members: its own, then those of what it extends.
    pub fn all_members(&'static self) -> impl Iterator<Item = &'static Member> {
        self.lineage().flat_map(|dto| dto.members)
    }

    /// The name with its parameter, as in `List<T>`.
    pub fn full_name(&self) -> String {
        self.parameter.map_or_else(|| self.name.to_owned(), |of| format!("{}<{}>", self.name, of.name))
    }

    /// What a member holds, in the vendor's language.
    pub fn type_of(&self, member: &Member) -> String {
        let name = member.kind.to_string();
        let hidden = self.parameter.filter(|parameter| !parameter.argument.is_empty());
        hidden.map_or(name.clone(), |parameter| name.replace(parameter.argument, parameter.name))
    }
}

/// In the vendor's language.
impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text => f.write_str("string"),
            Self::Bool => f.write_str("bool"),
            Self::Int => f.write_str("int"),
            Self::Long => f.write_str("long"),
            Self::Double => f.write_str("double"),
            Self::Choice(choice) => f.write_str(choice.name),
            Self::Nullable(kind) => write!(f, "{kind}?"),
            Self::List(kind) => write!(f, "List<{kind}>"),
            Self::Collection(kind) => write!(f, "IList<{kind}>"),
            Self::Dictionary => f.write_str("Dictionary<string, string>"),
            Self::Object(dto) => f.write_str(dto.name),
        }
    }
}
