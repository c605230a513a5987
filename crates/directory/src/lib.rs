//! Who is who and who may do what: customers, accounts, centers, users, devices, extensions, numbers,
//! trunks and rates.
//!
//! Read from an immutable [`Snapshot`] without locks; changed by applying a whole file, which is written
//! through to SQLite. Secrets are kept as hashes or digests only.

pub mod access;
pub mod country;
pub mod model;
pub mod routing;
pub mod snapshot;

pub use access::Access;
pub use snapshot::Snapshot;
