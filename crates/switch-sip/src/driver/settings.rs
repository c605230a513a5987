//! What the machine is told of the configuration.

use b2bua::Settings;

use crate::{config::MediaMode, core::Core};

pub(super) fn settings(core: &Core) -> Settings {
    let config = &core.config;
    Settings {
        media: match config.media {
            MediaMode::Anchored(_) => b2bua::MediaMode::Anchored,
            MediaMode::Direct => b2bua::MediaMode::Direct,
        },
        silence_timeout: config.silence_timeout,
        max_calls: config.max_calls,
        no_answer: config.no_answer,
        t1: config.t1,
        trunk_silence: config.trunk_silence,
        refer_from_trunks: config.refer_from_trunks,
        features: config.features.clone(),
        park_time: config.park_time,
        end_work_within: config.end_work_within,
        retry_after: config.retry_after,
        redirects: config.redirects,
        sessions: config.sessions,
        rings_by_origin: config.rings_by_origin,
        has_recorder: core.recorder.is_some(),
    }
}
