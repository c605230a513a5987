//! Webhooks that the directory file registers.

use call::ErrorCode;
use directory::{Directory, DirectoryFile, model::WebhookFormat};

use crate::fixture::{directory, parse, small_and};

const SECRET: &str = "whsec_bm90IHRoZSBzZWNyZXQgb2YgYW55Ym9keSBhbGl2ZQ==";
const OTHER: &str = "whsec_YW5vdGhlciBzZWNyZXQgb2Ygbm9ib2R5IGFsaXZlIQ==";
const HOOK: &str = r#"
[[webhooks]]
account = 10
name = "crm"
url = "https://crm.example.com/hook"
types = ["leg.ended", "call"]
trunk = "west"
secret = "whsec_bm90IHRoZSBzZWNyZXQgb2YgYW55Ym9keSBhbGl2ZQ=="
"#;

fn said(old: &str, new: &str) -> String {
    assert!(HOOK.contains(old), "{old}");
    let text = small_and(&HOOK.replace(old, new));
    DirectoryFile::parse("directory.toml", &text).expect_err("the file has mistakes").to_string()
}

#[test]
fn a_webhook_is_kept_with_its_secret_which_is_not_shown() {
    let directory = directory(&small_and(HOOK));
    let snapshot = directory.snapshot();
    let [hook] = &snapshot.entries().webhooks[..] else { panic!("there is one") };
    assert_eq!((hook.account.0, &*hook.name, hook.format), (10, "crm", WebhookFormat::CloudEvents));
    assert_eq!(hook.secret.text(), Some(SECRET));
    assert_eq!(hook.trunk, Some(snapshot.entries().trunks[0].id));
    let shown = snapshot.to_toml();
    assert!(!shown.contains("whsec_") && shown.contains("secret_sha256 = "), "{shown}");
    assert!(!format!("{hook:?} {:?}", hook.secret).contains("whsec_"));
}

#[test]
fn what_is_shown_of_a_webhook_can_be_applied_where_its_secret_is_known_and_nowhere_else() {
    let known = directory(&small_and(HOOK));
    let shown = known.snapshot().to_toml();
    assert!(known.apply(&parse(&shown)).unwrap().is_empty());
    known.reload().unwrap();
    assert_eq!(known.snapshot().entries().webhooks[0].secret.text(), Some(SECRET));
    let error = Directory::in_memory().unwrap().apply(&parse(&shown)).unwrap_err();
    assert_eq!(error.code(), ErrorCode::InvalidInput);
    let told = error.to_string();
    assert!(told.starts_with("webhook \"crm\" of account 10: secret_sha256: found"), "{told}");
}

#[test]
fn a_change_of_a_webhook_is_told_by_its_fields() {
    let directory = directory(&small_and(HOOK));
    let changed = HOOK.replace(SECRET, OTHER).replace("hook\"", "else\"").replace("trunk = \"west\"\n", "");
    let changes = directory.apply(&parse(&small_and(&changed))).unwrap();
    assert_eq!(changes.to_string(), "~ webhook \"crm\" of account 10: url, trunk, secret");
    let gone = directory.apply(&parse(&small_and(""))).unwrap();
    assert_eq!(gone.to_string(), "- webhook \"crm\" of account 10");
}

#[test]
fn what_is_wrong_with_a_webhook_is_told_and_its_secret_is_not() {
    let secret = format!("secret = \"{SECRET}\"");
    for (old, new, expected) in [
        (
            "account = 10",
            "account = 77",
            "webhooks.account: found 77; accepted: the id of an account in this file",
        ),
        (
            "https://crm",
            "ftp://crm",
            "webhooks.url: found \"ftp://crm.example.com/hook\"; accepted: an http or https URL",
        ),
        ("https://crm", "https://ann:pw@crm", "webhooks.url: found"),
        ("leg.ended", "leg.flown", "webhooks.types: found \"leg.flown\"; accepted: a kind of event"),
        (
            "\"west\"",
            "\"north\"",
            "webhooks.trunk: found \"north\"; accepted: the name of a trunk in this file",
        ),
        (
            &*secret,
            "",
            "webhooks.secret: found nothing; accepted: one of secret, secret_env and secret_sha256",
        ),
        ("whsec_bm90", "whsec_!", "webhooks.secret: found another string (not shown); accepted: whsec_"),
        (
            &*secret,
            "secret_env = \"NOWHERE_AT_ALL\"",
            "webhooks.secret_env: found \"NOWHERE_AT_ALL\", which is no such",
        ),
        (
            &*secret,
            "secret_env = \"A\"\nsecret_sha256 = \"00\"",
            "webhooks.secret: found several secrets; accepted: one",
        ),
        ("types = ", "format = \"yeti\"\ntypes = ", "webhooks.types: found types; accepted: none"),
        (
            "types = ",
            "format = \"telex\"\ntypes = ",
            "webhooks.format: found \"telex\"; accepted: \"cloudevents\"",
        ),
        ("name = \"crm\"", "", "webhooks.name: found nothing; accepted: text"),
    ] {
        let told = said(old, new);
        assert!(told.contains(expected), "{expected} is not in {told}");
        assert!(!told.contains(SECRET), "{told}");
    }
    let twice = DirectoryFile::parse("directory.toml", &small_and(&HOOK.repeat(2))).unwrap_err().to_string();
    assert!(
        twice.contains("has already; accepted: a name that no other webhook of the account has"),
        "{twice}"
    );
}
