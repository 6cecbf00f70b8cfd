"""Sends or receives one message with Debian's python3-pika, which speaks 0-9-1."""

import json
import sys

import pika

host, port, verb, queue = sys.argv[1:]
connection = pika.BlockingConnection(pika.ConnectionParameters(host, int(port)))
channel = connection.channel()

if verb == "send":
    properties = pika.BasicProperties(
        content_type="text/plain",
        delivery_mode=2,
        message_id="from-python",
        headers={
            "text": "grüße",
            "number": 1 << 40,
            "truth": True,
            "row": [1, "two"],
            "inner": {"nothing": None},
        },
    )
    channel.confirm_delivery()
    channel.basic_publish("", queue, "from python".encode(), properties, mandatory=True)
else:
    method, properties, body = channel.basic_get(queue)
    print(body.decode())
    print(properties.content_type, properties.delivery_mode, properties.message_id)
    print(json.dumps(properties.headers, sort_keys=True))
    channel.basic_ack(method.delivery_tag)

connection.close()
