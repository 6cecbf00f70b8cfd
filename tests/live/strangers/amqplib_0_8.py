"""Sends or receives one message with Debian's python3-amqplib, which speaks 0-8."""

import json
import sys

from amqplib import client_0_8 as amqp

host, port, verb, queue = sys.argv[1:]
connection = amqp.Connection(host=f"{host}:{port}", userid="guest", password="guest")
channel = connection.channel()

if verb == "send":
    message = amqp.Message(
        "from python",
        content_type="text/plain",
        delivery_mode=2,
        message_id="from-python",
        application_headers={"text": "plain", "number": 7, "inner": {"a": 1}},
    )
    channel.tx_select()
    channel.basic_publish(message, routing_key=queue, mandatory=True)
    channel.tx_commit()
else:
    message = channel.basic_get(queue)
    body = message.body
    print(body.decode() if isinstance(body, bytes) else body)
    print(message.content_type, message.delivery_mode, message.message_id)
    print(json.dumps(message.application_headers, sort_keys=True))
    channel.basic_ack(message.delivery_tag)

connection.close()
