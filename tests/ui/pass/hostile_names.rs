//! A module with its own `Result`, `Ok`, `Some`, `Box`, `Send`, `String`, `Vec`.
mod hostile {
    #![allow(dead_code, non_snake_case)]
    use outbox::{Event, emit, transactional_event};

    struct Result;
    struct Option;
    struct Box;
    struct String;
    struct Vec;
    trait Send {}
    trait From {}
    fn Ok() {}
    fn Err() {}
    fn Some() {}
    fn None() {}

    #[derive(serde::Serialize, Event)]
    #[event(name = "hostile", version = 1, topic = "hostile", key = id)]
    struct Hostile {
        id: i64,
    }

    #[transactional_event(tx = pool)]
    pub async fn handler(pool: &sqlx::PgPool) -> core::result::Result<(), sqlx::Error> {
        emit!(Hostile { id: 1 });
        emit!(Hostile { id: 1 }, key = 1, topic = "a", headers = { "a" => 1, ..[("b", 2)] });
        emit!([Hostile { id: 1 }, Hostile { id: 2 }]);
        emit!(..[Hostile { id: 1 }]);
        emit!(topic = "a", type = "b", payload = core::option::Option::None::<&str>);
        for id in 0..3 {
            emit!(Hostile { id });
        }
        core::result::Result::Ok(())
    }

    pub async fn helper(tx: &mut sqlx::PgTransaction<'_>) -> core::result::Result<(), sqlx::Error> {
        emit!(tx => Hostile { id: 1 });
        core::result::Result::Ok(())
    }
}

fn main() {
    let _ = (hostile::handler, hostile::helper);
}
