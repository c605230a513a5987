//! The wire's side of a leg: its dialog and its transactions.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    sync::Arc,
};

use b2bua::{
    Output,
    message::{ClientTx, Fork, Reasons, ServerTx},
};
use bytes::Bytes;
use call::{TrunkId, encryption::MediaEncryption, party::CallerIdentity};
use rsipstack::sip::{Request, Response};

use super::fitting::Fitting;
use crate::{dialog::Dialog, dialogs::Entry, keying::Keying, stack::Incoming};

/// The wire's side of a leg.
pub(super) struct Line {
    pub(super) dialog: Dialog,
    /// How its media are protected.
    pub(super) keying: Keying,
    /// What both have offered.
    pub(super) fitting: Fitting,
    /// How they are, as was told last.
    pub(super) encryption: Option<MediaEncryption>,
    /// Tells repeated answers.
    pub(super) entry: Arc<Entry>,
    /// The party is known by its tag: a 2xx has made the dialog, or its INVITE has.
    pub(super) is_established: bool,
    pub(super) servers: HashMap<ServerTx, Server>,
    pub(super) clients: HashMap<ClientTx, Client>,
    /// By INVITE of ours that had success, the number of its 2xx.
    pub(super) answered: HashMap<ClientTx, u32>,
    /// The ACK of its latest 2xx, for when that is repeated.
    pub(super) ack: Option<(u32, Bytes)>,
    /// The tags of the early dialogs of our INVITE.
    pub(super) forks: Vec<String>,
    /// The latest response that made an early dialog, by that.
    pub(super) early: HashMap<Fork, Response>,
    /// The tags of parties, other than its own, that have answered our INVITE.
    pub(super) others: HashSet<String>,
    /// The trunk that its party is at, if it is none of our phones.
    pub(super) trunk: Option<TrunkId>,
    /// What its events say of it.
    pub(super) user_agent: Option<Arc<str>>,
    pub(super) diversion: Option<Arc<str>>,
    pub(super) identity: Option<Arc<CallerIdentity>>,
    /// The INVITE of the party that began it.
    pub(super) first: Option<ServerTx>,
    /// What is to be done in its dialog once an answer has gone that waits to be durable, with that answer.
    pub(super) postponed: Option<VecDeque<Output>>,
}

/// A request of the party that is not answered for good.
pub(super) enum Server {
    Invite { incoming: Incoming, cseq: u32 },
    Other(Incoming),
}

/// A request of ours that is not answered for good.
pub(super) enum Client {
    Invite(Box<Invite>),
    Other { is_invite: bool },
}

/// An INVITE of ours that begins the leg.
pub(super) struct Invite {
    /// What is sent once more with credentials; nothing if we have none there.
    pub(super) request: Option<Arc<Request>>,
    pub(super) cancel: Cancel,
    pub(super) was_logged_in: bool,
}

/// Whether an INVITE is cancelled.
pub(super) enum Cancel {
    /// Nothing has come back.
    NotYet,
    /// Nobody wants it; the CANCEL waits for the first response.
    Waits(Reasons),
    /// It can be.
    Possible,
    Sent,
}

/// Early dialogs of one INVITE that are told apart.
const MOST_FORKS: usize = 16;

impl Line {
    pub(super) fn new(dialog: Dialog, keying: Keying, entry: Arc<Entry>, is_established: bool) -> Self {
        Self {
            dialog,
            keying,
            fitting: Fitting::default(),
            encryption: None,
            entry,
            is_established,
            servers: HashMap::new(),
            clients: HashMap::new(),
            answered: HashMap::new(),
            ack: None,
            forks: Vec::new(),
            early: HashMap::new(),
            others: HashSet::new(),
            trunk: None,
            user_agent: None,
            diversion: None,
            identity: None,
            first: None,
            postponed: None,
        }
    }

    /// Our tag, as text.
    pub(super) fn tag(&self) -> String {
        self.dialog.tag.to_string()
    }

    /// The early dialog with a peer of this tag.
    pub(super) fn fork(&mut self, tag: &str) -> Fork {
        let known = self.forks.iter().position(|known| known == tag);
        let at = known.unwrap_or_else(|| {
            if self.forks.len() < MOST_FORKS {
                self.forks.push(tag.to_owned());
            }
            self.forks.len() - 1
        });
        Fork(u32::try_from(at).unwrap_or(0))
    }

    /// The INVITE of the party that has this number.
    pub(super) fn invite_numbered(&self, number: u32) -> Option<ServerTx> {
        let fits = |server: &Server| matches!(server, Server::Invite { cseq, .. } if *cseq == number);
        self.servers.iter().find(|(_, server)| fits(server)).map(|(transaction, _)| *transaction)
    }
}
