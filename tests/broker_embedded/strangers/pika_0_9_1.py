"""Asks a broker for all that Debian's python3-pika can ask for, in 0-9-1."""

import sys

import pika
from pika.exceptions import ChannelClosedByBroker, NackError, UnroutableError

host, port = sys.argv[1:]
connection = pika.BlockingConnection(pika.ConnectionParameters(host, int(port)))


def bodies(channel, queue):
    found = []
    while True:
        method, _, body = channel.basic_get(queue, auto_ack=True)
        if method is None:
            return found
        found.append(body)


def declare_bind_publish():
    channel = connection.channel()
    channel.exchange_declare("x", "topic", durable=True)
    queue = channel.queue_declare("", exclusive=True).method.queue
    assert queue.startswith("amq.gen-")
    channel.queue_bind(queue, "x", "a.*")
    channel.exchange_declare("y", "fanout")
    channel.exchange_bind("x", "y", "unused")
    channel.confirm_delivery()
    channel.basic_publish("x", "a.b", b"one", mandatory=True)
    channel.basic_publish("y", "a.c", b"two", mandatory=True)
    try:
        channel.basic_publish("x", "b", b"three", mandatory=True)
    except UnroutableError as error:
        assert error.messages[0].body == b"three"
    else:
        raise AssertionError("a message without a queue did not come back")
    assert bodies(channel, queue) == [b"one", b"two"]
    channel.exchange_unbind("x", "y", "unused")
    channel.queue_unbind(queue, "x", "a.*")
    channel.exchange_delete("x")
    channel.exchange_delete("y")
    channel.close()


def consume_and_settle():
    channel = connection.channel()
    queue = channel.queue_declare("", exclusive=True).method.queue
    for number in range(4):
        channel.basic_publish("", queue, str(number))
    channel.basic_qos(prefetch_count=2)
    seen = []
    for method, properties, body in channel.consume(queue, inactivity_timeout=5):
        assert method is not None, "a message did not come"
        seen.append((body, method.redelivered))
        if body == b"1" and not method.redelivered:
            channel.basic_nack(method.delivery_tag, requeue=True)
        elif body == b"2":
            channel.basic_reject(method.delivery_tag, requeue=False)
        else:
            channel.basic_ack(method.delivery_tag)
        if len(seen) == 5:
            break
    channel.cancel()
    assert sorted(seen)[:3] == [(b"0", False), (b"1", False), (b"1", True)], seen
    assert channel.queue_declare(queue, passive=True).method.message_count == 0
    channel.close()


def transactions():
    channel = connection.channel()
    queue = channel.queue_declare("", exclusive=True).method.queue
    channel.tx_select()
    channel.basic_publish("", queue, b"undone")
    channel.tx_rollback()
    channel.basic_publish("", queue, b"done")
    assert bodies(channel, queue) == []
    channel.tx_commit()
    assert bodies(channel, queue) == [b"done"]
    channel.close()


def refusals():
    channel = connection.channel()
    try:
        channel.queue_declare("missing", passive=True)
    except ChannelClosedByBroker as error:
        assert error.reply_code == 404
        assert error.reply_text == "NOT_FOUND - no queue 'missing' in vhost '/'"
    channel = connection.channel()
    arguments = {"x-max-length": 1, "x-overflow": "reject-publish"}
    queue = channel.queue_declare("", exclusive=True, arguments=arguments).method.queue
    channel.confirm_delivery()
    channel.basic_publish("", queue, b"fits")
    try:
        channel.basic_publish("", queue, b"does not")
    except NackError:
        pass
    else:
        raise AssertionError("a full queue took a message")
    channel.close()


def cancelled_by_the_broker():
    channel = connection.channel()
    queue = channel.queue_declare("", exclusive=True).method.queue
    cancelled = []
    channel.add_on_cancel_callback(lambda frame: cancelled.append(frame.method.consumer_tag))
    tag = channel.basic_consume(queue, lambda *_: None)
    channel.queue_delete(queue)
    while not cancelled:
        connection.process_data_events(time_limit=5)
    assert cancelled == [tag]
    channel.close()


declare_bind_publish()
consume_and_settle()
transactions()
refusals()
cancelled_by_the_broker()
connection.close()
