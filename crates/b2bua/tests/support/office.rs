//! The world of the tests: an account with four phones and an owned number, and two carriers.

use std::{
    collections::{HashMap, HashSet},
    net::SocketAddr,
    sync::Arc,
    time::Duration,
};

use b2bua::{
    Sdp, World,
    world::{
        Binding, Contact, Destination, Limited, Limits, Phone, Ring, Routed, RungFor, TrunkHop, Unpassable,
        Unroutable, Via,
    },
};
use call::{
    AccountId, CustomerId, DeviceId, LegId, Number, Timestamp, TrunkId,
    command::{Sound, Target},
    event::CallRouted,
    party::{Endpoint, Owner, SipFacts, Transport},
    quality::LegQuality,
};

/// The phones by name, in the order of their extensions from 1001.
pub const PHONES: [&str; 4] = ["a", "b", "c", "d"];
/// The trunks by name.
pub const TRUNKS: [&str; 2] = ["carrier-1", "carrier-2"];
/// The number that is owned, and rings extension 1001.
pub const DID: &str = "+442071838750";
/// What the phones show outside.
pub const CALLER_ID: &str = "+442071838700";

/// The world, and what a scenario says of it.
#[derive(Debug, Default)]
pub struct Office {
    latest_leg: u8,
    seed: u64,
    /// How well the sound of legs arrives.
    pub quality: HashMap<LegId, LegQuality>,
    /// Contacts of a phone, by their preferences.
    pub contacts: HashMap<DeviceId, Vec<u16>>,
    /// Trunks that there is no way to.
    pub unreachable: HashSet<TrunkId>,
    /// How phones ring: which one, where the call comes from, who calls and what was dialed, `*` for any; and the
    /// Alert-Info then.
    pub rings: Vec<([String; 4], Arc<str>)>,
    /// What the account may have.
    pub limits: HashMap<Limited, Limits>,
    /// Since when the party of a leg is silent; never heard if it is not here.
    pub heard_at: HashMap<LegId, Duration>,
    pub now: Duration,
    /// Legs whose media takes up room.
    pub open: HashSet<LegId>,
    /// As many as may.
    pub room: Option<usize>,
}

pub fn owner(account: u32) -> Owner {
    Owner { customer: CustomerId(1), account: AccountId(account), center: None }
}

/// The account of the phones.
pub fn office() -> Owner {
    owner(1)
}

pub fn extension(device: DeviceId) -> Number {
    format!("100{}", device.0).into()
}

pub fn phone_named(name: &str) -> Option<DeviceId> {
    let at = PHONES.iter().position(|phone| *phone == name)?;
    Some(DeviceId(u32::try_from(at).unwrap() + 1))
}

pub fn trunk_named(name: &str) -> Option<TrunkId> {
    let at = TRUNKS.iter().position(|trunk| *trunk == name)?;
    Some(TrunkId(u32::try_from(at).unwrap() + 1))
}

pub fn trunk_name(trunk: TrunkId) -> &'static str {
    TRUNKS[usize::try_from(trunk.0).unwrap() - 1]
}

fn names(device: DeviceId) -> &'static str {
    ["Alice", "Bob", "Carol", "Dave"][usize::try_from(device.0).unwrap() - 1]
}

/// The address of a trunk; the second is another one of it.
pub fn address(trunk: TrunkId, which: u8) -> SocketAddr {
    SocketAddr::from(([192, 0, 2, u8::try_from(trunk.0).unwrap() * 10 + which], 5060))
}

pub fn endpoint_of_trunk(trunk: TrunkId) -> Endpoint {
    Endpoint::Trunk { id: trunk, name: trunk_name(trunk).into() }
}

impl Office {
    fn phones(extension: &Number) -> Option<DeviceId> {
        (1..=4).map(DeviceId).find(|device| self::extension(*device) == *extension)
    }

    fn by_trunks(via: Via, dialed: &Number) -> Result<Destination, Unroutable> {
        let is_outside = dialed.as_str().starts_with('+') && matches!(via, Via::Device(_));
        let hop = |trunk: TrunkId| TrunkHop {
            trunk,
            name: trunk_name(trunk).into(),
            owner: owner(10 + trunk.0),
            called: dialed.clone(),
        };
        match is_outside {
            true => Ok(Destination::Trunks(vec![hop(TrunkId(1)), hop(TrunkId(2))])),
            false => Err(Unroutable::Unknown),
        }
    }

    fn phone_destination(device: DeviceId) -> Destination {
        let extension = extension(device);
        Destination::Phones { owner: office(), extension, devices: vec![device], screen_pop: None }
    }

    fn open(&mut self, leg: LegId) -> Result<(), Unpassable> {
        let is_full = self.room.is_some_and(|room| self.open.len() >= room);
        if is_full && !self.open.contains(&leg) {
            return Err(Unpassable::NoRoom);
        }
        self.open.insert(leg);
        Ok(())
    }
}

impl World for Office {
    fn route(&self, from: Owner, via: Via, dialed: &Number, _: Timestamp) -> Result<Destination, Unroutable> {
        if dialed.as_str() == DID {
            return Ok(Self::phone_destination(DeviceId(1)));
        }
        match Self::phones(dialed).filter(|_| from == office() && matches!(via, Via::Device(_))) {
            Some(device) => Ok(Self::phone_destination(device)),
            None => Self::by_trunks(via, dialed),
        }
    }

    fn destination(&self, owner: Owner, target: &Target, at: Timestamp) -> Result<Destination, Unroutable> {
        match target {
            Target::Device(id) => Ok(Self::phone_destination(*id)),
            Target::Extension(number) => {
                Self::phones(number).map(Self::phone_destination).ok_or(Unroutable::Unknown)
            }
            Target::Number(number) | Target::FeatureCode(number) => {
                self.route(owner, Via::Device(None), number, at)
            }
        }
    }

    fn routed(&self, parties: Routed<'_>) -> CallRouted {
        CallRouted::new(parties.termination, parties.caller.clone(), parties.called.clone())
    }

    fn account(&self, id: AccountId) -> Option<Owner> {
        Some(owner(id.0))
    }

    fn phone(&self, id: DeviceId) -> Option<Phone> {
        Some(Phone {
            endpoint: Endpoint::Device { id, name: names(id).into() },
            owner: office(),
            number: extension(id),
            caller_id: CALLER_ID.into(),
            name: Some(names(id).into()),
        })
    }

    fn contacts(&self, device: DeviceId) -> Vec<Contact> {
        let preferences = self.contacts.get(&device).cloned().unwrap_or_else(|| vec![1000]);
        let contact = |(number, preference)| Contact {
            binding: Binding(u64::from(device.0) * 10 + number),
            preference,
        };
        (0..).zip(preferences).map(contact).collect()
    }

    fn ring(&self, device: DeviceId, call: RungFor<'_>) -> Option<Ring> {
        let number = |number: Option<&Number>| number.map_or_else(|| "-".to_owned(), Number::to_string);
        let RungFor { origin, caller, dialed, extension } = call;
        assert_eq!(*extension, self::extension(device));
        let phone = PHONES[usize::try_from(device.0).unwrap() - 1].to_owned();
        let seen = [phone, format!("{origin:?}").to_lowercase(), number(caller), number(dialed)];
        let fits =
            |rule: &[String; 4]| rule.iter().zip(&seen).all(|(rule, seen)| rule == "*" || rule == seen);
        let (_, alert) = self.rings.iter().find(|(rule, _)| fits(rule))?;
        Some(Ring { alert_info: Some(alert.clone()), call_info: None })
    }

    fn extension_name(&self, _: AccountId, extension: &Number) -> Option<Arc<str>> {
        Self::phones(extension).map(|device| names(device).into())
    }

    fn limits(&self, of: Limited) -> Limits {
        self.limits.get(&of).copied().unwrap_or_default()
    }

    fn is_fit(&self, _: TrunkId) -> bool {
        true
    }

    fn leg_id(&mut self, at: Timestamp) -> LegId {
        self.latest_leg = self.latest_leg.wrapping_add(1);
        let mut random = [0; 10];
        random[..8].copy_from_slice(&self.seed.to_be_bytes());
        random[9] = self.latest_leg;
        self.seed = self.seed.wrapping_add(1);
        LegId::new(at, random)
    }

    fn chance(&mut self, bound: u32) -> u32 {
        bound / 2
    }

    fn describe(&mut self, leg: LegId, _: &Sdp) -> Result<(), Unpassable> {
        self.open(leg)
    }

    fn pass(&mut self, from: LegId, to: LegId, sdp: &Sdp) -> Result<Sdp, Unpassable> {
        assert!(!sdp.as_str().contains("x=fault"), "as a scenario wants it");
        if sdp.as_str().contains("x=broken") {
            return Err(Unpassable::Description);
        }
        self.open(from)?;
        self.open(to)?;
        Ok(sdp.clone())
    }

    fn silent_for(&self, leg: LegId) -> Option<Duration> {
        self.heard_at.get(&leg).map(|heard| self.now.saturating_sub(*heard))
    }

    fn quality(&self, leg: LegId) -> Option<LegQuality> {
        self.quality.get(&leg).copied()
    }

    fn find(&self, _: &Sound) -> Result<(), &'static str> {
        Ok(())
    }
}

/// What SIP says of a leg, where a test does not care.
pub fn facts() -> SipFacts {
    SipFacts {
        sip_call_id: "x".into(),
        local_tag: "t".into(),
        address: ([192, 0, 2, 200], 5060).into(),
        transport: Transport::Udp,
        user_agent: None,
        from_domain: "here".into(),
        to_domain: "here".into(),
        ruri_domain: "here".into(),
        diversion: None,
        identity: None,
    }
}
