//! What is said about a file with mistakes: line, field, what was found, what is accepted.

use call::ErrorCode;
use directory::DirectoryFile;

use crate::fixture::{SMALL, small_and, small_with};

fn mistakes(text: &str) -> String {
    let error = DirectoryFile::parse("directory.toml", text).expect_err("the file has mistakes");
    assert_eq!(error.code(), ErrorCode::InvalidInput);
    error.to_string()
}

/// What is said if the small directory has `new` in place of `old`.
fn said(old: &str, new: &str) -> String {
    mistakes(&small_with(old, new))
}

/// The line of the small directory that begins with this text.
fn line_of(text: &str) -> usize {
    SMALL.lines().position(|line| line.starts_with(text)).expect("the line is there") + 1
}

/// Checks what is said if the small directory has `new` in place of `old`, at the line of `old`.
fn check(old: &str, new: &str, expected: &str) {
    assert_eq!(said(old, new), format!("directory.toml:{}: {expected}", line_of(old)));
}

#[test]
fn text_that_is_not_toml_is_refused_with_its_line() {
    let text = "realm = \"x\"\n[[customers]]\nname = \"acme\n";
    assert_eq!(mistakes(text), "directory.toml:3: found invalid basic string; accepted: `\"`",);
    assert_eq!(
        mistakes("realm = \"x\"\nrealm = \"y\"\n"),
        "directory.toml:2: found duplicate key; accepted: TOML 1.1"
    );
}

#[test]
fn all_mistakes_are_told_at_once_in_the_order_of_their_lines() {
    let text = "[[customers]]\nname = 5\n\n[[accounts]]\nid = 0\nname = \"\"\n";
    let expected = "\
directory.toml:1: realm: found nothing; accepted: text of 1 to 100 characters without \" and \\, such as \"sip.example.com\"
directory.toml:2: customers.name: found 5; accepted: text of 1 to 100 characters without blanks at its ends and without control characters
directory.toml:4: accounts.customer: found nothing; accepted: the name of a customer in this file
directory.toml:5: accounts.id: found 0; accepted: a whole number from 1 to 4294967295
directory.toml:6: accounts.name: found \"\"; accepted: text of 1 to 100 characters without blanks at its ends and without control characters";
    assert_eq!(mistakes(text), expected);
}

#[test]
fn an_unknown_key_is_refused_with_those_that_are_known() {
    let expected = "users.pasword: found an unknown key; accepted: accounts, centers, customer, extension, \
                    login, name, networks, password, password_hash, profile, role, scopes";
    let said = said("role = \"manager\"", "role = \"manager\"\npasword = \"x\"");
    assert_eq!(said, format!("directory.toml:{}: {expected}", line_of("role") + 1));
    let said = mistakes(&small_and("[[phones]]\n"));
    let expected = "phones: found an unknown key; accepted: accounts, applications, centers, customers, devices, extensions, \
                    numberlists, numbers, profiles, rateplans, realm, services, trunks, users, webhooks";
    assert_eq!(said, format!("directory.toml:{}: {expected}", SMALL.lines().count() + 2));
}

#[test]
fn a_kind_of_entries_must_be_tables() {
    let said = mistakes("customers = 5\nrealm = \"x\"\nrateplans = [1]\n");
    let expected = "\
directory.toml:1: customers: found 5; accepted: tables, each begun by [[customers]]
directory.toml:3: rateplans: found 1; accepted: tables, each begun by [[rateplans]]";
    assert_eq!(said, expected);
    let said = mistakes("realm = \"x\"\n[customers]\nname = \"acme\"\n");
    assert_eq!(
        said,
        "directory.toml:2: customers: found a table; accepted: tables, each begun by [[customers]]"
    );
}

#[test]
fn names_that_stand_for_nothing_in_the_file_are_refused() {
    check(
        "center = \"berlin\"",
        "center = \"bern\"",
        "accounts.center: found \"bern\"; accepted: the name of a center of the same customer in this file",
    );
    check(
        "devices = [\"acme-1\"]",
        "devices = [\"acme-2\"]",
        "extensions.devices: found \"acme-2\"; accepted: the sip_user of a device of the same account in this file",
    );
    check(
        "extension = \"1001\"",
        "extension = \"1002\"",
        "numbers.extension: found \"1002\"; accepted: the number of an extension of the same account in this file",
    );
    check(
        "accounts = [10]",
        "accounts = [11]",
        "users.accounts: found 11; accepted: the id of an account of the same customer in this file",
    );
    let said = mistakes(&small_and(
        "[[trunks]]\nname = \"x\"\naccount = 91\nhost = \"x\"\ncustomers = [\"acne\"]\n",
    ));
    let line = SMALL.lines().count() + 4;
    let expected = format!(
        "directory.toml:{line}: trunks.account: found 91; accepted: the id of an account in this file\n\
         directory.toml:{}: trunks.customers: found \"acne\"; accepted: the name of a customer in this file",
        line + 2,
    );
    assert_eq!(said, expected);
}

#[test]
fn entries_of_another_customer_or_account_cannot_be_named() {
    check(
        "accounts = [10]",
        "accounts = [20]",
        "users.accounts: found 20; accepted: the id of an account of the same customer in this file",
    );
    check(
        "devices = [\"acme-1\"]",
        "devices = [\"bolt-1\"]",
        "extensions.devices: found \"bolt-1\"; accepted: the sip_user of a device of the same account in this file",
    );
    check(
        "extension = { account = 10, number = \"1001\" }",
        "extension = { account = 20, number = \"2001\" }",
        "users.extension.account: found 20; accepted: the id of an account of the same customer in this file",
    );
    let line = line_of("extension = \"1001\"");
    let said = said("account = 10\nextension = \"1001\"", "account = 20\nextension = \"1001\"");
    let expected = "accepted: the number of an extension of the same account in this file";
    assert_eq!(said, format!("directory.toml:{line}: numbers.extension: found \"1001\"; {expected}"));
}

#[test]
fn a_mistake_is_not_told_again_by_those_that_refer_to_its_entry() {
    let name = "text of 1 to 100 characters without blanks at its ends and without control characters";
    check("name = \"Acme one\"", "name = 1", &format!("accounts.name: found 1; accepted: {name}"));
    check(
        "mac = \"38-99-62-93-E2-A9\"",
        "mac = 1",
        "devices.mac: found 1; accepted: a MAC address such as \"38-99-62-93-E2-A9\"",
    );
}

/// Checks what is said about a table after the small directory, whose line `line` it is.
fn check_after(more: &str, line: usize, expected: &str) {
    let line = SMALL.lines().count() + 1 + line;
    assert_eq!(mistakes(&small_and(more)), format!("directory.toml:{line}: {expected}"));
}

#[test]
fn what_must_be_unique_is_refused_when_it_comes_again() {
    let taken = |text: &str| format!("which line {} has already", line_of(text));
    check_after(
        "[[customers]]\nname = \"acme\"\n",
        2,
        &format!(
            "customers.name: found \"acme\", {}; accepted: a name that no other customer has",
            taken("name = \"acme\"")
        ),
    );
    check_after(
        "[[centers]]\ncustomer = \"acme\"\nname = \"berlin\"\n",
        3,
        &format!(
            "centers.name: found \"berlin\", {}; accepted: a name that no other center of the customer has",
            taken("name = \"berlin\""),
        ),
    );
    check_after(
        "[[accounts]]\nid = 10\nname = \"x\"\ncustomer = \"bolt\"\nuuid = \"069b073a-e7d9-11f0-932e-0a63caf27539\"\n",
        2,
        &format!("accounts.id: found 10, {}; accepted: an id that no other account has", taken("id = 10")),
    );
    check_after(
        "[[users]]\nlogin = \"ann\"\ncustomer = \"bolt\"\npassword = \"x\"\nname = \"x\"\nrole = \"viewer\"\n",
        2,
        &format!("users.login: found \"ann\", {}; accepted: a login that no other user has", taken("login")),
    );
    check_after(
        "[[devices]]\nsip_user = \"acme-1\"\naccount = 20\nmac = \"38-99-62-93-E2-A9\"\nsecret = \"x\"\n",
        2,
        &format!(
            "devices.sip_user: found \"acme-1\", {}; accepted: a sip_user that no other device has",
            taken("sip_user")
        ),
    );
    check_after(
        "[[devices]]\nsip_user = \"x\"\naccount = 10\nmac = \"38996293e2a9\"\nsecret = \"x\"\n",
        4,
        &format!(
            "devices.mac: found \"38996293e2a9\", {}; accepted: an address that no other device of the account has",
            taken("mac"),
        ),
    );
    check_after(
        "[[extensions]]\naccount = 10\nnumber = \"1001\"\n",
        3,
        &format!(
            "extensions.number: found \"1001\", {}; accepted: a number that no other extension of the account has",
            taken("number = \"1001\""),
        ),
    );
    check_after(
        "[[numbers]]\nnumber = \"+493012345678\"\naccount = 20\nextension = \"2001\"\n",
        2,
        &format!(
            "numbers.number: found \"+493012345678\", {}; accepted: a number that no other entry has",
            taken("number = \"+")
        ),
    );
    check_after(
        "[[trunks]]\nname = \"west\"\naccount = 90\nhost = \"x\"\n",
        2,
        &format!(
            "trunks.name: found \"west\", {}; accepted: a name that no other trunk has",
            taken("name = \"west\"")
        ),
    );
    check_after(
        "[[trunks]]\nname = \"x\"\naccount = 90\nhost = \"x\"\n[[trunks.routes]]\nprefix = \"1\"\n[[trunks.routes]]\nprefix = \"1\"\n",
        8,
        &format!(
            "trunks.routes.prefix: found \"1\", which line {} has already; accepted: a prefix that no other route of the trunk has",
            SMALL.lines().count() + 7,
        ),
    );
    let rate = "[[rateplans.rates]]\nprefix = \"49\"\ninitial_interval = 1\ninitial_rate = \"1\"\n";
    check_after(
        rate,
        2,
        &format!(
            "rateplans.rates.prefix: found \"49\", {}; accepted: a prefix that no other rate of the plan has for the same lengths, time and tags",
            taken("prefix = \"49\""),
        ),
    );
    check_after(
        "[[rateplans]]\nname = \"retail\"\nuuid = \"069b073a-e7d9-11f0-932e-0a63caf27539\"\n",
        2,
        &format!(
            "rateplans.name: found \"retail\", {}; accepted: a name that no other rate plan has",
            taken("name = \"retail\"")
        ),
    );
}

#[test]
fn a_uuid_belongs_to_one_account() {
    let uuid = "uuid = \"069b073a-e7d9-11f0-932e-0a63caf27539\"";
    let first = small_with("id = 10\n", &format!("id = 10\n{uuid}\n"));
    let both = first.replace("id = 20\n", &format!("id = 20\n{uuid}\n"));
    let line = |id: &str| both.lines().position(|line| line == id).map_or(0, |at| at + 2);
    let expected = format!(
        "directory.toml:{}: accounts.uuid: found \"069b073a-e7d9-11f0-932e-0a63caf27539\", which line {} has already; \
         accepted: a UUID that no other account has",
        line("id = 20"),
        line("id = 10"),
    );
    assert_eq!(mistakes(&both), expected);
}

#[test]
fn an_item_comes_once_in_a_list_and_a_source_in_one_trunk() {
    check(
        "accounts = [10]",
        "accounts = [10, 10]",
        "users.accounts: found 10 again; accepted: each item once",
    );
    check_after(
        "[[trunks]]\nname = \"x\"\naccount = 90\nhost = \"x\"\nsources = [\n  \"192.0.2.9\",\n]\n",
        6,
        "trunks.sources: found \"192.0.2.9\"; accepted: an address, an address with a port, or a network without host \
         bits, that no other trunk has, such as \"192.0.2.1\", \"192.0.2.1:5070\", \"[2001:db8::1]:5060\" or \
         \"10.0.0.0/24\"",
    );
}

#[test]
fn every_field_says_what_it_accepts() {
    let number = "accepted: text of + and 1 to 24 digits";
    for wrong in ["\"493012345678\"", "\"+49 30\"", "\"+\"", "493012345678"] {
        let expected = format!("numbers.number: found {wrong}; {number}");
        check("number = \"+493012345678\"", &format!("number = {wrong}"), &expected);
    }
    let mac = "accepted: a MAC address such as \"38-99-62-93-E2-A9\"";
    for wrong in ["\"38-99-62-93-E2\"", "\"38-99-62-93-E2-AG\"", "5"] {
        check(
            "mac = \"38-99-62-93-E2-A9\"",
            &format!("mac = {wrong}"),
            &format!("devices.mac: found {wrong}; {mac}"),
        );
    }
    let network =
        "accepted: an address or a network without host bits, such as \"192.0.2.1\" or \"10.0.0.0/24\"";
    for wrong in ["\"10.0.0.1/8\"", "\"10.0.0.0/33\"", "\"10.0.0\"", "10"] {
        let expected = format!("users.networks: found {wrong}; {network}");
        check("networks = [\"10.0.0.0/8\"]", &format!("networks = [{wrong}]"), &expected);
    }
    let source = "accepted: an address, an address with a port, or a network without host bits, that no other trunk \
                  has, such as \"192.0.2.1\", \"192.0.2.1:5070\", \"[2001:db8::1]:5060\" or \"10.0.0.0/24\"";
    for wrong in ["\"192.0.2.9:0\"", "\"2001:db8::1:70000\"", "\"sip.example.com\"", "\"192.0.2.9/24\""] {
        let expected = format!("trunks.sources: found {wrong}; {source}");
        check("sources = [\"192.0.2.9\"]", &format!("sources = [{wrong}]"), &expected);
    }
    let host =
        "accepted: a host name or an address, such as \"sip.example.com\", \"192.0.2.1\" or \"2001:db8::1\"";
    for wrong in
        ["\"192.0.2.999\"", "\"sip example\"", "\"-sip.example\"", "\"sip:example\"", "\"[2001:db8::1]\""]
    {
        let expected = format!("trunks.host: found {wrong}; {host}");
        check("host = \"192.0.2.9\"", &format!("host = {wrong}"), &expected);
    }
    let prefix = "accepted: text of at most 24 digits without +; empty fits every number";
    for wrong in ["\"+49\"", "\"49x\"", "49", "\"1234567890123456789012345\""] {
        check(
            "prefix = \"49\"",
            &format!("prefix = {wrong}"),
            &format!("rateplans.rates.prefix: found {wrong}; {prefix}"),
        );
    }
    let amount = "accepted: an amount as text, from \"0\" to \"1000000\" with at most 12 decimal places, such as \"0.015\"";
    for wrong in ["0.02", "\"0,02\"", "\"-1\"", "\"1e3\"", "\"1000001\"", "\"0.0000000000001\"", "\"\""] {
        let expected = format!("rateplans.rates.initial_rate: found {wrong}; {amount}");
        check("initial_rate = \"0.02\"", &format!("initial_rate = {wrong}"), &expected);
    }
    let interval = "accepted: seconds, a whole number from 1 to 86400";
    for wrong in ["0", "-1", "86401", "60.5", "\"60\""] {
        let expected = format!("rateplans.rates.initial_interval: found {wrong}; {interval}");
        check("initial_interval = 60", &format!("initial_interval = {wrong}"), &expected);
    }
    check(
        "role = \"manager\"",
        "role = \"boss\"",
        "users.role: found \"boss\"; accepted: \"manager\", \"viewer\" or \"client\"",
    );
    let login = "accepted: text of 1 to 100 characters without blanks and control characters";
    check("login = \"ann\"", "login = \"ann lee\"", &format!("users.login: found \"ann lee\"; {login}"));
    let user = "accepted: 1 to 64 letters, digits and - _ . + *";
    let said = said("sip_user = \"bolt-1\"", "sip_user = \"bolt@1\"");
    assert!(said.contains(&format!("devices.sip_user: found \"bolt@1\"; {user}")), "{said}");
    check(
        "accounts = [10]",
        "accounts = 10",
        "users.accounts: found 10; accepted: a list, each item the id of an account of the same customer in this file",
    );
    check(
        "extension = { account = 10, number = \"1001\" }",
        "extension = \"1001\"",
        "users.extension: found \"1001\"; accepted: a table such as { account = 1, number = \"1001\" }",
    );
}

#[test]
fn the_fields_that_are_usually_absent_say_what_they_accept_too() {
    let trunk = "[[trunks]]\nname = \"x\"\naccount = 90\nhost = \"x\"\n";
    let cases = [
        ("port = 0", "trunks.port: found 0; accepted: a whole number from 1 to 65535"),
        ("port = 65536", "trunks.port: found 65536; accepted: a whole number from 1 to 65535"),
        (
            "transport = \"UDP\"",
            "trunks.transport: found \"UDP\"; accepted: \"udp\", \"tcp\", \"tls\" or \"ws\"",
        ),
        ("transit = 1", "trunks.transit: found 1; accepted: true or false"),
    ];
    for (field, expected) in cases {
        check_after(&format!("{trunk}{field}\n"), 5, expected);
    }
    let route = "[[trunks.routes]]\nprefix = \"1\"\n";
    let cases = [
        ("priority = 65536", "trunks.routes.priority: found 65536; accepted: a whole number from 0 to 65535"),
        ("strip = 25", "trunks.routes.strip: found 25; accepted: a whole number from 0 to 24"),
        (
            "prepend = \"00a\"",
            "trunks.routes.prepend: found \"00a\"; accepted: text of at most 24 digits, * and #, with or without + before them",
        ),
    ];
    for (field, expected) in cases {
        check_after(&format!("{trunk}{route}{field}\n"), 7, expected);
    }
    let device = "[[devices]]\nsip_user = \"x\"\naccount = 10\nmac = \"000000000001\"\nsecret = \"x\"\n";
    let accepted = "accepted: text of 1 to 24 digits, with or without + before them";
    check_after(
        &format!("{device}caller_id = \"Ann\"\n"),
        6,
        &format!("devices.caller_id: found \"Ann\"; {accepted}"),
    );
    let accepted =
        "accepted: percent as text, from \"0\" to \"1000\" with at most 12 decimal places, such as \"19\"";
    let billing = "billing = { origination_rateplan = \"retail\" }";
    check(
        billing,
        "billing = { vat = \"19%\" }",
        &format!("accounts.billing.vat: found \"19%\"; {accepted}"),
    );
    let line = line_of("id = 10") + 1;
    let said = self::said("id = 10\n", "id = 10\nuuid = \"1234\"\n");
    let accepted = "accepted: a UUID such as \"069b073a-e7d9-11f0-932e-0a63caf27539\"";
    assert_eq!(said, format!("directory.toml:{line}: accounts.uuid: found \"1234\"; {accepted}"));
}

#[test]
fn what_an_account_says_of_its_money_is_checked() {
    let balance = "accepted: an amount as text, from \"-1000000000\" to \"1000000000\" with at most 12 decimal places, such as \"-20.5\"";
    let table = "accepted: a table such as { origination_rateplan = \"retail\", currency = \"EUR\" }";
    let plan = "accepted: the name of a rate plan in this file";
    let cases = [
        ("5", format!("accounts.billing: found 5; {table}")),
        (
            "{ currency = \"euro\" }",
            "accounts.billing.currency: found \"euro\"; accepted: three capital letters, such as \"EUR\""
                .to_owned(),
        ),
        ("{ starting_balance = 5 }", format!("accounts.billing.starting_balance: found 5; {balance}")),
        ("{ min_balance = \"--1\" }", format!("accounts.billing.min_balance: found \"--1\"; {balance}")),
        (
            "{ origination_rateplan = \"x\" }",
            format!("accounts.billing.origination_rateplan: found \"x\"; {plan}"),
        ),
        (
            "{ termination_rateplan = \"x\" }",
            format!("accounts.billing.termination_rateplan: found \"x\"; {plan}"),
        ),
        (
            "{ routing_tags = [\"a\", \"a\"] }",
            "accounts.billing.routing_tags: found \"a\" again; accepted: each item once".to_owned(),
        ),
    ];
    for (billing, expected) in cases {
        check("billing = { origination_rateplan = \"retail\" }", &format!("billing = {billing}"), &expected);
    }
}

#[test]
fn what_a_rate_says_of_numbers_and_time_is_checked() {
    let rate = "[[rateplans.rates]]\nprefix = \"1\"\ninitial_interval = 1\ninitial_rate = \"1\"\n";
    let instant = "accepted: a date and time with its offset, such as 2026-01-01T00:00:00Z";
    let length = "accepted: a whole number from 0 to 100";
    let cases = [
        ("valid_from = 2026-01-01", format!("valid_from: found 2026-01-01; {instant}")),
        (
            "valid_from = \"2026-01-01T00:00:00Z\"",
            format!("valid_from: found \"2026-01-01T00:00:00Z\"; {instant}"),
        ),
        ("number_max_length = 101", format!("number_max_length: found 101; {length}")),
        (
            "number_max_length = 5\nnumber_min_length = 6",
            "number_max_length: found 5; accepted: a length that is not below number_min_length".to_owned(),
        ),
        (
            "valid_till = 2026-01-01T00:00:00Z\nvalid_from = 2026-01-01T01:00:00+01:00",
            "valid_till: found an earlier instant; accepted: an instant after valid_from".to_owned(),
        ),
    ];
    for (fields, expected) in cases {
        check_after(&format!("{rate}{fields}\n"), 5, &format!("rateplans.rates.{expected}"));
    }
}

#[test]
fn a_profile_names_what_there_is_and_users_name_a_profile() {
    let profile = "accepted: 1, or the id of a profile in this file";
    check(
        "role = \"manager\"",
        "profile = 7\nrole = \"manager\"",
        &format!("users.profile: found 7; {profile}"),
    );
    check_after(
        "[[profiles]]\nid = 7\ndeny = [\"rec\"]\n",
        3,
        "profiles.deny: found \"rec\"; accepted: \"recordings\", or something that portals show, such as \"outgoing-cdrs\" or \"incoming-statistics\"",
    );
    check_after(
        "[[profiles]]\nid = 7\n[[profiles]]\nid = 7\n",
        4,
        &format!(
            "profiles.id: found 7, which line {} has already; accepted: an id that no other profile has",
            SMALL.lines().count() + 3
        ),
    );
}

#[test]
fn a_service_says_when_it_begins_and_what_is_charged_how_often() {
    let service = "[[services]]\naccount = 10\nname = \"Seats\"\ntype = \"PBX\"\n";
    let cases = [
        (
            "",
            0,
            "starts_at: found nothing; accepted: a date and time with its offset from 2000 on, such as 2026-01-01T00:00:00Z",
        ),
        (
            "starts_at = 1999-12-31T23:59:59Z\n",
            4,
            "starts_at: found 1999-12-31T23:59:59Z; accepted: a date and time with its offset from 2000 on, such as 2026-01-01T00:00:00Z",
        ),
        (
            "starts_at = 2026-01-01T00:00:00Z\nrenew_price = \"1\"\n",
            0,
            "renew_period: found nothing; accepted: how often renew_price is charged",
        ),
        (
            "starts_at = 2026-01-01T00:00:00Z\nrenew_period = \"week\"\n",
            5,
            "renew_period: found \"week\"; accepted: \"day\" or \"month\"",
        ),
        (
            "starts_at = 2026-01-01T00:00:00Z\nends_at = 2026-01-01T00:00:00Z\n",
            5,
            "ends_at: found an earlier instant; accepted: an instant after starts_at",
        ),
    ];
    for (fields, line, expected) in cases {
        check_after(&format!("{service}{fields}"), line + 1, &format!("services.{expected}"));
    }
}

#[test]
fn what_is_hidden_is_something_that_can_be() {
    let said = said(
        "name = \"acme\"",
        "name = \"acme\"\nhidden_cdr_fields = [\"auth-orig-ip\", \"auth_orig_port\"]",
    );
    assert!(
        said.contains("customers.hidden_cdr_fields: found \"auth_orig_port\"; accepted: an attribute of"),
        "{said}"
    );
}

#[test]
fn a_limit_that_is_none_is_refused_with_its_line_and_field() {
    let line = line_of("id = 10") + 1;
    let calls = "a whole number from 0 to 1000000";
    let cases = [
        ("5", "found 5; accepted: a table such as { calls = 100, calls_per_second = 10 }", ""),
        ("{ calls = -1 }", &format!("found -1; accepted: {calls}"), ".calls"),
        ("{ outgoing_calls = 1000001 }", &format!("found 1000001; accepted: {calls}"), ".outgoing_calls"),
        ("{ incoming_calls = \"2\" }", &format!("found \"2\"; accepted: {calls}"), ".incoming_calls"),
        (
            "{ calls_per_second = 0 }",
            "found 0; accepted: a whole number from 1 to 100000",
            ".calls_per_second",
        ),
        (
            "{ max_call_seconds = 0 }",
            "found 0; accepted: seconds, a whole number from 1 to 604800",
            ".max_call_seconds",
        ),
        (
            "{ minutes = 1 }",
            "found an unknown key; accepted: calls, calls_per_second, incoming_calls, max_call_seconds, outgoing_calls",
            ".minutes",
        ),
    ];
    for (limits, expected, field) in cases {
        let said = said("id = 10\n", &format!("id = 10\nlimits = {limits}\n"));
        assert_eq!(said, format!("directory.toml:{line}: accounts.limits{field}: {expected}"));
    }
    let trunk = "[[trunks]]\nname = \"x\"\naccount = 90\nhost = \"x\"\nlimits = { calls = 1.5 }\n";
    check_after(trunk, 5, &format!("trunks.limits.calls: found 1.5; accepted: {calls}"));
}

#[test]
fn a_login_at_a_trunk_says_what_it_accepts_and_shows_no_password() {
    let login = "auth = { user = \"trunk-user\", password = \"trunk-password\" }";
    let either = "accepted: either password, or both ha1_md5 and ha1_sha256";
    let cases = [
        (
            "auth = 5",
            "auth: found 5; accepted: a table such as { user = \"acme\", password = \"…\" }".to_owned(),
        ),
        ("auth = { user = \"x\" }", format!("auth.password: found nothing; {either}")),
        (
            "auth = { user = \"x y\", password = \"p\" }",
            "auth.user: found \"x y\"; accepted: text of 1 to 100 characters without blanks, \" and \\"
                .to_owned(),
        ),
        (
            "auth = { user = \"x\", password = 12345 }",
            "auth.password: found another integer (not shown); accepted: text of 1 to 200 characters"
                .to_owned(),
        ),
        (
            "register = true",
            "register: found true without auth; accepted: true where the trunk has auth, or false".to_owned(),
        ),
        (
            "register_seconds = 59",
            "register_seconds: found 59; accepted: seconds, a whole number from 60 to 86400".to_owned(),
        ),
        (
            "probe_seconds = 3601",
            "probe_seconds: found 3601; accepted: seconds, a whole number from 0 to 3600; 0 = never"
                .to_owned(),
        ),
        ("identity = \"ppi\"", "identity: found \"ppi\"; accepted: \"pai\", \"rpid\" or \"none\"".to_owned()),
    ];
    for (field, expected) in cases {
        check(login, field, &format!("trunks.{expected}"));
    }
}

#[test]
fn a_user_has_one_password_and_a_device_one_secret() {
    let accepted = "accepted: either password or password_hash";
    let hash = "password_hash = \"$argon2id$v=19$m=8,t=1,p=1$G0EkGf5Byxzgp7VX2vCc9Q$TLbLN3fP9UfcGicytIQk5s91/tdyiQz3SD+nVkU3+gA\"";
    let password = "password = \"ann-password\"";
    let both = format!("{password}\n{hash}");
    check(password, &both, &format!("users.password: found both password and password_hash; {accepted}"));
    let none = said(&format!("{password}\n"), "");
    let line = line_of("[[users]]");
    assert_eq!(none, format!("directory.toml:{line}: users.password: found nothing; {accepted}"));

    let accepted = "accepted: either secret, or both ha1_md5 and ha1_sha256";
    let secret = "secret = \"device-secret-1\"";
    let md5 = "ha1_md5 = \"f98bb4d7bd75e84a0ac1d0b1bd8b8ddf\"";
    let both = format!("{secret}\n{md5}");
    check(secret, &both, &format!("devices.secret: found both a secret and its digests; {accepted}"));
    let line = line_of("[[devices]]");
    let half = said(secret, md5);
    assert_eq!(half, format!("directory.toml:{line}: devices.ha1_sha256: found nothing; {accepted}"));
    let none = said(secret, "");
    assert_eq!(none, format!("directory.toml:{line}: devices.secret: found nothing; {accepted}"));
}

#[test]
fn a_mistake_in_a_secret_does_not_show_it() {
    let password = "password = \"ann-password\"";
    check(
        password,
        "password = 12345",
        "users.password: found another integer (not shown); accepted: text of 1 to 200 characters",
    );
    let hash = "password_hash = \"$2b$12$abcdefghijklmnopqrstuv\"";
    let accepted = "an argon2id hash as PHC string, such as $argon2id$v=19$m=19456,t=2,p=1$<salt>$<hash>";
    check(
        password,
        hash,
        &format!("users.password_hash: found another string (not shown); accepted: {accepted}"),
    );
    let secret = "secret = \"device-secret-1\"";
    let said = said(secret, "ha1_md5 = \"f98b\"\nha1_sha256 = \"zz\"");
    let line = line_of(secret);
    let expected = format!(
        "directory.toml:{line}: devices.ha1_md5: found another string (not shown); accepted: 32 hex digits\n\
         directory.toml:{}: devices.ha1_sha256: found another string (not shown); accepted: 64 hex digits",
        line + 1,
    );
    assert_eq!(said, expected);
}

#[test]
fn a_byte_order_mark_and_carriage_returns_do_no_harm() {
    let text = format!("\u{feff}{}", SMALL.replace('\n', "\r\n"));
    assert!(DirectoryFile::parse("directory.toml", &text).is_ok());
    let said = mistakes(&text.replace("id = 10\r", "id = 0\r").replace("account = 10", "account = 20"));
    let line = line_of("id = 10");
    assert!(said.starts_with(&format!("directory.toml:{line}: accounts.id: found 0;")), "{said}");
}

#[test]
fn a_file_that_cannot_be_opened_is_named() {
    let path = std::path::Path::new("no-such-folder/directory.toml");
    let error = DirectoryFile::read(path).expect_err("there is no such file");
    assert_eq!(error.to_string(), "the directory file no-such-folder/directory.toml cannot be read");
}

#[test]
fn ways_that_a_phone_or_trunk_cannot_come_are_refused() {
    let device = "secret = \"device-secret-1\"";
    let expected = "devices.networks: found \"10.0.0.1/8\"; accepted: an address or a network without host bits, such as \"192.0.2.1\" or \"10.0.0.0/24\"";
    let said_of = |more: &str| said(device, &format!("{device}\n{more}"));
    let line = line_of(device) + 1;
    assert_eq!(said_of("networks = [\"10.0.0.1/8\"]"), format!("directory.toml:{line}: {expected}"));
    let expected = "devices.transports: found \"sctp\"; accepted: \"udp\", \"tcp\", \"tls\" or \"ws\"";
    assert_eq!(said_of("transports = [\"sctp\"]"), format!("directory.toml:{line}: {expected}"));
    let expected =
        "devices.encryption: found \"always\"; accepted: \"refuse\", \"allow\", \"prefer\" or \"require\"";
    assert_eq!(said_of("encryption = \"always\""), format!("directory.toml:{line}: {expected}"));
    let source = "sources = [\"192.0.2.9\"]";
    let expected = "trunks.accepted_transports: found \"x\"; accepted: \"udp\", \"tcp\", \"tls\" or \"ws\"";
    let said = said(source, &format!("{source}\naccepted_transports = [\"x\"]"));
    assert_eq!(said, format!("directory.toml:{}: {expected}", line_of(source) + 1));
}

#[test]
fn a_rule_of_how_phones_ring_is_refused_with_what_is_wrong_in_it() {
    let said = |rule: &str| mistakes(&small_and(&format!("[[accounts.rings]]\n{rule}\n")));
    let line = SMALL.lines().count() + 3;
    let header = "1 to 200 visible ASCII characters, blanks between them too, such as \"<http://127.0.0.1>;info=ring2\"";
    for (rule, expected) in [
        ("from = \"abroad\"", "from: found \"abroad\"; accepted: \"inside\" or \"outside\"".to_owned()),
        (
            "callers = [\"+49\"]",
            "callers: found \"+49\"; accepted: text of 1 to 24 digits without +".to_owned(),
        ),
        ("alert_info = \"a\\nb\"", format!("alert_info: found \"a\\nb\"; accepted: {header}")),
        ("call_info = \"\"", format!("call_info: found \"\"; accepted: {header}")),
        (
            "ring = 1",
            "ring: found an unknown key; accepted: alert_info, call_info, callers, dialed, from".to_owned(),
        ),
    ] {
        let said = said(rule);
        assert!(said.contains(&format!("directory.toml:{line}: accounts.rings.{expected}")), "{said}");
    }
}
