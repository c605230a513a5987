//! An INVITE of ours inside a dialog, and what becomes of it if the leg ends before it is answered.

use std::{
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use rsipstack::sip::{Method, Request, Response, SipMessage, StatusCodeKind};
use tokio_util::sync::CancellationToken;

use super::{leg::Leg, lifetime::Lifetime};
use crate::{message::fields::Body, stack::Stack, task::launch, transport::Flow};

/// An INVITE of ours inside a dialog that was not acknowledged yet.
pub(super) struct Reinvite {
    pub(super) cseq: u32,
    fate: Arc<Fate>,
}

#[derive(Default)]
struct Fate {
    /// Cancelled once the final response is there.
    is_final: CancellationToken,
    is_success: AtomicBool,
}

impl Leg {
    /// Sends a request in the leg's dialog; gives its final response. `None` if the leg has no dialog.
    pub(super) fn ask(
        &mut self,
        stack: &Stack,
        method: Method,
        max_forwards: u8,
        body: Body,
    ) -> Option<impl Future<Output = Option<Box<Response>>> + Send + use<>> {
        let dialog = self.dialog_mut()?;
        let (mut request, flow) = (dialog.request(method, max_forwards, body), dialog.flow.clone());
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
            let is_success = response.status_code.kind() == StatusCodeKind::Successful;
            fate.is_success.store(is_success, Ordering::Relaxed);
            Some(Box::new(response))
        })
    }
}

impl Leg {
    /// Acknowledges what the peer, which has hung up, may still answer.
    pub(super) fn conclude(&mut self, stack: &Stack) {
        if let (Some(open), Some(dialog)) = (self.reinvite.take(), self.dialog()) {
            let ack = dialog.ack(open.cseq, Body::default());
            launch(&stack.tasks, open.conclude(dialog.flow.clone(), ack));
        }
    }
}

impl Reinvite {
    /// Waits for the final response, and sends `ack` if that is a success: only then may the peer be sent a
    /// BYE.
    pub(super) async fn conclude(self, flow: Flow, ack: Request) {
        self.fate.is_final.cancelled().await;
        if self.fate.is_success.load(Ordering::Relaxed) {
            flow.send(SipMessage::Request(ack)).await;
        }
    }
}
