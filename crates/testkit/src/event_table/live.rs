//! Checks of the registry between two events.

use call::{Call, CallId, Registry};

use super::{
    cast,
    names::{call_name, leg_name},
    words::{PHASES, Words, name, pick},
};

/// What the registry must show of a call.
#[derive(Debug)]
pub(super) enum LiveCheck {
    /// The call is active; each view of it reads as written.
    Shows(Vec<(View, String)>),
    /// The call is not there.
    Gone,
}

/// A side from which a live call is looked at.
#[derive(Clone, Copy, Debug)]
pub(super) enum View {
    Phase,
    Legs,
    Bridged,
    Accounts,
}

const VIEWS: [(&str, View); 3] =
    [("legs", View::Legs), ("bridged", View::Bridged), ("accounts", View::Accounts)];

impl LiveCheck {
    pub(super) fn parse(words: &mut Words<'_>) -> Result<Self, String> {
        let phase = words.need("what the call is doing")?;
        pick("phase", phase, &PHASES)?;
        let mut views = vec![(View::Phase, phase.to_owned())];
        while let Some(word) = words.next() {
            let view = pick("part of a live call", word, &VIEWS)?;
            views.push((view, words.need("a list without blanks, or `-`")?.to_owned()));
        }
        Ok(Self::Shows(views))
    }

    /// What is otherwise.
    pub(super) fn mismatches(&self, registry: &Registry, id: CallId) -> Vec<String> {
        match (self, registry.get(id)) {
            (Self::Gone, None) => Vec::new(),
            (Self::Gone, Some(_)) => vec![format!("call {} is still there", call_name(id))],
            (Self::Shows(_), None) => vec![format!("call {} is not there", call_name(id))],
            (Self::Shows(views), Some(call)) => {
                views.iter().filter_map(|(view, expected)| view.mismatch(expected, registry, call)).collect()
            }
        }
    }
}

impl View {
    fn mismatch(self, expected: &str, registry: &Registry, call: &Call) -> Option<String> {
        let found = self.of(registry, call);
        (found != expected).then(|| format!("live {self:?}: expected {expected}, found {found}"))
    }

    fn of(self, registry: &Registry, call: &Call) -> String {
        match self {
            Self::Phase => name(&call.phase(), &PHASES).to_owned(),
            Self::Legs => list(call.legs().iter().filter(|leg| !leg.is_ended()).map(|leg| leg_name(leg.id))),
            Self::Bridged => list(bridged(call)),
            Self::Accounts => list(seen_by(registry, call)),
        }
    }
}

fn bridged(call: &Call) -> impl Iterator<Item = String> {
    let once = call.legs().iter().filter_map(|leg| Some((leg.id, leg.peer?))).filter(|(a, b)| a < b);
    once.map(|(a, b)| format!("{}+{}", leg_name(a), leg_name(b)))
}

fn seen_by(registry: &Registry, call: &Call) -> impl Iterator<Item = String> {
    let sees = |account| registry.calls_of(account).any(|seen| seen.id() == call.id());
    cast::accounts().filter(move |(_, owner)| sees(owner.account)).map(|(name, _)| name.to_owned())
}

fn list(items: impl Iterator<Item = String>) -> String {
    let items: Vec<_> = items.collect();
    if items.is_empty() { "-".to_owned() } else { items.join(",") }
}
