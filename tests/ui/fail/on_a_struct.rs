use outbox::transactional_event;

#[transactional_event(tx = pool)]
struct Open;

fn main() {}
