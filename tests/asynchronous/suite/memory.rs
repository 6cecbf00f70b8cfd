//! What messages that wait are counted with.

use std::time::Duration;

use super::amqp::{basic, queue};
use super::stage::{consume, patient};
use super::*;

in_simulated_time! {
    async fn messages_count_with_what_was_read_along_with_them() {
        let stage = Stage::<F>::with(patient().incoming(1_000_000, 100_000)).await;
        stage.side.queue_declare(queue::Declare::new("other")).await.unwrap();
        let other = basic::Consume::new("other");
        let mut slow = stage.channel.consume(consume()).await.unwrap();
        let mut quick = stage.side.consume(other).await.unwrap();
        let second = Duration::from_secs(1);
        let mut taken = 0;
        for _ in 0..100 {
            stage.side.publish("", "q", "small").await.unwrap();
            stage.side.publish("", "other", &[1; 5_000]).await.unwrap();
            let next = quick.next_within(second).await.unwrap();
            taken += usize::from(next.is_some());
        }
        // Each small one keeps what was read with it.
        assert!((10..40).contains(&taken), "{taken} large messages came past small ones");
        let mut small = 0;
        while let Some(_message) = slow.next_within(second).await.unwrap() {
            small += 1;
            while quick.try_next().is_some() {
                taken += 1;
            }
        }
        while quick.next_within(second).await.unwrap().is_some() {
            taken += 1;
        }
        assert_eq!((small, taken), (100, 100));
    }
}
