//! `ListClientsRequest`, `ListClientNamesRequest` and what they answer (section 5).

use std::collections::BTreeMap;

use super::{base::RequestBase, centers::AddressInfo};
use crate::dto::{Said, choice, dto};

dto! {
    /// Which clients are asked for.
    request ListClientsRequest: RequestBase<"List<ClientInfo>"> {
        /// One client.
        "ClientId" client_id: Option<String> = Said::body("The client with this ID"),
        /// Those called so.
        "Name" name: Option<String> = Said::body("The client with this name"),
        /// Those of a center.
        "CenterId" center_id: Option<String> = Said::body("Clients in this center"),
        /// Those with an id elsewhere.
        "ThirdPartyAccountId" third_party_account_id: Option<String> =
            Said::body("Clients with this ID elsewhere"),
        /// Those with a screen-pop text.
        "ScreenPop" screen_pop: Option<String> = Said::body("Clients with a number that shows this text"),
        /// Those in all of these categories.
        "CategoryIds" category_ids: Vec<String> =
            Said::body("Clients in all of these categories"),
        /// Those with these texts in their own fields.
        "CustomFieldsFilter" custom_fields_filter: Option<BTreeMap<String, String>> =
            Said::body("Clients whose own fields hold these texts"),
    }
}

dto! {
    /// Whose names are asked for.
    request ListClientNamesRequest: RequestBase<"List<ClientInfo>"> {
        /// Those of a center.
        "CenterId" center_id: Option<String> = Said::body("Clients in this center"),
    }
}

choice! {
    /// What a client has a contingent of.
    CallAllowanceType {
        /// Nothing.
        NotBillable,
        /// Minutes.
        NumberOfMinutes,
        /// Calls.
        NumberOfCalls,
    }
}

dto! {
    /// A client. What the directory does not know stays null.
    response ClientInfo {
        /// The account's UUID.
        "Id" id: Option<String>,
        /// When it was changed last.
        "DateLastModified" date_last_modified: Option<String>,
        /// Its name.
        "Name" name: Option<String>,
        /// Its center.
        "CenterId" center_id: Option<String>,
        /// The name of its center.
        "CenterName" center_name: Option<String>,
        /// The texts shown to whoever answers its numbers.
        "ScreenPops" screen_pops: Option<Vec<String>>,
        /// How calls are to be greeted.
        "Greeting" greeting: Option<String>,
        /// What is to be done with calls.
        "CallInstructions" call_instructions: Option<String>,
        /// What is shown with calls.
        "PopupInformation" popup_information: Option<String>,
        /// Anything else.
        "Information" information: Option<String>,
        /// Its fax.
        "FaxNumber" fax_number: Option<String>,
        /// Its own fields.
        "CustomFields" custom_fields: Option<Vec<CustomFieldInfo>>,
        /// Where it is.
        "Address" address: Option<AddressInfo>,
        /// Its id elsewhere.
        "ThirdPartyAccountId" third_party_account_id: Option<String>,
        /// What it has a contingent of.
        "CallAllowanceType" call_allowance_type: CallAllowanceType,
        /// How much of it.
        "CallAllowanceAmount" call_allowance_amount: f64,
        /// Its links.
        "Links" links: Option<Vec<HyperlinkInfo>>,
        /// Its industry.
        "IndustryId" industry_id: Option<String>,
        /// The name of its industry.
        "IndustryName" industry_name: Option<String>,
        /// Where in the center it is.
        "Location" location: Option<String>,
    }
}

dto! {
    /// A field of a client's own.
    response CustomFieldInfo {
        /// What it is.
        "Name" name: Option<String>,
        /// What it holds.
        "Value" value: Option<String>,
    }
}

dto! {
    /// A link.
    response HyperlinkInfo {
        /// Its id.
        "Id" id: Option<String>,
        /// What it shows.
        "Name" name: Option<String>,
        /// Where it leads.
        "Url" url: Option<String>,
    }
}
