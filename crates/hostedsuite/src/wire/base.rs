//! What requests have in common.

use crate::dto::{Said, choice, dto};

dto! {
    /// The credentials that every request carries.
    request RequestBase<"TResponse"> {
        /// The customer.
        "CustomerName" customer_name: Option<String> = Said::required("The HostedSuite Customer Name"),
        /// The user's login.
        "UserName" user_name: Option<String> = Said::required(
            "The HostedSuite User Name. Data visibility and security is based on this user's permissions.",
        ),
        /// The user's password.
        "Password" password: Option<String> = Said::required("The HostedSuite User's Password"),
    }
}

dto! {
    /// Which part of a list is asked for, and in which order (sections 1.4 and 1.5).
    request PagedRequest<"TItemType">: RequestBase<"PagedResponse<TItemType>"> {
        /// From 0.
        "Page" page: i32,
        /// 0 = as configured.
        "ItemsPerPage" items_per_page: i32,
        /// Whether the totals are not wanted.
        "DisableStats" disable_stats: bool,
        /// A member of the items.
        "SortField" sort_field: Option<String>,
        /// Up or down.
        "SortDir" sort_dir: SortDir,
    }
}

choice! {
    /// A direction.
    SortDir {
        /// Least first.
        Asc,
        /// Greatest first.
        Desc,
    }
}
