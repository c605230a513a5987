//! For tests only: calls written as text tables.

pub mod event_table;
