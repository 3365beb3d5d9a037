//! Where a run is: a bar on a terminal, lines elsewhere.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Of the whole run; a step is one repetition of one cell.
pub(super) struct Progress(ProgressBar);

impl Progress {
    pub(super) fn new(steps: u64) -> Self {
        let bar = ProgressBar::with_draw_target(Some(steps), ProgressDrawTarget::stderr());
        let style = ProgressStyle::with_template("{spinner} {elapsed_precise} [{bar:30}] {pos}/{len} {wide_msg}");
        bar.set_style(style.expect("the template is right").progress_chars("=> "));
        if !bar.is_hidden() {
            bar.enable_steady_tick(Duration::from_millis(200));
        }
        Self(bar)
    }

    /// What is being done now.
    pub(super) fn say(&self, what: std::fmt::Arguments<'_>) {
        if self.0.is_hidden() {
            eprintln!("bench: {what}");
        } else {
            self.0.set_message(what.to_string());
        }
    }

    /// A line that stays.
    pub(super) fn warn(&self, what: std::fmt::Arguments<'_>) {
        self.0.suspend(|| eprintln!("bench: warning: {what}"));
    }

    /// A step is done.
    pub(super) fn step(&self) {
        self.0.inc(1);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
