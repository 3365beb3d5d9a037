//! A module whose names are not the ones that everybody expects.
#![allow(dead_code, missing_docs, non_camel_case_types, non_snake_case, clippy::missing_errors_doc)]

use ::outbox::{emit, transactional_event, Event};

mod core {}
mod std {}
mod alloc {}

pub struct Result;
pub struct Option;
pub struct Box;
pub struct String;
pub struct Vec;
pub struct Pin;
pub struct i64;
pub struct u32;
pub struct str;
pub struct bool;
pub trait Send {}
pub trait Sync {}
pub trait Sized {}
pub trait Clone {}
pub trait From {}
pub trait Into {}
pub trait Future {}
pub trait Iterator {}
pub trait Deref {}
pub trait Fn {}
pub trait FnOnce {}
pub trait Default {}
pub trait Drop {}
pub trait ToString {}
pub trait Serialize {}
fn Ok() {}
fn Err() {}
fn Some() {}
fn None() {}
fn drop() {}

#[derive(::serde::Serialize, Event)]
#[event(name = "hostile", version = 1, topic = "hostile", key = id)]
struct Hostile {
    id: ::core::primitive::i64,
}

pub async fn helper(tx: &mut ::sqlx::Transaction<'_, ::sqlx::Postgres>) -> ::core::result::Result<(), ::sqlx::Error> {
    joins(tx).await
}

#[transactional_event(tx = pool)]
pub async fn handler(pool: &::sqlx::PgPool) -> ::core::result::Result<(), ::sqlx::Error> {
    for id in 0..3 {
        emit!(Hostile { id });
    }
    ::sqlx::query("SELECT 1").execute(&mut *tx).await?;
    emit!(Hostile { id: 1 });
    helper(tx).await?;
    ::core::result::Result::Ok(())
}

#[transactional_event]
pub async fn joins(tx: &mut ::sqlx::Transaction<'_, ::sqlx::Postgres>) -> ::core::result::Result<(), ::sqlx::Error> {
    let block = async {
        emit!(Hostile { id: 2 });
        ::core::result::Result::<(), ::sqlx::Error>::Ok(())
    };
    block.await
}
