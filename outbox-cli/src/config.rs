//! `--config FILE`: what the file says become the defaults of the flags with the same names. So flags go before the
//! environment, and the environment before the file.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::{Arg, Command, CommandFactory, FromArgMatches};
use toml_edit::{Document, Item, Value};

/// The flag, and the variable that stands for it.
const FLAG: &str = "--config";
const VARIABLE: &str = "OUTBOX_CONFIG";
/// Flags that a file does not set: they belong to one call.
const OF_A_CALL: [&str; 9] = ["all", "apply", "config", "help", "json", "roles", "topic", "version", "yes"];

/// Where the file is named.
#[derive(clap::Args)]
pub(crate) struct File {
    /// TOML with the names of flags, such as `database-url = "…"`; flags and the environment go before it.
    #[arg(long, env = VARIABLE, value_name = "FILE")]
    config: Option<PathBuf>,
}

/// As `Parser::parse`, with the file's defaults.
pub(crate) fn parse<C: CommandFactory + FromArgMatches>() -> Result<C> {
    let mut command = C::command();
    if let Some(file) = file(std::env::args_os().skip(1)) {
        let text = std::fs::read_to_string(&file).with_context(|| format!("{} cannot be read", file.display()))?;
        let given = given(std::env::args_os().skip(1));
        command = with_defaults(command, &file, &text, &given)?;
    }
    let matches = command.get_matches();
    C::from_arg_matches(&matches).map_err(|error| error.exit())
}

/// The file, before the arguments are understood.
fn file(arguments: impl Iterator<Item = OsString>) -> Option<PathBuf> {
    let mut arguments = arguments.take_while(|argument| argument != "--");
    while let Some(argument) = arguments.next() {
        if argument == FLAG {
            return arguments.next().map(Into::into);
        }
        if let Some(path) = argument.to_str().and_then(|it| it.strip_prefix(FLAG)?.strip_prefix('=')) {
            return Some(path.into());
        }
    }
    std::env::var_os(VARIABLE).filter(|path| !path.is_empty()).map(Into::into)
}

/// Long names among the arguments.
fn given(arguments: impl Iterator<Item = OsString>) -> BTreeSet<String> {
    let before = arguments.take_while(|argument| argument != "--").filter_map(|argument| argument.into_string().ok());
    let named = before.filter_map(|argument| Some(argument.strip_prefix("--")?.to_owned()));
    named.map(|name| name.split('=').next().unwrap_or_default().to_owned()).collect()
}

/// `command` with what `text` says as defaults of the flags that can have some; those that are `given` keep their form.
fn with_defaults(command: Command, file: &Path, text: &str, given: &BTreeSet<String>) -> Result<Command> {
    let document = Document::parse(text).map_err(|error| anyhow::anyhow!("{}: {error}", file.display()))?;
    let mut known = BTreeSet::new();
    names(&command, &mut known);
    let mut settings = BTreeMap::new();
    for (key, item) in document.iter() {
        let span = document.key(key).and_then(toml_edit::Key::span).or_else(|| item.span());
        let line = span.and_then(|span| text.get(..span.start)).map_or(1, |before| before.matches('\n').count() + 1);
        let place = format!("{}:{line}", file.display());
        if !known.contains(key) {
            let known = known.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
            bail!("{place}: `{key}` is no setting; there are: {known}");
        }
        let values = values(item).with_context(|| {
            format!("{place}: `{key}` is text, a number, true or false, a list of them, or a table of text")
        })?;
        settings.insert(key.to_owned(), values);
    }
    settings.retain(|name, _| !given.contains(name));
    Ok(set(command, &settings))
}

/// Long names of the flags of all commands that take a file.
fn names(command: &Command, into: &mut BTreeSet<String>) {
    if takes_file(command) {
        let long = command.get_arguments().filter_map(Arg::get_long);
        into.extend(long.filter(|name| !OF_A_CALL.contains(name)).map(str::to_owned));
    }
    command.get_subcommands().for_each(|inner| names(inner, into));
}

fn takes_file(command: &Command) -> bool {
    command.get_arguments().any(|argument| argument.get_long() == Some("config"))
}

/// One value for each time that the flag would be given.
fn values(item: &Item) -> Option<Vec<String>> {
    match item {
        Item::Value(Value::Array(list)) => list.iter().map(plain).collect(),
        Item::Value(Value::InlineTable(table)) => pairs("", table),
        Item::Table(table) => pairs("", table),
        Item::Value(value) => Some(vec![plain(value)?]),
        Item::None | Item::ArrayOfTables(_) => None,
    }
}

fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.value().clone()),
        Value::Integer(number) => Some(number.value().to_string()),
        Value::Float(number) => Some(number.value().to_string()),
        Value::Boolean(is) => Some(is.value().to_string()),
        _ => None,
    }
}

/// `NAME=VALUE` of a table; a name with dots is a table in a table to TOML.
fn pairs(before: &str, table: &dyn toml_edit::TableLike) -> Option<Vec<String>> {
    let mut all = Vec::new();
    for (name, item) in table.iter() {
        let name = format!("{before}{name}");
        match item {
            Item::Value(Value::InlineTable(inner)) => all.extend(pairs(&format!("{name}."), inner)?),
            Item::Table(inner) => all.extend(pairs(&format!("{name}."), inner)?),
            Item::Value(value) => all.push(format!("{name}={}", plain(value)?)),
            _ => return None,
        }
    }
    Some(all)
}

fn set(command: Command, settings: &BTreeMap<String, Vec<String>>) -> Command {
    let inner: Vec<_> = command.get_subcommands().map(|inner| inner.get_name().to_owned()).collect();
    let command = inner.iter().fold(command, |command, name| command.mut_subcommand(name, |it| set(it, settings)));
    if !takes_file(&command) {
        return command;
    }
    command.mut_args(|argument| {
        let given = argument.get_long().and_then(|name| settings.get(name));
        let by_environment = argument.get_env().is_some_and(|name| std::env::var_os(name).is_some());
        match given.filter(|_| !by_environment) {
            // What a list has is not taken apart once more.
            Some(values) => argument.required(false).value_delimiter(None).default_values(values.clone()),
            None => argument,
        }
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use clap::{CommandFactory, FromArgMatches, Parser};

    use super::{file, given, with_defaults};

    #[derive(Parser)]
    struct Cli {
        #[command(subcommand)]
        command: Sub,
    }

    #[derive(clap::Subcommand)]
    enum Sub {
        Run(Run),
        Other,
    }

    #[derive(clap::Args)]
    struct Run {
        #[command(flatten)]
        file: super::File,
        #[arg(long)]
        brokers: String,
        #[arg(long, value_delimiter = ' ')]
        kafka: Vec<String>,
        #[arg(long, default_value_t = 10.0)]
        lease_seconds: f64,
        #[arg(long)]
        log_json: bool,
    }

    fn run(text: &str, arguments: &[&str]) -> Result<Run, String> {
        let given = given(arguments.iter().map(Into::into));
        let command = with_defaults(Cli::command(), Path::new("outbox.toml"), text, &given)
            .map_err(|error| format!("{error:#}"))?;
        let arguments = ["outbox", "run"].iter().chain(arguments);
        let matches = command.try_get_matches_from(arguments).map_err(|error| error.to_string())?;
        match Cli::from_arg_matches(&matches).map_err(|error| error.to_string())?.command {
            Sub::Run(run) => Ok(run),
            Sub::Other => Err("another command".to_owned()),
        }
    }

    #[test]
    fn flags_go_before_the_file() {
        let text =
            "brokers = 'a:1'\nlease-seconds = 3\nlog-json = true\n[kafka]\nlinger.ms = 5\n\"sasl.x\" = 'two words'\n";
        let seen = run(text, &[]).expect("all is there");
        assert_eq!((seen.brokers.as_str(), seen.lease_seconds, seen.log_json), ("a:1", 3.0, true));
        assert_eq!(seen.kafka, ["linger.ms=5", "sasl.x=two words"]);
        let seen = run(text, &["--brokers", "b:2", "--kafka", "linger.ms=7"]).expect("flags");
        assert_eq!((seen.brokers.as_str(), seen.lease_seconds), ("b:2", 3.0));
        assert_eq!(seen.kafka, ["linger.ms=7"]);
        assert!(run("lease-seconds = 3", &[]).is_err_and(|error| error.contains("--brokers")));
        assert!(run("brokers = 'a'\nlease-seconds = 'soon'", &[]).is_err_and(|error| error.contains("soon")));
    }

    #[test]
    fn a_list_in_the_file_takes_nothing_from_the_flag() {
        let text = "brokers = 'a:1'\nkafka = ['sasl.x=two words', 'a=1']\n";
        assert_eq!(run(text, &[]).expect("the file's").kafka, ["sasl.x=two words", "a=1"]);
        for flag in [&["--kafka", "b=2 c=3"][..], &["--kafka=b=2 c=3"], &["--kafka", "b=2", "--kafka", "c=3"]] {
            assert_eq!(run(text, flag).expect("the flag's").kafka, ["b=2", "c=3"], "{flag:?}");
        }
    }

    #[test]
    fn what_a_file_cannot_say_is_refused_with_its_line() {
        let unknown = run("brokers = 'a:1'\n\nlease_seconds = 3\n", &[]).err().expect("refused");
        assert!(
            unknown.starts_with("outbox.toml:3: `lease_seconds`") && unknown.contains("lease-seconds"),
            "{unknown}"
        );
        let table = run("brokers = 'a:1'\nkafka = [{ a = 1 }]\n", &[]).err().expect("refused");
        assert!(table.starts_with("outbox.toml:2: `kafka`"), "{table}");
        let broken = run("brokers = \n", &[]).err().expect("refused");
        assert!(broken.contains("outbox.toml") && broken.contains("line 1"), "{broken}");
        assert!(run("config = 'x'", &[]).is_err());
    }

    #[test]
    fn the_file_is_found_in_the_arguments() {
        let found = |arguments: &[&str]| file(arguments.iter().map(Into::into));
        assert_eq!(found(&["run", "--config", "a.toml"]).as_deref(), Some(Path::new("a.toml")));
        assert_eq!(found(&["run", "--config=b.toml"]).as_deref(), Some(Path::new("b.toml")));
        assert_eq!(found(&["run", "--", "--config", "a.toml"]), None);
    }
}
