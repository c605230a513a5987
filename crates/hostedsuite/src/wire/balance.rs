//! `ListCallAllowanceBalanceRequest` and what it answers (section 5).

use super::base::RequestBase;
use crate::dto::{Said, choice, dto};

dto! {
    /// Which calls are to be billed, and what of them.
    request ListCallAllowanceBalanceRequest: RequestBase<"List<CallAllowanceBalanceInfo>"> {
        /// Calls that began then or later.
        "StartDate" start_date: Option<String> = Said::body("Calls that began then or later"),
        /// Calls that began then or before.
        "EndDate" end_date: Option<String> = Said::body("Calls that began then or before"),
        /// Those of one client.
        "ClientId" client_id: Option<String> =
            Said::body("One client; all that you may see if it is absent"),
        /// Whether hold is billed.
        "BillHold" bill_hold: bool = Said::body("Whether time on hold is billed"),
        /// Whether talk is billed.
        "BillTalk" bill_talk: bool = Said::body("Whether talk time is billed"),
        /// Whether transfer is billed.
        "BillTransfer" bill_transfer: bool = Said::body("Whether time in transfers is billed"),
        /// Whether ring is billed.
        "BillRing" bill_ring: bool = Said::body("Whether ring time is billed"),
        /// What each call is rounded up to.
        "CallRounding" call_rounding: CallRoundingType =
            Said::body("What the billed time of each call is rounded up to"),
        /// In seconds of talk.
        "MinCallDuration" min_call_duration: f64 =
            Said::body("Calls with at least as many seconds of talk"),
        /// In seconds of talk; 0 = no bound.
        "MaxCallDuration" max_call_duration: f64 =
            Said::body("Calls with at most as many seconds of talk; 0 for no bound"),
    }
}

choice! {
    /// What the billable time of a call is rounded up to.
    CallRoundingType {
        /// Nothing.
        None,
        /// Whole minutes.
        NextMinute,
        /// Whole half minutes.
        Next30Seconds,
    }
}

dto! {
    /// What a client used.
    response CallAllowanceBalanceInfo {
        /// The client.
        "ClientId" client_id: Option<String>,
        /// Its name.
        "ClientName" client_name: Option<String>,
        /// Its center.
        "CenterId" center_id: Option<String>,
        /// Its calls.
        "CallCount" call_count: i64,
        /// What of them is to be billed, in seconds.
        "BillableSeconds" billable_seconds: f64,
    }
}
