//! The built-in switch over real sockets, with phones and trunks that share no code with it.

#![allow(clippy::unwrap_used, reason = "the user agents are part of the tests")]

mod answering;
mod attended;
mod calls;
mod commands;
mod connections;
mod descriptions;
mod early;
mod endings;
mod features;
mod forks;
mod guarding;
mod hiding;
mod holding;
mod identities;
mod interop;
mod leftovers;
mod lifetimes;
mod limits;
mod login;
mod names;
mod numbers;
mod offers;
mod parking;
mod probing;
mod races;
mod rates;
mod reasons;
mod redirecting;
mod referring;
mod registering;
mod reliable;
mod secured;
mod sounds;
mod support;
mod taking;
mod texts;
mod timers;
mod torture;
mod transferring;
mod trunk_registering;
mod trunks;
mod updates;
mod waiting;
mod working;
