//! Settings of librdkafka as the commands take them.

use anyhow::{Context, Result};

#[derive(clap::Args)]
pub(crate) struct Settings {
    /// A setting of librdkafka, such as `security.protocol=SASL_SSL`; as often as needed.
    #[arg(
        long = "kafka",
        value_name = "NAME=VALUE",
        env = "KAFKA_SETTINGS",
        hide_env_values = true,
        value_delimiter = ' '
    )]
    settings: Vec<String>,
}

impl Settings {
    /// Names and values.
    pub(crate) fn pairs(&self) -> Result<Vec<(&str, &str)>> {
        let given = self.settings.iter().filter(|setting| !setting.is_empty());
        given
            .map(|setting| {
                setting.split_once('=').with_context(|| format!("`{setting}` is no setting of Kafka: write NAME=VALUE"))
            })
            .collect()
    }
}
