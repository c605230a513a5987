//! What the tests of the machine share: an office for its world, and ladders as text.

pub mod ladder;
pub mod office;
pub mod print;
pub mod words;
