"""The pages of offering and talking."""

from django.urls import path

from messaging.views import changing, deciding, inbox, offers, plans, preferences, requests, thread

REQUEST = "requests/<uuid:request_id>"
THREAD = "messages/<uuid:conversation_id>"
MESSAGE = f"{THREAD}/m/<uuid:message_id>"

pages = [
    path(f"{REQUEST}/", requests.show, name="request"),
    path(f"{REQUEST}/edit/", requests.edit, name="edit_request"),
    path(f"{REQUEST}/close/", requests.close, name="close_request"),
    path(f"{REQUEST}/undo/", requests.undo, name="undo_request"),
    path(f"{REQUEST}/reopen/", requests.reopen, name="reopen_request"),
    path(f"{REQUEST}/offer/", offers.offer, name="offer"),
    path(f"{REQUEST}/plan/", plans.plan, name="plan"),
    path(f"{REQUEST}/plan.ics", plans.plan_file, name="plan_file"),
    path(f"{REQUEST}/done/", plans.done, name="done"),
    path(f"{REQUEST}/thanks/", plans.thank, name="thank"),
    path("messages/", inbox.inbox, name="inbox"),
    path(f"{THREAD}/", thread.thread, name="thread"),
    path(f"{THREAD}/beside/", inbox.beside, name="beside"),
    path(f"{THREAD}/accept/", deciding.accept, name="accept"),
    path(f"{THREAD}/decline/", deciding.decline, name="decline"),
    path(f"{THREAD}/withdraw/", deciding.withdraw, name="withdraw"),
    path(f"{THREAD}/reoffer/", deciding.reoffer, name="reoffer"),
    path(f"{THREAD}/close/", deciding.close, name="close"),
    path(f"{THREAD}/seen.gif", thread.seen, name="seen"),
    path(f"{MESSAGE}/", thread.place, name="message"),
    path(f"{MESSAGE}/edit/", changing.edit, name="edit_message"),
    path(f"{MESSAGE}/delete/", changing.delete, name="delete_message"),
    path(f"{MESSAGE}/fine/", changing.fine, name="is_fine"),
    path("me/alerts/", preferences.alerts, name="alerts"),
]
