//! Requests that are refused before anything is done about them (RFC 3261 section 8.2).

use rsipstack::{
    sip::{Header, Request, StatusCode, headers::Unsupported},
    transaction::transaction::Transaction,
};

use crate::{core::Core, dispatch::answer, message::extension};

/// Why a request is refused, and what the refusal says besides.
pub(crate) struct Refusal {
    pub(crate) status: StatusCode,
    pub(crate) headers: Vec<Header>,
}

impl From<StatusCode> for Refusal {
    fn from(status: StatusCode) -> Self {
        Self { status, headers: Vec::new() }
    }
}

impl Refusal {
    pub(crate) fn with(status: StatusCode, header: Header) -> Self {
        Self { status, headers: vec![header] }
    }

    pub(crate) fn send(self, core: &Core, transaction: Transaction) {
        answer(core, transaction, self.status, |response| response.headers.extend(self.headers));
    }
}

/// Whether a request asks only for extensions that are known here (section 8.2.2.3).
pub(crate) fn check(request: &Request) -> Result<(), Refusal> {
    match extension::unknown(request) {
        Some(unknown) => {
            Err(Refusal::with(StatusCode::BadExtension, Header::Unsupported(Unsupported::new(unknown))))
        }
        None => Ok(()),
    }
}
