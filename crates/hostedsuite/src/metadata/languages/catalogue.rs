//! What there is to be written, in no language yet: a type stands before those that extend it.

use crate::{
    dto::{Choice, Dto, Kind},
    metadata::types::{self, known_types},
    operation::{OPERATIONS, Operation, Type, Verb},
};

/// The vendor's namespace.
pub const NAMESPACE: &str = types::NAMESPACE;

/// A type of the service.
pub enum Declared {
    /// One with members.
    Class(Class),
    /// One of several words.
    Words(&'static Choice),
}

/// A type with members.
pub struct Class {
    pub name: &'static str,
    pub parameter: Option<&'static str>,
    pub base: Option<(&'static str, Ty)>,
    pub members: Vec<Field>,
    /// What it asks for, if it is a request.
    pub asks: Option<Asks>,
}

/// What a request asks for.
pub struct Asks {
    pub path: &'static str,
    pub verb: Verb,
    pub response: Ty,
    pub about: &'static str,
}

/// A member.
pub struct Field {
    pub name: &'static str,
    pub ty: Ty,
    pub is_required: bool,
    pub about: &'static str,
}

/// What a member, an answer or an argument is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ty {
    Text,
    Bool,
    Int,
    Long,
    Double,
    /// A type of the service.
    Named(String),
    /// A type of the service with an argument.
    Generic(String, Box<Self>),
    List(Box<Self>),
    /// Texts by name.
    Dictionary,
}

/// How a language writes what Rust writes so.
pub struct Words {
    pub text: &'static str,
    pub bool: &'static str,
    pub int: &'static str,
    pub long: &'static str,
    pub double: &'static str,
    pub dictionary: &'static str,
    pub list: fn(String) -> String,
    pub generic: fn(&str, String) -> String,
}

/// As most languages have it: arguments in angles.
pub const ANGLED: Words = Words {
    text: "String",
    bool: "Boolean",
    int: "Int",
    long: "Long",
    double: "Double",
    dictionary: "HashMap<String,String>",
    list: |item| format!("ArrayList<{item}>"),
    generic: |name, argument| format!("{name}<{argument}>"),
};

/// Every type, in an order in which each stands behind what it extends and what its members are.
pub fn all() -> Vec<Declared> {
    let mut bases: Vec<&'static Dto> =
        OPERATIONS.iter().flat_map(|operation| operation.request.lineage().skip(1)).collect();
    bases.sort_by_key(|dto| (dto.lineage().count(), dto.name));
    bases.dedup_by_key(|dto| dto.name);
    let is_base = |of: &Type| matches!(of, Type::Dto(dto) if bases.iter().any(|base| base.name == dto.name));
    let others: Vec<_> = known_types().into_iter().filter(|of| !is_base(of)).collect();
    let words = others.iter().filter_map(|of| match of {
        Type::Choice(choice) => Some(Declared::Words(choice)),
        Type::Dto(_) => None,
    });
    let shown = others.iter().filter_map(|of| match of {
        Type::Dto(dto) => Some(*dto),
        Type::Choice(_) => None,
    });
    let types = shown.chain(bases.iter().copied()).map(|dto| Class::of(dto, None)).collect();
    let types = behind_what_they_name(types).into_iter().map(Declared::Class);
    let requests = OPERATIONS
        .iter()
        .map(|operation| Declared::Class(Class::of(operation.request, Some(Asks::of(operation)))));
    words.chain(types).chain(requests).collect()
}

/// The types in an order in which each stands behind those that its members name.
fn behind_what_they_name(mut types: Vec<Class>) -> Vec<Class> {
    let mut ordered: Vec<Class> = Vec::with_capacity(types.len());
    while !types.is_empty() {
        let is_free = |class: &Class| {
            let waits_for = |other: &Class| other.name != class.name && class.names(other.name);
            !types.iter().any(waits_for)
        };
        // Those that name one another in a circle stand as they are.
        let next = types.iter().position(is_free).unwrap_or_default();
        ordered.push(types.remove(next));
    }
    ordered
}

impl Field {
    /// What it means, between these, on a line of its own; nothing if that is not said.
    pub fn comment(&self, before: &str, after: &str) -> String {
        if self.about.is_empty() { String::new() } else { format!("{before}{}{after}\n", self.about) }
    }
}

/// Lines of text, one for each.
pub fn lines<T>(of: impl IntoIterator<Item = T>, line: impl FnMut(T) -> String) -> String {
    of.into_iter().map(line).collect()
}

impl Class {
    fn names(&self, name: &str) -> bool {
        let of_base = self.base.iter().any(|(base, argument)| *base == name || argument.names(name));
        of_base || self.members.iter().any(|member| member.ty.names(name))
    }

    fn of(dto: &'static Dto, asks: Option<Asks>) -> Self {
        let members = dto.members.iter().map(|member| Field {
            name: member.name,
            ty: Ty::parse(&plain(&dto.type_of(member))),
            is_required: member.said.is_required,
            about: member.said.about,
        });
        Self {
            name: dto.name,
            parameter: dto.parameter.map(|parameter| parameter.name),
            base: dto.base.as_ref().map(|base| (base.dto.name, Ty::parse(base.argument))),
            members: members.collect(),
            asks,
        }
    }

    /// The name with its parameter, as `generic` writes it.
    pub fn full_name(&self, words: &Words) -> String {
        match self.parameter {
            Some(parameter) => (words.generic)(self.name, parameter.to_owned()),
            None => self.name.to_owned(),
        }
    }

    /// What it extends, as a language writes it.
    pub fn base_name(&self, words: &Words) -> Option<String> {
        self.base.as_ref().map(|(name, argument)| (words.generic)(name, argument.print(words)))
    }
}

impl Asks {
    fn of(operation: &'static Operation) -> Self {
        let response = match &operation.response {
            Kind::Object(dto) => match dto.parameter {
                Some(of) => Ty::Generic(dto.name.to_owned(), Box::new(Ty::Named(of.argument.to_owned()))),
                None => Ty::Named(dto.name.to_owned()),
            },
            kind => Ty::parse(&plain(&kind.to_string())),
        };
        Self { path: operation.path, verb: operation.method, response, about: operation.about }
    }

    /// The name of the framework's interface for its verb.
    pub fn marker(&self) -> &'static str {
        match self.verb {
            Verb::Get => "IGet",
            Verb::Post => "IPost",
        }
    }
}

/// Every member may be null on the wire: what says so in the vendor's language is left away.
fn plain(name: &str) -> String {
    name.replace("IList<", "List<").replace('?', "")
}

impl Ty {
    /// Reads a name of the vendor's language.
    fn parse(name: &str) -> Self {
        let argument = |head: &str| name.strip_prefix(head)?.strip_suffix('>');
        match name {
            "string" => Self::Text,
            "bool" => Self::Bool,
            "int" => Self::Int,
            "long" => Self::Long,
            "double" => Self::Double,
            _ if name.starts_with("Dictionary<") => Self::Dictionary,
            _ => match (argument("List<"), name.split_once('<')) {
                (Some(item), _) => Self::List(Box::new(Self::parse(item))),
                (None, Some((of, rest))) => {
                    let rest = rest.strip_suffix('>').unwrap_or(rest);
                    Self::Generic(of.to_owned(), Box::new(Self::parse(rest)))
                }
                (None, None) => Self::Named(name.to_owned()),
            },
        }
    }

    /// Whether it is a type of this name, or made of one.
    fn names(&self, name: &str) -> bool {
        match self {
            Self::Named(named) => named == name,
            Self::Generic(named, argument) => named == name || argument.names(name),
            Self::List(item) => item.names(name),
            Self::Text | Self::Bool | Self::Int | Self::Long | Self::Double | Self::Dictionary => false,
        }
    }

    /// As a language writes it.
    pub fn print(&self, words: &Words) -> String {
        match self {
            Self::Text => words.text.to_owned(),
            Self::Bool => words.bool.to_owned(),
            Self::Int => words.int.to_owned(),
            Self::Long => words.long.to_owned(),
            Self::Double => words.double.to_owned(),
            Self::Named(name) => name.clone(),
            Self::Generic(name, argument) => (words.generic)(name, argument.print(words)),
            Self::List(item) => (words.list)(item.print(words)),
            Self::Dictionary => words.dictionary.to_owned(),
        }
    }
}

/// A name with its first letter in lower case.
pub fn camel(name: &str) -> String {
    let (first, rest) = name.split_at(1);
    first.to_ascii_lowercase() + rest
}
