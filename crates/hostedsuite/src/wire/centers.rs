//! `ListCentersRequest` and what it answers (section 5).

use super::base::RequestBase;
use crate::dto::dto;

dto! {
    /// All centers are asked for.
    request ListCentersRequest: RequestBase<"List<CenterInfo>"> {}
}

dto! {
    /// A center. What the directory does not know stays null.
    response CenterInfo {
        /// Its id.
        "Id" id: Option<String>,
        /// When it was changed last.
        "DateLastModified" date_last_modified: Option<String>,
        /// Its name.
        "Name" name: Option<String>,
        /// Where it is.
        "Address" address: Option<AddressInfo>,
        /// The zone of its dates.
        "TimeZoneId" time_zone_id: Option<String>,
        /// Who helps there.
        "SupportEmailAddress" support_email_address: Option<String>,
        /// Its id elsewhere.
        "ThirdPartyAccountId" third_party_account_id: Option<String>,
    }
}

dto! {
    /// A place.
    response AddressInfo {
        /// The first line.
        "Street1" street1: Option<String>,
        /// The second line.
        "Street2" street2: Option<String>,
        /// The city.
        "City" city: Option<String>,
        /// The state.
        "State" state: Option<String>,
        /// The postal code.
        "PostalCode" postal_code: Option<String>,
        /// The country.
        "Country" country: Option<String>,
    }
}
