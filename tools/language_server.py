"""A client of a language server, which talks to the server over its standard streams like an editor."""

import json
import os
import queue
import subprocess
import sys
import threading

# The server may be silent for this many seconds, because it builds the macros first.
TIME_LIMIT = 300
# The error codes of a request that came while the server was loading, or directly after a change.
AGAIN = (-32801, -32802)


class Server:
    """A process of rust-analyzer."""

    def __init__(self, folder, target):
        environment = dict(os.environ, CARGO_TARGET_DIR=str(target))
        self.process = subprocess.Popen(
            ["rust-analyzer"], cwd=folder, env=environment,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.inbox = queue.Queue()
        self.last = 0
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        stream = self.process.stdout
        while header := stream.readline():
            length = 0
            while header.strip():
                name, _, value = header.partition(b":")
                length = int(value) if name.lower() == b"content-length" else length
                header = stream.readline()
            self.inbox.put(json.loads(stream.read(length)))
        self.inbox.put(None)

    def send(self, message):
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self.process.stdin.flush()

    def notify(self, method, parameters):
        self.send({"method": method, "params": parameters})

    def next(self):
        """The next message. Requests of the server get an empty answer."""
        try:
            message = self.inbox.get(timeout=TIME_LIMIT)
        except queue.Empty:
            sys.exit(f"rust-analyzer has said nothing for {TIME_LIMIT} s")
        if message is None:
            sys.exit("rust-analyzer has ended")
        if "method" in message and "id" in message:
            items = message["params"].get("items", []) if message.get("params") else []
            nothing = [None] * len(items) if message["method"] == "workspace/configuration" else None
            self.send({"id": message["id"], "result": nothing})
        return message

    def ask(self, method, parameters):
        while True:
            self.last += 1
            self.send({"id": self.last, "method": method, "params": parameters})
            message = self.next()
            while message.get("id") != self.last or "method" in message:
                message = self.next()
            if message.get("error", {}).get("code") in AGAIN:
                continue
            if "error" in message:
                sys.exit(f"{method}: {message['error']['message']}")
            return message["result"]

    def start(self, folder):
        self.ask("initialize", {
            "processId": os.getpid(), "rootUri": folder.as_uri(),
            "capabilities": {
                "textDocument": {"hover": {"contentFormat": ["markdown"]},
                                 "completion": {"completionItem": {"documentationFormat": ["markdown"]}}},
                "experimental": {"serverStatusNotification": True},
            },
            "initializationOptions": {"checkOnSave": False, "cachePriming": {"enable": False}},
        })
        self.notify("initialized", {})

    def wait(self):
        """Waits until the workspace is loaded and its macros are built."""
        while True:
            message = self.next()
            if message.get("method") == "experimental/serverStatus":
                status = message["params"]
                if status["quiescent"]:
                    if status["health"] == "error":
                        sys.exit(f"rust-analyzer: {status.get('message')}")
                    return

    def end(self):
        self.ask("shutdown", None)
        self.notify("exit", None)
        self.process.wait()
