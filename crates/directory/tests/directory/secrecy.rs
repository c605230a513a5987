//! Nothing private is in what a log line could hold.

use directory::DirectoryFile;

use crate::fixture::{NOW, SMALL, directory, number, owner, parse, small_with};

/// What must not appear: secrets, their hashes and digests, names and numbers.
fn private(directory: &directory::Directory) -> Vec<String> {
    let snapshot = directory.snapshot();
    let device = snapshot.device_by_sip_user("acme-1").expect("the device is there");
    let user = snapshot.user_by_login("ann").expect("the user is there");
    let auth = snapshot.entries().trunks[0].auth.as_ref().expect("the trunk has a login");
    let hashes = [&device.ha1_md5, &device.ha1_sha256, &user.password_hash, &auth.ha1_md5, &auth.ha1_sha256];
    let words = [
        "ann-password",
        "device-secret",
        "trunk-password",
        "trunk-user",
        "Ann",
        "acme",
        "Acme",
        "4930",
        "1001",
        "west",
        "192.0.2",
    ];
    hashes.into_iter().map(ToString::to_string).chain(words.map(str::to_owned)).collect()
}

fn check(private: &[String], shown: &str) {
    for text in private {
        assert!(!shown.contains(text.as_str()), "{text} is in {shown}");
    }
}

#[test]
fn debug_output_of_entries_shows_nothing_private() {
    let directory = directory(SMALL);
    let private = private(&directory);
    let snapshot = directory.snapshot();
    let entries = snapshot.entries();
    check(&private, &format!("{snapshot:?} {entries:?} {:?}", parse(SMALL)));
    check(&private, &format!("{:?} {:?} {:?}", entries.customers, entries.accounts, entries.centers));
    check(&private, &format!("{:?} {:?} {:?}", entries.users, entries.devices, entries.extensions));
    check(&private, &format!("{:?} {:?} {:?}", entries.numbers, entries.trunks, entries.trunks[0].auth));
    let ann = snapshot.user_by_login("ann").unwrap();
    check(&private, &format!("{:?}", snapshot.access_of(ann)));
}

#[test]
fn debug_output_of_routing_shows_nothing_private() {
    let directory = directory(SMALL);
    let (private, snapshot) = (private(&directory), directory.snapshot());
    for dialed in ["1001", "+493012345678", "4989123456"] {
        let found =
            snapshot.route(owner(&snapshot, 10), directory::routing::Via::Device(None), &number(dialed), NOW);
        check(&private, &format!("{:?}", found.unwrap()));
    }
}

#[test]
fn debug_output_of_changes_and_errors_shows_nothing_private() {
    let directory = directory("realm = \"x\"");
    let changes = directory.apply(&parse(SMALL)).unwrap();
    let private = private(&directory);
    check(&private, &format!("{changes:?} {:?}", changes.iter().collect::<Vec<_>>()));
    let wrong = small_with("name = \"west\"", "name = 5\npassword = \"device-secret\"");
    let error = DirectoryFile::parse("directory.toml", &wrong).unwrap_err();
    check(&private, &format!("{error:?} {error}"));
}

#[test]
fn what_is_shown_holds_hashes_and_no_secrets() {
    let shown = directory(SMALL).snapshot().to_toml();
    for secret in ["ann-password", "device-secret", "trunk-password"] {
        assert!(!shown.contains(secret));
    }
    assert!(shown.contains("password_hash = \"$argon2id$"));
}
