//! Transactions on the stack: requests of ours and those that are answered later.

use std::{future::Future, sync::Arc, time::Duration};

use rsipstack::{
    sip::{Header, Method, Request, Response, SipMessage, StatusCode, StatusCodeKind},
    transaction::{
        endpoint::{EndpointInnerRef, EndpointStats},
        key::{TransactionKey, TransactionRole},
        transaction::Transaction,
    },
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    dialogs::Farewell,
    message::{
        build,
        fields::{self, Body},
    },
    random::branch,
    reason::Reason,
    reliable::Responses,
    task::launch,
    transport::Flow,
};

/// The transaction layer and the tasks that run on it.
#[derive(Clone)]
pub(crate) struct Stack {
    pub(crate) endpoint: EndpointInnerRef,
    pub(crate) tasks: TaskTracker,
    /// Of `tasks` those that should be done before the switch stops: BYEs, CANCELs and what they cancel.
    farewells: TaskTracker,
}

impl Stack {
    pub(crate) fn new(endpoint: EndpointInnerRef) -> Self {
        Self { endpoint, tasks: TaskTracker::new(), farewells: TaskTracker::new() }
    }

    /// How many tasks there are.
    pub(crate) fn task_count(&self) -> usize {
        self.tasks.len() + self.farewells.len()
    }

    /// How many transactions there are, with those that only absorb repeats.
    pub(crate) fn transaction_count(&self) -> usize {
        let EndpointStats { running_transactions, finished_transactions, .. } = self.endpoint.get_stats();
        running_transactions + finished_transactions
    }

    /// T1: how long a message and its answer may take (RFC 3261 section 17.1.1.1).
    pub(crate) fn t1(&self) -> Duration {
        self.endpoint.option.t1
    }

    /// What repeating needs: where tasks run, and T1.
    fn repeating(&self) -> (TaskTracker, Duration) {
        (self.tasks.clone(), self.t1())
    }

    /// Waits at most `patience` for the answers to BYEs and CANCELs and to what is cancelled.
    pub(crate) async fn settle(&self, patience: Duration) {
        self.farewells.close();
        // Whoever has not answered by then is not waited for.
        let _ = tokio::time::timeout(patience, self.farewells.wait()).await;
    }

    /// Begins a client transaction; `None` for a request that the stack cannot key.
    pub(crate) fn client(&self, flow: &Flow, request: Request) -> Option<Transaction> {
        let key = TransactionKey::from_request(&request, TransactionRole::Client).ok()?;
        let connection = Some(flow.connection.clone());
        let mut transaction = Transaction::new_client(key, request, self.endpoint.clone(), connection);
        transaction.destination = Some(flow.destination());
        Some(transaction)
    }

    /// Sends a request and says what its final response is; `None` if it cannot be sent, or the connection
    /// closes meanwhile. Silence becomes a 408 (RFC 3261 section 8.1.3.1). A peer that asks who we are is
    /// told once, where we have a login there.
    pub(crate) async fn exchange(self, flow: Flow, request: Request) -> Option<Response> {
        tokio::select! {
            biased;
            response = self.transact_as(&flow, request) => response,
            () = flow.closed() => None,
        }
    }

    async fn transact_as(&self, flow: &Flow, request: Request) -> Option<Response> {
        let Some(access) = &flow.access else { return self.transact(flow, request).await };
        let response = self.transact(flow, request.clone()).await?;
        match access.again(request, &response, &branch()) {
            Some((_, again)) => self.transact(flow, again).await,
            None => Some(response),
        }
    }

    async fn transact(&self, flow: &Flow, request: Request) -> Option<Response> {
        let mut transaction = self.client(flow, request)?;
        transaction.send().await.ok()?;
        while let Some(message) = transaction.receive().await {
            if let SipMessage::Response(response) = message
                && response.status_code.kind() != StatusCodeKind::Provisional
            {
                return Some(response);
            }
        }
        None
    }

    /// Sends a request whose response changes nothing.
    pub(crate) fn send(&self, flow: Flow, request: Request) {
        let exchange = self.clone().exchange(flow, request);
        launch(&self.farewells, async move {
            exchange.await;
        });
    }

    /// Sends the BYE of a dialog, once `before` is done.
    pub(crate) fn hang_up(
        &self,
        before: impl Future<Output = ()> + Send + 'static,
        (flow, bye): (Flow, Request),
        farewell: Option<Farewell>,
    ) {
        let exchange = self.clone().exchange(flow, bye);
        launch(&self.farewells, async move {
            before.await;
            exchange.await;
            drop(farewell);
        });
    }

    /// Ends a dialog for good once `end` has come.
    pub(crate) fn forget_after(&self, end: CancellationToken, farewell: Farewell) {
        launch(&self.tasks, async move {
            end.cancelled_owned().await;
            drop(farewell);
        });
    }

    /// Lets a stop of the switch wait for `end` too.
    pub(crate) fn await_at_stop(&self, end: CancellationToken) {
        launch(&self.farewells, end.cancelled_owned());
    }

    /// Sends a message outside any transaction.
    pub(crate) fn send_alone(&self, flow: Flow, request: Request) {
        launch(&self.tasks, flow.send(SipMessage::Request(request)));
    }

    /// Does something later that a stop of the switch waits for.
    pub(crate) fn launch_later(&self, work: impl Future<Output = ()> + Send + 'static) {
        launch(&self.farewells, work);
    }

    /// Answers a request for good, once `before` is done.
    pub(crate) fn answer_after(
        &self,
        before: impl Future<Output = ()> + Send + 'static,
        mut transaction: Transaction,
        response: Response,
    ) {
        self.launch_later(async move {
            before.await;
            if let Err(error) = transaction.respond(response).await {
                tracing::debug!(%error, "a response could not be sent");
            }
        });
    }

    /// Answers a request at once and for good.
    pub(crate) fn answer(&self, mut transaction: Transaction, response: Response) {
        launch(&self.tasks, async move {
            if let Err(error) = transaction.respond(response).await {
                tracing::debug!(%error, "a response could not be sent");
            }
        });
    }
}

/// A request that is answered later. The answers go through the transaction's own task.
#[derive(Clone)]
pub(crate) struct Pending {
    pub(crate) request: Arc<Request>,
    pub(crate) cseq: u32,
    /// Cancelled once the peer has acknowledged our 2xx, or will no longer: only then may it be sent a BYE
    /// (RFC 3261 section 15).
    pub(crate) confirmed: CancellationToken,
    responses: Arc<Responses>,
}

/// What a peer does to its own INVITE after sending it.
pub(crate) enum Followup {
    /// It cancels it, and may say why.
    Cancelled(Option<Reason>),
    /// It acknowledges our 2xx, maybe with a body.
    Acknowledged(Body),
    /// It never acknowledged our 2xx.
    Lost,
    /// It never acknowledged a provisional response that it has to (RFC 3262 section 3).
    Deaf,
}

impl Pending {
    /// Takes over a transaction. `tell` hears what the peer does to it; nothing for a request other than
    /// INVITE.
    pub(crate) fn hold(
        stack: &Stack,
        transaction: Transaction,
        tell: impl Fn(Followup) + Clone + Send + Sync + 'static,
    ) -> Self {
        let (request, wire) = (Arc::new(transaction.original.clone()), transaction.tu_sender.clone());
        let give_up = {
            let tell = tell.clone();
            move || tell(Followup::Deaf)
        };
        let pending = Self {
            cseq: fields::cseq(&*request).map_or(0, |(number, _)| number),
            confirmed: CancellationToken::new(),
            responses: Arc::new(Responses::new(&request, wire, stack.repeating(), give_up)),
            request,
        };
        stack.tasks.spawn(follow(transaction, pending.confirmed.clone(), tell));
        pending
    }

    /// Sends a response. `fill` completes it.
    pub(crate) fn respond(&self, status: StatusCode, tag: &str, fill: impl FnOnce(&mut Response)) {
        let mut response = build::response(&self.request, status, tag);
        fill(&mut response);
        self.responses.send(response);
    }

    /// Whether the peer can acknowledge provisional responses.
    pub(crate) fn can_be_reliable(&self) -> bool {
        self.responses.can_be_reliable()
    }

    /// Whether the peer may still acknowledge a provisional response.
    pub(crate) fn awaits_prack(&self) -> bool {
        self.responses.awaits_prack()
    }

    /// Takes in a PRACK; says whether it acknowledges a response of ours.
    pub(crate) fn acknowledge(&self, prack: &Request) -> bool {
        self.responses.acknowledge(prack)
    }

    /// Sends a final response that is not a success.
    pub(crate) fn refuse(&self, status: StatusCode, tag: &str, headers: Vec<Header>) {
        let warning = (status == StatusCode::NotAcceptableHere).then(build::no_common_media);
        self.respond(status, tag, |response| {
            response.headers.extend(headers.into_iter().chain(warning).collect())
        });
    }
}

pub(crate) async fn follow(
    mut transaction: Transaction,
    confirmed: CancellationToken,
    tell: impl Fn(Followup) + Send,
) {
    let _confirmed_at_the_latest = confirmed.clone().drop_guard();
    let mut is_acknowledged = false;
    while let Some(message) = transaction.receive().await {
        match message {
            SipMessage::Request(request) if request.method == Method::Cancel => {
                tell(Followup::Cancelled(Reason::of(&request)));
            }
            SipMessage::Request(request) if request.method == Method::Ack => {
                is_acknowledged = true;
                confirmed.cancel();
                tell(Followup::Acknowledged(Body::of_request(&request)));
            }
            _ => {}
        }
    }
    let was_answered = transaction.original.method == Method::Invite
        && transaction
            .last_response
            .as_ref()
            .is_some_and(|last| last.status_code.kind() == StatusCodeKind::Successful);
    if was_answered && !is_acknowledged {
        tell(Followup::Lost);
    }
}
