//! `outbox explain`: prints what the registry says about a code.

use anyhow::{Result, bail};

use crate::{Outcome, registry};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The code in square brackets at the end of a message, such as OBX-007.
    code: Option<String>,
}

pub(crate) fn run(args: &Args) -> Result<Outcome> {
    let sections = registry::sections();
    let Some(input) = &args.code else {
        for section in &sections {
            println!("{}  {}", section.code, section.title);
        }
        return Ok(Outcome::Clean);
    };
    let Some(code) = registry::normalized(input) else {
        bail!("`{input}` is no code of outbox; they look like OBX-007, and `outbox explain` lists them");
    };
    let Some(section) = sections.iter().find(|section| section.code == code) else {
        let near: Vec<_> =
            registry::near(&code, &sections).iter().map(|s| format!("  {}  {}", s.code, s.title)).collect();
        bail!("there is no {code}; near it are\n{}\n`outbox explain` lists all codes", near.join("\n"));
    };
    println!("{}: {}\n\n{}", section.code, section.title, section.text);
    Ok(Outcome::Clean)
}
