//! Who is who and who may do what: customers, accounts, centers, users, devices, extensions, numbers,
//! trunks, rate plans and networks.
//!
//! Read from an immutable [`Snapshot`] without locks; changed by applying a whole file, which is written
//! through to SQLite. Secrets are kept as hashes or digests only.

pub mod access;
pub mod audit;
pub mod authentication;
pub mod bearers;
pub mod changes;
pub mod country;
pub mod digest;
mod entries;
pub mod error;
pub mod file;
pub mod mac;
pub mod mailboxes;
pub mod model;
pub mod network;
pub mod notices;
pub mod password;
mod prefix;
pub mod rating;
mod renumber;
pub mod routing;
mod screening;
pub mod snapshot;
mod sources;
mod stopped;
pub mod store;
pub mod tokens;
mod words;

pub use access::Access;
pub use audit::{Author, Interface, Who};
pub use authentication::AuthenticationError;
pub use bearers::Bearers;
pub use changes::Changes;
pub use error::{DirectoryError, ItemError};
pub use file::DirectoryFile;
pub use notices::LimitNotices;
pub use snapshot::Snapshot;
pub use stopped::Stopped;
pub use store::{Changing, Directory};
pub use tokens::Tokens;
