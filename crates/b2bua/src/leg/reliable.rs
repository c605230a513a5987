//! Provisional responses that are acknowledged (RFC 3262): those that a caller is sent, and those that a
//! called party has sent.

use std::{collections::VecDeque, time::Duration};

use crate::{
    input::Reliability,
    message::{Fork, Response},
    sdp::Sdp,
};

/// The responses to an INVITE of a party, in their order: the reliable ones numbered, one at a time, and
/// repeated until their PRACK comes.
#[derive(Debug)]
pub(crate) struct Responses {
    demand: Reliability,
    /// The number of the next one.
    next: u32,
    /// A PRACK has come for one with a session description.
    is_description_heard: bool,
    state: State,
}

/// How far the responses have come.
#[derive(Debug)]
enum State {
    /// Nothing waits for a PRACK.
    Free,
    /// One does, and others wait for it: at last maybe the final one.
    Unheard { unheard: Box<Unheard>, waiting: VecDeque<Response> },
    /// The final one is sent. A PRACK of one that was sent before it is taken all the same (section 3).
    Final { unheard: Option<u32> },
}

/// A response that the caller has not acknowledged.
#[derive(Debug)]
struct Unheard {
    number: u32,
    response: Response,
    rest: Duration,
    repeat_at: Duration,
    give_up_at: Duration,
}

/// What is due of a response that was not acknowledged.
pub(crate) enum Due {
    Repeat(Box<Response>),
    /// The caller does not acknowledge what it must.
    GiveUp,
}

impl Responses {
    /// Those to an INVITE that demands this; `first` is the number of the first reliable one.
    pub(crate) fn new(demand: Reliability, first: u32) -> Self {
        Self { demand, next: first.max(1), is_description_heard: false, state: State::Free }
    }

    /// Whether the caller can acknowledge provisional responses.
    pub(crate) fn can_be_reliable(&self) -> bool {
        self.demand != Reliability::Unknown
    }

    /// Whether the caller has acknowledged a session description.
    pub(crate) fn is_description_heard(&self) -> bool {
        self.is_description_heard
    }

    /// Whether the caller has acknowledged a session description, or is about to: that is the answer for good.
    pub(crate) fn bind_description(&self) -> bool {
        match &self.state {
            State::Unheard { unheard, waiting } => has_description(&unheard.response, waiting),
            State::Free | State::Final { .. } => self.is_description_heard,
        }
    }

    /// Whether the final response is sent.
    pub(crate) fn is_final(&self) -> bool {
        matches!(self.state, State::Final { .. })
    }

    /// Whether a PRACK of one that was sent before the final one may still come.
    pub(crate) fn is_unheard(&self) -> bool {
        matches!(self.state, State::Final { unheard: Some(_) })
    }

    /// Takes a response; gives what is to be sent now. `is_for_good` says that its session description was
    /// made so where it comes from.
    pub(crate) fn send(
        &mut self,
        response: Response,
        is_for_good: bool,
        (now, t1): (Duration, Duration),
    ) -> Option<Response> {
        let is_plain = response.is_provisional() && !self.is_reliable(&response, is_for_good);
        match &mut self.state {
            State::Final { .. } => None,
            State::Free | State::Unheard { .. } if is_plain => Some(response),
            State::Unheard { waiting, .. } if response.is_provisional() => {
                waiting.push_back(response);
                None
            }
            State::Free if response.is_provisional() => {
                Some(self.number(response, VecDeque::new(), (now, t1)))
            }
            // The answer in a provisional response must be heard before another one (section 3).
            State::Unheard { unheard, waiting }
                if response.is_success() && has_description(&unheard.response, waiting) =>
            {
                waiting.push_back(response);
                None
            }
            State::Unheard { unheard, .. } => {
                self.state = State::Final { unheard: Some(unheard.number) };
                Some(response)
            }
            State::Free => {
                self.state = State::Final { unheard: None };
                Some(response)
            }
        }
    }

    /// Whether a response is to be acknowledged. One with a session description makes that the answer for
    /// good, and one without need not be heard: so unless the caller insists, only what was for good on its
    /// way to us.
    fn is_reliable(&self, response: &Response, is_for_good: bool) -> bool {
        match self.demand {
            Reliability::Unknown => false,
            Reliability::Supported => is_for_good && !response.body.is_empty(),
            Reliability::Required => response.status.code > 100,
        }
    }

    fn number(
        &mut self,
        mut response: Response,
        waiting: VecDeque<Response>,
        (now, t1): (Duration, Duration),
    ) -> Response {
        let number = self.next;
        self.next += 1;
        response.reliable = Some(number);
        let unheard = Unheard {
            number,
            response: response.clone(),
            rest: t1,
            repeat_at: now + t1,
            give_up_at: now + 64 * t1,
        };
        self.state = State::Unheard { unheard: Box::new(unheard), waiting };
        response
    }

    /// Takes in a PRACK of the response with this number; `None` if it acknowledges nothing that waits for
    /// that, else what is to be sent next.
    pub(crate) fn acknowledge(&mut self, number: u32, at: (Duration, Duration)) -> Option<Vec<Response>> {
        match &mut self.state {
            State::Unheard { unheard, waiting } if unheard.number == number => {
                let waiting = std::mem::take(waiting);
                self.is_description_heard |= unheard.response.body.sdp().is_some();
                self.state = State::Free;
                Some(self.go_on(waiting, at))
            }
            State::Final { unheard } if *unheard == Some(number) => {
                *unheard = None;
                Some(Vec::new())
            }
            State::Free | State::Unheard { .. } | State::Final { .. } => None,
        }
    }

    fn go_on(&mut self, mut waiting: VecDeque<Response>, at: (Duration, Duration)) -> Vec<Response> {
        match waiting.pop_front() {
            Some(next) if next.is_provisional() => vec![self.number(next, waiting, at)],
            Some(last) => {
                self.state = State::Final { unheard: None };
                vec![last]
            }
            None => Vec::new(),
        }
    }

    pub(crate) fn deadline(&self) -> Option<Duration> {
        match &self.state {
            State::Unheard { unheard, .. } => Some(unheard.repeat_at.min(unheard.give_up_at)),
            State::Free | State::Final { .. } => None,
        }
    }

    /// What is due by now.
    pub(crate) fn on_time(&mut self, now: Duration) -> Option<Due> {
        let State::Unheard { unheard, .. } = &mut self.state else { return None };
        if now >= unheard.give_up_at {
            // Whatever waited for it is not sent any more.
            self.state = State::Free;
            return Some(Due::GiveUp);
        }
        if now < unheard.repeat_at {
            return None;
        }
        unheard.rest *= 2;
        unheard.repeat_at += unheard.rest;
        Some(Due::Repeat(Box::new(unheard.response.clone())))
    }
}

fn has_description(unheard: &Response, waiting: &VecDeque<Response>) -> bool {
    !unheard.body.is_empty() || waiting.iter().any(|response| !response.body.is_empty())
}

/// Early dialogs of one INVITE that are told apart.
const MOST_FORKS: usize = 16;

/// What a called party has sent before its answer.
#[derive(Debug, Default)]
pub(crate) struct Heard {
    /// By early dialog, for an INVITE may reach several, the number of its latest reliable response.
    latest: Vec<(Fork, u32)>,
    /// One that makes an offer, until the caller has answered it.
    pub(crate) offer: Option<(Fork, u32)>,
    /// By early dialog, the latest session description: the answer, if the final response has none.
    descriptions: Vec<(Fork, Sdp)>,
}

impl Heard {
    /// Notes a provisional response; says whether it is news (section 4).
    pub(crate) fn accept(&mut self, response: &Response) -> bool {
        if let Some(number) = response.reliable
            && !self.is_next(response.fork, number)
        {
            return false;
        }
        if let Some(sdp) = response.body.sdp() {
            self.describe(response.fork, sdp);
        }
        true
    }

    fn describe(&mut self, fork: Fork, sdp: &Sdp) {
        let is_full = self.descriptions.len() >= MOST_FORKS;
        match self.descriptions.iter_mut().find(|(known, _)| *known == fork) {
            Some((_, latest)) => *latest = sdp.clone(),
            None if is_full => {}
            None => self.descriptions.push((fork, sdp.clone())),
        }
    }

    fn is_next(&mut self, fork: Fork, number: u32) -> bool {
        let is_full = self.latest.len() >= MOST_FORKS;
        match self.latest.iter_mut().find(|(known, _)| *known == fork) {
            Some((_, latest)) if latest.checked_add(1) == Some(number) => *latest = number,
            Some(_) => return false,
            None if is_full => return false,
            None => self.latest.push((fork, number)),
        }
        true
    }

    /// Whether one was sent reliably: then the media that it describes is so for good.
    pub(crate) fn is_for_good(&self) -> bool {
        !self.latest.is_empty()
    }

    /// The description that stands for that of an answer without one, from the same party.
    pub(crate) fn answer(&self, fork: Fork) -> Option<Sdp> {
        self.descriptions.iter().find(|(heard, _)| *heard == fork).map(|(_, sdp)| sdp.clone())
    }

    /// The offer that was made, if one waits for its answer, which it has now: an answer without a description
    /// repeats nothing.
    pub(crate) fn take_offer(&mut self) -> Option<(Fork, u32)> {
        self.descriptions.clear();
        self.offer.take()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::Body;

    const T1: Duration = Duration::from_millis(500);

    fn at(millis: u64) -> (Duration, Duration) {
        (Duration::from_millis(millis), T1)
    }

    fn described(code: u16) -> Response {
        Response { body: Body::Sdp(Sdp::new("v=0\r\nm=audio 1 RTP/AVP 0\r\n")), ..Response::of(code) }
    }

    #[test]
    fn who_only_can_is_not_made_to_acknowledge_plain_ringing() {
        let cases = [
            (Reliability::Unknown, false, [false, false, false]),
            (Reliability::Supported, false, [false, false, false]),
            (Reliability::Supported, true, [false, false, true]),
            (Reliability::Required, false, [false, true, true]),
        ];
        for (demand, is_for_good, expected) in cases {
            let sent = [Response::of(100), Response::of(180), described(183)].map(|response| {
                let sent = Responses::new(demand, 7).send(response, is_for_good, at(0));
                sent.unwrap().reliable.is_some()
            });
            assert_eq!(sent, expected, "{demand:?} {is_for_good}");
        }
    }

    #[test]
    fn a_prack_that_crosses_the_answer_is_taken_once() {
        let mut responses = Responses::new(Reliability::Required, 7);
        responses.send(Response::of(180), false, at(0));
        assert!(responses.send(described(200), false, at(10)).is_some(), "plain ringing delays no answer");
        assert_eq!(responses.deadline(), None);
        assert_eq!(responses.acknowledge(7, at(20)), Some(Vec::new()));
        assert_eq!(responses.acknowledge(7, at(30)), None);
    }

    #[test]
    fn an_answer_waits_for_the_prack_of_early_media_and_that_is_repeated() {
        let mut responses = Responses::new(Reliability::Required, 7);
        responses.send(described(183), false, at(0));
        assert_eq!(responses.send(described(200), false, at(10)), None);
        let mut repeats = 0;
        while let Some(due) = responses.deadline() {
            match responses.on_time(due) {
                Some(Due::Repeat(response)) => repeats += u32::from(response.reliable == Some(7)),
                Some(Due::GiveUp) => break,
                None => panic!("something is due"),
            }
        }
        assert_eq!(repeats, 6);
        assert_eq!(responses.deadline(), None);
    }

    #[test]
    fn repeats_and_gaps_are_no_news() {
        let mut heard = Heard::default();
        let mut accepts = |fork, number| {
            heard.accept(&Response { reliable: Some(number), fork: Fork(fork), ..Response::of(180) })
        };
        let accepted =
            [(0, 5), (0, 5), (0, 7), (0, 6), (1, 9), (0, 7)].map(|(fork, number)| accepts(fork, number));
        assert_eq!(accepted, [true, false, false, true, true, true]);
    }
}
