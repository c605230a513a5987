//! The way to the driver: what is posted to it, and what it has in use.
//!
//! Posting never waits, so the inbox itself has no bound. What bounds it is the turn of the thread that all of SIP
//! runs in: a task that reads a socket hands on so many messages in one turn as tokio's budget lets it (128), each
//! of which ends up as at most one event, and the driver, which has no such budget, empties the inbox whenever it
//! has its turn. More than the switch can take waits in the buffers of the kernel, which drop it, and not here;
//! and a request within a dialog never waits for more new INVITEs than came in one turn. What comes from other
//! threads is one event for each command or question that a program waits for, each key that is pressed, and each handshake of
//! media.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use b2bua::LegInput;
use call::{CallCommand, CallId, LegId, quality::LegQuality};
use rsipstack::sip::Response;
use srtp::Suite;
use switch::SwitchError;
use tokio::sync::{Notify, mpsc, oneshot};

use crate::{
    inbound::Caller,
    media::Sound,
    sounds::SoundError,
    stack::{Followup, Incoming},
    transport::Flow,
};

/// The way to the driver.
pub(crate) struct Driver {
    events: mpsc::UnboundedSender<Event>,
    asked: mpsc::UnboundedSender<Asked>,
    pub(crate) usage: Arc<InUse>,
}

/// Where what is posted waits until a driver serves it.
pub(crate) struct Inbox {
    pub(super) events: mpsc::UnboundedReceiver<Event>,
    pub(super) asked: mpsc::UnboundedReceiver<Asked>,
    /// For what the driver posts to itself.
    pub(super) posts: mpsc::UnboundedSender<Event>,
    pub(super) usage: Arc<InUse>,
}

/// What comes within dialogs.
pub(super) enum Asked {
    /// A request.
    Request { leg: LegId, incoming: Box<Incoming> },
    /// A party repeats its 2xx: our ACK was lost.
    Answer { leg: LegId, response: Box<Response> },
}

/// What the machine has in use.
#[derive(Default)]
pub(crate) struct InUse {
    pub(crate) calls: AtomicUsize,
    /// Dialogs, with those that are being closed.
    pub(super) lines: AtomicUsize,
    pub(crate) parked: AtomicUsize,
    pub(crate) ringing: AtomicUsize,
    pub(crate) counts: AtomicUsize,
    pub(super) changed: Notify,
}

/// What reaches the driver.
pub(crate) enum Event {
    /// An INVITE that begins a leg, of somebody who may call.
    Invite(Box<(Incoming, Caller, Flow)>),
    /// What a party did to its INVITE after sending it.
    Followup { leg: LegId, transaction: b2bua::message::ServerTx, followup: Followup },
    /// A response to an INVITE of ours that began a leg.
    InviteResponse { leg: LegId, transaction: b2bua::message::ClientTx, response: Arc<Response> },
    /// The final response to another request of ours.
    Exchanged { leg: LegId, transaction: b2bua::message::ClientTx, response: Option<Box<Response>> },
    /// A trunk is reached, or not.
    Reached { call: CallId, flow: Option<Flow>, others: Vec<SocketAddr> },
    /// A file that a leg is to hear has been got, or could not be.
    SoundFetched { leg: LegId, number: u64, sound: Result<Arc<Sound>, SoundError> },
    /// A handshake of a leg's media has come to keys.
    Secured { leg: LegId, suite: Suite },
    /// Something that media says of a leg.
    Media { leg: LegId, event: LegInput },
    /// A program wants something.
    Command { command: CallCommand, taken: oneshot::Sender<Result<(), SwitchError>> },
    /// A program wants to know how well the sound of legs arrives.
    Quality { legs: Vec<LegId>, told: oneshot::Sender<Vec<(LegId, LegQuality)>> },
    /// The server stops.
    Stop,
}

impl Driver {
    /// The way to a driver, and where what is posted waits for it.
    pub(crate) fn new() -> (Self, Inbox) {
        let ((events, posted), (asked, requests)) = (mpsc::unbounded_channel(), mpsc::unbounded_channel());
        let usage = Arc::<InUse>::default();
        let inbox = Inbox { events: posted, asked: requests, posts: events.clone(), usage: usage.clone() };
        (Self { events, asked, usage }, inbox)
    }

    /// The way for what posts by itself.
    pub(crate) fn posts(&self) -> mpsc::UnboundedSender<Event> {
        self.events.clone()
    }

    pub(crate) fn post(&self, event: Event) {
        // It ends with the switch only.
        let _ = self.events.send(event);
    }

    /// Whether nobody takes what is posted: the driver has panicked, or the switch ends.
    pub(crate) fn is_gone(&self) -> bool {
        self.events.is_closed()
    }

    /// Takes a request inside the dialog of a leg.
    pub(crate) fn ask(&self, leg: LegId, incoming: Incoming) {
        // It ends with the switch only.
        let _ = self.asked.send(Asked::Request { leg, incoming: Box::new(incoming) });
    }

    /// Lets a leg acknowledge an answer again that its party repeats.
    pub(crate) fn repeat_ack(&self, leg: LegId, response: Response) {
        // It ends with the switch only.
        let _ = self.asked.send(Asked::Answer { leg, response: Box::new(response) });
    }

    pub(crate) async fn command(&self, command: CallCommand) -> Result<(), SwitchError> {
        let (taken, is_taken) = oneshot::channel();
        self.post(Event::Command { command, taken });
        // It ends with the switch only.
        is_taken.await.unwrap_or(Err(SwitchError::Unavailable))
    }

    /// How well the sound of these legs arrives, of those that have some.
    pub(crate) async fn quality(&self, legs: Vec<LegId>) -> Vec<(LegId, LegQuality)> {
        let (told, is_told) = oneshot::channel();
        self.post(Event::Quality { legs, told });
        // It ends with the switch only.
        is_told.await.unwrap_or_default()
    }

    /// Returns when no call is up.
    pub(crate) async fn idle(&self) {
        self.until_none(|usage| &usage.calls).await;
    }

    /// Returns when no dialog is open.
    pub(crate) async fn closed(&self) {
        self.until_none(|usage| &usage.lines).await;
    }

    /// Returns when there are none of these, or the driver is gone, which then has none.
    async fn until_none(&self, of: impl Fn(&InUse) -> &AtomicUsize) {
        tokio::select! {
            () = self.usage.until_none(of) => {}
            () = self.events.closed() => {}
        }
    }
}

impl InUse {
    async fn until_none(&self, of: impl Fn(&Self) -> &AtomicUsize) {
        loop {
            let changed = self.changed.notified();
            if of(self).load(Ordering::Relaxed) == 0 {
                return;
            }
            changed.await;
        }
    }
}
