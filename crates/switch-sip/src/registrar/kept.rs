//! Contacts as they outlive the process: those that can be reached again. A datagram needs no more than an address; a
//! connection is gone with the process, and can be made anew only toward a peer that says where it listens: a phone
//! behind a NAT, or on TLS or a WebSocket, registers again when it sees that (RFC 5626 section 4.4).

use std::{net::SocketAddr, sync::Arc, time::Duration};

use call::{AccountId, DeviceId, Timestamp, party::Transport};
use keyvalue::Table;
use serde::{Deserialize, Serialize};

use super::{Binding, bindings::Outbound};
use crate::{
    message::{NameAddr, uri},
    transport::Flow,
};

/// A device's contacts on disk.
#[derive(Serialize, Deserialize)]
pub(super) struct StoredContactsV1 {
    account: u32,
    contacts: Vec<StoredContactV1>,
}

/// A contact on disk; instants in microseconds.
#[derive(Serialize, Deserialize)]
pub(super) struct StoredContactV1 {
    contact: String,
    /// The instance and the number of its flow, of contacts that stay the same by these.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    outbound: Option<(String, u32)>,
    path: Vec<String>,
    preference: u16,
    way: StoredWayV1,
    user_agent: Option<String>,
    call_id: String,
    cseq: u32,
    requested_at: i64,
    registered_at: i64,
    expires_at: i64,
}

/// How a contact is reached again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum StoredWayV1 {
    /// By datagrams to this address.
    Udp(SocketAddr),
    /// By a new connection to this address.
    Tcp(SocketAddr),
}

/// Keeps what can be reached again of a device's contacts.
pub(super) fn keep(table: &dyn Table, device: DeviceId, contacts: &[Binding], now: Duration) {
    let key = device.0.to_string();
    let lasting = contacts.iter().filter(|binding| binding.is_live(now));
    let lasting: Vec<_> = lasting.filter_map(|binding| Some((binding, way(binding)?))).collect();
    let until = lasting.iter().map(|(binding, _)| binding.expires_at).max();
    let (Some((first, _)), Some(until)) = (lasting.first(), until) else { return table.remove(&key) };
    let account = first.account.0;
    let contacts = lasting.into_iter().map(|(binding, way)| StoredContactV1::of(binding, way)).collect();
    let stored = serde_json::to_vec(&StoredContactsV1 { account, contacts });
    table.put(&key, stored.expect("texts and numbers can be printed as JSON"), until);
}

/// What was kept and has not lapsed, with how much of it cannot be read.
pub(super) fn load(table: &dyn Table, at: Timestamp) -> (Vec<(DeviceId, StoredContactsV1)>, usize) {
    let entries = table.load(at);
    let count = entries.len();
    let read = entries.into_iter().filter_map(|entry| {
        let device = entry.key.parse().ok().map(DeviceId)?;
        Some((device, serde_json::from_slice(&entry.value).ok()?))
    });
    let read: Vec<_> = read.collect();
    let unreadable = count - read.len();
    (read, unreadable)
}

fn way(binding: &Binding) -> Option<StoredWayV1> {
    let peer = binding.flow.peer;
    match binding.flow.transport {
        Transport::Udp => Some(StoredWayV1::Udp(peer)),
        Transport::Tcp => listens_at(binding).filter(|at| at.ip() == peer.ip()).map(StoredWayV1::Tcp),
        Transport::Tls | Transport::Ws => None,
    }
}

/// Where whoever is first on the way to the contact says that it listens.
fn listens_at(binding: &Binding) -> Option<SocketAddr> {
    match binding.path.first() {
        Some(hop) => uri::address(&uri::parse(NameAddr::parse(hop)?.uri)?),
        None => uri::address(&binding.target),
    }
}

impl StoredContactsV1 {
    pub(super) fn account(&self) -> AccountId {
        AccountId(self.account)
    }

    /// Those that have not lapsed.
    pub(super) fn into_live(self, at: Timestamp) -> impl Iterator<Item = StoredContactV1> {
        self.contacts.into_iter().filter(move |contact| contact.expires_at() > at)
    }
}

impl StoredContactV1 {
    fn of(binding: &Binding, way: StoredWayV1) -> Self {
        Self {
            contact: binding.contact.to_string(),
            outbound: binding.outbound.as_ref().map(|same| (same.instance.to_string(), same.reg_id)),
            path: binding.path.to_vec(),
            preference: binding.preference,
            way,
            user_agent: binding.user_agent.as_deref().map(str::to_owned),
            call_id: binding.call_id.to_string(),
            cseq: binding.cseq,
            requested_at: binding.requested_at.as_micros(),
            registered_at: binding.registered_at.as_micros(),
            expires_at: binding.expires_at.as_micros(),
        }
    }

    pub(super) fn way(&self) -> StoredWayV1 {
        self.way
    }

    fn expires_at(&self) -> Timestamp {
        Timestamp::from_micros(self.expires_at)
    }

    /// The contact, reached by `flow`, for at most `longest`; `None` if its URI is none.
    pub(super) fn bind(
        self,
        account: AccountId,
        flow: Flow,
        (at, now): (Timestamp, Duration),
        longest: Duration,
    ) -> Option<Binding> {
        let left = self.expires_at().since(at).min(longest);
        Some(Binding {
            account,
            target: uri::parse(&self.contact)?,
            contact: self.contact.into(),
            outbound: self.outbound.map(|(instance, reg_id)| Outbound { instance: instance.into(), reg_id }),
            path: self.path.into(),
            preference: self.preference,
            flow,
            user_agent: self.user_agent.map(Arc::from),
            call_id: self.call_id.into(),
            cseq: self.cseq,
            requested_at: Timestamp::from_micros(self.requested_at),
            registered_at: Timestamp::from_micros(self.registered_at),
            expires_at: at + left,
            lapses: now + left,
            is_over: false,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_on_disk_is_read_as_it_was_written_first() {
        let written = r#"{"account":10,"contacts":[{"contact":"sip:a@192.0.2.1:5070","path":["<sip:p@192.0.2.2;lr>"],"preference":500,"way":{"udp":"192.0.2.1:5070"},"user_agent":null,"call_id":"r1","cseq":2,"requested_at":1000000,"registered_at":1000000,"expires_at":301000000}]}"#;
        let read: StoredContactsV1 = serde_json::from_str(written).unwrap();
        assert_eq!(read.contacts[0].way(), StoredWayV1::Udp("192.0.2.1:5070".parse().unwrap()));
        let again = serde_json::to_string(&read).unwrap();
        assert_eq!(
            again, written,
            "whoever changes the form must read this one too, and name the new one V2"
        );
    }
}
