//! Charts and reports against a look at every call.
