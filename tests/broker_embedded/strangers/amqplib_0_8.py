"""Leads messages through their whole life with Debian's python3-amqplib, which speaks 0-8."""

import sys

from amqplib import client_0_8 as amqp

host, port = sys.argv[1:]
connection = amqp.Connection(host=f"{host}:{port}", userid="guest", password="guest")
channel = connection.channel()
ticket = channel.access_request("/data", active=True, write=True, read=True)
assert ticket == 1

channel.exchange_declare("old", "direct", auto_delete=False, ticket=ticket)
queue, messages, consumers = channel.queue_declare(
    "", exclusive=True, auto_delete=False, ticket=ticket
)
assert (messages, consumers) == (0, 0)
channel.queue_bind(queue, "old", "key", ticket=ticket)

for text in ["one", "two", "three"]:
    headers = {"text": text, "number": 7}
    message = amqp.Message(text, content_type="text/plain", application_headers=headers)
    channel.basic_publish(message, "old", "key")

first = channel.basic_get(queue)
assert first.body in ("one", b"one")
assert first.application_headers == {"text": "one", "number": 7}
channel.basic_reject(first.delivery_tag, requeue=True)

again = channel.basic_get(queue)
assert again.body in ("one", b"one") and again.delivery_info["redelivered"]
channel.basic_ack(again.delivery_tag)

seen = []


def consume(message):
    seen.append(message.body)
    channel.basic_ack(message.delivery_tag)


tag = channel.basic_consume(queue, callback=consume)
while len(seen) < 2:
    channel.wait()
channel.basic_cancel(tag)
assert [str(body) for body in seen] in (["two", "three"], ["b'two'", "b'three'"])

channel.tx_select()
channel.basic_publish(amqp.Message("undone"), routing_key=queue)
channel.tx_rollback()
channel.basic_publish(amqp.Message("done"), routing_key=queue)
channel.tx_commit()
assert channel.queue_purge(queue) == 1

try:
    channel.queue_declare("missing", passive=True)
except amqp.AMQPChannelException as error:
    assert error.amqp_reply_code == 404, error
else:
    raise AssertionError("a missing queue was found")

channel = connection.channel()
channel.exchange_delete("old")
assert channel.queue_delete(queue) == 0
channel.close()
connection.close()
