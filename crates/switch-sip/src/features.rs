//! Numbers that ask the switch for something instead of calling somebody.

use std::{ops::RangeInclusive, sync::Arc};

use call::Number;

/// Numbers that ask the switch for something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeatureCodes {
    /// Where a party is sent to wait in the first free slot.
    pub park: Arc<str>,
    /// Takes a ringing call: of the extension that follows it, or of any extension of the account.
    pub pick_up: Arc<str>,
    /// Says that the phone is done with its work after the call that it was on last.
    pub end_work: Arc<str>,
    /// The parking slots of each account: a party is sent there to wait, and who dials one takes it out.
    pub slots: RangeInclusive<u16>,
}

/// What a number asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Feature {
    /// To park in the first free slot.
    Park,
    /// A parking slot, by its name.
    Slot(Arc<str>),
    /// To take a call that rings.
    PickUp(Option<Number>),
    /// To note that after-call work is over.
    EndWork,
}

/// On whose behalf a number is to lead somewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Given {
    /// A phone has dialed it.
    Dialed,
    /// A call of the API goes there once its first party has answered.
    Placed,
    /// A party is handed on to it, by REFER or by the API.
    Transferred,
    /// A phone sends the call there that it is rung for (3xx).
    Redirected,
    /// Whoever is there shall be rung: as the first party of a call of the API, or to take a parked one.
    Rung,
}

impl Feature {
    /// The slot that it names, if it names one.
    pub(crate) fn slot(&self) -> Option<&str> {
        match self {
            Self::Slot(name) => Some(name),
            Self::Park | Self::PickUp(_) | Self::EndWork => None,
        }
    }

    /// Whether it is to be had there.
    pub(crate) fn is_given(&self, given: Given) -> bool {
        use Given::{Dialed, Placed, Redirected, Rung, Transferred};
        match (self, given) {
            (Self::Park | Self::Slot(_), Dialed | Placed | Transferred) => true,
            (Self::PickUp(_), Dialed | Placed) => true,
            // Only its own phone says when a person is done; a program notes it about the call.
            (Self::EndWork, Dialed) => true,
            (Self::Park | Self::Slot(_), Redirected | Rung) => false,
            (Self::PickUp(_), Transferred | Redirected | Rung) => false,
            (Self::EndWork, Placed | Transferred | Redirected | Rung) => false,
        }
    }
}

impl FeatureCodes {
    /// What a number asks for, if it is no other number.
    pub(crate) fn read(&self, dialed: &str) -> Option<Feature> {
        if *dialed == *self.park {
            return Some(Feature::Park);
        }
        if *dialed == *self.end_work {
            return Some(Feature::EndWork);
        }
        if let Some(name) = self.slots().find(|name| **name == *dialed) {
            return Some(Feature::Slot(name));
        }
        let extension = dialed.strip_prefix(&*self.pick_up)?;
        Some(Feature::PickUp((!extension.is_empty()).then(|| extension.into())))
    }

    /// The names of the slots.
    pub(crate) fn slots(&self) -> impl Iterator<Item = Arc<str>> {
        self.slots.clone().map(|slot| slot.to_string().into())
    }
}

impl Default for FeatureCodes {
    fn default() -> Self {
        Self { park: "*68".into(), pick_up: "*8".into(), end_work: "*76".into(), slots: 701..=799 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_told_from_numbers() {
        let codes = FeatureCodes::default();
        let cases = [
            ("*68", Some(Feature::Park)),
            ("701", Some(Feature::Slot("701".into()))),
            ("*8", Some(Feature::PickUp(None))),
            ("*81003", Some(Feature::PickUp(Some("1003".into())))),
            ("*76", Some(Feature::EndWork)),
            ("*761", None),
            ("700", None),
            ("1003", None),
        ];
        for (dialed, expected) in cases {
            assert_eq!(codes.read(dialed), expected, "{dialed}");
        }
    }

    #[test]
    fn each_feature_is_to_be_had_where_it_means_something() {
        use Given::{Dialed, Placed, Redirected, Rung, Transferred};
        let slot = Feature::Slot("701".into());
        let table = [
            (Feature::Park, vec![Dialed, Placed, Transferred]),
            (slot, vec![Dialed, Placed, Transferred]),
            (Feature::PickUp(None), vec![Dialed, Placed]),
            (Feature::EndWork, vec![Dialed]),
        ];
        for (feature, expected) in table {
            let all = [Dialed, Placed, Transferred, Redirected, Rung];
            let given: Vec<_> = all.into_iter().filter(|given| feature.is_given(*given)).collect();
            assert_eq!(given, expected, "{feature:?}");
        }
    }
}
