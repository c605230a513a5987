//! The HTTP side as clients see it: a whole server in a test, without sockets.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on shall fail")]

mod console;
mod coverage;
mod files;
mod fuzzing;
mod harness;
mod hostedsuite;
mod howto;
mod layers;
mod log;
mod native;
mod openapi;
mod searches;
mod serve;
mod vonage;
mod webhooks;
mod yeti;
