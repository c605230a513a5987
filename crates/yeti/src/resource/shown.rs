//! A resource to be shown, whatever its type.

use super::{Related, Resource, Shape, attribute::Attribute, known::Known, value::Value};
use crate::{links::Links, query::selection::Selection};

/// A resource to be shown.
pub trait Shown: Send {
    /// Its type.
    fn shape(&self) -> Shape;
    /// Its id.
    fn id(&self) -> String;
    /// Its own URL, if it shows one.
    fn link(&self, links: &Links) -> Option<String>;
    /// The attributes that a request wants, in order.
    fn attributes(&self, selection: &Selection) -> Vec<(&'static str, Value)>;
    /// The names of its relationships, in order.
    fn relationships(&self) -> Vec<&'static str>;
    /// What a relationship leads to; `None` if there is no relationship of this name.
    fn follow(&self, relationship: &str, known: &Known) -> Option<Related>;
}

impl<T: Resource> Shown for T {
    fn shape(&self) -> Shape {
        Shape::of::<T>()
    }

    fn id(&self) -> String {
        Resource::id(self)
    }

    fn link(&self, links: &Links) -> Option<String> {
        Resource::link(self, links)
    }

    fn attributes(&self, selection: &Selection) -> Vec<(&'static str, Value)> {
        let chosen = selection.fields_of(T::KIND);
        let is_shown = |attribute: &&Attribute<T>| !selection.hides(T::KIND, attribute.name);
        let is_wanted = |attribute: &&Attribute<T>| match chosen {
            Some(names) => attribute.is_sent() && names.iter().any(|name| name == attribute.name),
            None => attribute.is_sent_of(self),
        };
        let wanted = T::ATTRIBUTES.iter().filter(is_shown).filter(is_wanted);
        wanted.map(|attribute| (attribute.name, attribute.value(self))).collect()
    }

    fn relationships(&self) -> Vec<&'static str> {
        T::RELATIONSHIPS.iter().map(|relationship| relationship.name).collect()
    }

    fn follow(&self, name: &str, known: &Known) -> Option<Related> {
        let relationship = T::RELATIONSHIPS.iter().find(|relationship| relationship.name == name)?;
        Some(relationship.follow(self, known))
    }
}
