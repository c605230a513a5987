//! What applying a file changes. Names fields, never shows their values.

use std::{collections::HashMap, fmt, hash::Hash};

use crate::{
    audit::{AuditAction, Noted, Whose, difference, redacted},
    file::Entry,
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
    noted: Noted,
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
            let (before, after) =
                (format!("realm = {:?}", old.realm()), format!("realm = {:?}", new.realm()));
            let action = Action::Changed(vec!["realm"]);
            changes.push("directory".to_owned(), action, Whose::default(), (before, after));
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
            let was = before.remove(&entry.key());
            let action = match was {
                None => Action::Added,
                Some(was) if was == entry => continue,
                Some(was) => Action::Changed(was.differences(entry)),
            };
            let was = was.map(|was| was.shown(old)).unwrap_or_default();
            self.push(entry.title(new), action, entry.whose(new), (was, entry.shown(new)));
        }
        for gone in from.iter().filter(|entry| before.contains_key(&entry.key())) {
            let shown = (gone.shown(old), String::new());
            self.push(gone.title(old), Action::Removed, gone.whose(old), shown);
        }
    }

    fn push(&mut self, entry: String, action: Action, whose: Whose, (before, after): (String, String)) {
        let (happened, before, after) = match &action {
            Action::Added => (AuditAction::Added, None, Some(redacted(&after))),
            Action::Removed => (AuditAction::Removed, Some(redacted(&before)), None),
            Action::Changed(_) => {
                let (before, after) = difference(&before, &after);
                (AuditAction::Changed, Some(before), Some(after))
            }
        };
        let noted = Noted { whose, action: happened, entry: entry.clone(), before, after };
        self.0.push(Change { entry, action, noted });
    }

    /// As the audit trail has them.
    pub(crate) fn noted(&self) -> Vec<&Noted> {
        self.0.iter().map(|change| &change.noted).collect()
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

    /// Whose it is; the operator's own if nobody's.
    fn whose(&self, directory: &Snapshot) -> Whose;

    /// As a directory file has it, secrets and all.
    fn shown(&self, directory: &Snapshot) -> String;
}

/// What is of an account.
fn of_account(directory: &Snapshot, account: call::AccountId) -> Whose {
    Whose { customer: directory.account(account).map(|account| account.customer), account: Some(account) }
}

fn of_customer(customer: call::CustomerId) -> Whose {
    Whose { customer: Some(customer), account: None }
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

    fn whose(&self, _: &Snapshot) -> Whose {
        of_customer(self.id)
    }

    fn shown(&self, directory: &Snapshot) -> String {
        directory.shown(Entry::Customer(self))
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

    fn whose(&self, _: &Snapshot) -> Whose {
        of_customer(self.customer)
    }

    fn shown(&self, directory: &Snapshot) -> String {
        directory.shown(Entry::Center(self))
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
        differing!(self, other, "uuid": uuid, "name": name, "customer": customer, "center": center, "limits": limits, "billing": billing, "calling": calling)
    }

    fn whose(&self, _: &Snapshot) -> Whose {
        Whose { customer: Some(self.customer), account: Some(self.id) }
    }

    fn shown(&self, directory: &Snapshot) -> String {
        directory.shown(Entry::Account(self))
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
            "caller_id": caller_id, "caller_name": caller_name, "spending": spending,
        )
    }

    fn whose(&self, directory: &Snapshot) -> Whose {
        of_account(directory, self.account)
    }

    fn shown(&self, directory: &Snapshot) -> String {
        directory.shown(Entry::Device(self))
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

    fn whose(&self, directory: &Snapshot) -> Whose {
        of_account(directory, self.account)
    }

    fn shown(&self, directory: &Snapshot) -> String {
        directory.shown(Entry::Extension(self))
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

    fn whose(&self, directory: &Snapshot) -> Whose {
        of_account(directory, self.account)
    }

    fn shown(&self, directory: &Snapshot) -> String {
        directory.shown(Entry::DidNumber(self))
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

    fn whose(&self, _: &Snapshot) -> Whose {
        of_customer(self.customer)
    }

    fn shown(&self, directory: &Snapshot) -> String {
        directory.shown(Entry::User(self))
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

    fn whose(&self, directory: &Snapshot) -> Whose {
        of_account(directory, self.account)
    }

    fn shown(&self, directory: &Snapshot) -> String {
        directory.shown(Entry::Application(self))
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

    fn whose(&self, _: &Snapshot) -> Whose {
        Whose::default()
    }

    fn shown(&self, directory: &Snapshot) -> String {
        directory.shown(Entry::Trunk(self))
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

    fn whose(&self, _: &Snapshot) -> Whose {
        Whose::default()
    }

    fn shown(&self, directory: &Snapshot) -> String {
        directory.shown(Entry::RatePlan(self))
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

    fn whose(&self, _: &Snapshot) -> Whose {
        Whose::default()
    }

    fn shown(&self, directory: &Snapshot) -> String {
        directory.shown(Entry::Profile(self))
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

    fn whose(&self, _: &Snapshot) -> Whose {
        of_customer(self.customer)
    }

    fn shown(&self, directory: &Snapshot) -> String {
        directory.shown(Entry::Numberlist(self))
    }
}
