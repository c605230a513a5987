//! Requests of peers (RFC 3261 section 17.2, RFC 6026 section 7.1).

use std::time::Duration;

use bytes::Bytes;

use crate::{Key, Kind, Output, Transactions, Way, queue::Id, timing::Repeat};

/// A request of a peer, and what it was answered.
#[derive(Debug)]
pub(crate) struct Server<W, S> {
    way: W,
    /// Who hears of its CANCEL and ACK.
    user: Option<S>,
    phase: Phase,
}

#[derive(Debug)]
enum Phase {
    /// It has no final response; the latest provisional one.
    Open { kind: Kind, latest: Option<Bytes>, until: Option<Duration> },
    /// An INVITE has a 2xx, which is repeated until its ACK comes.
    Accepted { answer: Bytes, acknowledgement: Key, repeat: Repeat, until: Duration },
    /// An INVITE has another final response, which is repeated until its ACK comes.
    Refused { refusal: Bytes, repeat: Option<Repeat>, until: Duration },
    /// Another request has a final response, which answers repeats.
    Completed { response: Bytes, until: Duration },
    /// An INVITE is answered and acknowledged; repeats that are on the way mean nothing.
    Confirmed { until: Duration },
}

impl Phase {
    fn due(&self) -> Option<Duration> {
        match self {
            Self::Open { until, .. } => *until,
            Self::Accepted { repeat, until, .. } => Some(repeat.at.min(*until)),
            Self::Refused { repeat, until, .. } => {
                Some(repeat.map_or(*until, |repeat| repeat.at.min(*until)))
            }
            Self::Completed { until, .. } | Self::Confirmed { until } => Some(*until),
        }
    }
}

/// A response of ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Response {
    /// 1xx.
    Provisional(Bytes),
    /// 2xx to an INVITE, with what will name its ACK.
    Success(Bytes, Key),
    /// Any other final one.
    Final(Bytes),
}

/// What a CANCEL meets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cancelled<S> {
    /// No INVITE that is known: 481.
    Unknown,
    /// One that is answered already: 200, and nothing changes.
    Answered,
    /// One that is to be answered with 487.
    Open(S),
}

impl<W: Way, S: Clone, C> Transactions<W, S, C> {
    /// Takes a request other than ACK and CANCEL that has come by `way`. Says whether it is new; a repeat gets the
    /// latest response once more.
    pub fn accept(&mut self, key: Key, kind: Kind, way: &W, now: Duration) -> bool {
        if let Some(server) = self.servers.get(&key) {
            let response = match &server.phase {
                Phase::Open { latest, .. } => latest.clone(),
                Phase::Refused { refusal, .. } => Some(refusal.clone()),
                Phase::Completed { response, .. } => Some(response.clone()),
                // A 2xx is repeated by its own timer.
                Phase::Accepted { .. } | Phase::Confirmed { .. } => None,
            };
            if let Some(response) = response {
                self.send(way.clone(), response);
            }
            return false;
        }
        // Whoever sent it waits no longer; an INVITE may stay open as long as somebody is rung.
        let until = (kind == Kind::Other).then(|| now + self.timing.patience());
        let phase = Phase::Open { kind, latest: None, until };
        self.due.set(Id::Server(key), phase.due());
        self.servers.insert(key, Server { way: way.clone(), user: None, phase });
        true
    }

    /// Lets `user` hear what becomes of an INVITE.
    pub fn attend(&mut self, key: Key, user: S) {
        if let Some(server) = self.servers.get_mut(&key) {
            server.user = Some(user);
        }
    }

    /// Answers a request, unless it has a final response already or nobody waits for one any more.
    pub fn respond(&mut self, key: Key, response: Response, now: Duration) {
        let Some(server) = self.servers.get_mut(&key) else { return };
        let Phase::Open { kind, latest, .. } = &mut server.phase else { return };
        let (way, kind) = (server.way.clone(), *kind);
        let bytes = match &response {
            Response::Provisional(bytes) | Response::Success(bytes, _) | Response::Final(bytes) => {
                bytes.clone()
            }
        };
        match (response, kind) {
            (Response::Provisional(bytes), _) => *latest = Some(bytes),
            (Response::Success(answer, acknowledgement), Kind::Invite) => {
                self.accepted(key, answer, acknowledgement, now);
            }
            (Response::Final(refusal), Kind::Invite) => self.refused(key, refusal, now),
            (Response::Success(response, _) | Response::Final(response), Kind::Other) => {
                self.completed(key, response, now);
            }
        }
        self.send(way, bytes);
    }

    fn accepted(&mut self, key: Key, answer: Bytes, acknowledgement: Key, now: Duration) {
        let repeat = Repeat::first(&self.timing, now);
        self.unacknowledged.insert(acknowledgement, key);
        self.enter(
            key,
            Phase::Accepted { answer, acknowledgement, repeat, until: now + self.timing.patience() },
        );
    }

    fn completed(&mut self, key: Key, response: Bytes, now: Duration) {
        let is_reliable = self.servers.get(&key).is_some_and(|server| server.way.is_reliable());
        match is_reliable {
            true => self.forget_server(key),
            false => self.enter(key, Phase::Completed { response, until: now + self.timing.patience() }),
        }
    }

    fn refused(&mut self, key: Key, refusal: Bytes, now: Duration) {
        let is_reliable = self.servers.get(&key).is_some_and(|server| server.way.is_reliable());
        let repeat = (!is_reliable).then(|| Repeat::first(&self.timing, now));
        self.enter(key, Phase::Refused { refusal, repeat, until: now + self.timing.patience() });
    }

    /// Nobody will answer it any more.
    pub fn abandon(&mut self, key: Key) {
        if self.servers.get(&key).is_some_and(|server| matches!(server.phase, Phase::Open { .. })) {
            self.forget_server(key);
        }
    }

    /// Takes the CANCEL of an INVITE.
    pub fn cancel(&self, invite: Key) -> Cancelled<S> {
        let Some(server) = self.servers.get(&invite) else { return Cancelled::Unknown };
        match (&server.phase, &server.user) {
            (Phase::Open { .. }, Some(user)) => Cancelled::Open(user.clone()),
            _ => Cancelled::Answered,
        }
    }

    /// Takes an ACK: `invite` is the INVITE that has its branch, `answer` names the 2xx that it would be for. Gives
    /// whom a 2xx was acknowledged for.
    pub fn acknowledge(&mut self, invite: Key, answer: Key, now: Duration) -> Option<S> {
        match self.unacknowledged.remove(&answer) {
            // An INVITE may be repeated for as long as its 2xx could be; a refused one is not once it has its ACK.
            Some(accepted) => {
                let user = self.servers.get_mut(&accepted)?.user.take();
                self.confirm(accepted, now + self.timing.patience());
                user
            }
            None => {
                let phase = &self.servers.get(&invite)?.phase;
                if matches!(phase, Phase::Refused { .. }) {
                    self.confirm(invite, now + self.timing.t4);
                }
                None
            }
        }
    }

    fn confirm(&mut self, key: Key, until: Duration) {
        let is_reliable = self.servers.get(&key).is_some_and(|server| server.way.is_reliable());
        match is_reliable {
            true => self.forget_server(key),
            false => self.enter(key, Phase::Confirmed { until }),
        }
    }

    pub(crate) fn server_due(&mut self, key: Key, now: Duration) {
        let timing = self.timing;
        let Some(server) = self.servers.get_mut(&key) else { return };
        let due = match &mut server.phase {
            Phase::Accepted { answer: bytes, repeat, until, .. } if now < *until => {
                *repeat = repeat.next(timing.t2, now);
                Some(bytes.clone())
            }
            Phase::Refused { refusal: bytes, repeat: Some(repeat), until } if now < *until => {
                *repeat = repeat.next(timing.t2, now);
                Some(bytes.clone())
            }
            _ => None,
        };
        let Some(bytes) = due else { return self.server_ends(key) };
        let (way, next) = (server.way.clone(), server.phase.due());
        self.due.set(Id::Server(key), next);
        self.send(way, bytes);
    }

    fn server_ends(&mut self, key: Key) {
        let Some(Server { user, phase, .. }) = self.servers.remove(&key) else { return };
        if let Phase::Accepted { acknowledgement, .. } = phase {
            self.unacknowledged.remove(&acknowledgement);
            self.outputs.extend(user.map(Output::NeverAcknowledged));
        }
    }

    fn enter(&mut self, key: Key, phase: Phase) {
        let Some(server) = self.servers.get_mut(&key) else { return };
        let (before, after) = (server.phase.due(), phase.due());
        server.phase = phase;
        self.due.change(Id::Server(key), before, after);
    }

    fn forget_server(&mut self, key: Key) {
        if let Some(server) = self.servers.remove(&key) {
            self.due.change(Id::Server(key), server.phase.due(), None);
        }
    }
}
