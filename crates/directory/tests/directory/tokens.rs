//! Tokens: what they are good for, and for how long.

use std::time::Duration;

use call::{AccountId, Timestamp, UserId};
use directory::{
    model::{Area, Scope},
    tokens::{ACCESS_LIFETIME, GRACE, Grant, Issued, Print, REFRESH_LIFETIME, Refreshed, Tokens},
};

const NOW: Timestamp = Timestamp::from_seconds(1_767_355_200);
const SECOND: Duration = Duration::from_secs(1);

fn grant(user: u32) -> Grant {
    Grant {
        user: UserId(user),
        account: AccountId(10),
        client_id: "dialer".into(),
        is_openid: true,
        scope: Scope::of(&[Area::Calls, Area::History]),
        password: Print::of("hash"),
    }
}

fn renewed(tokens: &Tokens, refresh: &str, now: Timestamp) -> Option<Issued> {
    let refreshed = tokens.refresh(refresh, "dialer", now, |_| true);
    match refreshed.expect("memory takes tokens") {
        Refreshed::Renewed(_, issued) => Some(issued),
        Refreshed::Unknown | Refreshed::Revoked => None,
    }
}

#[test]
fn an_access_token_is_good_for_a_day() {
    let tokens = Tokens::in_memory().unwrap();
    let (_, issued) = tokens.issue(grant(1), NOW).unwrap();
    let last = NOW + ACCESS_LIFETIME - SECOND;
    assert_eq!(tokens.access(&issued.access, last), Some(grant(1)));
    assert_eq!(tokens.access(&issued.access, NOW + ACCESS_LIFETIME), None);
    assert_eq!(tokens.access(&issued.refresh, NOW), None);
    assert_eq!(tokens.access("", NOW), None);
}

#[test]
fn refreshing_gives_new_tokens_and_ends_both_old_ones() {
    let tokens = Tokens::in_memory().unwrap();
    let (_, first) = tokens.issue(grant(1), NOW).unwrap();
    let second = renewed(&tokens, &first.refresh, NOW + REFRESH_LIFETIME - SECOND).unwrap();
    let later = NOW + REFRESH_LIFETIME;
    assert_eq!(tokens.access(&second.access, later), Some(grant(1)));
    assert_eq!(tokens.access(&first.access, NOW), None);
    assert!(renewed(&tokens, &second.refresh, later).is_some());
}

#[test]
fn a_refresh_token_that_comes_twice_ends_all_that_came_of_it() {
    let tokens = Tokens::in_memory().unwrap();
    let (_, first) = tokens.issue(grant(1), NOW).unwrap();
    let (_, other) = tokens.issue(grant(1), NOW).unwrap();
    let second = renewed(&tokens, &first.refresh, NOW).unwrap();
    let third = renewed(&tokens, &second.refresh, NOW).unwrap();
    let again = tokens.refresh(&first.refresh, "dialer", NOW + GRACE, |_| true).unwrap();
    assert!(matches!(again, Refreshed::Revoked));
    assert_eq!(tokens.access(&third.access, NOW), None);
    assert!(renewed(&tokens, &third.refresh, NOW).is_none());
    assert_eq!(tokens.access(&other.access, NOW), Some(grant(1)));
}

#[test]
fn two_that_refresh_at_once_get_tokens_each_that_live_on_and_end_together() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tokens.db");
    let tokens = Tokens::open(&path, NOW).unwrap();
    let (_, first) = tokens.issue(grant(1), NOW).unwrap();
    let one = renewed(&tokens, &first.refresh, NOW).unwrap();
    let other = renewed(&tokens, &first.refresh, NOW + GRACE - SECOND).unwrap();
    let later = NOW + GRACE;
    let (one, other) =
        (renewed(&tokens, &one.refresh, later).unwrap(), renewed(&tokens, &other.refresh, later).unwrap());
    drop(tokens);
    let tokens = Tokens::open(&path, NOW).unwrap();
    let are_good =
        |tokens: &Tokens| [&one, &other].map(|issued| tokens.access(&issued.access, later) == Some(grant(1)));
    assert_eq!(are_good(&tokens), [true, true]);
    let again = tokens.refresh(&first.refresh, "dialer", later, |_| true).unwrap();
    assert!(matches!(again, Refreshed::Revoked));
    assert_eq!(are_good(&tokens), [false, false]);
    drop(tokens);
    assert_eq!(are_good(&Tokens::open(&path, NOW).unwrap()), [false, false]);
}

#[test]
fn a_database_of_the_layout_before_is_read_and_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tokens.db");
    let tokens = Tokens::open(&path, NOW).unwrap();
    let (_, issued) = tokens.issue(grant(1), NOW).unwrap();
    drop(tokens);
    let db = rusqlite::Connection::open(&path).unwrap();
    let script = "ALTER TABLE grants DROP COLUMN family; ALTER TABLE grants DROP COLUMN scope; PRAGMA user_version = 1;";
    db.execute_batch(script).unwrap();
    drop(db);
    let tokens = Tokens::open(&path, NOW).unwrap();
    // What was given without a scope is good for everything.
    let before = Grant { scope: Scope::ALL, ..grant(1) };
    assert_eq!(tokens.access(&issued.access, NOW), Some(before));
    assert!(renewed(&tokens, &issued.refresh, NOW).is_some());
    assert!(renewed(&tokens, &issued.refresh, NOW).is_some());
}

#[test]
fn a_refresh_token_expires_and_is_no_other_applications() {
    let tokens = Tokens::in_memory().unwrap();
    let (_, issued) = tokens.issue(grant(1), NOW).unwrap();
    let theirs = tokens.refresh(&issued.refresh, "another", NOW, |_| true).unwrap();
    assert!(matches!(theirs, Refreshed::Unknown));
    assert!(renewed(&tokens, &issued.refresh, NOW + REFRESH_LIFETIME).is_none());
    assert!(renewed(&tokens, &issued.refresh, NOW).is_some());
}

#[test]
fn a_grant_that_is_good_no_more_is_revoked_when_it_is_refreshed() {
    let tokens = Tokens::in_memory().unwrap();
    let (_, issued) = tokens.issue(grant(1), NOW).unwrap();
    let outcome = tokens.refresh(&issued.refresh, "dialer", NOW, |_| false).unwrap();
    assert!(matches!(outcome, Refreshed::Revoked));
    assert_eq!(tokens.access(&issued.access, NOW), None);
}

#[test]
fn revoking_either_token_ends_both_but_only_for_their_application() {
    let tokens = Tokens::in_memory().unwrap();
    for is_access in [true, false] {
        let (_, issued) = tokens.issue(grant(1), NOW).unwrap();
        let token = if is_access { &issued.access } else { &issued.refresh };
        tokens.revoke(token, "another", NOW).unwrap();
        assert_eq!(tokens.access(&issued.access, NOW), Some(grant(1)));
        tokens.revoke(token, "dialer", NOW).unwrap();
        tokens.revoke(token, "dialer", NOW).unwrap();
        assert_eq!(tokens.access(&issued.access, NOW), None);
        assert!(renewed(&tokens, &issued.refresh, NOW).is_none());
    }
}

#[test]
fn everything_is_there_after_a_restart_and_the_file_holds_no_token() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tokens.db");
    let tokens = Tokens::open(&path, NOW).unwrap();
    let (_, first) = tokens.issue(grant(1), NOW).unwrap();
    let second = renewed(&tokens, &first.refresh, NOW).unwrap();
    let (revoked, gone) = tokens.issue(grant(2), NOW).unwrap();
    tokens.revoke_grant(revoked).unwrap();
    drop(tokens);
    for file in std::fs::read_dir(folder.path()).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        let text = String::from_utf8_lossy(&bytes);
        assert!(!text.contains(&second.access) && !text.contains(&second.refresh));
    }
    let tokens = Tokens::open(&path, NOW).unwrap();
    assert_eq!(tokens.access(&second.access, NOW), Some(grant(1)));
    assert_eq!(tokens.access(&gone.access, NOW), None);
    let again = tokens.refresh(&first.refresh, "dialer", NOW, |_| true).unwrap();
    assert!(matches!(again, Refreshed::Revoked));
    drop(tokens);
    let tokens = Tokens::open(&path, NOW).unwrap();
    assert_eq!(tokens.access(&second.access, NOW), None);
}

#[test]
fn the_oldest_of_too_many_grants_makes_room() {
    let tokens = Tokens::in_memory().unwrap();
    let (_, other) = tokens.issue(grant(2), NOW).unwrap();
    let issued: Vec<_> = (0..51).map(|_| tokens.issue(grant(1), NOW).unwrap().1).collect();
    assert_eq!(tokens.access(&issued[0].access, NOW), None);
    assert!(issued[1..].iter().all(|issued| tokens.access(&issued.access, NOW).is_some()));
    assert!(tokens.access(&other.access, NOW).is_some());
}
