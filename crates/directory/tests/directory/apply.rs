//! Applying a file, and what it changes.

use call::{AccountId, party::Transport};
use directory::{Directory, model::Role};

use crate::fixture::{SMALL, directory, parse, small_and, small_with, snapshot};

const EXAMPLE: &str = include_str!("../../../../config/directory.example.toml");

#[test]
fn applying_a_file_again_changes_nothing() {
    for text in [SMALL, EXAMPLE] {
        let directory = Directory::in_memory().unwrap();
        assert!(!directory.apply(&parse(text)).unwrap().is_empty());
        let first = directory.snapshot();
        assert_eq!(directory.apply(&parse(text)).unwrap().to_string(), "no changes");
        assert_eq!(directory.snapshot().entries(), first.entries());
    }
}

#[test]
fn what_is_shown_can_be_applied_and_changes_nothing() {
    for text in [SMALL, EXAMPLE] {
        let directory = directory(text);
        let shown = directory.snapshot().to_toml();
        assert_eq!(directory.apply(&parse(&shown)).unwrap().to_string(), "no changes");
        let other = snapshot(&with_signing_secrets(&shown, text));
        assert_eq!(other.entries(), directory.snapshot().entries());
    }
}

/// What is shown, with the secret of the file that was applied: of that, a directory shows its digest alone.
fn with_signing_secrets(shown: &str, applied: &str) -> String {
    let Some((rest, webhook)) = shown.split_once("[[webhooks]]") else { return shown.to_owned() };
    let line = |text: &str, begin: &str| text.lines().find(|line| line.starts_with(begin)).map(str::to_owned);
    let secret = line(applied, "secret = \"whsec_").expect("the file has a secret");
    let digest = line(webhook, "secret_sha256 = ").expect("its digest is shown");
    format!("{rest}[[webhooks]]{}", webhook.replace(&digest, &secret))
}

#[test]
fn what_a_file_says_is_what_is_looked_up() {
    let snapshot = snapshot(EXAMPLE);
    let account = snapshot.account(AccountId(1234)).unwrap();
    assert_eq!(&*account.name, "Acme reception");
    assert_eq!(snapshot.account_by_uuid(account.uuid), Some(account));
    assert_eq!(account.uuid.to_string(), "069b073a-e7d9-11f0-932e-0a63caf27539");
    let center = snapshot.center(account.center.unwrap()).unwrap();
    assert_eq!((&*center.name, center.customer), ("berlin", account.customer));
    let user = snapshot.user_by_login("ann").unwrap();
    assert_eq!((user.role, user.networks.len()), (Role::Manager, 2));
    let device = snapshot.device_by_sip_user("phone-1001").unwrap();
    assert_eq!(device.mac, [0x38, 0x99, 0x62, 0x93, 0xE2, 0xA9]);
    assert_eq!(snapshot.extension_of_device(device.id).unwrap().number.as_str(), "1001");
    assert_eq!(snapshot.devices_of(account.id).count(), 2);
    let trunk = &snapshot.entries().trunks[0];
    assert_eq!((trunk.port, trunk.transport, trunk.transit), (5060, Transport::Udp, false));
    assert_eq!(trunk.customers, [account.customer]);
}

#[test]
fn an_account_without_a_uuid_has_the_same_one_everywhere() {
    let uuid = |text: &str| snapshot(text).account(AccountId(10)).unwrap().uuid;
    assert_eq!(uuid(SMALL), uuid(&small_with("id = 20", "id = 21").replace("account = 20", "account = 21")));
    assert_ne!(uuid(SMALL), snapshot(SMALL).account(AccountId(20)).unwrap().uuid);
}

#[test]
fn what_is_usual_for_a_transport_is_its_port() {
    let port = |transport: &str| {
        let trunk =
            format!("[[trunks]]\nname = \"x\"\naccount = 90\nhost = \"x\"\ntransport = \"{transport}\"\n");
        snapshot(&small_and(&trunk)).entries().trunks[1].port
    };
    assert_eq!(["udp", "tcp", "tls", "ws"].map(port), [5060, 5060, 5061, 80]);
}

#[test]
fn changes_name_the_entries_and_the_fields_and_no_values() {
    let directory = directory(SMALL);
    let text = SMALL
        .replace("ann-password", "other-password")
        .replace("networks = [\"10.0.0.0/8\"]", "networks = []")
        .replace("device-secret-1", "other-secret")
        .replace(
            "host = \"192.0.2.9\"",
            "host = \"192.0.2.8\"\nport = 5070\nregister = true\nprobe_seconds = 0",
        )
        .replace("next_rate = \"0.01\"", "next_rate = \"0.01\"\nattempt_fee = \"0.1\"")
        .replace("{ origination_rateplan = \"retail\" }", "{ vat = \"19\" }")
        .replace("role = \"manager\"", "role = \"manager\"\nprofile = 2")
        .replace("center = \"berlin\"\n", "limits = { calls = 5 }\n")
        .replace(
            "[[centers]]\nname = \"berlin\"\ncustomer = \"acme\"\n",
            "[[centers]]\nname = \"bern\"\ncustomer = \"acme\"\n",
        )
        .replace("screen_pop = \"Acme, hello\"\n", "")
        .replace("name = \"Ann Lee\"\ndevices = [\"acme-1\"]", "devices = []")
        .replace("number = \"2001\"", "number = \"2002\"");
    let list = "[[numberlists]]\nid = 4\nname = \"Wanted\"\ncustomer = \"acme\"\n";
    let text = format!("{text}\n[[profiles]]\nid = 2\n{list}");
    let changes = directory.apply(&parse(&text)).unwrap();
    let expected = "\
+ center \"bern\" of customer \"acme\"
- center \"berlin\" of customer \"acme\"
~ account 10: center, limits, billing
~ device \"acme-1\": secret
~ extension 1001 of account 10: name, devices
+ extension 2002 of account 20
- extension 2001 of account 20
~ number +493012345678: screen_pop
~ user \"ann\": password, networks, profile
~ trunk \"west\": host, port, auth, register, probe_seconds
~ rate plan \"retail\": rates
+ profile 2
+ list of numbers 4";
    assert_eq!(changes.to_string(), expected);
    assert_eq!(changes.len(), 13);
}

#[test]
fn a_trunk_s_realm_is_its_host_unless_given_and_only_digests_are_kept() {
    let auth = |fields: &str| {
        let login = format!("auth = {{ user = \"u\", {fields} }}");
        let text = small_with("auth = { user = \"trunk-user\", password = \"trunk-password\" }", &login);
        snapshot(&text).entries().trunks[0].auth.clone().unwrap()
    };
    let by_host = auth("password = \"p\"");
    assert_eq!(&*by_host.realm, "192.0.2.9");
    assert_eq!(by_host.ha1_md5, directory::digest::ha1_md5("u", "192.0.2.9", "p"));
    assert_eq!(by_host.ha1_sha256, directory::digest::ha1_sha256("u", "192.0.2.9", "p"));
    let given = auth("password = \"p\", realm = \"carrier\"");
    assert_eq!(given.ha1_md5, directory::digest::ha1_md5("u", "carrier", "p"));
}

#[test]
fn a_change_of_realm_changes_the_digests_of_the_secrets() {
    let directory = directory(SMALL);
    let changes = directory.apply(&parse(&small_with("sip.example.com", "sip.example.org"))).unwrap();
    let expected = "~ directory: realm\n~ device \"acme-1\": secret\n~ device \"bolt-1\": secret";
    assert_eq!(changes.to_string(), expected);
}

#[test]
fn ids_stay_when_entries_are_put_in_another_order() {
    let directory = directory(SMALL);
    let before = directory.snapshot();
    let mut blocks: Vec<&str> = SMALL.split("\n\n").collect();
    // A route belongs to the trunk before it.
    let routes = blocks.iter().position(|block| block.starts_with("[[trunks.routes]]")).unwrap();
    let trunk = format!("{}\n{}", blocks[routes - 1], blocks[routes]);
    blocks.splice(routes - 1..=routes, [trunk.as_str()]);
    blocks[1..].reverse();
    let changes = directory.apply(&parse(&blocks.join("\n\n"))).unwrap();
    assert_eq!(changes.to_string(), "no changes");
    assert_eq!(directory.snapshot().entries(), before.entries());
}

#[test]
fn lists_whose_order_says_nothing_can_be_put_in_another_order() {
    let lists = |[a, b]: [usize; 2]| {
        let routes = ["[[trunks.routes]]\nprefix = \"1\"\n", "[[trunks.routes]]\nprefix = \"2\"\n"];
        let (accounts, customers) = (["10", "11"], ["\"acme\"", "\"bolt\""]);
        let networks = ["\"10.0.0.0/8\"", "\"192.0.2.1\""];
        small_and(&format!(
            "[[accounts]]\nid = 11\nname = \"x\"\ncustomer = \"acme\"\n\
             [[users]]\nlogin = \"bob\"\ncustomer = \"acme\"\npassword = \"x\"\nname = \"x\"\nrole = \"viewer\"\n\
             accounts = [{}, {}]\nnetworks = [{}, {}]\n\
             [[trunks]]\nname = \"x\"\naccount = 90\nhost = \"x\"\ncustomers = [{}, {}]\nsources = [{}, {}]\n{}{}",
            accounts[a],
            accounts[b],
            networks[a],
            networks[b],
            customers[a],
            customers[b],
            networks[a],
            networks[b],
            routes[a],
            routes[b],
        ))
    };
    let directory = directory(&lists([0, 1]));
    assert_eq!(directory.apply(&parse(&lists([1, 0]))).unwrap().to_string(), "no changes");
}

#[test]
fn an_id_is_never_given_again() {
    let directory = directory(SMALL);
    let old = directory.snapshot().device_by_sip_user("bolt-1").unwrap().id;
    let without = small_with("sip_user = \"bolt-1\"", "sip_user = \"bolt-2\"").replace("[\"bolt-1\"]", "[]");
    directory.apply(&parse(&without)).unwrap();
    let new = directory.snapshot().device_by_sip_user("bolt-2").unwrap().id;
    assert!(new > old);
    directory.apply(&parse(SMALL)).unwrap();
    let again = directory.snapshot().device_by_sip_user("bolt-1").unwrap().id;
    assert!(again > new);
}

#[test]
fn a_snapshot_stays_as_it_was_when_another_is_applied() {
    let directory = directory(SMALL);
    let before = directory.snapshot();
    directory.apply(&parse(&small_with("name = \"west\"", "name = \"east\""))).unwrap();
    assert_eq!(&*before.entries().trunks[0].name, "west");
    assert_eq!(&*directory.snapshot().entries().trunks[0].name, "east");
}
