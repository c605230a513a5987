//! How webhooks are, in OpenMetrics.

use std::fmt::Write;

use webhooks::Webhooks;

/// Adds it to an OpenMetrics text that is whole.
pub fn append(text: &mut String, hooks: &Webhooks) {
    let end = text.strip_suffix("# EOF\n").map_or(text.len(), str::len);
    text.truncate(end);
    let count = hooks.count();
    let gauges = [
        ("webhooks", "Webhooks that are registered", count.all),
        ("webhooks_failing", "Webhooks whose last request was not taken", count.failing),
        ("webhooks_paused", "Webhooks that are paused", count.paused),
        (
            "webhooks_dead_letters",
            "Events that receivers have refused and that were put aside",
            count.dead_letters,
        ),
    ];
    for (name, help, value) in gauges {
        let written = write!(
            text,
            "# HELP trunkline_{name} {help}.\n# TYPE trunkline_{name} gauge\ntrunkline_{name} {value}\n"
        );
        written.expect("memory takes everything");
    }
    text.push_str("# EOF\n");
}
