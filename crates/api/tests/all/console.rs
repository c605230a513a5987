//! The console: pages, forms and the stream, as a browser sees them.

mod calls;
mod directory;
mod history;
mod pages;
mod phone;
mod signing_in;
