//! One leg: its dialog and how far it has come.

use std::{collections::HashSet, sync::Arc, time::Duration};

use call::{
    LegId, Number,
    party::{Endpoint, Owner},
};
use rsipstack::sip::{Method, Request, Response, StatusCode};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::{
    auto_answer::Prompt, digits::WaitingKeys, lifetime::Lifetime, parking::Parked, recording::Recording,
    reinvite::Reinvite, reliable::Heard, sound::Playback,
};
use crate::{
    dialog::Dialog,
    dialogs::{Dialogs, Entry, Parting},
    limits::Admission,
    message::{
        build,
        fields::{self, Body},
    },
    outgoing::{self, Outgoing, Unwanted},
    reason::Reason,
    stack::{Pending, Stack},
};

/// One leg.
pub(super) struct Leg {
    pub(super) id: LegId,
    pub(super) progress: Progress,
    pub(super) line: Line,
    pub(super) party: Party,
    /// The leg that it talks to.
    pub(super) peer: Option<LegId>,
    /// Whose session description its INVITE has offered, if it was called for somebody.
    pub(super) offered: Option<LegId>,
    /// Whom it will talk to once its party has acknowledged our offer with its answer.
    pub(super) meets: Option<LegId>,
    /// Its party waits in a slot.
    pub(super) parked: Option<Parked>,
    /// Holds its peer.
    pub(super) is_holding: bool,
    /// Its phone is called once more, to answer by itself.
    pub(super) prompt: Option<Prompt>,
    /// Its party has sent a REFER before.
    pub(super) has_referred: bool,
    /// The latest session description of its party.
    pub(super) description: Body,
    /// What is recorded of it.
    pub(super) recording: Option<Recording>,
    /// How often it was recorded.
    pub(super) recordings: u32,
    /// The file that its party hears.
    pub(super) playback: Option<Playback>,
    /// Keys that its party is to be sent by INFO.
    pub(super) keys: WaitingKeys,
    /// Where its dialog is found; tells repeated answers.
    pub(super) entry: Arc<Entry>,
    /// The BYE of a called party that has overtaken its answer.
    pub(super) early_bye: Option<EarlyBye>,
    /// Our latest INVITE in its dialog, until that is acknowledged.
    pub(super) reinvite: Option<Reinvite>,
    /// The tags of parties, other than its own, that have answered our INVITE.
    others: HashSet<String>,
    /// The ACK of its latest 2xx, for when that is repeated.
    pub(super) ack: Option<(u32, Request)>,
    /// The room that it takes up; given back when it is over.
    pub(super) admission: Option<Admission>,
    /// What a refusal with 503 says besides.
    pub(super) retry_after: Option<Duration>,
    /// What its party has sent reliably before its answer.
    pub(super) heard: Heard,
    /// Cancelled once the answer to its party's first INVITE is on its way.
    pub(super) answer_sent: CancellationToken,
    /// How long it lives without a refresh, once it is answered.
    pub(super) lifetime: Option<Lifetime>,
    /// Gone once the leg is over and somebody else finishes the dialog.
    dialog: Option<Dialog>,
}

/// A BYE that has overtaken the answer of its sender: the two travel on their own, and a party may hang up
/// at once.
pub(super) struct EarlyBye {
    /// The tag of its sender, for an INVITE may reach several.
    tag: String,
    pub(super) reason: Option<Reason>,
}

impl EarlyBye {
    pub(super) fn of(request: &Request) -> Self {
        let tag = fields::from(request).and_then(|from| from.param("tag"));
        Self { tag: tag.unwrap_or_default().to_owned(), reason: Reason::of(request) }
    }

    /// Whether it comes from who has sent this answer.
    pub(super) fn follows(&self, answer: &Response) -> bool {
        fields::to(answer).and_then(|to| to.param("tag")) == Some(&self.tag)
    }
}

/// Who is at a leg's far end.
#[derive(Clone)]
pub(super) struct Party {
    pub(super) owner: Owner,
    pub(super) endpoint: Endpoint,
    pub(super) number: Number,
    /// As it came, where the directory knows none.
    pub(super) name: Option<Arc<str>>,
}

/// How far a leg has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Progress {
    Offered,
    Ringing,
    Answered,
    Ended,
}

/// The INVITE that began a leg.
pub(super) enum Line {
    /// The peer's.
    Incoming(Pending),
    /// Ours.
    Outgoing(Outgoing),
}

impl Leg {
    pub(super) fn new(id: LegId, party: Party, line: Line, (dialog, entry): (Dialog, Arc<Entry>)) -> Self {
        Self {
            id,
            progress: Progress::Offered,
            line,
            party,
            peer: None,
            offered: None,
            meets: None,
            parked: None,
            is_holding: false,
            prompt: None,
            has_referred: false,
            description: Body::default(),
            recording: None,
            recordings: 0,
            playback: None,
            keys: WaitingKeys::new(),
            entry,
            early_bye: None,
            reinvite: None,
            others: HashSet::new(),
            ack: None,
            admission: None,
            retry_after: None,
            heard: Heard::default(),
            answer_sent: CancellationToken::new(),
            lifetime: None,
            dialog: Some(dialog),
        }
    }

    /// Who is there, where the directory knows a name of a phone.
    pub(super) fn name(&self) -> Option<Arc<str>> {
        match &self.party.endpoint {
            Endpoint::Device { name, .. } if **name != *self.party.number.as_str() => Some(name.clone()),
            _ => None,
        }
    }

    pub(super) fn is_ended(&self) -> bool {
        self.progress == Progress::Ended
    }

    pub(super) fn is_answered(&self) -> bool {
        self.progress == Progress::Answered
    }

    pub(super) fn is_pending(&self) -> bool {
        self.progress < Progress::Answered
    }

    /// What says when the answer that its party is owed is on its way; `None` if none is owed or it is.
    pub(super) fn owed_answer(&self) -> Option<CancellationToken> {
        let is_owed = self.is_answered() && !self.is_called() && !self.answer_sent.is_cancelled();
        is_owed.then(|| self.answer_sent.clone())
    }

    /// Whether no INVITE on it waits for its answer or its ACK.
    pub(super) fn is_settled(&self) -> bool {
        self.is_answered()
            && match &self.line {
                Line::Incoming(invite) => invite.confirmed.is_cancelled(),
                Line::Outgoing(_) => self.ack.is_some(),
            }
    }

    pub(super) fn is_called(&self) -> bool {
        matches!(self.line, Line::Outgoing(_))
    }

    pub(super) fn dialog(&self) -> Option<&Dialog> {
        self.dialog.as_ref()
    }

    pub(super) fn dialog_mut(&mut self) -> Option<&mut Dialog> {
        self.dialog.as_mut()
    }

    /// Our tag, as text.
    pub(super) fn tag(&self) -> String {
        self.dialog.as_ref().map(|dialog| dialog.tag.to_string()).unwrap_or_default()
    }

    /// Parts from the peer, who does not know yet: refuses its INVITE with `status`, cancels ours, or sends
    /// BYE, and says why. Until it knows, `dialogs` keeps the dialog as one that ends.
    pub(super) fn part(
        &mut self,
        stack: &Stack,
        dialogs: &Arc<Dialogs>,
        (status, reason): (StatusCode, Option<&Reason>),
    ) {
        if self.is_answered() {
            return self.hang_up(stack, dialogs, reason);
        }
        let Some(dialog) = self.dialog.take() else { return };
        match &self.line {
            Line::Incoming(invite) => {
                let retry_after = self.retry_after.map(build::retry_after);
                let headers = retry_after.into_iter().chain(reason.map(Reason::header)).collect();
                invite.refuse(status, &dialog.tag.to_string(), headers);
                let farewell = dialogs.part(dialog.tag, Parting::Refusal(invite.clone()));
                if invite.awaits_prack() {
                    stack.forget_after(invite.confirmed.clone(), farewell);
                }
            }
            Line::Outgoing(invite) => {
                let farewell = Some(dialogs.part(dialog.tag, Parting::Ours));
                invite.abandon(Unwanted { dialog, farewell, reason: reason.cloned() });
            }
        }
    }

    /// Sends BYE: to a party that we called at once, and to one that called us once it has our answer (RFC 3261
    /// section 15). One that is asked something by a re-INVITE has T1 to answer first, for many phones take a
    /// BYE badly meanwhile; longer it is not waited for.
    fn hang_up(&mut self, stack: &Stack, dialogs: &Arc<Dialogs>, reason: Option<&Reason>) {
        let (concluded, patience) = (self.conclude(stack), stack.t1());
        let Some(mut dialog) = self.dialog.take() else { return };
        let mut bye = dialog.request(Method::Bye, 70, Body::default());
        bye.headers.extend(reason.map(Reason::header).into_iter().collect());
        let farewell = Some(dialogs.part(dialog.tag, Parting::Ours));
        let has_answer = match &self.line {
            Line::Incoming(invite) => Some(invite.confirmed.clone()),
            Line::Outgoing(_) => None,
        };
        let before = async move {
            if let Some(has_answer) = has_answer {
                has_answer.cancelled().await;
            }
            if let Some(concluded) = concluded {
                // Whether it is or not, the party is hung up on now.
                let _ = timeout(patience, concluded).await;
            }
        };
        stack.hang_up(before, (dialog.flow, bye), farewell);
    }

    /// Parts from a party, other than the peer, that has answered our INVITE too (RFC 3261 section
    /// 13.2.2.4).
    pub(super) fn part_from_other(&mut self, stack: &Stack, answer: &Response) {
        let tag = fields::to(answer).and_then(|to| to.param("tag")).unwrap_or_default();
        let Some(dialog) = self.dialog.clone() else { return };
        match self.others.contains(tag) {
            // Our ACK was lost.
            true => drop(outgoing::acknowledge(stack, dialog, answer)),
            false => outgoing::hang_up(stack, Unwanted { dialog, farewell: None, reason: None }, answer),
        }
        self.others.insert(tag.to_owned());
    }

    /// Acknowledges the 2xx to our INVITE number `cseq`.
    pub(super) fn acknowledge(&mut self, stack: &Stack, cseq: u32, body: Body) {
        let Some(dialog) = &mut self.dialog else { return };
        let body = dialog.describe(body);
        let ack = dialog.ack(cseq, body);
        // One that was sent again with credentials has a later number.
        self.reinvite.take_if(|open| open.cseq <= cseq);
        self.entry.mark_answered(cseq);
        stack.send_alone(dialog.flow.clone(), ack.clone());
        self.ack = Some((cseq, ack));
    }
}
