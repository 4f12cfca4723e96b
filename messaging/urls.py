"""The addresses of offering and talking: pages and API. What moves a request with its offers stands here, too."""

from django.urls import path

from features.attempts import SEND, START, counted
from messaging.api import conversations, messages, offers, plans, preferences, requests
from messaging.page_urls import pages

app_name = "messaging"

REQUEST = "api/help-requests/<uuid:request_id>"
THREAD = "api/messaging/conversations/<uuid:conversation_id>"

urlpatterns = [
    path(THREAD, conversations.OneConversation.as_view()),
    path(f"{THREAD}/messages", counted(SEND)(conversations.Messages.as_view())),
    path("api/messaging/conversations", counted(START)(conversations.Conversations.as_view())),
    path(
        "api/messaging/help-requests/<uuid:request_id>/start-conversation",
        counted(START)(offers.StartConversation.as_view()),
    ),
    path(REQUEST, requests.OneHelpRequest.as_view()),
    path(f"{REQUEST}/complete", requests.Complete.as_view()),
    path(f"{REQUEST}/cancel", requests.Cancel.as_view()),
    path(f"{REQUEST}/reopen", requests.Reopen.as_view()),
    path(f"{REQUEST}/plan", plans.OnePlanOfRequest.as_view()),
    path(f"{REQUEST}/plan/agree", plans.Agree.as_view()),
    path(f"{REQUEST}/plan/answer", plans.AnswerPlan.as_view()),
    path(f"{REQUEST}/thanks", plans.Thank.as_view()),
    path(f"{THREAD}/accept", offers.Accept.as_view()),
    path(f"{THREAD}/decline", offers.Decline.as_view()),
    path(f"{THREAD}/withdraw", offers.Withdraw.as_view()),
    path(f"{THREAD}/reoffer", offers.Reoffer.as_view()),
    path(f"{THREAD}/close", offers.Close.as_view()),
    path(f"{THREAD}/read", conversations.Read.as_view()),
    path(f"{THREAD}/delivered", conversations.Delivered.as_view()),
    path("api/messaging/messages/<uuid:message_id>", messages.OneMessage.as_view()),
    path("api/messaging/preferences", preferences.Preferences.as_view()),
    *pages,
]
