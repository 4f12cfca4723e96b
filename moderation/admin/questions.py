"""Questions as moderators see them: the open ones first, each answered once."""

from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse

from carecollective.desk import StaffAdmin, desk
from carecollective.errors import NotFound, NotPermitted
from carecollective.pages import said_at
from members import roles
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
    seen_by = (roles.MODERATOR,)
    list_display = ("question", "asker", "created_at", "answered_at")
    list_filter = (OpenOrAnswered,)
    list_select_related = ("asker",)
    ordering = (F("answered_at").desc(nulls_first=True), "created_at", "id")
    list_per_page = 50
    show_full_result_count = False
    change_form_template = "admin/moderation/question/change_form.html"
    fields = ("asker", "created_at", "whole_question", "answered_at", "answered_by", "our_answer")
    readonly_fields = ("whole_question", "our_answer")

    @admin.display(description="question")
    def question(self, question: Question) -> str:
        words = str(question.clear_words)
        first, *rest = words.split("\n", 1)
        return first[:SHORT] + ("…" if rest or len(first) > SHORT else "")

    @admin.display(description="question")
    def whole_question(self, question: Question) -> str:
        return str(question.clear_words)

    @admin.display(description="our answer", empty_value="none yet")
    def our_answer(self, question: Question) -> str | None:
        return question.clear_answer

    def get_urls(self) -> list[Any]:
        answer = desk.admin_view(self.answer)
        own = [path("<uuid:question_id>/answer/", answer, name="moderation_question_answer")]
        return own + super().get_urls()

    def answer(self, request: HttpRequest, question_id: UUID) -> HttpResponse:
        question = self._one(request, question_id)
        form = AnswerForm(request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            with said_at(form):
                asking.answer_question(caller(request), question_id, form.cleaned_data["answer"])
                self.message_user(request, f"{question.asker.called} gets your answer, by mail too.", messages.SUCCESS)
                return HttpResponseRedirect(reverse("admin:moderation_question_changelist") + "?answer=open")
        context = {**desk.each_context(request), "opts": self.opts, "question": question, "form": form}
        context["title"] = f"Answer {question.asker.called}"
        return TemplateResponse(request, "admin/moderation/question/answer.html", context)

    def _one(self, request: HttpRequest, question_id: UUID) -> Question:
        if not self.has_view_permission(request):
            raise NotPermitted()
        question = Question.objects.select_related("asker").filter(pk=question_id).first()
        if question is None:
            raise NotFound()
        return question


SHORT = 80
