//! Whether media are encrypted.

/// Whether the media of a phone or a trunk are encrypted, as far as they go through the switch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Encryption {
    /// Never: who offers nothing else is refused.
    Refuse,
    /// Where the other side offers it.
    #[default]
    Allow,
    /// It is offered to the other side, which may leave it out (RFC 8643).
    Prefer,
    /// Always: a call that is not is refused.
    Require,
}
