//! `GET /outgoing-active-calls`: the calls that an account sends at this moment (contract yeti.md, 6.6).

use crate::{
    answer::Answer,
    errors::report::ReportRefusal,
    report::{outgoing_calls, request::ReportRequest},
};

/// Lists the calls.
pub async fn list(request: ReportRequest) -> Result<Answer, ReportRefusal> {
    outgoing_calls::answer(request).await
}
