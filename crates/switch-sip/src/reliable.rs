//! Provisional responses that the caller acknowledges (RFC 3262): numbered, one at a time, repeated until
//! its PRACK comes.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use parking_lot::Mutex;
use rsipstack::{
    sip::{Header, Request, Response, StatusCode, StatusCodeKind, headers::RSeq},
    transaction::transaction::{TransactionEvent, TransactionEventSender},
};
use tokio::time::{Instant, sleep_until};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::message::{
    extension::{self, RELIABLE},
    fields::{self, first},
};

/// The responses to an INVITE, in their order.
pub(crate) struct Responses {
    demand: Demand,
    cseq: u32,
    wire: TransactionEventSender,
    tasks: TaskTracker,
    /// The first rest before a repetition. The PRACK is waited for 64 times as long (section 3).
    t1: Duration,
    state: Mutex<State>,
    /// Called if a PRACK does not come.
    give_up: Box<dyn Fn() + Send + Sync>,
}

/// What the caller says of reliable responses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Demand {
    Unknown,
    Supported,
    Required,
}

struct State {
    /// The number of the next one.
    number: u32,
    /// The latest that was sent; its PRACK is taken after the final response too (section 3).
    unheard: Option<Unheard>,
    waiting: VecDeque<Response>,
}

/// A response that the caller has not acknowledged.
struct Unheard {
    number: u32,
    has_body: bool,
    /// Cancelled once it is not repeated any more.
    settled: CancellationToken,
}

impl Responses {
    pub(crate) fn new(
        request: &Request,
        wire: TransactionEventSender,
        (tasks, t1): (TaskTracker, Duration),
        give_up: impl Fn() + Send + Sync + 'static,
    ) -> Self {
        let demand = match () {
            () if extension::is_required(request, RELIABLE) => Demand::Required,
            () if extension::is_supported(request, RELIABLE) => Demand::Supported,
            () => Demand::Unknown,
        };
        let number = rand::random_range(1..1 << 30);
        let state = Mutex::new(State { number, unheard: None, waiting: VecDeque::new() });
        let cseq = fields::cseq(request).map_or(0, |(number, _)| number);
        Self { demand, cseq, wire, tasks, t1, state, give_up: Box::new(give_up) }
    }

    /// Whether the caller can acknowledge provisional responses.
    pub(crate) fn can_be_reliable(&self) -> bool {
        self.demand != Demand::Unknown
    }

    /// Sends a response, reliably if that is due.
    pub(crate) fn send(self: &Arc<Self>, response: Response) {
        let mut state = self.state.lock();
        match response.status_code.kind() {
            StatusCodeKind::Provisional if !self.is_reliable(&response) => self.put(response),
            StatusCodeKind::Provisional if state.unheard.is_some() => state.waiting.push_back(response),
            StatusCodeKind::Provisional => self.put_reliably(&mut state, response),
            // The answer in a provisional response must be heard before another one (section 3).
            StatusCodeKind::Successful if state.has_unheard_body() => state.waiting.push_back(response),
            _ => {
                state.end();
                self.put(response);
            }
        }
    }

    /// Whether a response is to be acknowledged. Unless the caller insists, only a session description is that
    /// was acknowledged on its way to us: it is the answer for good. Plain ringing that is lost is no harm.
    fn is_reliable(&self, response: &Response) -> bool {
        if response.status_code == StatusCode::Trying {
            return false;
        }
        match self.demand {
            Demand::Unknown => false,
            Demand::Supported => !response.body.is_empty() && extension::is_required(response, RELIABLE),
            Demand::Required => true,
        }
    }

    /// Whether the PRACK of what was sent may still come.
    pub(crate) fn awaits_prack(&self) -> bool {
        self.state.lock().unheard.is_some()
    }

    fn put(&self, response: Response) {
        // The transaction is gone only if its peer's connection is: nobody to answer.
        let _ = self.wire.send(TransactionEvent::Respond(response));
    }

    fn put_reliably(self: &Arc<Self>, state: &mut State, mut response: Response) {
        let number = state.number;
        state.number += 1;
        response.headers.unique_push(extension::required(RELIABLE));
        response.headers.push(Header::RSeq(RSeq::new(number.to_string())));
        let settled = CancellationToken::new();
        let has_body = !response.body.is_empty();
        state.unheard = Some(Unheard { number, has_body, settled: settled.clone() });
        self.put(response.clone());
        let repeating = self.clone();
        self.tasks.spawn(async move {
            if settled.run_until_cancelled(repeating.repeat(response)).await.is_some() {
                (repeating.give_up)();
            }
        });
    }

    /// Repeats a response until it is given up.
    async fn repeat(&self, response: Response) {
        let (mut at, mut rest) = (Instant::now(), self.t1);
        let end = at + 64 * self.t1;
        while at + rest < end {
            at += rest;
            rest *= 2;
            sleep_until(at).await;
            self.put(response.clone());
        }
        sleep_until(end).await;
    }

    /// Takes in a PRACK; says whether it acknowledges what waits for that (section 3).
    pub(crate) fn acknowledge(self: &Arc<Self>, prack: &Request) -> bool {
        let mut state = self.state.lock();
        let wanted = state.unheard.as_ref().map(|unheard| (unheard.number, self.cseq));
        if wanted.is_none() || acknowledged(prack) != wanted {
            return false;
        }
        state.hear();
        while state.unheard.is_none()
            && let Some(response) = state.waiting.pop_front()
        {
            match response.status_code.kind() {
                StatusCodeKind::Provisional => self.put_reliably(&mut state, response),
                _ => self.put(response),
            }
        }
        true
    }
}

impl State {
    fn has_unheard_body(&self) -> bool {
        self.unheard.as_ref().is_some_and(|unheard| unheard.has_body)
            || self.waiting.iter().any(|response| !response.body.is_empty())
    }

    fn hear(&mut self) {
        if let Some(unheard) = self.unheard.take() {
            unheard.settled.cancel();
        }
    }

    /// The final response is sent: nothing before it is repeated any more.
    fn end(&mut self) {
        if let Some(unheard) = &self.unheard {
            unheard.settled.cancel();
        }
        self.waiting.clear();
    }
}

/// The numbers of the response and of the INVITE that a PRACK names (section 7.2).
fn acknowledged(prack: &Request) -> Option<(u32, u32)> {
    let mut words = first!(prack, RAck)?.split_whitespace();
    let (number, cseq, method) = (words.next()?, words.next()?, words.next()?);
    (method == "INVITE" && words.next().is_none()).then_some((number.parse().ok()?, cseq.parse().ok()?))
}
