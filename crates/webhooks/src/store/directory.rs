//! The hooks that the directory file registers.

use std::{collections::BTreeMap, sync::Arc};

use call::Timestamp;
use directory::{Snapshot, model::Webhook};
use events::KindFilter;
use url::Url;
use uuid::Uuid;

use super::{Delivery, Hook, HookId, Pause, ROTATION, Secret, Source, State, Webhooks};
use crate::Wanted;

/// The ids of hooks of the directory are made in this namespace, so that they stay the same.
const HOOKS: Uuid = Uuid::from_u128(0x52d1_9f6c_08a4_4be3_9c17_63f0_a1de_7b58);

impl Webhooks {
    /// Makes the hooks of the directory what that says; a new one begins after an event.
    pub(crate) fn take_over(&self, directory: &Snapshot, (now, after): (Timestamp, u64)) {
        let entries = directory.entries().webhooks.iter();
        let wanted: BTreeMap<_, _> =
            entries.filter_map(|entry| said(entry, directory, (now, after))).collect();
        let mut kept = self.kept.lock();
        let is_gone = |hook: &&Arc<Hook>| hook.source != Source::Client && !wanted.contains_key(&hook.id);
        let gone: Vec<_> = kept.hooks.values().filter(is_gone).map(|hook| hook.id).collect();
        gone.iter().for_each(|id| self.drop_hook(&mut kept, *id));
        let mut has_changed = !gone.is_empty();
        for (id, said) in wanted {
            let known = kept.hooks.get(&id);
            if known.is_some_and(|known| is_same(known, &said)) {
                continue;
            }
            let hook = Arc::new(known.map_or_else(|| said.clone(), |known| changed(known, &said, now)));
            self.write(&hook);
            kept.hooks.insert(id, hook);
            has_changed = true;
        }
        drop(kept);
        if has_changed {
            self.changed.send_replace(());
        }
    }
}

/// A hook as the directory says it; `None` of what its file would not have let through.
fn said(entry: &Webhook, directory: &Snapshot, (now, after): (Timestamp, u64)) -> Option<(HookId, Hook)> {
    let id = HookId(Uuid::new_v5(&HOOKS, format!("{} {}", entry.account, entry.name).as_bytes()));
    let kinds = match entry.types.is_empty() {
        true => KindFilter::default(),
        false => KindFilter::parse(&entry.types.join(",")).ok()?,
    };
    // An extension that is gone has no phones.
    let devices = entry.extension.as_ref().map(|number| {
        directory
            .extension(entry.account, number)
            .map(|extension| extension.devices.clone())
            .unwrap_or_default()
    });
    let hook = Hook {
        id,
        account: entry.account,
        url: Url::parse(&entry.url).ok()?,
        wanted: Wanted { kinds, call: None, devices, trunk: entry.trunk },
        format: entry.format,
        options: "".into(),
        source: Source::Directory(entry.name.clone()),
        expires_at: None,
        renewed_at: None,
        secrets: vec![(Secret::parse(entry.secret.text()?).ok()?, None)],
        created_at: now,
        delivery: Delivery::after(after),
    };
    Some((id, hook))
}

fn is_same(known: &Hook, said: &Hook) -> bool {
    let signs = |hook: &Hook| hook.secrets.first().map(|(secret, _)| secret.clone());
    known.url == said.url
        && known.wanted == said.wanted
        && known.format == said.format
        && signs(known) == signs(said)
}

/// The same hook at its place, as it is said to be now. The secret before still counts for a while. What has failed is
/// tried anew; what somebody has paused stays so.
fn changed(known: &Hook, said: &Hook, now: Timestamp) -> Hook {
    let delivery = match known.delivery.state {
        State::Paused { why: Pause::Asked, .. } => known.delivery.clone(),
        State::Paused { .. } | State::Well | State::Failing { .. } => Delivery::after(known.delivery.cursor),
    };
    let mut hook =
        Hook { secrets: known.secrets.clone(), created_at: known.created_at, delivery, ..said.clone() };
    if let Some((secret, _)) = said.secrets.first() {
        let is_other = known.secrets.first().is_none_or(|(before, _)| before != secret);
        if is_other {
            hook.rotate(secret.clone(), now, now + ROTATION);
        }
    }
    hook
}
