//! An INVITE of ours that begins a dialog, until its final response and beyond: CANCEL, and a 2xx that
//! comes in spite of it (RFC 3261 sections 9.1 and 13.2.2.4).

use std::sync::Arc;

use parking_lot::Mutex;
use rsipstack::{
    sip::{Method, Request, Response, SipMessage, StatusCode, StatusCodeKind, Uri},
    transaction::transaction::Transaction,
};
use tokio_util::sync::CancellationToken;

use crate::{
    dialog::Dialog,
    dialogs::Farewell,
    message::{
        build,
        fields::{self, Body},
    },
    reason::Reason,
    stack::Stack,
    task::launch,
    transport::Flow,
};

/// An INVITE of ours.
pub(crate) struct Outgoing {
    invite: Box<Request>,
    /// Why it was sent again already.
    pub(crate) again_for: Vec<Retry>,
    shared: Arc<Shared>,
}

/// Why an INVITE is sent again after a refusal: once for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Retry {
    /// With credentials.
    Login,
    /// With a longer session (RFC 4028 section 7.3).
    Length,
}

struct Shared {
    stack: Stack,
    phase: Mutex<Phase>,
    /// Cancelled once the final response is there.
    is_final: CancellationToken,
}

enum Phase {
    /// Nothing has come back.
    Calling,
    /// A provisional response has come back: it can be cancelled.
    Proceeding,
    /// Nobody wants it any more; nothing has come back, so the CANCEL waits.
    Abandoned(Box<Unwanted>),
    /// The CANCEL is sent.
    Cancelled(Box<Unwanted>),
    /// A 2xx has come back, and was handed on.
    Answered(Arc<Response>),
    /// Over.
    Done,
}

/// What a 2xx makes that nobody waits for.
pub(crate) struct Unwanted {
    pub(crate) dialog: Dialog,
    /// Over with the dialog; `None` where another one of the same INVITE goes on.
    pub(crate) farewell: Option<Farewell>,
    /// What the called party is told.
    pub(crate) reason: Option<Reason>,
}

impl Unwanted {
    fn cancel(&self) -> Request {
        self.explained(self.dialog.cancel())
    }

    fn explained(&self, mut request: Request) -> Request {
        request.headers.extend(self.reason.iter().map(Reason::header).collect());
        request
    }
}

impl Outgoing {
    /// Sends the INVITE. `tell` hears its responses until it is given up.
    pub(crate) fn start(
        stack: &Stack,
        dialog: &Dialog,
        invite: Request,
        tell: impl Fn(Arc<Response>) + Send + Sync + 'static,
    ) -> Self {
        let shared = Arc::new(Shared {
            stack: stack.clone(),
            phase: Mutex::new(Phase::Calling),
            is_final: CancellationToken::new(),
        });
        let kept = Box::new(invite.clone());
        if let Some(transaction) = stack.client(&dialog.flow, invite) {
            launch(&stack.tasks, follow(transaction, dialog.flow.clone(), shared.clone(), tell));
        }
        Self { invite: kept, again_for: Vec::new(), shared }
    }

    /// The INVITE, to be sent again for a reason that is new.
    pub(crate) fn to_repeat(&self, reason: Retry) -> Option<Request> {
        (!self.again_for.contains(&reason)).then(|| (*self.invite).clone())
    }

    /// Whom it was sent to.
    pub(crate) fn target(&self) -> &Uri {
        &self.invite.uri
    }

    /// Whether a 2xx has come back.
    pub(crate) fn is_answered(&self) -> bool {
        matches!(*self.shared.phase.lock(), Phase::Answered(_))
    }

    /// Says that nobody waits for an answer any more: cancels the INVITE, or hangs up if the answer has
    /// just come.
    pub(crate) fn abandon(&self, unwanted: Unwanted) {
        let mut phase = self.shared.phase.lock();
        *phase = match std::mem::replace(&mut *phase, Phase::Done) {
            Phase::Calling => Phase::Abandoned(Box::new(unwanted)),
            Phase::Proceeding => self.shared.cancel(Box::new(unwanted)),
            Phase::Answered(answer) => {
                hang_up(&self.shared.stack, unwanted, &answer);
                Phase::Done
            }
            over => over,
        };
    }
}

impl Shared {
    fn cancel(&self, unwanted: Box<Unwanted>) -> Phase {
        self.stack.send(unwanted.dialog.flow.clone(), unwanted.cancel());
        self.stack.await_at_stop(self.is_final.clone());
        Phase::Cancelled(unwanted)
    }

    fn hand_on(&self, response: Response, tell: &impl Fn(Arc<Response>)) {
        let response = Arc::new(response);
        if response.status_code.kind() != StatusCodeKind::Provisional {
            self.is_final.cancel();
        }
        if self.take_in(&response) {
            tell(response);
        }
    }

    /// Takes in a response; says whether anybody waits for it.
    fn take_in(&self, response: &Arc<Response>) -> bool {
        let mut phase = self.phase.lock();
        let (next, is_wanted) =
            match (std::mem::replace(&mut *phase, Phase::Done), response.status_code.kind()) {
                (Phase::Calling | Phase::Proceeding, StatusCodeKind::Provisional) => {
                    (Phase::Proceeding, true)
                }
                (Phase::Calling | Phase::Proceeding, StatusCodeKind::Successful) => {
                    (Phase::Answered(response.clone()), true)
                }
                (Phase::Calling | Phase::Proceeding, _) => (Phase::Done, true),
                (Phase::Abandoned(unwanted), StatusCodeKind::Provisional) => (self.cancel(unwanted), false),
                (Phase::Cancelled(unwanted), StatusCodeKind::Provisional) => {
                    (Phase::Cancelled(unwanted), false)
                }
                (Phase::Abandoned(unwanted) | Phase::Cancelled(unwanted), StatusCodeKind::Successful) => {
                    hang_up(&self.stack, *unwanted, response);
                    (Phase::Done, false)
                }
                (Phase::Abandoned(_) | Phase::Cancelled(_), _) => (Phase::Done, false),
                (before, _) => (before, false),
            };
        *phase = next;
        is_wanted
    }
}

/// Acknowledges an answer to the INVITE of `dialog` that nobody waits for, and ends the dialog that it makes.
pub(crate) fn hang_up(stack: &Stack, unwanted: Unwanted, answer: &Response) {
    let mut made = acknowledge(stack, unwanted.dialog.clone(), answer);
    let bye = unwanted.explained(made.request(Method::Bye, 70, Body::default()));
    stack.hang_up(async {}, (made.flow.clone(), bye), unwanted.farewell);
}

/// Acknowledges an answer to the INVITE of `dialog`, and gives the dialog that it makes.
pub(crate) fn acknowledge(stack: &Stack, mut dialog: Dialog, answer: &Response) -> Dialog {
    dialog.establish(answer);
    let number = fields::cseq(answer).map_or(dialog.invite_cseq(), |(number, _)| number);
    let ack = dialog.ack(number, Body::default());
    stack.send_alone(dialog.flow.clone(), ack);
    dialog
}

async fn follow(
    mut transaction: Transaction,
    flow: Flow,
    shared: Arc<Shared>,
    tell: impl Fn(Arc<Response>) + Send + Sync,
) {
    let _final_at_the_latest = shared.is_final.clone().drop_guard();
    // What cannot be sent is reported as a response by the transaction itself.
    if let Err(error) = transaction.send().await {
        tracing::debug!(%error, "an INVITE could not be sent");
    }
    tokio::select! {
        biased;
        () = take_responses(&mut transaction, &shared, &tell) => return,
        () = flow.closed() => {}
    }
    // A connection that closes before the final response ends the INVITE like a 503 (RFC 3261 section
    // 8.1.3.1).
    let lost = build::response(&transaction.original, StatusCode::ServiceUnavailable, "");
    shared.hand_on(lost, &tell);
}

async fn take_responses(
    transaction: &mut Transaction,
    shared: &Shared,
    tell: &(impl Fn(Arc<Response>) + Sync),
) {
    while let Some(message) = transaction.receive().await {
        if let SipMessage::Response(response) = message {
            shared.hand_on(response, tell);
        }
    }
}
