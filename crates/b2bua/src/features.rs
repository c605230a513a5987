//! Numbers that ask the switch for something instead of calling somebody: the one list of them.
//!
//! A new code is a line of [`LIST`], a variant of [`Kind`] and of [`Feature`], and the place in `call/routing.rs`
//! that serves it. Configuration and documentation read the list.

use std::{ops::RangeInclusive, sync::Arc};

use call::Number;

/// All feature codes.
pub static LIST: [Code; 4] = [
    Code {
        kind: Kind::Park,
        name: "park",
        default: "*68",
        does: "lets a party wait in the first free parking slot",
        dialed: &[Place::Call, Place::Transfer, Place::Command],
    },
    Code {
        kind: Kind::PickUp,
        name: "pick_up",
        default: "*8",
        does: "takes a ringing call: of the extension that follows it, or of any extension of the account",
        dialed: &[Place::Call, Place::Command],
    },
    Code {
        kind: Kind::EndWork,
        name: "end_work",
        default: "*76",
        does: "says that the phone is done with its work after the call that it was on last",
        dialed: &[Place::Call],
    },
    Code {
        kind: Kind::Slots,
        name: "slots",
        default: "701-799",
        does: "a parking slot: a party is sent there to wait, and who dials it takes that party out",
        dialed: &[Place::Call, Place::Transfer, Place::Command],
    },
];

/// A feature code.
#[derive(Clone, Copy, Debug)]
pub struct Code {
    /// Which it is.
    pub kind: Kind,
    /// Its name in the configuration.
    pub name: &'static str,
    /// What is dialed for it unless the configuration says otherwise.
    pub default: &'static str,
    /// What it does.
    pub does: &'static str,
    /// Where it may be dialed.
    pub dialed: &'static [Place],
}

/// The kinds of feature codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// One number.
    Park,
    /// A prefix, which an extension may follow.
    PickUp,
    /// One number.
    EndWork,
    /// A range of numbers.
    Slots,
}

impl Kind {
    /// Its name in the configuration.
    pub fn name(self) -> &'static str {
        self.code().map_or("", |code| code.name)
    }

    /// What is dialed for it unless the configuration says otherwise.
    pub fn default_code(self) -> &'static str {
        self.code().map_or("", |code| code.default)
    }

    fn code(self) -> Option<&'static Code> {
        LIST.iter().find(|code| code.kind == self)
    }
}

/// Where a feature code may be dialed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// As a call of a phone.
    Call,
    /// As the target of a transfer, by REFER or by command.
    Transfer,
    /// As the second party of a call that a program places.
    Command,
}

/// What a number asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Feature {
    /// To park in the first free slot.
    Park,
    /// A parking slot, by its name.
    Slot(Arc<str>),
    /// To take a call that rings: of an extension, or any.
    PickUp(Option<Number>),
    /// To note that after-call work is over.
    EndWork,
}

/// What a code leads to in a call that is up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lead<'a> {
    /// Whoever waits in a slot.
    Slot(&'a Arc<str>),
    /// Whoever rings: at an extension, or at any.
    Ringing(Option<&'a Number>),
}

impl Feature {
    /// What it leads to in a call that is up, if it does.
    pub(crate) fn leads_to(&self) -> Option<Lead<'_>> {
        match self {
            Self::Slot(name) => Some(Lead::Slot(name)),
            Self::PickUp(extension) => Some(Lead::Ringing(extension.as_ref())),
            Self::Park | Self::EndWork => None,
        }
    }

    /// Whether it leads into a call that is up: then whoever dials it is a called party of that.
    pub(crate) fn joins(&self) -> bool {
        self.leads_to().is_some()
    }

    /// The slot that it parks in, `None` for the first free one, as the target of a transfer.
    pub(crate) fn parks_in(self) -> Option<Option<Arc<str>>> {
        match self {
            Self::Park => Some(None),
            Self::Slot(name) => Some(Some(name)),
            Self::PickUp(_) | Self::EndWork => None,
        }
    }
}

/// The feature codes as they are dialed here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeatureCodes {
    park: Arc<str>,
    pick_up: Arc<str>,
    end_work: Arc<str>,
    slots: RangeInclusive<u16>,
}

impl FeatureCodes {
    /// Lets a code be dialed as `dialed`; says what is wrong if it cannot be. Slots are given as
    /// `FIRST-LAST`.
    pub fn set(&mut self, kind: Kind, dialed: &str) -> Result<(), String> {
        if kind == Kind::Slots {
            self.slots = read_slots(dialed)?;
            return Ok(());
        }
        let is_number = !dialed.is_empty() && dialed.bytes().all(|byte| byte.is_ascii_digit());
        if !is_number && !Number::from(dialed).is_feature_code() {
            return Err(format!("{dialed:?} is no feature code: `*` or `#` and digits, or digits alone"));
        }
        let place = match kind {
            Kind::Park => &mut self.park,
            Kind::PickUp => &mut self.pick_up,
            Kind::EndWork => &mut self.end_work,
            Kind::Slots => return Ok(()),
        };
        *place = dialed.into();
        Ok(())
    }

    /// What a number asks for that is dialed in such a place, if it is no other number.
    pub fn read(&self, dialed: &str, place: Place) -> Option<Feature> {
        let (kind, feature) = self.find(dialed)?;
        LIST.iter().find(|code| code.kind == kind)?.dialed.contains(&place).then_some(feature)
    }

    /// Whether a number is a feature code in any place.
    pub fn knows(&self, dialed: &str) -> bool {
        self.find(dialed).is_some()
    }

    fn find(&self, dialed: &str) -> Option<(Kind, Feature)> {
        if *dialed == *self.park {
            return Some((Kind::Park, Feature::Park));
        }
        if *dialed == *self.end_work {
            return Some((Kind::EndWork, Feature::EndWork));
        }
        if dialed.parse().is_ok_and(|slot: u16| self.slots.contains(&slot) && slot.to_string() == *dialed) {
            return Some((Kind::Slots, Feature::Slot(dialed.into())));
        }
        let extension = dialed.strip_prefix(&*self.pick_up)?;
        let extension = (!extension.is_empty()).then(|| extension.into());
        Some((Kind::PickUp, Feature::PickUp(extension)))
    }

    /// The first and the last slot.
    pub fn slot_range(&self) -> RangeInclusive<u16> {
        self.slots.clone()
    }

    /// The names of the slots.
    pub(crate) fn slots(&self) -> impl Iterator<Item = Arc<str>> {
        self.slots.clone().map(|slot| slot.to_string().into())
    }
}

fn read_slots(text: &str) -> Result<RangeInclusive<u16>, String> {
    let bounds = text.split_once('-').and_then(|(first, last)| {
        let bound = |text: &str| text.trim().parse::<u16>().ok();
        Some((bound(first)?, bound(last)?))
    });
    match bounds {
        Some((first, last)) if first <= last => Ok(first..=last),
        _ => Err(format!("{text:?} is no range of slots: write the first and the last, like `701-799`")),
    }
}

impl Default for FeatureCodes {
    fn default() -> Self {
        let mut codes = Self {
            park: "".into(),
            pick_up: "".into(),
            end_work: "".into(),
            slots: RangeInclusive::new(0, 0),
        };
        for code in &LIST {
            codes.set(code.kind, code.default).expect("the list is sound, as its test says");
        }
        codes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_told_from_numbers_and_from_those_that_are_dialed_elsewhere() {
        let codes = FeatureCodes::default();
        let all = [Place::Call, Place::Transfer, Place::Command];
        let cases: [(&str, [Option<Feature>; 3]); 8] = [
            ("*68", [Some(Feature::Park), Some(Feature::Park), Some(Feature::Park)]),
            ("701", all.map(|_| Some(Feature::Slot("701".into())))),
            ("*8", [Some(Feature::PickUp(None)), None, Some(Feature::PickUp(None))]),
            ("*81003", {
                let taken = Some(Feature::PickUp(Some("1003".into())));
                [taken.clone(), None, taken]
            }),
            ("*76", [Some(Feature::EndWork), None, None]),
            ("*761", [None, None, None]),
            ("0701", [None, None, None]),
            ("1003", [None, None, None]),
        ];
        for (dialed, expected) in cases {
            assert_eq!(all.map(|place| codes.read(dialed, place)), expected, "{dialed}");
        }
    }

    #[test]
    fn each_code_can_be_dialed_otherwise() {
        let mut codes = FeatureCodes::default();
        codes.set(Kind::Park, "*1").unwrap();
        codes.set(Kind::Slots, "10 - 12").unwrap();
        assert_eq!(codes.read("*1", Place::Call), Some(Feature::Park));
        assert_eq!(codes.slots().count(), 3);
        for (kind, wrong) in
            [(Kind::Park, "park"), (Kind::Slots, "9-1"), (Kind::Slots, "7"), (Kind::PickUp, "")]
        {
            assert!(codes.set(kind, wrong).is_err(), "{kind:?} {wrong:?}");
        }
    }
}
