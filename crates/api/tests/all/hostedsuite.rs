//! HostedSuite's search of call records.

mod credentials;
mod dates;
mod errors;
mod filters;
mod formats;
mod golden;
mod paging;
mod property;
mod records;
mod requests;
mod sort;
mod visibility;
mod world;
