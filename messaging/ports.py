"""What the messaging room offers the frame."""

from carecollective.ports import Job, PersonalData, live_keys
from messaging import invariants, personal
from messaging.reportable import REPORTABLE
from messaging.services import clockwork, plan_times, sealing_the_log

JOBS = [
    Job("remind_of_offers", "*/10 * * * *", clockwork.remind_of_offers),
    Job("expire_offers", "35 * * * *", clockwork.expire_offers),
    Job("remind_of_plans", "*/15 * * * *", plan_times.remind_of_plans),
    Job("seal_message_log", "50 * * * *", sealing_the_log.seal_log),
    Job("ask_whether_it_helped", "5 * * * *", plan_times.ask_whether_it_helped),
]

INVARIANTS = {
    **invariants.INVARIANTS,
    **live_keys("conversations_v2", "id", "key_id", "opening_first_key_id", "opening_hidden_key_id"),
    **live_keys("messages_v2", "id", "key_id", "first_key_id", "hidden_key_id"),
    **live_keys("plans", "id", "key_id"),
}

PERSONAL_DATA = {"messages": PersonalData(export=personal.written_by)}

__all__ = ["INVARIANTS", "JOBS", "PERSONAL_DATA", "REPORTABLE"]
