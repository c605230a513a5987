//! Which kinds of events are wanted, by their names.

pub use call::kind::KINDS;
use call::kind::{is_name, is_of};
use history::{Happening, LogEntry};

/// The kind of an event.
pub fn kind(entry: &LogEntry) -> &'static str {
    match &entry.what {
        Happening::Call(event) => event.kind.name(),
        Happening::Other(notice) => notice.kind.name(),
    }
}

/// Which kinds are wanted: each by its name, or by what stands before the point for all of these. None: all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KindFilter(Vec<String>);

/// A kind that there is not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownKind(pub String);

impl KindFilter {
    /// Of these names, with commas between them. Each counts once: there are never more than there are kinds and groups
    /// of them.
    pub fn parse(names: &str) -> Result<Self, UnknownKind> {
        let mut wanted = Self::default();
        for name in names.split(',').map(|name| name.trim().trim_start_matches("trunkline.")) {
            if !is_name(name) {
                return Err(UnknownKind(name.to_owned()));
            }
            if !wanted.0.iter().any(|known| known == name) {
                wanted.0.push(name.to_owned());
            }
        }
        Ok(wanted)
    }

    /// The names.
    pub fn names(&self) -> &[String] {
        &self.0
    }

    /// Whether an event is of a kind that is wanted.
    pub fn wants(&self, entry: &LogEntry) -> bool {
        self.0.is_empty() || self.0.iter().any(|name| is_of(kind(entry), name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_named_whole_or_by_what_stands_before_the_point() {
        assert!(KINDS.iter().all(|kind| KindFilter::parse(kind).is_ok()));
        assert_eq!(KindFilter::parse("trunkline.leg.held, call"), KindFilter::parse("leg.held,call"));
        assert_eq!(KindFilter::parse("leg.hel"), Err(UnknownKind("leg.hel".into())));
        assert_eq!(
            KindFilter::parse(&["leg"; 9_000].join(",")),
            KindFilter::parse("leg"),
            "each counts once"
        );
        assert_eq!(KindFilter::parse(""), Err(UnknownKind(String::new())));
    }
}
