//! What the doors have refused and what they hold, in OpenMetrics.

use std::{fmt::Write, time::Duration};

use guard::{Door, Doors, Room};
use http_core::HttpConfig;

/// Adds it to an OpenMetrics text that is whole.
pub fn append(text: &mut String, config: &HttpConfig, now: Duration) {
    let (guard, rooms, quotas): (&Doors, &[(Door, Room)], _) = (&config.guard, &config.rooms, &config.quotas);
    let end = text.strip_suffix("# EOF\n").map_or(text.len(), str::len);
    text.truncate(end);
    let figures = guard.figures(now);
    let offences = figures.offences.iter().map(|(offence, count)| (offence.name(), *count));
    family(text, ("guard_offences", "counter", "What counted against sources"), "kind", offences);
    single(text, ("guard_waits", "counter", "Tries that came too early"), figures.waits);
    single(text, ("guard_refused", "counter", "Tries of those who are kept out"), figures.refused);
    single(text, ("guard_blocked", "gauge", "Sources and users that are kept out"), figures.blocked as u64);
    let remembered = figures.remembered as u64;
    single(text, ("guard_remembered", "gauge", "Sources, users and pairs that are remembered"), remembered);
    let clients = quotas.remembered() as u64;
    single(text, ("quota_clients", "gauge", "Clients whose requests are counted"), clients);
    single(text, ("quota_refused", "counter", "Requests of clients that had none left"), quotas.refused());
    let of_doors =
        |figure: fn(&Room) -> u64| rooms.iter().map(move |(door, room)| (door.name(), figure(room)));
    let held = of_doors(|room| room.held() as u64);
    family(text, ("connections", "gauge", "Connections that peers have opened"), "door", held);
    let refused = of_doors(|room| room.turned_away().0);
    family(text, ("connections_refused", "counter", "Connections that found no place"), "door", refused);
    let evicted = of_doors(|room| room.turned_away().1);
    family(text, ("connections_evicted", "counter", "Idle ones closed for others"), "door", evicted);
    text.push_str("# EOF\n");
}

fn single(text: &mut String, about: (&str, &str, &str), value: u64) {
    let name = head(text, about);
    line(text, &name, value);
}

fn family<'a>(
    text: &mut String,
    about: (&str, &str, &str),
    label: &str,
    values: impl Iterator<Item = (&'a str, u64)>,
) {
    let name = head(text, about);
    for (of, value) in values {
        line(text, &format!("{name}{{{label}=\"{of}\"}}"), value);
    }
}

/// The name that its values have.
fn head(text: &mut String, (name, kind, help): (&str, &str, &str)) -> String {
    let name = format!("trunkline_{name}");
    for about in [format!("HELP {name} {help}."), format!("TYPE {name} {kind}")] {
        writeln!(text, "# {about}").expect("memory takes everything");
    }
    if kind == "counter" { format!("{name}_total") } else { name }
}

fn line(text: &mut String, name: &str, value: u64) {
    writeln!(text, "{name} {value}").expect("memory takes everything");
}
