//! A leg that is over for its call, until its dialog is closed on both sides (RFC 3261 section 15, RFC 5407).
//!
//! ```text
//!   our 2xx not acknowledged ─► AwaitingAck ──ACK, or none for 64 T1──┐
//!   our re-INVITE is open ────► AwaitingAnswer ──final, or after T1───┤
//!   talked ───────────────────────────────────────────────────────────┴► Bye ──final──► Gone
//!   our INVITE unanswered ────► Cancelling ──2xx: ACK──────────────────► Bye
//!                                   └──────refused─────────────────────────────────────► Gone
//!   its INVITE refused ───────► Refused (a PRACK may still come) ──────────────────────► Gone
//!   hung up by its party ─────► Concluding (a re-INVITE of ours is open) ──final───────► Gone
//! ```

use std::time::Duration;

use crate::message::{ClientTx, Reasons, ServerTx};

use super::reliable::Responses;

/// How a dialog is being closed, and when that is given up.
#[derive(Debug)]
pub(crate) struct Closing {
    pub(crate) stage: Stage,
    until: Duration,
}

/// How far that has come.
#[derive(Debug)]
pub(crate) enum Stage {
    /// BYE goes once the party has acknowledged our 2xx, or will no longer: not before it knows of the
    /// dialog.
    AwaitingAck { invite: ServerTx, responses: Responses, reasons: Reasons },
    /// Our INVITE is cancelled, and may be answered all the same.
    Cancelling { invite: ClientTx, reasons: Reasons },
    /// BYE goes once the party has answered our re-INVITE, for many phones take it badly meanwhile, or after
    /// T1: it may go at any time.
    AwaitingAnswer { reinvite: ClientTx, reasons: Reasons },
    /// Its INVITE is refused, and it may still acknowledge what was sent reliably before (RFC 3262 section
    /// 3).
    Refused { invite: ServerTx, responses: Responses },
    /// BYE is sent. A re-INVITE of ours may still be answered.
    Bye { bye: ClientTx, reinvite: Option<ClientTx> },
    /// The party has hung up. A re-INVITE of ours may still be answered.
    Concluding { reinvite: ClientTx },
    /// Nothing more comes.
    Gone,
}

impl Closing {
    /// Begins to close; what is awaited is given up after 64 T1 of RFC 3261, twice: an INVITE transaction may
    /// have begun just now, and the BYE comes after it.
    pub(crate) fn new(stage: Stage, (now, t1): (Duration, Duration)) -> Self {
        let patience = if matches!(stage, Stage::AwaitingAnswer { .. }) { t1 } else { 2 * 64 * t1 };
        Self { stage, until: now + patience }
    }

    pub(crate) fn is_gone(&self) -> bool {
        matches!(self.stage, Stage::Gone)
    }

    pub(crate) fn deadline(&self) -> Option<Duration> {
        (!self.is_gone()).then_some(self.until)
    }
}
