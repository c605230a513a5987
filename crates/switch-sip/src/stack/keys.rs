//! What tells transactions apart (RFC 3261 sections 17.1.3 and 17.2.3).

use std::{
    collections::hash_map::RandomState,
    hash::{BuildHasher, Hash},
};

use rsipstack::sip::{HasHeaders, Method, Request, Response};
use sip::{name_addr::split_list, param::param};
use transactions::Key;

use crate::message::{
    NameAddr,
    fields::{self, first},
};

/// Makes keys of messages, with a secret of this process.
#[derive(Clone, Default)]
pub(crate) struct Keys(RandomState, RandomState);

/// Which side of it is ours.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Role {
    Client,
    Server,
    /// That of an ACK, by the 2xx that it acknowledges.
    Acknowledgement,
}

/// The header values that a transaction is told by.
pub(crate) struct Told<'a> {
    pub(crate) via: &'a str,
    pub(crate) from: &'a str,
    pub(crate) call_id: &'a str,
    pub(crate) cseq: &'a str,
}

impl<'a> Told<'a> {
    fn of(message: &'a impl HasHeaders) -> Option<Self> {
        Some(Self {
            via: first!(message, Via)?,
            from: first!(message, From)?,
            call_id: first!(message, CallId)?,
            cseq: first!(message, CSeq)?,
        })
    }

    /// CSeq's number, and the tag of From.
    fn number_and_tag(&self) -> Option<(u32, &'a str)> {
        let number = self.cseq.split_whitespace().next()?.parse().ok()?;
        Some((number, NameAddr::parse(self.from)?.param("tag")?))
    }
}

impl Keys {
    /// That of a peer's request; an ACK and a CANCEL have that of their INVITE.
    pub(crate) fn of_request(&self, request: &Request) -> Option<Key> {
        self.of_told(request.method, &Told::of(request)?)
    }

    /// The same, of a request that is not parsed.
    pub(crate) fn of_told(&self, method: Method, told: &Told<'_>) -> Option<Key> {
        let method = if matches!(method, Method::Ack | Method::Cancel) { Method::Invite } else { method };
        self.key(Role::Server, method, told)
    }

    /// That of a request of ours.
    pub(crate) fn of_our_request(&self, request: &Request) -> Option<Key> {
        self.key(Role::Client, request.method, &Told::of(request)?)
    }

    /// That of the request of ours that a response answers.
    pub(crate) fn of_response(&self, response: &Response) -> Option<Key> {
        let (_, method) = fields::cseq(response)?;
        self.key(Role::Client, method, &Told::of(response)?)
    }

    /// What an ACK and the 2xx that it acknowledges have in common.
    pub(crate) fn of_acknowledgement(&self, message: &impl HasHeaders) -> Option<Key> {
        let told = Told::of(message)?;
        let (number, from) = told.number_and_tag()?;
        let to = fields::to(message)?;
        Some(self.hash((Role::Acknowledgement, told.call_id.trim(), number, from, to.param("tag"))))
    }

    /// Tells a provisional response from its repeat.
    pub(crate) fn print(&self, response: &Response) -> u64 {
        let number = first!(response, RSeq).map(str::trim);
        self.0.hash_one((response.status_code.code(), &response.body, number))
    }

    fn key(&self, role: Role, method: Method, told: &Told<'_>) -> Option<Key> {
        let (number, tag) = told.number_and_tag()?;
        let via = split_list(told.via).next()?;
        // One without branch is from before RFC 3261.
        let branch = via.find(';').and_then(|params| param(&via[params..], "branch")).unwrap_or(via);
        Some(self.hash((role, method, number, told.call_id.trim(), tag, branch)))
    }

    fn hash(&self, told: impl Hash) -> Key {
        let (one, other) = (self.0.hash_one(&told), self.1.hash_one(&told));
        Key(u128::from(one) << 64 | u128::from(other))
    }
}
