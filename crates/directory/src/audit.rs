//! The audit trail: each change of what is kept here, with who made it, from where, and what was before and after.
//! Entries are written in the transaction of their change. Secrets are not in them.

mod shown;

use std::{net::IpAddr, sync::Arc};

use call::{AccountId, CustomerId, Timestamp};

pub(crate) use shown::{difference, redacted};

use crate::{access::Access, model::User, words::Word};

/// Who makes a change, and from where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Author {
    /// Who.
    pub who: Who,
    /// The address that it comes from; `None` if it is made on the server's machine.
    pub source: Option<IpAddr>,
    /// By which interface.
    pub interface: Interface,
    /// When.
    pub at: Timestamp,
}

/// Who makes a change.
#[derive(Clone, PartialEq, Eq)]
pub enum Who {
    /// The server itself, as in the demo.
    Server,
    /// Whoever is at the command line, by the name that the system has for them.
    System(Arc<str>),
    /// Somebody in one of the operator's networks.
    Operator,
    /// A person, by login.
    User(Arc<str>),
    /// The holder of a token that is nobody's in person.
    Token,
}

/// An interface that changes are made by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interface {
    /// The command line.
    CommandLine,
    /// The native interface.
    Native,
    /// The Yeti dialect.
    Yeti,
    /// The Vonage dialect.
    Vonage,
    /// The HostedSuite dialect.
    HostedSuite,
    /// The console.
    Console,
}

/// What has become of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuditAction {
    /// It is new.
    Added,
    /// It is another.
    Changed,
    /// It is gone.
    Removed,
}

/// Whose an entry is; the operator's own if nobody's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Whose {
    /// The customer.
    pub customer: Option<CustomerId>,
    /// The account, if it is of one.
    pub account: Option<AccountId>,
}

/// A change to be noted.
#[derive(Clone, PartialEq, Eq)]
pub struct Noted {
    /// Whose the entry is.
    pub whose: Whose,
    /// What has become of it.
    pub action: AuditAction,
    /// What a person calls it. Holds names and numbers: not for the log.
    pub entry: String,
    /// What it was, without secrets; of a changed one, what is another now.
    pub before: Option<String>,
    /// What it is.
    pub after: Option<String>,
}

/// A change that was noted.
#[derive(Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// Its number: later changes have greater ones.
    pub id: i64,
    /// Who made it.
    pub author: Author,
    /// What it is.
    pub noted: Noted,
}

/// Which entries are wanted; they come newest first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AuditQuery {
    /// Whose.
    pub scope: AuditScope,
    /// Of one account.
    pub account: Option<AccountId>,
    /// By one login or name of the system.
    pub by: Option<String>,
    /// By one interface.
    pub interface: Option<Interface>,
    /// What has become of it.
    pub action: Option<AuditAction>,
    /// At an instant or later.
    pub from: Option<Timestamp>,
    /// Before an instant.
    pub until: Option<Timestamp>,
    /// Older than the entry of a number.
    pub before: Option<i64>,
    /// At most so many.
    pub limit: u32,
}

/// Whose entries may be seen.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum AuditScope {
    /// Nobody's.
    #[default]
    Nothing,
    /// Everybody's, and the operator's own.
    All,
    /// Those of some accounts, and with a customer, what is the customer's and of no account.
    Of {
        /// The customer, for whoever sees all of it.
        customer: Option<CustomerId>,
        /// The accounts.
        accounts: Vec<AccountId>,
    },
}

impl AuditScope {
    /// What whoever has this access may see: what is of its accounts, and if a user sees a whole customer, the
    /// customer's too.
    pub fn of(access: &Access, user: Option<&User>) -> Self {
        let of_all = user.filter(|user| user.accounts.is_empty() && user.centers.is_empty());
        Self::Of { customer: of_all.map(|user| user.customer), accounts: access.accounts().to_vec() }
    }
}

impl Author {
    /// The server itself, now.
    pub fn server() -> Self {
        let at = Timestamp::from_micros(jiff::Timestamp::now().as_microsecond());
        Self { who: Who::Server, source: None, interface: Interface::CommandLine, at }
    }
}

impl Who {
    /// What kind of author it is, and the name, if it has one.
    pub fn parts(&self) -> (&'static str, Option<&str>) {
        match self {
            Self::Server => ("server", None),
            Self::System(name) => ("system", Some(name)),
            Self::Operator => ("operator", None),
            Self::User(login) => ("user", Some(login)),
            Self::Token => ("token", None),
        }
    }

    pub(crate) fn from_parts(kind: &str, name: Option<Arc<str>>) -> Option<Self> {
        match (kind, name) {
            ("server", None) => Some(Self::Server),
            ("system", Some(name)) => Some(Self::System(name)),
            ("operator", None) => Some(Self::Operator),
            ("user", Some(login)) => Some(Self::User(login)),
            ("token", None) => Some(Self::Token),
            _ => None,
        }
    }
}

impl std::fmt::Debug for Who {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.parts().0)
    }
}

impl std::fmt::Debug for Noted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Noted")
            .field("whose", &self.whose)
            .field("action", &self.action)
            .finish_non_exhaustive()
    }
}

impl std::fmt::Debug for AuditEntry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AuditEntry").field("id", &self.id).finish_non_exhaustive()
    }
}

impl Interface {
    /// The interface in one word.
    pub fn name(self) -> &'static str {
        self.word()
    }

    /// The interface of a word.
    pub fn named(name: &str) -> Option<Self> {
        Self::from_word(name)
    }
}

impl AuditAction {
    /// The action in one word.
    pub fn name(self) -> &'static str {
        self.word()
    }

    /// The action of a word.
    pub fn named(name: &str) -> Option<Self> {
        Self::from_word(name)
    }
}

impl Word for Interface {
    const WORDS: &'static [(Self, &'static str)] = &[
        (Self::CommandLine, "command-line"),
        (Self::Native, "native"),
        (Self::Yeti, "yeti"),
        (Self::Vonage, "vonage"),
        (Self::HostedSuite, "hostedsuite"),
        (Self::Console, "console"),
    ];
}

impl Word for AuditAction {
    const WORDS: &'static [(Self, &'static str)] =
        &[(Self::Added, "added"), (Self::Changed, "changed"), (Self::Removed, "removed")];
}
