//! The resources of the JSON:API family and the names of what they hold.

/// A type of resource.
#[derive(Debug)]
pub struct Resource {
    /// The type's name, also in paths.
    pub kind: &'static str,
    /// Its attributes, in the order in which they are sent.
    pub attributes: &'static [&'static str],
    /// The attributes that a client may give when it creates one.
    pub creatable: &'static [&'static str],
    /// Its relationships.
    pub relationships: &'static [&'static str],
}

/// Accounts.
pub const ACCOUNTS: Resource = Resource {
    kind: "accounts",
    attributes: &[
        "name",
        "balance",
        "min-balance",
        "max-balance",
        "destination-rate-limit",
        "origination-capacity",
        "termination-capacity",
        "total-capacity",
        "currency",
    ],
    creatable: &[],
    relationships: &[],
};

/// Exports of call records.
pub const CDR_EXPORTS: Resource = Resource {
    kind: "cdr-exports",
    attributes: &[
        "filters",
        "status",
        "rows-count",
        "created-at",
        "updated-at",
        "time-format",
        "time-zone-name",
    ],
    creatable: &["filters", "time-format", "time-zone-name"],
    relationships: &["account"],
};

/// Charts of active calls.
pub const CHART_ACTIVE_CALLS: Resource = Resource {
    kind: "chart-active-calls",
    attributes: &["from-time", "to-time", "terminated-calls", "originated-calls"],
    creatable: &["from-time", "to-time"],
    relationships: &["account"],
};

impl Resource {
    /// The type of this name.
    pub fn named(kind: &str) -> Option<&'static Self> {
        [&ACCOUNTS, &CDR_EXPORTS, &CHART_ACTIVE_CALLS].into_iter().find(|resource| resource.kind == kind)
    }

    /// Whether it has an attribute or relationship of this name, or it is the id.
    pub fn has_field(&self, name: &str) -> bool {
        name == "id" || self.attributes.contains(&name) || self.relationships.contains(&name)
    }
}
