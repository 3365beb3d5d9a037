//! Java programs from Maven's repository: fetched once, kept under the services' directory.

use super::dir;
use super::program::{find, run};
use anyhow::Result;
use std::fs::{self, File};
use std::path::PathBuf;
use tokio::process::Command;

/// Group, artifact and version.
pub(crate) type Artifact = (&'static str, &'static str, &'static str);

/// A directory with the jars of `artifacts` and of what they need; `down` leaves it.
pub(crate) async fn fetch(name: &str, artifacts: &[Artifact]) -> Result<PathBuf> {
    fs::create_dir_all(dir())?;
    let libs = dir().canonicalize()?.join(format!("{name}-libs"));
    if !libs.join("complete").exists() {
        let mvn = find(&["/usr/bin/mvn"], &["maven"]).await?;
        eprintln!("fetching {name}");
        let project = libs.with_extension("pom");
        fs::create_dir_all(&project)?;
        fs::write(project.join("pom.xml"), pom(name, artifacts))?;
        let to = format!("-DoutputDirectory={}", libs.display());
        let copy = ["-q", "-B", "dependency:copy-dependencies", "-DincludeScope=runtime", &to];
        run(Command::new(mvn).current_dir(project).args(copy)).await?;
        File::create(libs.join("complete"))?;
    }
    Ok(libs)
}

/// The Java runtime.
pub(crate) async fn java() -> Result<PathBuf> {
    find(&["/usr/bin/java"], &["openjdk-17-jre-headless"]).await
}

fn pom(name: &str, artifacts: &[Artifact]) -> String {
    let dependencies: String = artifacts
        .iter()
        .map(|(group, artifact, version)| {
            format!(
                "<dependency><groupId>{group}</groupId><artifactId>{artifact}</artifactId><version>{version}</version></dependency>\n"
            )
        })
        .collect();
    format!(
        "<project><modelVersion>4.0.0</modelVersion>
<groupId>outbox</groupId><artifactId>{name}</artifactId><version>1</version>
<dependencies>
{dependencies}</dependencies></project>
"
    )
}
