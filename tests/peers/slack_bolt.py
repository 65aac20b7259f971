"""Slack's own framework for Python (slack_bolt) against the Slack emulator.

What works here works because the emulator is shaped like Slack, not like the bot's own client.
Usage: python slack_bolt.py <emulator binary>; exits 0 or 1.
"""

import json
import logging
import subprocess
import sys
import time

# The folder of this file comes first in the search path, and this file has the framework's name.
sys.path = sys.path[1:]
sys.modules.pop("slack_bolt", None)

from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

PATIENCE_S = 20
AGAIN_S = 0.025


class Sandbox:
    """The emulators: sends a line, reads an answer."""

    def __init__(self, binary):
        self.child = subprocess.Popen([binary], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.at = json.loads(self.child.stdout.readline())

    def ask(self, line):
        self.child.stdin.write(line + "\n")
        self.child.stdin.flush()
        answer = json.loads(self.child.stdout.readline())
        assert "error" not in answer, f"{line}: {answer['error']}"
        return answer

    def wait_for(self, who, what, fits):
        end = time.monotonic() + PATIENCE_S
        while True:
            seen = self.ask(f"slack {who} sees")["sees"]
            found = [shown for shown in seen if not shown["gone"] and fits(shown)]
            if found:
                return found[-1]
            assert time.monotonic() < end, f"not in time: {who} sees {what}: {seen}"
            time.sleep(AGAIN_S)

    def stop(self):
        self.child.stdin.close()
        self.child.wait(PATIENCE_S)


def plain(text):
    return {"type": "plain_text", "text": text}


BUTTON = {"type": "button", "action_id": "agree", "text": plain("Agree"), "value": "v1"}
NOTE = {"type": "plain_text_input", "action_id": "note"}
VIEW = {
    "type": "modal",
    "callback_id": "form",
    "title": plain("A form"),
    "submit": plain("Send"),
    "blocks": [{"type": "input", "block_id": "note", "label": plain("Note"), "element": NOTE}],
}


def build(at, heard):
    """An app with a handler for each kind of thing."""
    # With a slash at the end, since the client joins the method to it.
    client = WebClient(token=at["secrets"]["SLACK_BOT_TOKEN"], base_url=at["slack"]["api"] + "/")
    app = App(client=client, raise_error_for_unhandled_request=True)

    @app.command("/seqn")
    def command(ack, command, say, client, respond):
        text = command["text"]
        heard.append(f"command {text}")
        if text == "form":
            ack()
            client.views_open(trigger_id=command["trigger_id"], view=VIEW)
        elif text == "button":
            ack()
            say(text="Press it", blocks=[{"type": "actions", "elements": [BUTTON]}])
        elif text == "later":
            ack()
            respond(text="here it is", response_type="ephemeral")
        else:
            ack(f"you said {text}")

    @app.event("app_mention")
    def mention(event, say):
        heard.append(f"mention by {event['user']}")
        say(text="you called", thread_ts=event["ts"])

    @app.event("message")
    def message(event):
        heard.append("message")

    @app.action("agree")
    def agree(ack, body, action, client):
        ack()
        heard.append(f"pressed {action['value']}")
        client.chat_update(channel=body["channel"]["id"], ts=body["message"]["ts"], text="Agreed", blocks=[])

    @app.view("form")
    def form(ack, view, body, client):
        value = view["state"]["values"]["note"]["note"]["value"]
        if value == "bad":
            ack(response_action="errors", errors={"note": "not that"})
            return
        ack()
        heard.append(f"form {value}")
        channel = at["slack"]["channels"]["support"]
        client.chat_postEphemeral(channel=channel, user=body["user"]["id"], text=f"noted {value}")

    return app


def play(sandbox, app):
    assert app.client.auth_test()["user_id"] == sandbox.at["slack"]["bot_user"]
    sandbox.ask("slack kim types support /seqn hello")
    said = sandbox.wait_for("kim", "the answer", lambda shown: "you said hello" in shown["text"])
    assert said["audience"].startswith("Only"), said
    sandbox.ask("slack kim types support /seqn later")
    sandbox.wait_for("kim", "the later answer", lambda shown: "here it is" in shown["text"])
    sandbox.ask("slack kim types support @seqn are you there?")
    sandbox.wait_for("joe", "the reply", lambda shown: "you called" in shown["text"])
    sandbox.ask("slack kim types support /seqn button")
    sandbox.wait_for("kim", "the button", lambda shown: "Agree" in shown["buttons"])
    sandbox.ask("slack kim presses Agree")
    agreed = sandbox.wait_for("kim", "the edit", lambda shown: "Agreed" in shown["text"])
    assert agreed["buttons"] == [] and agreed["edits"] == 1, agreed
    sandbox.ask("slack kim types support /seqn form")
    sandbox.wait_for("kim", "the form", lambda shown: shown["kind"] == "Form")
    sandbox.ask("slack kim submits note=bad")
    sandbox.wait_for("kim", "the error", lambda shown: shown["kind"] == "Form" and "not that" in shown["text"])
    sandbox.ask("slack kim submits note=fine")
    sandbox.wait_for("kim", "the note", lambda shown: "noted fine" in shown["text"])
    try:
        app.client.chat_postMessage(channel="C0NOWHERE", text="x")
        raise AssertionError("an unknown channel was taken")
    except SlackApiError as refused:
        assert refused.response["error"] == "channel_not_found", refused


def main():
    logging.basicConfig(level=logging.WARNING)
    sandbox, heard = Sandbox(sys.argv[1]), []
    app = build(sandbox.at, heard)
    handler = SocketModeHandler(app, sandbox.at["secrets"]["SLACK_APP_TOKEN"])
    try:
        handler.connect()
        sandbox.ask("slack connected")
        play(sandbox, app)
        for wanted in ("mention by U0KIM", "pressed v1", "form fine"):
            assert wanted in heard, (wanted, heard)
        print(f"slack_bolt: {len(heard)} events, all as with Slack")
    finally:
        handler.close()
        sandbox.stop()


if __name__ == "__main__":
    main()
