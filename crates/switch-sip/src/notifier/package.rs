//! Event packages (RFC 6665 section 5): which there are.

use rsipstack::sip::{Header, Request};

use crate::message::fields::first;

/// An event package.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Package {
    /// Calls of an extension, and who waits in a slot (RFC 4235).
    Dialog,
    /// Messages in a mailbox (RFC 3842).
    MessageSummary,
    /// Whether somebody can be reached (RFC 3856).
    Presence,
}

/// `Event` of a request: the package, and the id that tells subscriptions in one dialog apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Event {
    pub(super) package: Package,
    id: Option<String>,
}

impl Package {
    const ALL: [Self; 3] = [Self::Dialog, Self::MessageSummary, Self::Presence];

    fn name(self) -> &'static str {
        match self {
            Self::Dialog => "dialog",
            Self::MessageSummary => "message-summary",
            Self::Presence => "presence",
        }
    }

    /// The type of what its notifications say.
    pub(super) fn media_type(self) -> &'static str {
        match self {
            Self::Dialog => "application/dialog-info+xml",
            Self::MessageSummary => "application/simple-message-summary",
            Self::Presence => "application/pidf+xml",
        }
    }

    /// Whether a request takes that type: it does unless it says otherwise (RFC 6665 section 3.1.3).
    pub(super) fn is_accepted(self, request: &Request) -> bool {
        let accepted = first!(request, Accept).unwrap_or_default();
        let mut kinds = accepted.split(',').map(|kind| kind.split(';').next().unwrap_or_default().trim());
        let fits = |kind: &str| {
            kind.eq_ignore_ascii_case(self.media_type()) || kind == "*/*" || kind == "application/*"
        };
        accepted.trim().is_empty() || kinds.any(fits)
    }
}

impl Event {
    /// The package that a request is about; `None` if we have no such one.
    pub(super) fn of(request: &Request) -> Option<Self> {
        let value = first!(request, Event)?;
        let (name, params) = value.split_once(';').unwrap_or((value, ""));
        let package =
            Package::ALL.into_iter().find(|package| package.name().eq_ignore_ascii_case(name.trim()))?;
        let id = sip::param::param(params, "id").filter(|id| !id.is_empty()).map(str::to_owned);
        Some(Self { package, id })
    }

    /// The header of a notification.
    pub(super) fn header(&self) -> Header {
        let id = self.id.as_ref().map(|id| format!(";id={id}")).unwrap_or_default();
        Header::Event(rsipstack::sip::headers::Event::new(format!("{}{id}", self.package.name())))
    }
}

/// `Allow-Events` with all packages.
pub(crate) fn allow_events() -> Header {
    Header::Other("Allow-Events".into(), Package::ALL.map(Package::name).join(", "))
}
