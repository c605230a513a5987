//! Who a login and a password belong to, and what they may see.

use std::{
    net::IpAddr,
    time::{Duration, Instant},
};

use call::AccountId;
use directory::{AuthenticationError, Snapshot, digest, password, password::Cost};

use crate::fixture::{SMALL, directory, parse, small_and, small_with, snapshot};

const INSIDE: &str = "10.1.2.3";

fn login(
    snapshot: &Snapshot,
    customer: Option<&str>,
    login: &str,
    password: &str,
    ip: &str,
) -> Option<String> {
    let ip: IpAddr = ip.parse().expect("the test gives an address");
    match snapshot.authenticate(customer, login, password, ip) {
        Ok(user) => Some(user.login.to_string()),
        Err(AuthenticationError) => None,
    }
}

#[test]
fn login_password_customer_and_network_must_all_be_right() {
    let snapshot = snapshot(SMALL);
    let ann = Some("ann".to_owned());
    assert_eq!(login(&snapshot, None, "ann", "ann-password", INSIDE), ann);
    assert_eq!(login(&snapshot, Some("acme"), "ann", "ann-password", INSIDE), ann);
    assert_eq!(login(&snapshot, Some("bolt"), "ann", "ann-password", INSIDE), None);
    assert_eq!(login(&snapshot, Some(""), "ann", "ann-password", INSIDE), None);
    assert_eq!(login(&snapshot, None, "ann", "ann-Password", INSIDE), None);
    assert_eq!(login(&snapshot, None, "ann", "", INSIDE), None);
    assert_eq!(login(&snapshot, None, "Ann", "ann-password", INSIDE), None);
    assert_eq!(login(&snapshot, None, "bob", "ann-password", INSIDE), None);
    assert_eq!(login(&snapshot, None, "ann", "ann-password", "192.0.2.1"), None);
}

#[test]
fn an_address_is_the_same_when_it_comes_mapped_into_ipv6() {
    let snapshot = snapshot(SMALL);
    assert!(login(&snapshot, None, "ann", "ann-password", "::ffff:10.1.2.3").is_some());
    assert!(login(&snapshot, None, "ann", "ann-password", "::ffff:192.0.2.1").is_none());
}

#[test]
fn a_user_without_networks_may_come_from_anywhere() {
    let snapshot = snapshot(&small_with("networks = [\"10.0.0.0/8\"]\n", ""));
    assert!(login(&snapshot, None, "ann", "ann-password", "2001:db8::1").is_some());
}

#[test]
fn nobody_logs_in_to_an_empty_directory() {
    assert_eq!(login(&Snapshot::default(), None, "", "", INSIDE), None);
}

#[test]
fn every_refusal_is_the_same_error() {
    let error =
        snapshot(SMALL).authenticate(None, "ann", "wrong", IpAddr::from([10, 0, 0, 1])).err().unwrap();
    assert_eq!(error.to_string(), "login or password is wrong");
    assert_eq!(error.code(), call::ErrorCode::Unauthenticated);
}

/// No machine makes a hash of the recommended cost, which fills 19 MiB twice, in less.
const LEAST_TIME_OF_A_HASH: Duration = Duration::from_millis(1);

#[test]
fn an_unknown_login_costs_a_hash_too_so_that_time_does_not_tell() {
    let directory = directory("realm = \"x\"").with_password_cost(Cost::RECOMMENDED);
    directory.apply(&parse(SMALL)).unwrap();
    let begun = Instant::now();
    assert_eq!(login(&directory.snapshot(), None, "nobody", "wrong", INSIDE), None);
    assert!(begun.elapsed() > LEAST_TIME_OF_A_HASH);
}

#[test]
fn a_password_hash_is_taken_as_it_is_and_a_kept_one_survives_another_cost() {
    let hash = password::hash("ann-password", Cost::LEAST).unwrap();
    let hashed = small_with("password = \"ann-password\"", &format!("password_hash = \"{hash}\""));
    let directory = directory(&hashed).with_password_cost(Cost::RECOMMENDED);
    let stored = directory.snapshot().user_by_login("ann").unwrap().password_hash.clone();
    assert_eq!(stored, hash);
    assert_eq!(directory.apply(&parse(SMALL)).unwrap().to_string(), "no changes");
    let kept = directory.snapshot().user_by_login("ann").unwrap().password_hash.clone();
    assert_eq!(kept, hash);
}

#[test]
fn two_hashes_of_a_password_differ_and_both_verify() {
    let hashes = [(); 2].map(|()| password::hash("secret", Cost::LEAST).unwrap());
    assert_ne!(hashes[0], hashes[1]);
    assert!(hashes.iter().all(|hash| password::verify("secret", hash) && !password::verify("Secret", hash)));
    assert!(!password::verify("secret", "not a hash"));
}

#[test]
fn the_usual_cost_is_what_owasp_recommends() {
    let hash = password::hash("secret", Cost::RECOMMENDED).unwrap();
    assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
}

#[test]
fn only_argon2id_hashes_are_hashes() {
    let hash = password::hash("secret", Cost::LEAST).unwrap();
    assert!(password::is_hash(&hash));
    let wrong = [
        String::new(),
        "secret".to_owned(),
        hash.replace("argon2id", "argon2i"),
        hash.replace("m=8", "m=1"),
        hash.rsplit_once('$').unwrap().0.to_owned(),
    ];
    assert!(wrong.iter().all(|text| !password::is_hash(text)), "{wrong:?}");
}

#[test]
fn a_device_keeps_the_digests_of_its_secret() {
    let snapshot = snapshot(SMALL);
    let device = snapshot.device_by_sip_user("acme-1").unwrap();
    assert_eq!(device.ha1_md5, digest::ha1_md5("acme-1", "sip.example.com", "device-secret-1"));
    assert_eq!(device.ha1_sha256, digest::ha1_sha256("acme-1", "sip.example.com", "device-secret-1"));
}

/// A user of `acme`, which then has the accounts 10 in the center berlin, 11 and 12.
fn seen_with(lists: &str) -> Vec<u32> {
    let more = format!(
        "[[centers]]\nname = \"bern\"\ncustomer = \"acme\"\n\
         [[accounts]]\nid = 11\nname = \"x\"\ncustomer = \"acme\"\ncenter = \"bern\"\n\
         [[accounts]]\nid = 12\nname = \"x\"\ncustomer = \"acme\"\n\
         [[users]]\nlogin = \"bob\"\ncustomer = \"acme\"\npassword = \"x\"\nname = \"Bob\"\nrole = \"viewer\"\n{lists}\n"
    );
    let snapshot = snapshot(&small_and(&more));
    let bob = snapshot.user_by_login("bob").expect("bob is there");
    let access = snapshot.access_of(bob);
    assert_eq!(access.customer(), bob.customer);
    access.accounts().iter().map(|account| account.0).collect()
}

#[test]
fn a_user_sees_the_listed_accounts_in_the_listed_centers_and_never_another_customers() {
    assert_eq!(seen_with(""), [10, 11, 12]);
    assert_eq!(seen_with("accounts = [12, 10]"), [10, 12]);
    assert_eq!(seen_with("centers = [\"bern\"]"), [11]);
    assert_eq!(seen_with("centers = [\"bern\", \"berlin\"]"), [10, 11]);
    assert_eq!(seen_with("accounts = [10, 12]\ncenters = [\"bern\"]"), [0_u32; 0]);
}

#[test]
fn an_accounts_token_sees_that_account() {
    let snapshot = snapshot(SMALL);
    let access = snapshot.access_of_account(AccountId(20)).unwrap();
    assert_eq!(access.accounts(), [AccountId(20)]);
    assert!(access.allows(AccountId(20)) && !access.allows(AccountId(10)));
    assert!(snapshot.access_of_account(AccountId(77)).is_none());
}
