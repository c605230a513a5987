//! Programs that may ask for tokens.

use directory::{
    DirectoryFile,
    model::{Area, Scope},
};

use crate::fixture::{directory, parse, small_and, snapshot};

const DIALER: &str = r#"
[[applications]]
client_id = "dialer"
name = "Dialer"
account = 10
secret = "a secret that nobody can guess"
redirect_uris = ["https://dialer.example.com/back?x=1", "http://127.0.0.1:8123/back", "com.example.dialer:/back"]

[[applications]]
client_id = "browser"
name = "In the browser"
account = 20
"#;

#[test]
fn an_application_is_known_by_its_client_id_and_keeps_no_secret_here() {
    let snapshot = snapshot(&small_and(DIALER));
    let dialer = snapshot.application("dialer").unwrap();
    assert_eq!((dialer.account.0, &*dialer.name, dialer.redirect_uris.len()), (10, "Dialer", 3));
    let digest = directory::digest::sha256("a secret that nobody can guess");
    assert_eq!(dialer.secret_sha256, Some(digest));
    assert_eq!(snapshot.application("browser").unwrap().secret_sha256, None);
    assert!(snapshot.application("nobody").is_none());
    assert!(!snapshot.to_toml().contains("nobody can guess"));
}

#[test]
fn what_is_shown_of_applications_changes_nothing_when_it_is_applied() {
    let directory = directory(&small_and(DIALER));
    let shown = directory.snapshot().to_toml();
    assert!(directory.apply(&parse(&shown)).unwrap().is_empty());
    assert_eq!(directory.snapshot().to_toml(), shown);
}

#[test]
fn a_change_of_an_application_is_told_without_its_secret() {
    let directory = directory(&small_and(DIALER));
    let changed = small_and(&DIALER.replace("can guess", "ever guessed").replace("\"Dialer\"", "\"D\""));
    assert_eq!(
        directory.apply(&parse(&changed)).unwrap().to_string(),
        "~ application \"dialer\": name, secret"
    );
    let without = directory.apply(&parse(&small_and(""))).unwrap();
    assert_eq!(without.to_string(), "- application \"browser\"\n- application \"dialer\"");
}

#[test]
fn what_is_wrong_with_an_application_is_told_and_its_secret_is_not() {
    let said = |old: &str, new: &str| {
        assert!(DIALER.contains(old));
        let text = small_and(&DIALER.replace(old, new));
        DirectoryFile::parse("directory.toml", &text).unwrap_err().to_string()
    };
    let secret = "a secret that nobody can guess";
    let short = said(secret, "short-secret");
    assert!(short.contains("applications.secret: found another string (not shown)"), "{short}");
    let both = said("account = 10", &format!("account = 10\nsecret_sha256 = \"{}\"", "a".repeat(64)));
    assert!(both.contains("either secret or secret_sha256") && !both.contains(secret), "{both}");
    assert!(said("\"browser\"", "\"dialer\"").contains("a client_id that no other application has"));
    assert!(said("account = 20", "account = 21").contains("applications.account: found 21"));
    for uri in [
        "http://dialer.example.com/back",
        "https://",
        "https:/back",
        "https://name@dialer.example.com/back",
        "https://dialer.example.com/back#part",
        "https://dialer.example.com/ back",
        "javascript:alert(1)",
        "/back",
        "",
    ] {
        let told = said("com.example.dialer:/back", uri);
        assert!(told.contains("applications.redirect_uris: found"), "{uri}: {told}");
    }
}

#[test]
fn an_application_and_a_user_may_be_held_to_some_areas() {
    let scoped = "role = \"manager\"\nscopes = [\"events\", \"calls\"]";
    let dialer = DIALER.replace("account = 20", "account = 20\nscopes = [\"history\"]");
    let text = small_and(&dialer).replace("role = \"manager\"", scoped);
    let directory = directory(&small_and(DIALER));
    let told = directory.apply(&parse(&text)).unwrap().to_string();
    assert_eq!(told, "~ user \"ann\": scopes\n~ application \"browser\": scopes");
    let snapshot = directory.snapshot();
    let ann = snapshot.user_by_login("ann").unwrap();
    assert_eq!(ann.scope, Scope::of(&[Area::Calls, Area::Events]));
    assert_eq!(snapshot.application("browser").unwrap().scope, Scope::of(&[Area::History]));
    assert_eq!(snapshot.application("dialer").unwrap().scope, Scope::ALL);
    let shown = snapshot.to_toml();
    assert!(shown.contains("scopes = [\"calls\", \"events\"]"), "{shown}");
    assert!(directory.apply(&parse(&shown)).unwrap().is_empty());
    let wrong = DIALER.replace("account = 20", "account = 20\nscopes = [\"all\"]");
    let wrong = DirectoryFile::parse("directory.toml", &small_and(&wrong)).unwrap_err().to_string();
    assert!(
        wrong.contains("applications.scopes: found \"all\"; accepted: \"calls\", \"commands\""),
        "{wrong}"
    );
}
