//! How far offer and answer have come before an INVITE has its final response (RFC 3262 section 5, RFC 6337
//! section 3.1).
//!
//! ```text
//!   Open ──answered in a reliable response, or in its PRACK──► Agreed ──UPDATE: offer, answer──► Agreed
//!    │                                                           │
//!    └───────────────────final response──────────────────────────┴──► the negotiation of the dialog
//! ```

use super::{Hold, negotiation::Negotiation};
use crate::message::Fork;

/// How far offer and answer have come.
#[derive(Debug, Default)]
pub(crate) enum Early {
    /// The first offer is not answered for good.
    #[default]
    Open,
    /// It is: either side may offer something else by UPDATE.
    Agreed(Agreed),
}

/// What was agreed on before the final response.
#[derive(Debug)]
pub(crate) struct Agreed {
    /// In which early dialog, of a party that we have called.
    pub(crate) fork: Fork,
    pub(crate) negotiation: Negotiation,
    pub(crate) is_renegotiated: bool,
    /// Whether the party holds the other side, from its answer on.
    pub(crate) hold: Hold,
}

impl Agreed {
    /// Whether something else was agreed on since, or may be just now: a description in the final response
    /// would be an old one.
    pub(crate) fn outdates_answer(&self) -> bool {
        self.is_renegotiated || !matches!(self.negotiation, Negotiation::Idle)
    }
}

impl Early {
    /// The first offer is answered. The first early dialog that has come so far is the one that counts.
    pub(crate) fn agree(&mut self, fork: Fork) {
        if matches!(self, Self::Open) {
            let negotiation = Negotiation::Idle;
            *self = Self::Agreed(Agreed { fork, negotiation, is_renegotiated: false, hold: Hold::No });
        }
    }

    pub(crate) fn agreed(&self) -> Option<&Agreed> {
        match self {
            Self::Agreed(agreed) => Some(agreed),
            Self::Open => None,
        }
    }

    pub(crate) fn agreed_mut(&mut self) -> Option<&mut Agreed> {
        match self {
            Self::Agreed(agreed) => Some(agreed),
            Self::Open => None,
        }
    }

    /// Whether the party holds the other side once it has the final response.
    pub(crate) fn hold(&self) -> Hold {
        self.agreed().map_or(Hold::No, |agreed| agreed.hold)
    }

    /// What is still being negotiated when the final response is there.
    pub(crate) fn into_negotiation(self) -> Negotiation {
        match self {
            Self::Agreed(agreed) => agreed.negotiation,
            Self::Open => Negotiation::Idle,
        }
    }
}
