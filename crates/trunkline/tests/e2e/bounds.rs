//! `docs/bounds.md` names options and metrics that are there, and for each bound there is a test that meets it.

use std::{fs, path::Path};

use crate::scene::Scene;

const BOUNDS: &str = include_str!("../../../../docs/bounds.md");
const OPTIONS: &str = include_str!("../../../../config/default.toml");

/// What each line of the page begins with, and the test that goes up to its bound and beyond: the file, and its name.
const TRIED: &[(&str, &str, &str)] = &[
    ("connections for SIP", "switch-sip/tests/sip/crowds.rs", "crowds_at_many_addresses_shut_nobody_out"),
    (
        "the same, of one source",
        "switch-sip/tests/sip/crowds.rs",
        "a_crowd_at_one_address_shuts_nobody_out_and_takes_no_phone_its_connection",
    ),
    (
        "connections for HTTP",
        "api/tests/all/serve.rs",
        "idle_connections_of_many_sources_make_place_for_whoever_asks_something",
    ),
    (
        "time to agree",
        "switch-sip/tests/sip/crowds.rs",
        "whoever_says_nothing_is_hung_up_on_and_a_phone_is_not",
    ),
    (
        "time of a stranger",
        "switch-sip/tests/sip/crowds.rs",
        "whoever_says_nothing_is_hung_up_on_and_a_phone_is_not",
    ),
    (
        "time of a SIP message",
        "switch-sip/tests/sip/crowds.rs",
        "a_message_that_does_not_come_whole_in_time_ends_the_connection",
    ),
    (
        "time of a request's head",
        "api/tests/all/serve.rs",
        "a_head_that_does_not_come_whole_closes_its_connection",
    ),
    (
        "a SIP message",
        "switch-sip/tests/sip/connections.rs",
        "a_message_that_is_too_long_closes_the_connection",
    ),
    ("a request's head", "api/tests/all/serve.rs", "a_head_of_too_many_fields_or_too_long_is_refused"),
    (
        "requests of a client",
        "api/tests/all/native/quota.rs",
        "a_client_may_ask_so_much_and_no_more_and_is_told",
    ),
    ("clients whose requests", "guard/src/quota.rs", "so_many_clients_are_remembered_and_no_more"),
    ("a request's body", "api/tests/all/vonage/call_place.rs", "a_body_that_is_too_large_is_refused"),
    ("SIP over UDP", "switch-sip/src/transport/udp.rs", "what_the_kernel_drops_is_counted"),
    (
        "time that a request",
        "switch-sip/src/transport/overload.rs",
        "sources_that_ask_for_less_are_spared_up_to_the_ceiling",
    ),
    (
        "sources that are counted",
        "switch-sip/src/transport/overload.rs",
        "sources_are_counted_in_bounded_room",
    ),
    (
        "streams in a session description",
        "switch-sip/tests/sip/crowds.rs",
        "an_offer_of_a_crowd_of_streams_is_refused",
    ),
    (
        "ports of the relay",
        "switch-sip/tests/sip/crowds.rs",
        "calls_of_an_account_have_so_many_media_ports_and_those_of_others_have_theirs",
    ),
    (
        "streams that are made of one codec another",
        "switch-sip/tests/sip/transcoding.rs",
        "where_there_is_no_room_nothing_is_offered_that_cannot_be_made",
    ),
    (
        "what is held of such a stream",
        "codec/tests/it/streams.rs",
        "what_is_no_packet_of_the_codec_makes_no_sound",
    ),
    (
        "streams (SSRCs)",
        "srtp/src/tests.rs",
        "one_stream_too_many_is_not_sent_and_lets_the_oldest_be_forgotten_where_it_is_received",
    ),
    ("what is known of how well a leg is heard", "rtcp/src/tests.rs", "a_source_that_begins_anew_is_no_loss"),
    ("reports (RTCP)", "rtcp/src/tests.rs", "reports_are_no_answer_to_what_came_sooner_than_they_may"),
    (
        "what is known of where a browser is",
        "switch-sip/tests/sip/browsers.rs",
        "ten_thousand_packets_of_strangers_pass_nothing_and_sound_goes_on",
    ),
    (
        "streams that are relayed",
        "switch-sip/tests/media.rs",
        "half_of_the_ports_are_for_the_sound_of_calls_alone",
    ),
    (
        "calls at a time |",
        "switch-sip/tests/sip/overloading.rs",
        "without_room_a_call_is_refused_alike_each_time_and_nothing_is_kept_of_it",
    ),
    (
        "events that are not durable",
        "switch/tests/simulated/steps.rs",
        "a_writer_that_is_too_far_behind_makes_it_refuse_calls",
    ),
    (
        "notices of what happens",
        "switch/src/events.rs",
        "notices_wait_for_the_writer_in_bounded_room_and_what_finds_none_is_counted",
    ),
    (
        "free disk",
        "history/tests/it/faults.rs",
        "a_full_disk_fails_the_append_and_leaves_nothing_half_stored",
    ),
    ("calls of an account, a phone", "b2bua/tests/prop_limits.rs", "no_limit_is_ever_exceeded"),
    (
        "subscriptions of a phone",
        "switch-sip/tests/sip/subscribing.rs",
        "there_is_room_for_so_many_subscriptions",
    ),
    (
        "contacts of a phone",
        "switch-sip/tests/sip/registering.rs",
        "more_contacts_than_there_may_be_change_nothing",
    ),
    (
        "failures to prove",
        "trunkline/tests/e2e/attacking.rs",
        "scanners_and_guessers_are_kept_out_within_fifty_tries_and_told_nothing",
    ),
    ("sources, users and pairs", "guard/tests/guard.rs", "memory_is_bounded_and_the_innocent_pass"),
    (
        "logins of a source",
        "api/tests/all/native/blocks.rs",
        "two_hundred_wrong_logins_at_once_are_checked_ten_times_and_harm_no_other",
    ),
    (
        "logins that are remembered",
        "http-core/src/auth/proofs.rs",
        "a_full_memory_takes_no_more_until_some_are_forgotten",
    ),
    (
        "authorization codes",
        "vonage/src/oauth/codes.rs",
        "of_more_codes_of_a_person_than_there_may_be_the_oldest_is_good_no_more",
    ),
    (
        "tokens of one person",
        "directory/tests/directory/tokens.rs",
        "the_oldest_of_too_many_grants_makes_room",
    ),
    (
        "keys of commands",
        "api/tests/all/vonage/idempotency.rs",
        "an_account_has_room_for_so_many_answers_on_disk_too",
    ),
    (
        "events that are kept",
        "history/src/conformance/log.rs",
        "what_is_too_old_is_a_gap_and_calls_that_go_on_are_kept",
    ),
    (
        "programs that read events",
        "api/tests/all/native/events.rs",
        "a_client_has_so_many_readers_and_no_more_and_a_reader_that_goes_gives_its_place_back",
    ),
    ("sessions of the Yeti dialect", "yeti/src/session/ended.rs", "the_latest_are_remembered"),
    (
        "exports of an account",
        "api/tests/all/yeti/exports.rs",
        "an_account_has_no_more_exports_than_it_may_and_others_have_theirs",
    ),
    (
        "types that a webhook names",
        "api/tests/all/native/webhooks.rs",
        "an_account_has_so_many_webhooks_and_no_more_and_a_type_counts_once",
    ),
    (
        "webhooks of an account",
        "api/tests/all/native/webhooks.rs",
        "an_account_has_so_many_webhooks_and_no_more_and_a_type_counts_once",
    ),
    (
        "events that a webhook's receiver",
        "webhooks/src/store/tests.rs",
        "the_latest_that_were_put_aside_are_kept",
    ),
    (
        "time of a search",
        "history/tests/it/faults.rs",
        "a_query_that_takes_too_long_is_broken_off_and_the_next_one_answers",
    ),
    (
        "calls that have ended lately",
        "history/src/sqlite/lately.rs",
        "a_call_is_named_for_a_while_and_there_is_room_for_so_many",
    ),
    (
        "calls of the running day",
        "history/src/sqlite/recent.rs",
        "no_more_is_kept_than_there_is_room_for_and_what_is_kept_are_the_latest",
    ),
    (
        "changes that are noted",
        "directory/src/store/audit.rs",
        "a_customer_who_does_much_forgets_its_own_entries_alone",
    ),
    (
        "links that sign somebody in",
        "http-core/src/sign_in_links.rs",
        "of_more_links_than_there_is_room_for_the_oldest_is_good_no_more",
    ),
    (
        "people signed in",
        "console/src/session.rs",
        "of_more_sessions_than_there_is_room_for_the_one_that_ends_first_is_over",
    ),
    (
        "what calls of an account may cost",
        "live/src/spending/tests.rs",
        "no_mix_of_paths_and_crashes_spends_more_than_may_be",
    ),
    (
        "the same of a phone",
        "live/src/spending/tests.rs",
        "a_stopped_phone_calls_by_no_path_and_its_colleague_by_each",
    ),
    (
        "what is known of the pages",
        "history/src/columns/page_indexes.rs",
        "no_more_is_kept_than_there_is_room_for_and_what_is_asked_about_stays",
    ),
    ("notices of limits", "directory/src/notices.rs", "a_reader_that_falls_behind_misses_the_oldest"),
    (
        "events held for a reader",
        "live/src/feed.rs",
        "a_reader_has_no_more_events_held_for_it_than_a_page_and_misses_none",
    ),
    (
        "the latest events",
        "history/src/sqlite/tail.rs",
        "the_latest_are_held_and_who_is_further_back_is_sent_elsewhere",
    ),
    (
        "time of a request to a webhook",
        "webhooks/src/post.rs",
        "a_receiver_that_says_nothing_is_not_waited_for_any_longer",
    ),
    (
        "parts of sealed days",
        "history/src/sqlite/sealed/open_files.rs",
        "of_more_parts_than_may_be_open_the_one_asked_the_longest_ago_is_closed",
    ),
    (
        "rows that are made",
        "history/src/sqlite/sealing/folding.rs",
        "parts_are_made_into_one_up_to_so_many_rows",
    ),
    ("names of damaged", "history/src/sqlite/sealed/figures.rs", "so_many_damaged_files_are_told_by_name"),
    ("rows on a page", "api/tests/all/console/pages.rs", "a_full_page_is_below_a_hundred_kilobytes"),
    ("time whose calls the peaks", "call/tests/prop_series.rs", "a_grid_has_the_peaks_of_its_parts"),
    (
        "points of a console chart",
        "api/tests/all/console/pages.rs",
        "bad_input_is_told_by_its_field_with_what_is_accepted",
    ),
    (
        "accounts that a console chart",
        "api/tests/all/console/pages.rs",
        "a_chart_and_an_export_take_so_many_accounts_together",
    ),
    ("minutes that are remembered", "live/src/spending/ledger.rs", "a_day_of_minutes_is_remembered_of_each"),
    ("requests at a time", "api/tests/all/serve.rs", "a_connection_of_http_2_has_so_many_requests_at_a_time"),
    (
        "messages that wait for a slow SIP peer",
        "switch-sip/src/transport/stream/framing.rs",
        "a_peer_that_takes_nothing_is_given_up",
    ),
];

fn rows() -> impl Iterator<Item = &'static str> {
    BOUNDS.lines().filter(|line| line.starts_with("| ")).skip(2)
}

/// What stands in backticks in a column of the table, from 0: a list for each line.
fn column(number: usize) -> impl Iterator<Item = Vec<&'static str>> {
    let cell = move |row: &'static str| row.split('|').nth(number + 1).unwrap();
    rows().map(move |row| cell(row).split('`').skip(1).step_by(2).collect())
}

#[test]
fn each_option_of_a_bound_is_there() {
    let mut count = 0;
    for options in column(2) {
        let mut section = "";
        for option in options {
            let (named, name) = option.rsplit_once(' ').unwrap_or((section, option));
            section = named;
            let from =
                OPTIONS.split_once(&format!("\n{section}\n")).unwrap_or_else(|| panic!("no {section}"));
            let own = from.1.split("\n[").next().unwrap();
            assert!(own.lines().any(|line| line.trim_start_matches("# ").starts_with(name)), "no {option}");
            count += 1;
        }
    }
    assert!(count > 12, "{count}");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_metric_of_a_bound_is_there() {
    let scene = Scene::new();
    let metrics = scene.server.get("/metrics").await;
    let names: Vec<_> = column(4).flatten().collect();
    assert!(names.len() > 20);
    for name in names {
        let is_it = |line: &str| line.strip_prefix(name).is_some_and(|rest| rest.starts_with([' ', '{']));
        assert!(metrics.lines().any(is_it), "no {name}");
    }
}

#[test]
fn each_bound_is_met_by_a_test() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    for row in rows() {
        let row = row.trim_start_matches("| ");
        let (_, file, test) =
            TRIED.iter().find(|(begins, ..)| row.starts_with(begins)).unwrap_or_else(|| panic!("{row}"));
        let text = fs::read_to_string(crates.join(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
        assert!(text.contains(&format!("fn {test}(")), "{file} has no {test}, for: {row}");
    }
    assert_eq!(rows().count(), TRIED.len(), "a line of the list is of no bound");
}
