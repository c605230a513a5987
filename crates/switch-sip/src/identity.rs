//! Who calls, and who may know it: what a caller wants hidden (RFC 3323), what a trunk is trusted to know and to
//! say (RFC 3325), and the way that a call has come (RFC 5806, RFC 7044).

use std::sync::Arc;

use b2bua::message::Shown;
use call::{Number, party::CallerIdentity};
use directory::{
    Snapshot,
    model::{Device, Trunk, TrunkIdentity},
};
use rsipstack::sip::{
    HasHeaders, Header, Request, Response,
    headers::{HistoryInfo, PAssertedIdentity, Privacy as PrivacyHeader},
};
use sip::identity::{self, Asserted, Privacy, Side};

use crate::message::{fields, uri};

/// What a caller shows.
#[derive(Clone, Default)]
pub(crate) struct Identity {
    /// The number to the phones of its own account; `None` for the one that was received.
    pub(crate) inside: Option<Number>,
    /// The number to everyone else; `None` for the one that was received.
    pub(crate) outside: Option<Number>,
    /// The name; `None` for the one that was received.
    pub(crate) name: Option<Arc<str>>,
    /// What `Privacy` asks for, if the called party is not to know who calls.
    pub(crate) hidden: Option<Arc<str>>,
}

/// For callers whose From hides them and that say no more.
const HIDDEN: &str = "id";

impl Identity {
    /// What a phone shows, whatever its From says: its extension inside, its caller id outside.
    pub(crate) fn of_device(directory: &Snapshot, device: &Device) -> Self {
        let extension = directory.extension_of_device(device.id);
        let inside = extension.map_or_else(|| Number::from(&*device.sip_user), |e| e.number.clone());
        let name = device.caller_name.clone().or_else(|| extension.and_then(|e| e.name.clone()));
        Self {
            outside: Some(device.caller_id.clone().unwrap_or_else(|| inside.clone())),
            inside: Some(inside),
            name,
            hidden: None,
        }
    }

    /// What the party of this side shows that is behind a trunk: what the trunk asserts, if it is trusted; else
    /// what From says.
    pub(crate) fn of_trunk(trunk: &Trunk, message: &impl HasHeaders, side: Side) -> Self {
        let Some(asserted) = asserted(trunk, message, side) else { return Self::default() };
        let number = Number::from(asserted.number);
        Self {
            inside: Some(number.clone()),
            outside: Some(number),
            name: asserted.name.map(Arc::from),
            hidden: asserted.is_private.then(|| HIDDEN.into()),
        }
    }

    /// The same, hidden if its request wants that.
    pub(crate) fn hidden_by(self, request: &Request) -> Self {
        let is_nobody = fields::from(request).is_some_and(|from| identity::is_anonymous(&from));
        self.hidden(request, is_nobody)
    }

    /// The same, hidden if its response wants that, whose From is that of the other side.
    pub(crate) fn hidden_by_answer(self, response: &Response) -> Self {
        self.hidden(response, false)
    }

    /// As the other side is shown it, if anybody said who it is.
    pub(crate) fn shown(self) -> Option<Shown> {
        Some(Shown { number: self.outside?, name: self.name, hidden: self.hidden })
    }

    fn hidden(self, message: &impl HasHeaders, is_nobody: bool) -> Self {
        let asked = fields::joined(message, "Privacy").map(|text| (Privacy::parse(&text), text));
        let hidden = match asked {
            Some((privacy, text)) if privacy.hides_caller() => Some(text),
            _ if is_nobody => Some(HIDDEN.into()),
            Some((privacy, _)) if privacy.none => None,
            _ => self.hidden,
        };
        Self { hidden, ..self }
    }
}

fn asserted(trunk: &Trunk, message: &impl HasHeaders, side: Side) -> Option<Asserted> {
    match trunk.identity {
        TrunkIdentity::None => None,
        TrunkIdentity::Asserted => identity::asserted(fields::values(message, ASSERTED)),
        TrunkIdentity::RemoteParty => identity::remote_party(fields::values(message, REMOTE_PARTY), side),
    }
}

const ASSERTED: &str = "P-Asserted-Identity";
const REMOTE_PARTY: &str = "Remote-Party-ID";

/// What an INVITE says of the caller besides From, for the record.
pub(crate) fn said(invite: &Request) -> Option<Arc<CallerIdentity>> {
    let said = CallerIdentity {
        asserted: fields::joined(invite, ASSERTED),
        preferred: fields::joined(invite, "P-Preferred-Identity"),
        privacy: fields::joined(invite, "Privacy"),
        remote_party: fields::joined(invite, REMOTE_PARTY),
        remote_party_privacy: fields::joined(invite, "RPID-Privacy"),
    };
    (!said.is_empty()).then(|| said.into())
}

/// The headers that tell a trunk, trusted so, of a caller; `hidden` is what `Privacy` asks for.
pub(crate) fn told(caller: &str, hidden: Option<&str>, trust: TrunkIdentity) -> Vec<Header> {
    let privacy = hidden.map(|asked| Header::Privacy(PrivacyHeader::new(asked)));
    let identity = match trust {
        TrunkIdentity::None => None,
        TrunkIdentity::Asserted => Some(Header::PAssertedIdentity(PAssertedIdentity::new(caller))),
        TrunkIdentity::RemoteParty => {
            let privacy = if hidden.is_some() { "full" } else { "off" };
            let value = format!("{caller};party=calling;screen=yes;privacy={privacy}");
            Some(Header::Other(REMOTE_PARTY.into(), value))
        }
    };
    privacy.into_iter().chain(identity).collect()
}

/// `History-Info` for the next hop: what is known of the way, those who sent the call on, and where it goes now
/// (RFC 7044 section 4). `None` if there is nothing to tell.
pub(crate) fn history(
    known: Option<&str>,
    diverted: Option<&str>,
    (next, host): (&str, &str),
) -> Option<Header> {
    let told: Vec<_> = identity::history(known.into_iter()).map(|(_, entry)| entry.number).collect();
    let diverted = identity::diversions(diverted.into_iter()).map(|(_, diverted)| diverted.number);
    let before: Vec<_> =
        diverted.filter(|number| !told.contains(number)).map(|number| uri::sip(&number, host)).collect();
    if known.is_none() && before.is_empty() {
        return None;
    }
    let steps = before.iter().rev().map(String::as_str).chain([next]);
    Some(Header::HistoryInfo(HistoryInfo::new(identity::extended(known, steps))))
}
