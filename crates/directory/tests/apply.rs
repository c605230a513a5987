//! Applying a file, and what it changes.

use directory::{Directory, DirectoryFile};

const EXAMPLE: &str = include_str!("../../../config/directory.example.toml");

fn parse(text: &str) -> DirectoryFile {
    DirectoryFile::parse("directory.toml", text).expect("the file has no mistakes")
}

#[test]
fn the_example_is_without_mistakes_and_applying_it_again_changes_nothing() {
    let directory = Directory::in_memory().unwrap();
    let changes = directory.apply(&parse(EXAMPLE)).unwrap();
    assert_eq!(changes.len(), 14);
    assert_eq!(directory.apply(&parse(EXAMPLE)).unwrap().to_string(), "no changes");
}

#[test]
fn what_is_shown_can_be_applied_and_changes_nothing() {
    let directory = Directory::in_memory().unwrap();
    directory.apply(&parse(EXAMPLE)).unwrap();
    let shown = directory.snapshot().to_toml();
    assert_eq!(directory.apply(&parse(&shown)).unwrap().to_string(), "no changes");
}
