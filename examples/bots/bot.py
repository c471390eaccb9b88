"""Answers "ping" with "pong". Run it with `python3 bot.py`, and let the server's webhook point to http://localhost:8000/."""
import json
import os
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

API = os.environ.get("WAHA_URL", "http://localhost:3000")
HEADERS = {"X-Api-Key": os.environ.get("WAHA_API_KEY", ""), "Content-Type": "application/json"}


def answer(event):
    message = event["payload"]
    if event["event"] != "message" or message.get("body") != "ping":
        return
    body = {"session": event["session"], "chatId": message["from"], "text": "pong", "reply_to": message["id"]}
    urllib.request.urlopen(urllib.request.Request(f"{API}/api/sendText", json.dumps(body).encode(), HEADERS))


class Webhook(BaseHTTPRequestHandler):
    def do_POST(self):
        event = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        # First say that it came: an event that is not confirmed within ten seconds comes again.
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()
        self.wfile.flush()
        answer(event)

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", int(os.environ.get("PORT", "8000"))), Webhook)
print(f"listening on {server.server_port}", flush=True)
server.serve_forever()
