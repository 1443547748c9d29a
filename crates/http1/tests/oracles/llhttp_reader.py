"""llhttp's request parser as a reader of a stream."""

import llhttp

import stream


class Reader(llhttp.Request):
    def __init__(self):
        super().__init__()
        self.messages = []
        self.clear()

    def clear(self):
        self.url, self.name, self.value, self.payload = b"", b"", b"", b""
        self.verb, self.number, self.fields, self.in_trailers = b"", b"", [], False

    def on_message_begin(self):
        self.clear()

    def on_method(self, data):
        self.verb += bytes(data)

    def on_version(self, data):
        self.number += bytes(data)

    def on_url(self, data):
        self.url += bytes(data)

    def on_header_field(self, data):
        self.name += bytes(data)

    def on_header_value(self, data):
        self.value += bytes(data)

    def on_header_value_complete(self):
        if not self.in_trailers:
            self.fields.append((self.name, self.value.strip(b" \t")))
        self.name, self.value = b"", b""

    def on_headers_complete(self):
        self.in_trailers = True

    def on_body(self, data):
        self.payload += bytes(data)

    def on_message_complete(self):
        head = self.verb, self.url, self.number
        self.messages.append(stream.message(*head, self.fields, self.payload))


def read(data):
    reader = Reader()
    try:
        reader.execute(data)
        reader.finish()
    except llhttp.Error as error:
        return reader.messages, f"{type(error).__name__}: {error}"
    return reader.messages, None


stream.serve(read)
