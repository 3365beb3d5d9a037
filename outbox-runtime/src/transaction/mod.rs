//! Transactions of handlers: begin and commit that cannot be cancelled, inserts that cannot be forgotten.
