"""Questions as moderators see them: the open ones first, each answered once, each reading on record."""

from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse

from carecollective.desk import StaffAdmin, desk
from carecollective.errors import NotFound, NotPermitted
from carecollective.pages import form_page, said_at, takes
from members.doors import caller
from moderation.forms import AnswerForm
from moderation.models import Question
from moderation.services import asking


class OpenOrAnswered(admin.SimpleListFilter):
    title = "answer"
    parameter_name = "answer"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("open", "Waits for one"), ("given", "Given")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Question]) -> QuerySet[Question]:
        if self.value() not in ("open", "given"):
            return queryset
        return queryset.filter(answered_at__isnull=self.value() == "open")


@admin.register(Question, site=desk)
class QuestionAdmin(StaffAdmin):
    """The list has no words: people tell our team what they tell nobody else, so each is opened by itself."""

    list_display = ("asker", "created_at", "answered_at", "answered_by")
    list_filter = (OpenOrAnswered,)
    list_select_related = ("asker", "answered_by")
    search_fields = ("asker__called",)
    ordering = (F("answered_at").desc(nulls_first=True), "created_at", "id")
    list_per_page = 50
    show_full_result_count = False

    def get_urls(self) -> list[Any]:
        own = path("<uuid:question_id>/answer/", desk.admin_view(answer), name="moderation_question_answer")
        return [own, *super().get_urls()]

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **more: Any) -> HttpResponse:
        """One page to read and to answer."""
        if request.method not in ("GET", "HEAD"):
            raise NotPermitted()
        try:
            return redirect("admin:moderation_question_answer", UUID(object_id))
        except ValueError as problem:
            raise NotFound() from problem


@takes("GET", "POST")
def answer(request: HttpRequest, question_id: UUID) -> HttpResponse:
    form = AnswerForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        with said_at(form):
            done = asking.answer_question(caller(request), question_id, form.cleaned_data["answer"])
            messages.success(request, f"{done.asker.called} gets your answer, by mail too.")
            return redirect(reverse("admin:moderation_case_changelist"))
    question = asking.read_question(caller(request), question_id)
    context = {**desk.each_context(request), "question": question, "title": f"{question.asker.called} asks"}
    return form_page(request, "admin/moderation/question/answer.html", form, **context)
