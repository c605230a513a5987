//! Calls at chosen times, played on the simulated switch.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use call::{
    AccountId, Registry, Timestamp,
    command::Target,
    event::Side,
    party::{CallerIdentity, SipFacts, Transport},
};
use directory::{Snapshot, model::Device};
use switch::{
    Clock,
    simulated::{CallSpec, Party, SimulatedCall},
};

use super::Server;

/// When a call did what. It rings one second after it began.
#[derive(Clone, Copy, Debug)]
pub struct Talk {
    /// When it began.
    pub began_at: Timestamp,
    /// From its beginning to the answer, at least a second.
    pub answered_after: Duration,
    /// From the answer to its end.
    pub talked: Duration,
}

impl Server {
    /// The phone with this SIP user.
    #[track_caller]
    pub fn phone(&self, sip_user: &str) -> Party {
        let directory = self.directory();
        phone(&directory, directory.device_by_sip_user(sip_user).unwrap())
    }

    /// The phone with this SIP user, whose INVITE says all that it can of the caller.
    #[track_caller]
    pub fn identified_phone(&self, sip_user: &str) -> Party {
        let mut phone = self.phone(sip_user);
        let identity = CallerIdentity {
            asserted: Some("<sip:a@x>".into()),
            preferred: Some("<sip:b@x>".into()),
            privacy: Some("id".into()),
            remote_party: Some("<sip:c@x>".into()),
            remote_party_privacy: Some("full".into()),
        };
        phone.sip.as_mut().unwrap().identity = Some(identity.into());
        phone
    }

    /// Someone behind a trunk.
    #[track_caller]
    pub fn outside(&self, trunk: &str, number: &str) -> Party {
        outside(&self.directory(), trunk, number)
    }

    /// A call between two parties that begins at `began_at`, rated and with countries as the directory says.
    pub fn call(&self, caller: Party, called: Party, began_at: Timestamp) -> CallSpec {
        let mut spec = CallSpec::new(caller, called);
        let routed = &spec.routed;
        let origination = spec.caller.owner;
        spec.routed = self.directory().routed(
            (origination, routed.termination),
            began_at,
            &routed.caller,
            &routed.called,
            None,
        );
        spec.started_ago(self.clock.now().since(began_at))
    }

    /// Plays an answered call that the caller ended, and waits until it is recorded.
    pub async fn talked_call(&self, caller: Party, called: Party, talk: Talk) -> SimulatedCall {
        let call = self.begin_call(caller, called, talk);
        call.after(talk.talked).end(Side::Origination);
        self.until(|registry| registry.has_ended(call.id())).await;
        call
    }

    /// Plays a call up to its answer, and waits until the live calls show it. What happens to it then happens
    /// at the present.
    pub async fn live_call(&self, caller: Party, called: Party, talk: Talk) -> SimulatedCall {
        let call = self.begin_call(caller, called, talk);
        call.after(self.clock.now().since(talk.began_at + talk.answered_after));
        let is_answered = |registry: &Registry| {
            registry
                .get(call.id())
                .is_some_and(|call| call.legs().iter().all(|leg| leg.answered_at.is_some()))
        };
        self.until(is_answered).await;
        call
    }

    fn begin_call(&self, caller: Party, called: Party, talk: Talk) -> SimulatedCall {
        let ringing_after = Duration::from_secs(1);
        let call = self.switch.place(self.call(caller, called, talk.began_at)).unwrap();
        call.after(ringing_after).ring();
        call.after(talk.answered_after - ringing_after).answer();
        call
    }

    /// Waits until the store has caught up with what was put into it, if that made it too slow for new calls.
    pub async fn takes_calls(&self) {
        while self.app.live.health().room.is_some() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Waits until the published calls are so.
    pub async fn until(&self, is_so: impl Fn(&Registry) -> bool) {
        let directory = self.directory();
        let of = |login| directory.access_of(directory.user_by_login(login).unwrap());
        let (mut acme, mut globex) =
            (self.app.live.subscribe(&of("ann")), self.app.live.subscribe(&of("gil")));
        while !is_so(&self.app.live.snapshot()) {
            let item = tokio::select! { item = acme.next() => item, item = globex.next() => item };
            item.expect("the server runs");
        }
    }
}

/// The parties that a command means.
pub fn parties(directory: &Snapshot, account: AccountId, target: &Target) -> Vec<Party> {
    match target {
        Target::Device(id) => {
            directory.device(*id).map(|device| phone(directory, device)).into_iter().collect()
        }
        Target::Extension(number) | Target::FeatureCode(number) => {
            let devices = directory.extension(account, number).map(|extension| extension.devices.as_slice());
            let devices = devices.unwrap_or_default().iter().filter_map(|id| directory.device(*id));
            devices.map(|device| phone(directory, device)).collect()
        }
        Target::Number(number) => vec![outside(directory, trunk_of(directory, account), number.as_str())],
    }
}

fn trunk_of(directory: &Snapshot, account: AccountId) -> &str {
    let customer = directory.account(account).unwrap().customer;
    let trunks = &directory.entries().trunks;
    &trunks.iter().find(|trunk| trunk.customers.contains(&customer)).unwrap().name
}

fn phone(directory: &Snapshot, device: &Device) -> Party {
    let extension = directory.extension_of_device(device.id).unwrap();
    let name = extension.name.as_deref().unwrap_or(extension.number.as_str());
    let owner = directory.account(device.account).unwrap().owner();
    let party = Party::phone(owner, device.id.0, name, extension.number.as_str());
    party.with_sip(sip_facts(&device.sip_user, ([198, 51, 100, 1], 5062).into()))
}

fn outside(directory: &Snapshot, name: &str, number: &str) -> Party {
    let trunk = directory.entries().trunks.iter().find(|trunk| &*trunk.name == name).unwrap();
    let owner = directory.account(trunk.account).unwrap().owner();
    let address = SocketAddr::new(trunk.host.parse().unwrap(), trunk.port);
    Party::behind_trunk(owner, trunk.id.0, name, number).with_sip(sip_facts(name, address))
}

fn sip_facts(name: &str, address: SocketAddr) -> SipFacts {
    let host: Arc<str> = format!("{name}.example").into();
    SipFacts {
        sip_call_id: format!("id@{name}").into(),
        local_tag: format!("tag-{name}").into(),
        address,
        transport: Transport::Udp,
        user_agent: Some(format!("{name}/1.0").into()),
        from_domain: host.clone(),
        to_domain: host.clone(),
        ruri_domain: host,
        diversion: None,
        identity: None,
    }
}
