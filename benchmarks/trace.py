"""What a page's main thread did, read from a trace of Chromium."""

import json
from dataclasses import dataclass
from typing import Any

CATEGORIES = ["-*", "devtools.timeline", "disabled-by-default-devtools.timeline"]
# Long enough for the frame that shows it.
SECONDS = 0.6


@dataclass(frozen=True)
class Work:
    """Milliseconds of processor time, not of the clock: whoever else uses this machine is not in them.

    `taken` is the task that parses an answer and puts it into the page, and the style and layout that the next frame
    has to do for it; `drawn` is everything from the answer until that frame is handed over to be shown.
    """

    taken: float
    style: float
    layout: float
    drawn: float


def after_answer(trace: bytes, part_of_url: str) -> Work | None:
    """Of the first answer to such a request; None where the trace lacks something."""
    events = [event for event in json.loads(trace)["traceEvents"] if "ts" in event]
    asked = {_data(event)["requestId"] for event in events if _is_asking(event, part_of_url)}
    answers = [event for event in events if event["name"] == "ResourceReceiveResponse"]
    begun = next((event for event in answers if _data(event)["requestId"] in asked), None)
    if begun is None:
        return None
    mine = sorted((event for event in events if _is_of(event, begun)), key=lambda event: float(event["ts"]))
    parsed = next((event for event in mine if event["name"] == "ParseHTML"), None)
    task = parsed and next((event for event in mine if event["name"] == "RunTask" and _holds(event, parsed)), None)
    shown = task and next((event for event in mine if event["name"] == "Commit" and event["ts"] > _end(task)), None)
    if not task or not shown:
        return None
    frame = [event for event in mine if task["ts"] <= event["ts"] <= shown["ts"]]
    style, layout = _sum(frame, "UpdateLayoutTree"), _sum(frame, "Layout")
    later = [event for event in frame if event["ts"] >= _end(task)]
    return Work(task["tdur"] / 1000 + _sum(later, "UpdateLayoutTree", "Layout"), style, layout, _sum(frame, "RunTask"))


def _is_asking(event: dict[str, Any], part_of_url: str) -> bool:
    return event["name"] == "ResourceSendRequest" and part_of_url in _data(event)["url"]


def _data(event: dict[str, Any]) -> dict[str, Any]:
    return dict(event["args"]["data"])


def _is_of(event: dict[str, Any], begun: dict[str, Any]) -> bool:
    """In the same thread, and later."""
    is_same = event["ph"] == "X" and (event["pid"], event["tid"]) == (begun["pid"], begun["tid"])
    return is_same and _end(event) >= begun["ts"]


def _holds(event: dict[str, Any], part: dict[str, Any]) -> bool:
    return bool(event["ts"] <= part["ts"] and _end(part) <= _end(event))


def _end(event: dict[str, Any]) -> float:
    return float(event["ts"] + event.get("dur", 0))


def _sum(events: list[dict[str, Any]], *names: str) -> float:
    return float(sum(event.get("tdur", 0) for event in events if event["name"] in names) / 1000)
