//! `GET /termination-active-calls`: calls that an account takes, per minute (contract yeti.md, 6.5).

use call::event::Side;

use crate::{
    answer::Answer,
    errors::report::ReportRefusal,
    report::{active_calls, request::ReportRequest},
};

/// Counts the calls.
pub async fn show(request: ReportRequest) -> Result<Answer, ReportRefusal> {
    active_calls::answer(&request, Side::Termination).await
}
