"""What operators are told, each in one sentence that can be passed on as it is."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.formats import date_format

from features import flag
from features.models import FlagChange
from features.states import FLAG, INTERNAL, OFF, ON, State


def of_change(change: FlagChange, now: flag.Answer) -> str:
    to, at = State.parse(change.to_state), _clock(change.at)
    return f"{FLAG} is {to} since {at}, by {change.by}, because {change.because}; {way(to, now)}; nothing is lost."


def way(state: State, now: flag.Answer | None = None) -> str:
    """Of a state that holds, or would; `now` is what somebody has read already."""
    if ended := (now or flag.answer()).one_way:
        return f"new offers go the V2 way, because the earlier system is {ended}"
    if state.kind == OFF:
        return "new offers go the V1 way"
    if state.kind == ON:
        return "new offers go the V2 way"
    whose = "internal members" if state.kind == INTERNAL else f"{state.percent} % of the members"
    return f"new offers of {whose} go the V2 way, all others the V1 way"


def _clock(at: datetime) -> str:
    return date_format(at.astimezone(ZoneInfo(settings.DEFAULT_TIME_ZONE)), "H:i")
