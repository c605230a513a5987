//! An INVITE of ours inside a dialog, and what becomes of it if the leg ends before it is answered.

use std::{
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use rsipstack::sip::{Header, Method, Response, SipMessage, StatusCodeKind};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::{leg::Leg, lifetime::Lifetime};
use crate::{
    dialog::Dialog,
    message::fields::{self, Body},
    stack::Stack,
};

/// An INVITE of ours inside a dialog that was not acknowledged yet.
pub(super) struct Reinvite {
    pub(super) cseq: u32,
    fate: Arc<Fate>,
}

#[derive(Default)]
struct Fate {
    /// Cancelled once the final response is there.
    is_final: CancellationToken,
    /// The number of the INVITE that had success; 0 if none had.
    success: AtomicU32,
}

impl Leg {
    /// Sends a request in the leg's dialog, with `more` in it; gives its final response. `None` if the leg has no
    /// dialog.
    pub(super) fn ask(
        &mut self,
        stack: &Stack,
        method: Method,
        max_forwards: u8,
        body: Body,
        more: Option<Header>,
    ) -> Option<impl Future<Output = Option<Box<Response>>> + Send + use<>> {
        let dialog = self.dialog_mut()?;
        let (mut request, flow) = (dialog.request(method, max_forwards, body), dialog.flow.clone());
        request.headers.extend(more.into_iter().collect());
        if matches!(method, Method::Invite | Method::Update) {
            request.headers.extend(self.lifetime.iter().flat_map(Lifetime::headers).collect());
        }
        let fate = Arc::<Fate>::default();
        if method == Method::Invite {
            self.reinvite = Some(Reinvite { cseq: self.dialog()?.invite_cseq(), fate: fate.clone() });
        }
        let exchange = stack.clone().exchange(flow, request);
        Some(async move {
            let _final_at_the_latest = fate.is_final.clone().drop_guard();
            let response = exchange.await?;
            if response.status_code.kind() == StatusCodeKind::Successful {
                let number = fields::cseq(&response).map_or(0, |(number, _)| number);
                fate.success.store(number, Ordering::Relaxed);
            }
            Some(Box::new(response))
        })
    }
}

impl Leg {
    /// Acknowledges our INVITE that is answered and was not acknowledged yet, and in a task of its own what the
    /// peer may still answer to a later one.
    pub(super) fn conclude(&mut self, stack: &Stack) -> Option<JoinHandle<()>> {
        if self.is_called() && self.is_answered() && self.ack.is_none() {
            let cseq = self.dialog().map_or(1, Dialog::invite_cseq);
            self.acknowledge(stack, cseq, Body::default());
        }
        let open = self.reinvite.take()?;
        Some(stack.tasks.spawn(open.conclude(self.dialog()?.clone())))
    }
}

impl Reinvite {
    /// Waits for the final response, and acknowledges it if it is a success.
    async fn conclude(self, dialog: Dialog) {
        self.fate.is_final.cancelled().await;
        let number = self.fate.success.load(Ordering::Relaxed);
        if number > 0 {
            let ack = dialog.ack(number, Body::default());
            dialog.flow.clone().send(SipMessage::Request(ack)).await;
        }
    }
}
