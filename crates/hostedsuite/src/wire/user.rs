//! `AuthenticateRequest` and what it answers (section 5).

use super::base::RequestBase;
use crate::dto::dto;

dto! {
    /// Whether the credentials are right is asked.
    request AuthenticateRequest: RequestBase<"UserInfo"> {}
}

dto! {
    /// A user.
    response UserInfo {
        /// Whether the credentials are right.
        "Authenticated" authenticated: bool,
        /// What the user may do.
        "UserType" user_type: Option<String>,
        /// What the user is to be told.
        "Alert" alert: Option<String>,
        /// The user's name.
        "Name" name: Option<String>,
        /// The customer's name.
        "CompanyName" company_name: Option<String>,
        /// The user's id.
        "UserId" user_id: Option<String>,
        /// The client that the user belongs to.
        "ClientId" client_id: Option<String>,
        /// A picture of the user.
        "PhotoUrl" photo_url: Option<String>,
    }
}
