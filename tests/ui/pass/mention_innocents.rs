#![deny(warnings)]
//! Places below parameters that must not be touched by a check: moved, captured, rebound, conditional.
use std::cell::Cell;
use std::collections::HashMap;

use outbox::transactional_event;
use sqlx::PgPool;

pub struct Inner {
    pub text: String,
    pub count: Cell<i64>,
}

pub struct App {
    pub pool: PgPool,
    pub inner: Inner,
    pub call: fn(i64) -> i64,
    pub map: HashMap<String, (i64, i64)>,
}

pub union Bits {
    pub int: u32,
    pub float: f32,
}

pub struct Other {
    pub deep: String,
}

macro_rules! own {
    ($($name:ident => $value:expr),*) => { $( let $name = $value; let _ = $name; )* };
}

#[transactional_event(tx = pool)]
pub async fn moves(pool: PgPool, inner: Inner, app: Option<App>, bits: Bits) -> Result<(), sqlx::Error> {
    let Inner { text, count } = inner;
    let take = move || text.len() as i64 + count.get();
    let app = app.map(|app| app.map.len());
    let float = unsafe { bits.float };
    #[cfg(target_os = "none")]
    inner.missing.call();
    let _ = (take(), app, float);
    sqlx::query("SELECT 1").execute(&mut *tx).await?;
    Ok(())
}

#[transactional_event(tx = app.pool)]
pub async fn captures(
    app: &mut App,
    (left, right): (String, Vec<i64>),
    #[allow(unused_variables)] unused: i64,
) -> Result<(), sqlx::Error> {
    let called = (app.call)(1);
    app.inner.text.push('x');
    let text = std::mem::take(&mut app.inner.text);
    app.map.entry(text).or_default().0 += called;
    let deep = Other { deep: left };
    let moved = async move { deep.deep.len() + right.len() };
    let one = app.map.values().map(|app| app.0).max();
    own!(app => 1, other => moved.await);
    tokio::select! {
        app = async { Other { deep: String::new() } } => { let _ = app.deep; }
    }
    let _ = one;
    sqlx::query("SELECT 1").execute(&mut *tx).await?;
    Ok(())
}

impl App {
    #[transactional_event(tx = self.pool)]
    pub async fn consumes(self, key: &'static str) -> Result<i64, sqlx::Error> {
        let Self { map, inner, .. } = self;
        let found = map.get(key).map(|pair| pair.0);
        drop(inner);
        sqlx::query("SELECT 1").execute(&mut *tx).await?;
        Ok(found.unwrap_or_default())
    }

    #[transactional_event(tx = self.pool)]
    pub async fn partly_moved(mut self) -> Result<String, sqlx::Error> {
        let text = self.inner.text;
        self.inner.text = String::new();
        let all = [&*text, &*self.inner.text].concat();
        sqlx::query("SELECT 1").execute(&mut *tx).await?;
        Ok(all)
    }
}

fn main() {}
