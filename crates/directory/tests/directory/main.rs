//! The directory: its file, its database, and what is looked up in it.

mod applications;
mod apply;
mod audit;
mod authentication;
mod calling;
mod country;
mod fixture;
mod mistakes;
mod network;
mod numberlists;
mod prop_show;
mod rating;
mod rings;
mod routing;
mod secrecy;
mod store;
mod tokens;
mod webhooks;
