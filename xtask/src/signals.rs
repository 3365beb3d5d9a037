//! Ctrl-C and TERM: heard from the first moment on, so that nothing started stays behind.

use anyhow::Result;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Both signals; once made, neither ends this process by itself any more.
pub(crate) struct Signals {
    interrupt: Signal,
    terminate: Signal,
}

impl Signals {
    pub(crate) fn new() -> Result<Self> {
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    /// Waits for one of them. Cancel-safe.
    pub(crate) async fn received(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}
