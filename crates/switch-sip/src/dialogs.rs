//! All dialogs, with those that are being closed, found by our tag in them.

mod peer;

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use call::LegId;
use parking_lot::{Mutex, RwLock};
use rsipstack::sip::{HasHeaders, Request, Response};
use sip::param::param;

use crate::{
    core::Core, dialog::Dialog, message::fields, random::LocalTag, refusal::Refusal, transport::Flow,
};
use peer::Peer;

/// All dialogs.
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
    /// It is wanted only while it rings (section 4).
    pub(crate) is_early_only: bool,
}

impl Replaces {
    /// Reads the header's value.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let call_id = text.split(';').next()?.trim();
        let tag = |name| param(text, name).filter(|tag| !tag.is_empty()).map(str::to_owned);
        let (to_tag, from_tag) = (tag("to-tag")?, tag("from-tag")?);
        let is_early_only = param(text, "early-only").is_some();
        (!call_id.is_empty()).then(|| Self { call_id: call_id.to_owned(), to_tag, from_tag, is_early_only })
    }
}

/// Whose a dialog is.
pub(crate) struct Entry {
    pub(crate) leg: LegId,
    pub(crate) call_id: Arc<str>,
    peer: Peer,
    /// The tag of its peer, as far as it is known: of an early dialog the latest that was heard of.
    remote_tag: Mutex<Option<Arc<str>>>,
    /// The highest CSeq of an INVITE of ours that was answered with 2xx; 0 before.
    answered: AtomicU32,
}

impl Entry {
    /// Says that our INVITE number `cseq` was answered, so that repeats of the answer are known as such.
    pub(crate) fn mark_answered(&self, cseq: u32) {
        self.answered.fetch_max(cseq, Ordering::Relaxed);
    }

    /// The tag of its peer.
    pub(crate) fn remote_tag(&self) -> Option<Arc<str>> {
        self.remote_tag.lock().clone()
    }

    /// Says what the tag of its peer is.
    pub(crate) fn meet(&self, tag: &str) {
        let mut known = self.remote_tag.lock();
        if !tag.is_empty() && known.as_deref() != Some(tag) {
            *known = Some(tag.into());
        }
    }

    /// Whether a request in it is of its peer; else what it is told.
    pub(crate) fn check_peer(&self, core: &Core, request: &Request, flow: &Flow) -> Result<(), Refusal> {
        self.peer.check(core, request, flow)
    }
}

impl Dialogs {
    pub(crate) fn add(&self, dialog: &Dialog, leg: LegId) -> Arc<Entry> {
        let (call_id, peer) = (dialog.call_id.clone(), Peer::of(dialog));
        let remote_tag = Mutex::new(dialog.remote_tag().map(Arc::from));
        let entry = Arc::new(Entry { leg, call_id, peer, remote_tag, answered: AtomicU32::new(0) });
        self.entries.write().insert(dialog.tag, entry.clone());
        entry
    }

    pub(crate) fn count(&self) -> usize {
        self.entries.read().len()
    }

    pub(crate) fn remove(&self, tag: LocalTag) {
        self.entries.write().remove(&tag);
    }

    /// The dialog of a leg that has this tag of ours in it.
    pub(crate) fn of_leg(&self, leg: LegId, tag: &str) -> Option<Arc<Entry>> {
        self.entries.read().get(&LocalTag::parse(tag)?).filter(|entry| entry.leg == leg).cloned()
    }

    /// The dialog that a request belongs to by its To tag.
    pub(crate) fn of_request(&self, request: &Request) -> Option<Arc<Entry>> {
        self.find(fields::to(request)?.param("tag")?, request)
    }

    /// The leg in whose dialog somebody wants to take the place. Its own side of it may stand first or second, as
    /// some phones have it.
    pub(crate) fn of_replaces(&self, replaces: &Replaces) -> Option<LegId> {
        let tags = [&replaces.to_tag, &replaces.from_tag].map(|tag| LocalTag::parse(tag));
        let entries = self.entries.read();
        let mut found = tags.into_iter().flatten().filter_map(|tag| entries.get(&tag));
        found.find(|entry| *entry.call_id == *replaces.call_id).map(|entry| entry.leg)
    }

    /// Whether a request was sent by ourselves and has come back.
    pub(crate) fn is_our_own(&self, request: &Request) -> bool {
        let tag = fields::from(request).and_then(|from| from.param("tag"));
        tag.and_then(|tag| self.find(tag, request)).is_some()
    }

    /// The leg whose INVITE number `cseq` a response answers, if that was answered before.
    pub(crate) fn acknowledged(&self, response: &Response, cseq: u32) -> Option<LegId> {
        let entry = self.of_response(response)?;
        (entry.answered.load(Ordering::Relaxed) >= cseq).then_some(entry.leg)
    }

    fn of_response(&self, response: &Response) -> Option<Arc<Entry>> {
        self.find(fields::from(response)?.param("tag")?, response)
    }

    fn find(&self, tag: &str, message: &impl HasHeaders) -> Option<Arc<Entry>> {
        let entry = self.entries.read().get(&LocalTag::parse(tag)?).cloned()?;
        (*entry.call_id == *fields::call_id(message)).then_some(entry)
    }
}
