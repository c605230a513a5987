//! Customers and what is theirs: centers, accounts, users, applications.

use super::{Compared, differing, of_account, of_customer};
use crate::{
    audit::Whose,
    file::Entry,
    model::{Account, Application, Center, Customer, User},
    snapshot::Snapshot,
};

impl Compared for Customer {
    type Key = call::CustomerId;

    fn key(&self) -> Self::Key {
        self.id
    }

    fn title(&self, _: &Snapshot) -> String {
        format!("customer {:?}", self.name)
    }

    fn differences(&self, other: &Self) -> Vec<&'static str> {
        differing!(
            self, other,
            "name": name, "keep_days": keep.calls, "keep_recordings_days": keep.recordings,
            "hidden_cdr_fields": hidden,
        )
    }

    fn whose(&self, _: &Snapshot) -> Whose {
        of_customer(self.id)
    }

    fn entry(&self) -> Entry<'_> {
        Entry::Customer(self)
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

    fn entry(&self) -> Entry<'_> {
        Entry::Center(self)
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
        differing!(self, other, "uuid": uuid, "name": name, "customer": customer, "center": center, "limits": limits, "billing": billing, "calling": calling, "rings": rings)
    }

    fn whose(&self, _: &Snapshot) -> Whose {
        Whose { customer: Some(self.customer), account: Some(self.id) }
    }

    fn entry(&self) -> Entry<'_> {
        Entry::Account(self)
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
            "profile": profile, "scopes": scope,
        )
    }

    fn whose(&self, _: &Snapshot) -> Whose {
        of_customer(self.customer)
    }

    fn entry(&self) -> Entry<'_> {
        Entry::User(self)
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
            "scopes": scope,
        )
    }

    fn whose(&self, directory: &Snapshot) -> Whose {
        of_account(directory, self.account)
    }

    fn entry(&self) -> Entry<'_> {
        Entry::Application(self)
    }
}
