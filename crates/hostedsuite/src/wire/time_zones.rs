//! `ListTimeZonesRequest` and what it answers (section 5).

use super::base::RequestBase;
use crate::dto::dto;

dto! {
    /// All time zones are asked for.
    request ListTimeZonesRequest: RequestBase<"List<TimeZoneInfo>"> {}
}

dto! {
    /// A time zone.
    response TimeZoneInfo {
        /// Its IANA name.
        "Id" id: Option<String>,
        /// Its name and how far it is from UTC now.
        "DisplayName" display_name: Option<String>,
    }
}
