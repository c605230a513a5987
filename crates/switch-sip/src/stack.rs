//! Transactions on the stack: requests of ours and those that are answered later.

use std::{future::Future, time::Duration};

use rsipstack::{
    sip::{Method, Request, Response, SipMessage, StatusCodeKind},
    transaction::{
        endpoint::{EndpointInnerRef, EndpointStats},
        key::{TransactionKey, TransactionRole},
        transaction::Transaction,
    },
};
use tokio_util::task::TaskTracker;

use crate::{message::fields::Body, random::branch, reason::Reason, task::launch, transport::Flow};

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

    /// Whether there is such a transaction, or was until lately.
    pub(crate) fn knows(&self, key: &TransactionKey) -> bool {
        self.endpoint.transactions.get(key).is_some() || self.endpoint.finished_transactions.contains_key(key)
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

    /// Sends a message outside any transaction.
    pub(crate) fn send_alone(&self, flow: Flow, request: Request) {
        launch(&self.tasks, flow.send(SipMessage::Request(request)));
    }

    /// Does something later that a stop of the switch waits for.
    pub(crate) fn launch_later(&self, work: impl Future<Output = ()> + Send + 'static) {
        launch(&self.farewells, work);
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

/// What a peer does to its own INVITE after sending it.
pub(crate) enum Followup {
    /// It cancels it, and may say why.
    Cancelled(Option<Reason>),
    /// It acknowledges our 2xx, maybe with a body.
    Acknowledged(Body),
    /// It never acknowledged our 2xx.
    Lost,
}

/// Takes over the transaction of a peer's INVITE. `tell` hears what the peer does to it.
pub(crate) async fn follow(mut transaction: Transaction, tell: impl Fn(Followup) + Send) {
    let mut is_acknowledged = false;
    while let Some(message) = transaction.receive().await {
        match message {
            SipMessage::Request(request) if request.method == Method::Cancel => {
                tell(Followup::Cancelled(Reason::of(&request)));
            }
            SipMessage::Request(request) if request.method == Method::Ack => {
                is_acknowledged = true;
                tell(Followup::Acknowledged(Body::of_request(&request)));
            }
            _ => {}
        }
    }
    let last = transaction.last_response.as_ref();
    let was_answered = last.is_some_and(|last| last.status_code.kind() == StatusCodeKind::Successful);
    if was_answered && !is_acknowledged {
        tell(Followup::Lost);
    }
}
