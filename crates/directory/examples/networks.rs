//! Prints the table of networks, for `crates/directory/src/network/prefixes.txt`.

#[path = "../tests/directory/network/derive.rs"]
mod derive;

#[expect(clippy::print_stdout, reason = "this is what it is for")]
fn main() {
    print!("{}", derive::table());
}
