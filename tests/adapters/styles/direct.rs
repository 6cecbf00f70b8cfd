//! Styles whose calls wait by themselves: those of `pika::blocking` and `pika::threaded` have the
//! same names.

/// What is the same word for word. Whoever uses it imports the handles that it is about.
macro_rules! calls_that_wait {
    () => {
        type Connection<P: Protocol> = Connection<P>;
        type Channel<P: Protocol> = Channel<P>;
        type Consumer<P: Protocol> = Consumer<P>;
        type ConfirmingChannel<P: Confirming> = ConfirmingChannel<P>;
        type Settling<P: Protocol> = Channel<P>;

        fn new() -> Self {
            Self
        }

        fn open<P: Protocol>(&self, config: Config) -> Result<Connection<P>> {
            Connection::open_as(config)
        }

        fn channel<P: Protocol>(&self, connection: &Connection<P>) -> Result<Channel<P>> {
            connection.channel()
        }

        fn close<P: Protocol>(&self, connection: &Connection<P>) -> Result<()> {
            connection.close()
        }

        fn closed<P: Protocol>(connection: &Connection<P>) -> Option<Arc<Closed>> {
            connection.closed()
        }

        fn tuning<P: Protocol>(connection: &Connection<P>) -> Tuning {
            connection.tuning()
        }

        fn call<P: Protocol, M: Call<Spec = P> + SimpleMethod>(
            &self,
            channel: &Channel<P>,
            method: M,
        ) -> Result<M::Reply> {
            channel.call(method)
        }

        fn send<P: Protocol, M: OneWay<Spec = P>>(
            &self,
            channel: &Channel<P>,
            method: M,
        ) -> Result<()> {
            channel.send(method)
        }

        fn close_channel<P: Protocol>(&self, channel: &Channel<P>) -> Result<()> {
            channel.close()
        }

        fn channel_closed<P: Protocol>(channel: &Channel<P>) -> Option<Arc<Closed>> {
            channel.closed()
        }

        fn publish<P: Protocol>(&self, channel: &Channel<P>, message: Message<P>) -> Result<()> {
            let Message {
                publish,
                properties,
                body,
            } = message;
            channel.basic_publish(&publish, &properties, body)
        }

        fn confirming<P: Confirming>(&self, channel: &Channel<P>) -> Result<ConfirmingChannel<P>> {
            channel.confirming()
        }

        fn publish_confirmed<P: Confirming>(
            &self,
            channel: &ConfirmingChannel<P>,
            message: Message<P>,
        ) -> Result<Outcome<P>> {
            let Message {
                publish,
                properties,
                body,
            } = message;
            channel.basic_publish_confirmed(&publish, &properties, body)
        }

        fn publish_all<P: Confirming>(
            &self,
            channel: &ConfirmingChannel<P>,
            messages: Vec<Message<P>>,
        ) -> Result<Vec<Outcome<P>>> {
            let mut confirms = Vec::new();
            for Message {
                publish,
                properties,
                body,
            } in messages
            {
                confirms.push(channel.basic_publish(&publish, &properties, body)?);
            }
            confirms.into_iter().map(|confirm| confirm.wait()).collect()
        }

        fn get<P: Protocol>(
            &self,
            channel: &Channel<P>,
            get: P::Get,
        ) -> Result<Option<Delivery<P>>> {
            channel.get(get)
        }

        fn consume<P: Protocol>(
            &self,
            channel: &Channel<P>,
            consume: P::Consume,
        ) -> Result<Consumer<P>> {
            channel.consume(consume)
        }

        fn next<P: Protocol>(
            &self,
            consumer: &mut Consumer<P>,
            time: Duration,
        ) -> Result<Option<Delivery<P>>> {
            consumer.next_within(time)
        }

        fn is_cancelled<P: Protocol>(consumer: &Consumer<P>) -> bool {
            matches!(consumer.end(), Some(ConsumerEnd::CancelledByServer))
        }

        fn cancel<P: Protocol>(&self, consumer: Consumer<P>) -> Result<()> {
            consumer.cancel()
        }
    };
}
