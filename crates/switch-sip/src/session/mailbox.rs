//! The way to a call, wherever its legs have gone.

use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::Input;

/// Where a call's input is put. Clones are the same mailbox.
#[derive(Clone)]
pub(crate) struct Mailbox(Arc<Mutex<Way>>);

/// Where the input of a mailbox goes.
enum Way {
    Own(UnboundedSender<Input>),
    /// The call was merged into another.
    Into(Mailbox),
}

impl Mailbox {
    pub(crate) fn new() -> (Self, UnboundedReceiver<Input>) {
        let (sender, receiver) = unbounded_channel();
        (Self(Arc::new(Mutex::new(Way::Own(sender)))), receiver)
    }

    /// Puts it there; for a call that is over, it is dropped.
    pub(crate) fn post(&self, input: Input) {
        let into = match &*self.0.lock() {
            Way::Own(sender) => {
                let _ = sender.send(input);
                return;
            }
            Way::Into(mailbox) => mailbox.clone(),
        };
        into.post(input);
    }

    /// Whatever comes from now on goes to `into`, after what waits in `inbox`. Orders that wait there are
    /// for a call that is no more, and dropped.
    pub(super) fn merge(&self, inbox: &mut UnboundedReceiver<Input>, into: &Self) {
        let mut way = self.0.lock();
        while let Ok(input) = inbox.try_recv() {
            if !matches!(input, Input::Order { .. }) {
                into.post(input);
            }
        }
        *way = Way::Into(into.clone());
    }
}
