//! What applying a file changes. Names fields, never shows their values.

use std::{collections::HashMap, fmt, hash::Hash};

use crate::{
    model::{
        Account, Application, Center, Customer, Device, DidNumber, Extension, Numberlist, NumberlistId,
        Profile, ProfileId, RatePlan, Trunk, User,
    },
    snapshot::Snapshot,
};

/// What applying a file changed, kind by kind; in each kind first what was added or changed.
///
/// `Display` prints a line for each change, as a short diff: `+ user "ann"`, `~ trunk "west": port, routes`,
/// `- extension 1001 of account 1234`; or `no changes`.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Changes(Vec<Change>);

/// One change.
#[derive(Clone, PartialEq, Eq)]
pub struct Change {
    /// The entry, as in `user "ann"`. Holds names and numbers: not for the log.
    pub entry: String,
    /// What happened to it.
    pub action: Action,
}

/// What happened to an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// It is new.
    Added,
    /// These fields have other values.
    Changed(Vec<&'static str>),
    /// It is gone.
    Removed,
}

impl Changes {
    /// Whether nothing changed.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many entries changed.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The changes.
    pub fn iter(&self) -> impl Iterator<Item = &Change> {
        self.0.iter()
    }

    /// What makes `new` out of `old`.
    pub(crate) fn between(old: &Snapshot, new: &Snapshot) -> Self {
        let mut changes = Self::default();
        if old.realm() != new.realm() {
            changes.0.push(Change { entry: "directory".to_owned(), action: Action::Changed(vec!["realm"]) });
        }
        let (from, to) = (old.entries(), new.entries());
        changes.compare((old, &from.customers), (new, &to.customers));
        changes.compare((old, &from.centers), (new, &to.centers));
        changes.compare((old, &from.accounts), (new, &to.accounts));
        changes.compare((old, &from.devices), (new, &to.devices));
        changes.compare((old, &from.extensions), (new, &to.extensions));
        changes.compare((old, &from.numbers), (new, &to.numbers));
        changes.compare((old, &from.users), (new, &to.users));
        changes.compare((old, &from.applications), (new, &to.applications));
        changes.compare((old, &from.trunks), (new, &to.trunks));
        changes.compare((old, &from.rateplans), (new, &to.rateplans));
        changes.compare((old, &from.profiles), (new, &to.profiles));
        changes.compare((old, &from.numberlists), (new, &to.numberlists));
        changes
    }

    fn compare<T: Compared>(&mut self, (old, from): (&Snapshot, &[T]), (new, to): (&Snapshot, &[T])) {
        let mut before: HashMap<T::Key, &T> = from.iter().map(|entry| (entry.key(), entry)).collect();
        for entry in to {
            let action = match before.remove(&entry.key()) {
                None => Action::Added,
                Some(was) if was == entry => continue,
                Some(was) => Action::Changed(was.differences(entry)),
            };
            self.0.push(Change { entry: entry.title(new), action });
        }
        let removed = from.iter().filter(|entry| before.contains_key(&entry.key()));
        self.0.extend(removed.map(|entry| Change { entry: entry.title(old), action: Action::Removed }));
    }
}

impl fmt::Display for Changes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            return f.write_str("no changes");
        }
        for (at, change) in self.iter().enumerate() {
            write!(f, "{}{change}", if at == 0 { "" } else { "\n" })?;
        }
        Ok(())
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.action {
            Action::Added => write!(f, "+ {}", self.entry),
            Action::Changed(fields) => write!(f, "~ {}: {}", self.entry, fields.join(", ")),
            Action::Removed => write!(f, "- {}", self.entry),
        }
    }
}

impl fmt::Debug for Changes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Changes({})", self.len())
    }
}

impl fmt::Debug for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Change({:?})", self.action)
    }
}

/// An entry that can be compared with what it was.
trait Compared: PartialEq {
    /// What it is known by.
    type Key: Hash + Eq;

    fn key(&self) -> Self::Key;

    /// What a person calls it.
    fn title(&self, directory: &Snapshot) -> String;

    /// The fields of the file that have other values in `other`.
    fn differences(&self, other: &Self) -> Vec<&'static str>;
}

/// The names of those fields that differ between `$one` and `$other`, as the directory file names them.
macro_rules! differing {
    ($one:expr, $other:expr, $($name:literal: $($field:ident).+),* $(,)?) => {{
        let fields = [$(($name, $one.$($field).+ == $other.$($field).+)),*];
        let mut names: Vec<&'static str> =
            fields.into_iter().filter(|(_, is_equal)| !is_equal).map(|(name, _)| name).collect();
        names.dedup();
        names
    }};
}

impl Compared for Customer {
    type Key = call::CustomerId;

    fn key(&self) -> Self::Key {
        self.id
    }

    fn title(&self, _: &Snapshot) -> String {
        format!("customer {:?}", self.name)
    }

    fn differences(&self, other: &Self) -> Vec<&'static str> {
        differing!(self, other, "name": name, "keep_days": keep.calls, "keep_recordings_days": keep.recordings)
    }
}

impl Compared for Center {
    type Key = call::CenterId;

    fn key(&self) -> Self::Key {
        self.id
    }

    fn title(&self, directory: &Snapshot) -> String {
        let customer = directory.customer(self.customer).map_or("", |customer| &customer.name);
        format!("center {:?} of customer {customer:?}", self.name)
    }

    fn differences(&self, other: &Self) -> Vec<&'static str> {
        differing!(self, other, "name": name, "customer": customer)
    }
}

impl Compared for Account {
    type Key = call::AccountId;

    fn key(&self) -> Self::Key {
        self.id
    }

    fn title(&self, _: &Snapshot) -> String {
        format!("account {}", self.id)
    }

    fn differences(&self, other: &Self) -> Vec<&'static str> {
        differing!(self, other, "uuid": uuid, "name": name, "customer": customer, "center": center, "limits": limits, "billing": billing)
    }
}

impl Compared for Device {
    type Key = call::DeviceId;

    fn key(&self) -> Self::Key {
        self.id
    }

    fn title(&self, _: &Snapshot) -> String {
        format!("device {:?}", self.sip_user)
    }

    fn differences(&self, other: &Self) -> Vec<&'static str> {
        differing!(
            self, other,
            "account": account, "mac": mac, "secret": ha1_md5, "secret": ha1_sha256,
            "caller_id": caller_id, "caller_name": caller_name,
        )
    }
}

impl Compared for Extension {
    type Key = (call::AccountId, call::Number);

    fn key(&self) -> Self::Key {
        (self.account, self.number.clone())
    }

    fn title(&self, _: &Snapshot) -> String {
        format!("extension {} of account {}", self.number, self.account)
    }

    fn differences(&self, other: &Self) -> Vec<&'static str> {
        differing!(self, other, "name": name, "devices": devices)
    }
}

impl Compared for DidNumber {
    type Key = call::Number;

    fn key(&self) -> Self::Key {
        self.number.clone()
    }

    fn title(&self, _: &Snapshot) -> String {
        format!("number {}", self.number)
    }

    fn differences(&self, other: &Self) -> Vec<&'static str> {
        differing!(self, other, "account": account, "extension": extension, "screen_pop": screen_pop)
    }
}

impl Compared for User {
    type Key = call::UserId;

    fn key(&self) -> Self::Key {
        self.id
    }

    fn title(&self, _: &Snapshot) -> String {
        format!("user {:?}", self.login)
    }

    fn differences(&self, other: &Self) -> Vec<&'static str> {
        differing!(
            self, other,
            "customer": customer, "password": password_hash, "name": name, "role": role,
            "accounts": accounts, "centers": centers, "networks": networks, "extension": extension,
            "profile": profile,
        )
    }
}

impl Compared for Application {
    type Key = std::sync::Arc<str>;

    fn key(&self) -> Self::Key {
        self.client_id.clone()
    }

    fn title(&self, _: &Snapshot) -> String {
        format!("application {:?}", self.client_id)
    }

    fn differences(&self, other: &Self) -> Vec<&'static str> {
        differing!(
            self, other,
            "account": account, "name": name, "secret": secret_sha256, "redirect_uris": redirect_uris,
        )
    }
}

impl Compared for Trunk {
    type Key = call::TrunkId;

    fn key(&self) -> Self::Key {
        self.id
    }

    fn title(&self, _: &Snapshot) -> String {
        format!("trunk {:?}", self.name)
    }

    fn differences(&self, other: &Self) -> Vec<&'static str> {
        differing!(
            self, other,
            "account": account, "host": host, "port": port, "transport": transport, "sources": sources,
            "routes": routes, "transit": transit, "customers": customers, "limits": limits, "auth": auth, "register": registration,
            "probe_seconds": probe, "identity": identity,
        )
    }
}

impl Compared for RatePlan {
    type Key = std::sync::Arc<str>;

    fn key(&self) -> Self::Key {
        self.name.clone()
    }

    fn title(&self, _: &Snapshot) -> String {
        format!("rate plan {:?}", self.name)
    }

    fn differences(&self, other: &Self) -> Vec<&'static str> {
        differing!(self, other, "uuid": uuid, "rates": rates)
    }
}

impl Compared for Profile {
    type Key = ProfileId;

    fn key(&self) -> Self::Key {
        self.id
    }

    fn title(&self, _: &Snapshot) -> String {
        format!("profile {}", self.id)
    }

    fn differences(&self, other: &Self) -> Vec<&'static str> {
        differing!(self, other, "deny": denied)
    }
}

impl Compared for Numberlist {
    type Key = NumberlistId;

    fn key(&self) -> Self::Key {
        self.id
    }

    fn title(&self, _: &Snapshot) -> String {
        format!("list of numbers {}", self.id)
    }

    fn differences(&self, other: &Self) -> Vec<&'static str> {
        differing!(
            self, other,
            "name": name, "customer": customer, "accounts": accounts, "mode": mode,
            "default_action": default_action,
        )
    }
}
