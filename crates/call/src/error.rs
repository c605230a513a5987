//! The closed list of kinds of trouble. Each dialect maps every kind to its own status and body.

/// What kind of trouble an error is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorCode {
    /// The request says something that is not accepted; the message names the field.
    InvalidInput,
    /// No valid credentials.
    Unauthenticated,
    /// Valid credentials that do not allow this.
    Forbidden,
    /// No such thing, as far as this client may know.
    NotFound,
    /// The thing is not in a state that allows this.
    Conflict,
    /// The request is larger than accepted.
    TooLarge,
    /// Too many requests or failed attempts; try later.
    TooManyRequests,
    /// The server is stopping, full or cut off from what it needs; try later.
    Unavailable,
    /// A fault of the server.
    Internal,
}
