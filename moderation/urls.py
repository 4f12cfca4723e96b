"""The addresses of reports, decisions and questions: pages and API."""

from django.urls import path

from moderation import api, told_api, told_views, views

app_name = "moderation"

urlpatterns = [
    path("messages/<uuid:conversation_id>/report/", views.report_conversation, name="report_conversation"),
    path("requests/<uuid:request_id>/report/", views.report_request, name="report_request"),
    path("people/<uuid:member_id>/report/", views.report_member, name="report_member"),
    path("reports/", told_views.reports, name="reports"),
    path("reports/<uuid:report_id>/", told_views.report, name="reported"),
    path("decisions/", told_views.decisions, name="decisions"),
    path("decisions/<uuid:decision_id>/", told_views.decision, name="decision"),
    path("help/contact/", views.contact, name="contact"),
    path("help/contact/<uuid:question_id>/", views.question, name="question"),
    path("api/messaging/messages/<uuid:message_id>/report", api.ReportMessage.as_view()),
    path("api/messaging/conversations/<uuid:conversation_id>/report", api.ReportConversation.as_view()),
    path("api/help-requests/<uuid:request_id>/report", api.ReportRequest.as_view()),
    path("api/members/<uuid:member_id>/report", api.ReportMember.as_view()),
    path("api/reports", told_api.Reports.as_view()),
    path("api/reports/<uuid:report_id>/appeal", told_api.AppealReport.as_view()),
    path("api/decisions", told_api.Decisions.as_view()),
    path("api/decisions/<uuid:decision_id>/appeal", told_api.AppealDecision.as_view()),
    path("api/questions", api.Questions.as_view()),
]
