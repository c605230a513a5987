//! The frame of every page.

use axum::response::Html;
use directory::bearers::phones_of;
use maud::{DOCTYPE, Markup, html};

use crate::{
    assets::{ICON_PLACE, MODULE_PLACE, STYLE_PLACE},
    form::TOKEN,
    routes,
    viewer::Viewer,
    words,
};

/// A page for who is signed in. `place` is the path of its entry in the menu.
pub fn framed(viewer: &Viewer, place: &str, title: &str, content: &Markup) -> Html<String> {
    let menu = html! {
        nav aria-label=(words::MENU) {
            @for (path, name, area) in routes::MENU {
                @if viewer.user.scope.allows(*area) && viewer.is_shown(path) {
                    a href=(path) aria-current=[(*path == place).then_some("page")] { (name) }
                }
            }
            @if phones_of(&viewer.user, &viewer.directory).next().is_some() {
                a href=(routes::PHONE) { (words::PHONE) }
            }
        }
        form class="out" method="post" action=(routes::SIGN_OUT) {
            span { (viewer.user.name) }
            (token(viewer))
            button class="plain" { (words::SIGN_OUT) }
        }
    };
    whole(title, Some(&menu), content)
}

/// A page for anybody.
pub fn bare(title: &str, content: &Markup) -> Html<String> {
    whole(title, None, content)
}

/// Why there is no page.
pub fn refusal(message: &str) -> Markup {
    html! {
        h1 { (words::REFUSED) }
        p role="alert" { (message) }
        p { a href=(routes::NOW) { (words::TO_THE_CONSOLE) } }
    }
}

/// What each form carries.
pub fn token(viewer: &Viewer) -> Markup {
    html! { input type="hidden" name=(TOKEN) value=(viewer.form_token); }
}

fn whole(title: &str, menu: Option<&Markup>, content: &Markup) -> Html<String> {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) " · " (words::PRODUCT) }
                link rel="icon" href=(*ICON_PLACE);
                link rel="stylesheet" href=(*STYLE_PLACE);
                script type="module" src=(*MODULE_PLACE) {}
            }
            body {
                a class="skip" href="#content" { (words::SKIP) }
                header {
                    a class="brand" href=(routes::NOW) { (words::PRODUCT) }
                    @if let Some(menu) = menu { (menu) }
                }
                main id="content" { (content) }
                footer { p { (words::TIMES_ARE_IN) " " span data-zone { "UTC" } } }
                div id="said" role="status" aria-live="polite" data-lost=(words::STREAM_LOST) {}
            }
        }
    };
    Html(page.into_string())
}
