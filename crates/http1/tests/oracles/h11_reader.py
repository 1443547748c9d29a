"""h11's server side as a reader of a stream."""

import h11

import stream


def read(data):
    connection = h11.Connection(h11.SERVER, max_incomplete_event_size=1 << 20)
    connection.receive_data(data)
    connection.receive_data(b"")
    messages, request, body = [], None, b""
    try:
        while True:
            event = connection.next_event()
            if isinstance(event, h11.Request):
                request, body = event, b""
            elif isinstance(event, h11.Data):
                body += bytes(event.data)
            elif isinstance(event, h11.EndOfMessage):
                head = request.method, request.target, request.http_version
                messages.append(stream.message(*head, list(request.headers), body))
                connection.send(h11.Response(status_code=200, headers=[("Content-Length", "0")]))
                connection.send(h11.EndOfMessage())
                if connection.our_state is not h11.DONE or connection.their_state is not h11.DONE:
                    left = connection.trailing_data[0]
                    return messages, "closed" if left else None
                connection.start_next_cycle()
            else:
                return messages, None
    except h11.RemoteProtocolError as error:
        return messages, str(error)


stream.serve(read)
