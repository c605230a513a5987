//! The whole server over real SIP, RTP and HTTP: SIPp calls and is called, clients of the three dialects ask.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod attacking;
mod bad_input;
mod bounds;
mod browser;
mod clocks;
mod console;
mod crash;
mod damaged;
mod demo;
mod described;
mod directory;
mod durability;
mod flows;
mod harness;
mod hostedsuite;
mod https;
mod identity;
mod live_list;
mod media;
mod models;
mod money;
mod openid;
mod operating;
mod outcomes;
mod phone;
mod returning;
mod scene;
mod secrecy;
mod soak;
mod softphone;
mod spending;
mod stopping;
mod verbs;
mod web;
mod webhooks;
