//! What the numbers were measured on, in words.

use std::process::Command;

/// Lines of a list; what cannot be found out is left out.
pub(super) fn describe() -> String {
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let value = |text: &str, name: &str| {
        let line = text.lines().find(|line| line.starts_with(name))?;
        Some(line.split_once(':')?.1.trim().to_owned())
    };
    let processor = value(&read("/proc/cpuinfo"), "model name");
    let cores = std::thread::available_parallelism().ok().map(|cores| format!("{cores} cores"));
    let memory = value(&read("/proc/meminfo"), "MemTotal").and_then(|kib| {
        let kib: f64 = kib.split_whitespace().next()?.parse().ok()?;
        Some(format!("{:.0} GiB", kib / 1_048_576.0))
    });
    let kernel = Some(read("/proc/sys/kernel/osrelease").trim().to_owned()).filter(|kernel| !kernel.is_empty());
    let system = read("/etc/os-release")
        .lines()
        .find_map(|line| Some(line.strip_prefix("PRETTY_NAME=")?.trim_matches('"').to_owned()));
    let java = said("java", &["-version"]);
    let rustc = said("rustc", &["--version"]);
    let commit = said("git", &["rev-parse", "--short", "HEAD"]);
    [
        ("processor", processor),
        ("cores", cores),
        ("memory", memory),
        ("system", system),
        ("kernel", kernel),
        ("Java", java),
        ("Rust", rustc),
        ("commit", commit),
    ]
    .into_iter()
    .filter_map(|(what, value)| Some(format!("- {what}: {}\n", value?)))
    .collect()
}

/// The first line that a program prints.
fn said(program: &str, args: &[&str]) -> Option<String> {
    let output = Command::new(program).args(args).output().ok()?;
    let printed = if output.stdout.is_empty() { output.stderr } else { output.stdout };
    let line = String::from_utf8_lossy(&printed).lines().next()?.trim().to_owned();
    output.status.success().then_some(line)
}
