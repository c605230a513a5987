//! What counts against a source, and how much.

/// What a source did wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Offence {
    /// A wrong secret or password, or an unknown user: nothing tells which.
    WrongSecret,
    /// A token that stands for nothing. It may have expired, so it weighs less.
    WrongToken,
    /// Asks for something as a user that nobody is, without proving to be it.
    Unproved,
}

impl Offence {
    /// All of them, in the order of their weight.
    pub const ALL: [Self; 3] = [Self::WrongSecret, Self::Unproved, Self::WrongToken];

    /// How much of a failure it is.
    pub(crate) const fn weight(self) -> f64 {
        match self {
            Self::WrongSecret => 1.0,
            Self::Unproved => 0.7,
            Self::WrongToken => 0.1,
        }
    }

    /// Its name in the log and in the metrics.
    pub const fn name(self) -> &'static str {
        match self {
            Self::WrongSecret => "wrong-secret",
            Self::WrongToken => "wrong-token",
            Self::Unproved => "unproved",
        }
    }
}
