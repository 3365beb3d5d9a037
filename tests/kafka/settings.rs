//! T27 and the settings that the guarantees fix.

use outbox_runtime::sink::{Class, KafkaSink};

#[test]
fn t27_debug_shows_no_secret() {
    let builder = KafkaSink::builder("127.0.0.1:1")
        .set("sasl.password", "s3cret")
        .set("sasl.username", "s3cret")
        .set("ssl.key.pem", "s3cret")
        .set("ssl.key.password", "s3cret")
        .set("sasl.oauthbearer.config", "s3cret")
        .set("some.future.credential", "s3cret")
        .set("linger.ms", "7");
    let shown = format!("{builder:?} {builder:#?}");
    assert!(!shown.contains("s3cret"), "{shown}");
    assert!(shown.contains(r#""sasl.password": "***""#) && shown.contains(r#""linger.ms": "7""#), "{shown}");
    let sink = KafkaSink::builder("127.0.0.1:1").set("client.rack", "s3cret").build().unwrap();
    let shown = format!("{sink:?}");
    assert!(!shown.contains("s3cret") && shown.contains("client.rack"), "{shown}");
}

#[test]
fn guarantees_cannot_be_switched_off() {
    for key in
        ["enable.idempotence", "acks", "enable.gapless.guarantee", "message.timeout.ms", "partitioner", "retries"]
    {
        let error = KafkaSink::builder("127.0.0.1:1").set(key, "1").build().expect_err(key);
        assert!(error.message.contains(&format!("`{key}`")) && error.message.contains("remove it"), "{error}");
        assert_eq!(error.class, Class::Fatal);
    }
}

#[test]
fn an_unknown_setting_is_named() {
    let error = KafkaSink::builder("127.0.0.1:1").set("no.such.setting", "1").build().expect_err("unknown");
    assert!(error.message.contains("no.such.setting"), "{error}");
}
