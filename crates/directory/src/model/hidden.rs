//! What of their calls customers are not shown.

use std::collections::BTreeSet;

/// Names of attributes of call records that a customer is not shown: neither sent, nor filtered or sorted by. Out of
/// [`NAMES`](Self::NAMES).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HiddenFields(pub(crate) BTreeSet<&'static str>);

impl HiddenFields {
    /// What can be hidden, under the names that the customer interface has for it: of calls that are sent, then of
    /// calls that are taken.
    pub const NAMES: [&'static str; 51] = [
        "customer-acc-vat",
        "customer-duration",
        "customer-price",
        "customer-price-no-vat",
        "auth-orig-ip",
        "auth-orig-port",
        "auth-orig-transport-protocol-id",
        "destination-fee",
        "destination-initial-interval",
        "destination-initial-rate",
        "destination-next-interval",
        "destination-next-rate",
        "destination-prefix",
        "diversion-in",
        "dst-prefix-in",
        "dst-prefix-routing",
        "from-domain",
        "lega-disconnect-code",
        "lega-disconnect-reason",
        "lega-user-agent",
        "local-tag",
        "orig-call-id",
        "pai-in",
        "ppi-in",
        "privacy-in",
        "rpid-in",
        "rpid-privacy-in",
        "ruri-domain",
        "src-name-in",
        "src-prefix-in",
        "src-prefix-routing",
        "to-domain",
        "dialpeer-fee",
        "dialpeer-initial-interval",
        "dialpeer-initial-rate",
        "dialpeer-next-interval",
        "dialpeer-next-rate",
        "dialpeer-prefix",
        "diversion-out",
        "dst-prefix-out",
        "legb-disconnect-code",
        "legb-disconnect-reason",
        "legb-user-agent",
        "sign-term-ip",
        "sign-term-port",
        "sign-term-transport-protocol-id",
        "src-name-out",
        "src-prefix-out",
        "term-call-id",
        "vendor-duration",
        "vendor-price",
    ];

    /// The name as it is known, if it is one.
    pub(crate) fn name(name: &str) -> Option<&'static str> {
        Self::NAMES.into_iter().find(|known| *known == name)
    }

    /// Whether nothing is hidden.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether the attribute of this name is hidden.
    pub fn has(&self, name: &str) -> bool {
        self.0.contains(name)
    }

    /// Whether a filter is by a hidden attribute: named as that is, or that and `-` and an operator.
    pub fn hides_filter(&self, filter: &str) -> bool {
        let rests = self.0.iter().filter_map(|name| filter.strip_prefix(name));
        let mut rests = rests.map(|rest| rest.strip_prefix('-').unwrap_or(rest));
        rests.any(|rest| rest.is_empty() || Self::OPERATORS.contains(&rest))
    }

    const OPERATORS: [&'static str; 6] = ["eq", "gt", "lt", "starts-with", "ends-with", "contains"];
}
