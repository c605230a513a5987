//! All live dialogs, found by our tag in them, and those that we have just ended.

use std::{
    collections::HashMap,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU32, Ordering},
    },
};

use call::LegId;
use parking_lot::RwLock;
use rsipstack::sip::{HasHeaders, Method, Request, Response, StatusCode};
use sip::param::param;

use crate::{
    message::fields,
    random::LocalTag,
    session::{Input, Mailbox},
    stack::Pending,
};

/// All live dialogs.
#[derive(Default)]
pub(crate) struct Dialogs {
    entries: RwLock<HashMap<LocalTag, Arc<Entry>>>,
}

/// The dialog that a Replaces header names (RFC 3891 section 6.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Replaces {
    call_id: String,
    to_tag: String,
    from_tag: String,
}

impl Replaces {
    /// Reads the header's value.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let call_id = text.split(';').next()?.trim();
        let tag = |name| param(text, name).filter(|tag| !tag.is_empty()).map(str::to_owned);
        let (to_tag, from_tag) = (tag("to-tag")?, tag("from-tag")?);
        (!call_id.is_empty()).then(|| Self { call_id: call_id.to_owned(), to_tag, from_tag })
    }
}

/// Whose a dialog is.
pub(crate) struct Entry {
    pub(crate) leg: LegId,
    pub(crate) mailbox: Mailbox,
    call_id: Arc<str>,
    /// The highest CSeq of an INVITE of ours that was answered with 2xx; 0 before.
    answered: AtomicU32,
    /// Set once we have ended it.
    parting: OnceLock<Parting>,
}

/// How we have ended a dialog whose peer may not have heard of that yet.
pub(crate) enum Parting {
    /// By a BYE, or a CANCEL of our INVITE.
    Ours,
    /// By refusing the peer's INVITE.
    Refusal(Pending),
}

/// A dialog that we are ending. It is forgotten when this is dropped.
pub(crate) struct Farewell {
    dialogs: Arc<Dialogs>,
    tag: LocalTag,
}

impl Drop for Farewell {
    fn drop(&mut self) {
        self.dialogs.remove(self.tag);
    }
}

impl Entry {
    /// Says that our INVITE number `cseq` was answered, so that repeats of the answer are known as such.
    pub(crate) fn mark_answered(&self, cseq: u32) {
        self.answered.fetch_max(cseq, Ordering::Relaxed);
    }

    /// Whether we have ended it.
    pub(crate) fn is_parting(&self) -> bool {
        self.parting.get().is_some()
    }
}

impl Parting {
    /// What a request is told that has crossed our end of the dialog: two BYEs that cross are both taken
    /// (RFC 5407 section 3.1), and so is a PRACK of what the refused INVITE was told before (RFC 3262 section 3).
    fn answer_to(&self, request: &Request) -> StatusCode {
        match (self, request.method) {
            (_, Method::Bye) => StatusCode::OK,
            (Self::Refusal(invite), Method::PRack) if invite.acknowledge(request) => StatusCode::OK,
            _ => StatusCode::CallTransactionDoesNotExist,
        }
    }
}

impl Dialogs {
    pub(crate) fn add(&self, tag: LocalTag, call_id: Arc<str>, leg: LegId, mailbox: Mailbox) -> Arc<Entry> {
        let entry =
            Arc::new(Entry { leg, mailbox, call_id, answered: AtomicU32::new(0), parting: OnceLock::new() });
        self.entries.write().insert(tag, entry.clone());
        entry
    }

    pub(crate) fn count(&self) -> usize {
        self.entries.read().len()
    }

    pub(crate) fn remove(&self, tag: LocalTag) {
        self.entries.write().remove(&tag);
    }

    /// Says that we end a dialog. Its tag is known until the farewell is over.
    pub(crate) fn part(self: &Arc<Self>, tag: LocalTag, how: Parting) -> Farewell {
        if let Some(entry) = self.entries.read().get(&tag) {
            // It can be ended only once; what comes later says no more.
            let _ = entry.parting.set(how);
        }
        Farewell { dialogs: self.clone(), tag }
    }

    /// What a request is told whose call does not take it any more.
    pub(crate) fn answer_after_end(&self, request: &Request) -> StatusCode {
        let entry = self.of_request(request);
        let parting = entry.as_ref().and_then(|entry| entry.parting.get());
        parting.map_or(StatusCode::CallTransactionDoesNotExist, |parting| parting.answer_to(request))
    }

    /// The dialog that a request belongs to by its To tag.
    pub(crate) fn of_request(&self, request: &Request) -> Option<Arc<Entry>> {
        self.find(fields::to(request)?.param("tag")?, request)
    }

    /// The dialog that somebody wants to take the place in. Its own side of it may stand first or second, as
    /// some phones have it.
    pub(crate) fn of_replaces(&self, replaces: &Replaces) -> Option<Arc<Entry>> {
        let tags = [&replaces.to_tag, &replaces.from_tag].map(|tag| LocalTag::parse(tag));
        let entries = self.entries.read();
        let mut found = tags.into_iter().flatten().filter_map(|tag| entries.get(&tag));
        found.find(|entry| *entry.call_id == *replaces.call_id).cloned()
    }

    /// Whether a request was sent by ourselves and has come back.
    pub(crate) fn is_our_own(&self, request: &Request) -> bool {
        let tag = fields::from(request).and_then(|from| from.param("tag"));
        tag.and_then(|tag| self.find(tag, request)).is_some()
    }

    /// Whether our INVITE number `cseq` was answered before.
    pub(crate) fn is_acknowledged(&self, response: &Response, cseq: u32) -> bool {
        self.of_response(response).is_some_and(|entry| entry.answered.load(Ordering::Relaxed) >= cseq)
    }

    /// Lets the leg send the ACK of a 2xx again.
    pub(crate) fn repeat_ack(&self, response: Response) {
        if let Some(entry) = self.of_response(&response) {
            entry.mailbox.post(Input::AnswerRepeated { leg: entry.leg, response });
        }
    }

    fn of_response(&self, response: &Response) -> Option<Arc<Entry>> {
        self.find(fields::from(response)?.param("tag")?, response)
    }

    fn find(&self, tag: &str, message: &impl HasHeaders) -> Option<Arc<Entry>> {
        let entry = self.entries.read().get(&LocalTag::parse(tag)?).cloned()?;
        (*entry.call_id == *fields::call_id(message)).then_some(entry)
    }
}
