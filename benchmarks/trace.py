"""What a page's main thread did, read from a trace of Chromium."""

import json
from dataclasses import dataclass
from typing import Any

CATEGORIES = ["-*", "devtools.timeline", "disabled-by-default-devtools.timeline"]
# What comes after script, style and layout: making the picture.
DRAWING = ("PrePaint", "Paint", "Layerize", "Commit", "UpdateLayer")
# Long enough for the frame that shows it, too short for what is only done a second later.
SECONDS = 0.6


@dataclass(frozen=True)
class Work:
    """Milliseconds of processor time, not of the clock: whoever else uses this machine is not in them."""

    everything: float
    drawing: float
    style: float
    layout: float

    @property
    def without_drawing(self) -> float:
        return self.everything - self.drawing


def after_answer(trace: bytes, part_of_url: str) -> Work | None:
    """From the moment the answer to such a request begins to come in; None where none came."""
    events = [event for event in json.loads(trace)["traceEvents"] if "ts" in event]
    asked = {_data(event)["requestId"] for event in events if _is_asking(event, part_of_url)}
    answers = [event for event in events if event["name"] == "ResourceReceiveResponse"]
    begun = next((event for event in answers if _data(event)["requestId"] in asked), None)
    if begun is None:
        return None
    end = begun["ts"] + SECONDS * 1_000_000
    mine = [event for event in events if _is_of(event, begun) and begun["ts"] <= event["ts"] < end]
    return Work(_sum(mine, "RunTask"), _sum(mine, *DRAWING), _sum(mine, "UpdateLayoutTree"), _sum(mine, "Layout"))


def _is_asking(event: dict[str, Any], part_of_url: str) -> bool:
    return event["name"] == "ResourceSendRequest" and part_of_url in _data(event)["url"]


def _data(event: dict[str, Any]) -> dict[str, Any]:
    return dict(event["args"]["data"])


def _is_of(event: dict[str, Any], other: dict[str, Any]) -> bool:
    return event["ph"] == "X" and (event["pid"], event["tid"]) == (other["pid"], other["tid"])


def _sum(events: list[dict[str, Any]], *names: str) -> float:
    """Parts of a part are not counted twice: `Paint` stands within `Paint`."""
    total, end = 0.0, 0.0
    for event in sorted((event for event in events if event["name"] in names), key=lambda event: float(event["ts"])):
        if event["ts"] >= end:
            total, end = total + event.get("tdur", 0) / 1000, event["ts"] + event.get("dur", 0)
    return total
