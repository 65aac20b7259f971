"""Reads Atom feeds with feedparser, which nobody here wrote, as a feed reader does.

Takes a list of texts as JSON from standard input, and prints for each what was read of it.
"""

import json
import sys

import feedparser


def read(text: str) -> dict:
    found = feedparser.parse(text.encode(), response_headers={"content-type": "application/atom+xml"})
    return {
        "bozo": str(found.bozo_exception) if found.bozo else None,
        "version": found.version,
        "title": found.feed.get("title"),
        "entries": [
            {
                "id": entry.get("id"),
                "title": entry.get("title"),
                "link": entry.get("link"),
                "moments": bool(entry.get("updated_parsed")) and bool(entry.get("published_parsed")),
                "content": [content.value for content in entry.get("content", [])],
            }
            for entry in found.entries
        ],
    }


json.dump([read(text) for text in json.load(sys.stdin)], sys.stdout)
