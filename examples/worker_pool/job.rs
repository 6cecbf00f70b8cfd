//! A job and what it does. Nothing here knows AMQP.

use std::time::Duration;

use serde_json::{Value, json};

#[derive(Clone, Debug)]
pub(crate) struct Job {
    pub(crate) id: u64,
    pub(crate) millis: u64,
    /// How often it fails before it succeeds.
    pub(crate) failures: u64,
}

impl Job {
    pub(crate) fn from_json(body: &[u8]) -> Result<Self, String> {
        let json: Value = serde_json::from_slice(body).map_err(|error| error.to_string())?;
        let number = |name: &str| match json.get(name).and_then(Value::as_u64) {
            Some(number) => Ok(number),
            None => Err(format!("a job without `{name}`")),
        };
        Ok(Self {
            id: number("id")?,
            millis: number("millis")?,
            failures: number("failures")?,
        })
    }

    pub(crate) fn to_json(&self) -> String {
        json!({"id": self.id, "millis": self.millis, "failures": self.failures}).to_string()
    }
}

pub(crate) async fn handle(job: &Job, attempt: u64) -> Result<(), String> {
    tokio::time::sleep(Duration::from_millis(job.millis)).await;
    if attempt < job.failures {
        return Err(format!("job {} fails at attempt {attempt}", job.id));
    }
    Ok(())
}
