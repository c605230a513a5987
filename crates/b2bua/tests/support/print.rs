//! Outputs as the lines of a ladder.

use b2bua::{
    Media, OutgoingInvite, Output, Source,
    message::{Alerting, Notify, Offer, Refer, Request, Response, Shown},
    world::{Callee, Limited},
};
use call::{EventKind, LegId, event::Releaser};

use super::{
    office::{PHONES, trunk_name},
    words::{print_body, print_reasons, print_timer},
};

/// Knows the letters of legs.
pub trait Letters {
    fn letter(&self, leg: LegId) -> String;
}

/// A line of the ladder; nothing for what is no message, no media and no answer to a command.
pub fn line(output: &Output, letters: &impl Letters) -> Option<String> {
    Some(match output {
        Output::Invite { leg, callee, invite, .. } => {
            format!("{}<  INVITE to {}{}", letters.letter(*leg), print_callee(callee), print_invite(invite))
        }
        Output::Cancel { leg, reasons, .. } => {
            format!("{}<  CANCEL{}", letters.letter(*leg), print_reasons(reasons))
        }
        Output::Ack { leg, body, .. } => format!("{}<  ACK{}", letters.letter(*leg), print_body(body)),
        Output::Prack { leg, prack, .. } => {
            format!("{}<  PRACK {}{}", letters.letter(*leg), prack.rseq, print_body(&prack.body))
        }
        Output::Request { leg, request, .. } => {
            format!("{}<  {}", letters.letter(*leg), print_request(request))
        }
        Output::Respond { leg, response, .. } => {
            format!("{}<  {}", letters.letter(*leg), print_response(response))
        }
        Output::Media(media) => format!("~   {}", print_media(media, letters)?),
        Output::Taken { result, .. } => match result {
            Ok(()) => "<-  taken".to_owned(),
            Err(refusal) => format!("<-  refused: {refusal}"),
        },
        Output::Swap { leg, other } => {
            format!("    {} has the dialog of {}", letters.letter(*leg), letters.letter(*other))
        }
        Output::LimitReached { of, bound } => format!("~   limit {} of {}", bound.name(), print_limited(*of)),
        Output::Reach { .. } | Output::Forget { .. } | Output::Event(_) => return None,
    })
}

fn print_limited(of: Limited) -> String {
    match of {
        Limited::Account(account) => format!("account {account}"),
        Limited::Device(device) => PHONES[usize::try_from(device.0).unwrap() - 1].to_owned(),
        Limited::Trunk(trunk) => trunk_name(trunk).to_owned(),
    }
}

fn print_callee(callee: &Callee) -> String {
    match callee {
        Callee::Phone { device, binding } => {
            let name = PHONES[usize::try_from(device.0).unwrap() - 1];
            match binding.0 % 10 {
                0 => name.to_owned(),
                number => format!("{name}/{number}"),
            }
        }
        Callee::Trunk { trunk, address } => match address.ip().to_string().ends_with('0') {
            true => trunk_name(*trunk).to_owned(),
            false => format!("{}/2", trunk_name(*trunk)),
        },
    }
}

fn print_shown(shown: &Shown) -> String {
    let name = shown.name.as_ref().map(|name| format!(":{name}")).unwrap_or_default();
    let is_private = if shown.hidden.is_some() { ":private" } else { "" };
    format!("{}{name}{is_private}", shown.number)
}

fn print_invite(invite: &OutgoingInvite) -> String {
    let mut text = format!(" as {} from {}", invite.called, print_shown(&invite.caller));
    if let Some(diversion) = &invite.diversion {
        let by = diversion
            .by
            .iter()
            .map(|by| format!("{}{}", by.number, if by.rang { ":deflection" } else { "" }));
        let received = diversion.received.iter().map(|received| received.to_string());
        text += &format!(" diverted={}", by.chain(received).collect::<Vec<_>>().join(","));
    }
    if let Some(referrer) = &invite.referred_by {
        text += &format!(" referred-by={referrer}");
    }
    if invite.answers_itself {
        text += " answers-itself";
    }
    text += &print_alerting(&invite.alerting);
    if !invite.takes_reliable {
        text += " no-100rel";
    }
    let interval = invite.timer.expires.map_or(0, |expires| expires.interval.as_secs());
    if interval != 1800 {
        text += &format!(" timer={interval}");
    }
    text + &print_body(&invite.body)
}

fn print_alerting(alerting: &Alerting) -> String {
    let Alerting { alert_info, call_info, answer_mode, origin } = alerting;
    let said = [("alert", alert_info), ("info", call_info), ("answer-mode", answer_mode)];
    let said = said.into_iter().filter_map(|(name, value)| Some(format!(" {name}={}", value.as_ref()?)));
    let origin = origin.map(|origin| format!(" origin={origin:?}").to_lowercase());
    said.chain(origin).collect()
}

fn print_offer(offer: &Offer) -> String {
    let connected = offer.connected.as_ref().map(|shown| format!(" connected={}", print_shown(shown)));
    format!("{}{}", print_body(&offer.body), connected.unwrap_or_default())
}

pub fn print_request(request: &Request) -> String {
    match request {
        Request::Invite(offer) => format!("re-INVITE{}", print_offer(offer)),
        Request::Update(offer) => format!("UPDATE{}", print_offer(offer)),
        Request::Prack(prack) => format!("PRACK {}{}", prack.rseq, print_body(&prack.body)),
        Request::Bye(reasons) => format!("BYE{}", print_reasons(reasons)),
        Request::Refer(Refer { to, .. }) => format!("REFER {to}"),
        Request::Notify(Notify { id, status, is_final }) => {
            let id = id.map(|id| format!(" id={id}")).unwrap_or_default();
            format!("NOTIFY {}{id}{}", status.code, if *is_final { " final" } else { "" })
        }
        Request::Info(body) => format!("INFO{}", print_body(body)),
        Request::Message(body) => format!("MESSAGE{}", print_body(body)),
        Request::Options => "OPTIONS".to_owned(),
        Request::Other => "other".to_owned(),
    }
}

pub fn print_response(response: &Response) -> String {
    let mut text = format!("{}{}", response.status.code, print_body(&response.body));
    if let Some(number) = response.reliable {
        text += &format!(" rseq={number}");
    }
    if let Some(shown) = &response.connected {
        text += &format!(" connected={}", print_shown(shown));
    }
    if let Some(after) = response.retry_after {
        text += &format!(" retry-after={}", after.as_secs());
    }
    let timer = print_timer(&response.timer);
    if timer != " timer=1800:uac" {
        text += &timer;
    }
    text + &print_reasons(&response.reasons)
}

fn print_media(media: &Media, letters: &impl Letters) -> Option<String> {
    Some(match media {
        Media::Connect(one, other) => {
            format!("{} and {} hear each other", letters.letter(*one), letters.letter(*other))
        }
        Media::Hear(leg, source) => {
            let source = match source {
                Source::Music => "music",
                Source::Ringback => "ringing",
                Source::Busy => "the busy tone",
                Source::Silence => "silence",
                Source::Nothing => "nothing",
            };
            format!("{} hears {source}", letters.letter(*leg))
        }
        Media::Release(_) => return None,
        Media::Play { leg, number, .. } => format!("{} is to hear file {number}", letters.letter(*leg)),
        Media::StopPlaying(leg) => format!("{} hears the file no more", letters.letter(*leg)),
        Media::Record { leg, number, .. } => format!("{} is recorded, {number}", letters.letter(*leg)),
        Media::StopRecording(leg) => format!("{} is recorded no more", letters.letter(*leg)),
        Media::Press(leg, digits) => format!("{} is sent keys {}", letters.letter(*leg), digits.as_str()),
    })
}

/// What an event says, in few words; nothing for those that the record shows well enough.
pub fn event(kind: &EventKind, letters: &impl Letters) -> String {
    let leg = |leg: &LegId| letters.letter(*leg);
    match kind {
        EventKind::CallStarted(started) => {
            let name = started.caller_name.as_ref().map(|name| format!(" named {name}")).unwrap_or_default();
            format!("started by {}{name} to {}", started.caller, started.dialed)
        }
        EventKind::CallRouted(routed) => match routed.termination {
            Some(owner) => format!("routed to account {}", owner.account),
            None => "routed nowhere".to_owned(),
        },
        EventKind::LegOffered { leg: id, offer } => {
            let sent = offer.route.as_ref().map(|route| {
                format!(" sent by account {} ({}.{})", route.sent_by.account, route.hunt, route.attempt)
            });
            format!("{} offered {} to {}{}", leg(id), offer.from, offer.to, sent.unwrap_or_default())
        }
        EventKind::LegRinging { leg: id } => format!("{} ringing", leg(id)),
        EventKind::LegAnswered { leg: id, .. } => format!("{} answered", leg(id)),
        EventKind::LegsBridged { a, b } => format!("{}+{} bridged", leg(a), leg(b)),
        EventKind::LegHeld { leg: id } => format!("{} held", leg(id)),
        EventKind::LegResumed { leg: id } => format!("{} resumed", leg(id)),
        EventKind::TransferStarted { initiator, target, mode } => {
            format!("{} transfers {mode:?} to {}", leg(initiator), target.number).to_lowercase().replacen(
                &leg(initiator).to_lowercase(),
                &leg(initiator),
                1,
            )
        }
        EventKind::LegSecured { leg: id, encryption: Some(encryption) } => {
            format!("{} secured by {} {}", leg(id), encryption.exchange.name(), encryption.suite.name())
        }
        EventKind::LegSecured { leg: id, encryption: None } => format!("{} secured no more", leg(id)),
        EventKind::TransferCompleted { initiator, recipient } => {
            format!("{} transferred to {}", leg(initiator), leg(recipient))
        }
        EventKind::TransferFailed { initiator } => format!("{} did not transfer", leg(initiator)),
        EventKind::CallMerged { .. } => "merged another call".to_owned(),
        EventKind::LegParked { leg: id, slot, .. } => format!("{} parked in {slot}", leg(id)),
        EventKind::LegRetrieved { leg: id, by } => format!("{} retrieved by {}", leg(id), leg(by)),
        EventKind::DigitReceived { leg: id, digit } => format!("{} pressed {}", leg(id), digit.0),
        EventKind::PlaybackStarted { leg: id } => format!("{} plays", leg(id)),
        EventKind::PlaybackEnded { leg: id } => format!("{} plays no more", leg(id)),
        EventKind::RecordingStarted { leg: id, .. } => format!("{} recorded", leg(id)),
        EventKind::RecordingEnded { leg: id } => format!("{} recorded no more", leg(id)),
        EventKind::WorkEnded { leg: id, work, .. } => format!("{} worked {} s", leg(id), work.as_secs()),
        EventKind::CallInterrupted => "interrupted".to_owned(),
        EventKind::LegEnded { leg: id, end } => {
            let by = match end.by {
                Releaser::Party => "party",
                Releaser::Switch => "switch",
                Releaser::Command => "command",
            };
            let sip = end.sip.as_ref().map(|sip| format!(" {}", sip.code)).unwrap_or_default();
            let reason = end.reason.as_ref().map(|reason| format!(" {reason}")).unwrap_or_default();
            format!("{} ended {:?} by {by}{sip}{reason}", leg(id), end.cause)
        }
    }
}
