//! How calls fail: from SIP status codes to causes, and which of several failures the caller is told.

use call::event::{EndCause, SipStatus};

use crate::{
    message::{Reasons, Response, status},
    world::{Unpassable, Unroutable},
};

/// How a leg that we called was refused, or why we refuse.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    pub(crate) status: SipStatus,
    pub(crate) cause: EndCause,
    /// What the refusing side says of it (RFC 3326).
    pub(crate) reasons: Reasons,
}

impl Failure {
    /// The failure that a final response is. `rang` says whether the party rang before.
    pub(crate) fn of(response: &Response, rang: bool) -> Self {
        let cause = cause(response.status.code, rang);
        Self { status: response.status.clone(), cause, reasons: response.reasons.clone() }
    }

    /// A failure that we find ourselves.
    pub(crate) fn ours(code: u16, cause: EndCause) -> Self {
        Self { status: status(code), cause, reasons: Reasons::default() }
    }

    /// Whether another trunk may do better: this one is in trouble, or does not let us in.
    pub(crate) fn is_of_trunk(&self) -> bool {
        matches!(self.status.code, 401 | 407 | 408 | 500..=599)
    }

    /// Whether nobody else is to be asked (RFC 3261 section 16.7 step 5).
    pub(crate) fn is_global(&self) -> bool {
        self.status.code >= 600
    }

    /// What the caller is told: the same, unless it would mean something else on the caller's own leg.
    pub(crate) fn toward_caller(&self) -> SipStatus {
        match self.status.code {
            // It is we who are asked for credentials or sent elsewhere.
            401 | 407 => status(502),
            300..=399 | 420..=423 | 481 | 487 | 491 => status(480),
            code => status(code),
        }
    }
}

impl From<Unroutable> for Failure {
    fn from(why: Unroutable) -> Self {
        match why {
            Unroutable::Unknown => Self::ours(404, EndCause::NoRoute),
            Unroutable::Refused => Self::ours(403, EndCause::Rejected),
        }
    }
}

impl From<Unpassable> for Failure {
    fn from(why: Unpassable) -> Self {
        match why {
            Unpassable::Description => Self::ours(488, EndCause::Rejected),
            Unpassable::NoRoom => Self::ours(503, EndCause::Limit),
            Unpassable::Failed => Self::ours(500, EndCause::Failed),
        }
    }
}

fn cause(code: u16, rang: bool) -> EndCause {
    match code {
        486 | 600 => EndCause::Busy,
        404 | 410 | 484 | 604 => EndCause::NoRoute,
        408 | 480 if rang => EndCause::NoAnswer,
        408 | 480 => EndCause::Unavailable,
        500..=599 => EndCause::Failed,
        _ => EndCause::Rejected,
    }
}

/// The failure that stands for all: a 6xx, else one of the lowest class, and busy only if nothing else of
/// that class came (RFC 3261 section 16.7 step 6).
pub(crate) fn best(failures: &[Failure]) -> Option<&Failure> {
    failures.iter().min_by_key(|failure| match failure.status.code {
        600.. => (0, 0),
        code @ (415 | 420 | 484) => (code / 100, 0),
        code @ 486 => (code / 100, 2),
        code => (code / 100, 1),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(code: u16) -> Failure {
        Failure::of(&Response::of(code), true)
    }

    #[test]
    fn the_caller_hears_busy_only_if_all_are_busy() {
        let cases: [(&[u16], u16); 6] = [
            (&[486, 486], 486),
            (&[486, 480], 480),
            (&[503, 486], 486),
            (&[486, 603], 603),
            (&[404, 484], 484),
            (&[503, 500], 503),
        ];
        for (codes, expected) in cases {
            let failures: Vec<_> = codes.iter().map(|code| failure(*code)).collect();
            assert_eq!(best(&failures).unwrap().status.code, expected, "{codes:?}");
        }
        assert_eq!(best(&[]), None);
    }

    #[test]
    fn codes_that_speak_to_us_do_not_reach_the_caller() {
        for (code, told) in
            [(401, 502), (407, 502), (302, 480), (487, 480), (486, 486), (603, 603), (404, 404)]
        {
            assert_eq!(failure(code).toward_caller().code, told);
        }
    }
}
