"""Ready words: every version to read, and a form that makes the next one."""

from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path

from carecollective.desk import StaffAdmin, desk, may_open
from carecollective.errors import NotFound
from carecollective.pages import form_page, said_at, takes
from members.doors import caller
from moderation.desk_forms import PhraseForm
from moderation.models import Phrase
from moderation.services import phrasing


@admin.register(Phrase, site=desk)
class PhraseAdmin(StaffAdmin):
    list_display = ("title", "version", "rule", "written_by", "created_at")
    list_filter = ("rule",)
    list_select_related = ("written_by",)
    search_fields = ("title", "name")
    ordering = ("name", "-version")
    list_per_page = 50
    show_full_result_count = False
    fields = ("title", "version", "rule", "words", "reporter_words", "written_by", "created_at")
    change_form_template = "admin/moderation/phrase/change_form.html"

    def get_urls(self) -> list[Any]:
        own = path("<uuid:phrase_id>/rewrite/", desk.admin_view(rewrite), name="moderation_phrase_rewrite")
        return [own, *super().get_urls()]

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **more: Any) -> Any:
        context["may_rewrite"] = may_open(request, "moderation_phrase_rewrite")
        return super().render_change_form(request, context, *args, **more)


@takes("GET", "POST")
def rewrite(request: HttpRequest, phrase_id: UUID) -> HttpResponse:
    """A new version; decisions of before keep the words they were made with."""
    old = Phrase.objects.filter(pk=phrase_id).first()
    if old is None:
        raise NotFound()
    begun = {"words": old.words, "reporter_words": old.reporter_words}
    form = PhraseForm(request.POST if request.method == "POST" else None, initial=begun)
    if request.method == "POST" and form.is_valid():
        with said_at(form):
            said = (form.cleaned_data["words"], form.cleaned_data["reporter_words"])
            fresh = phrasing.rewrite(caller(request), phrase_id, *said)
            messages.success(request, f"“{fresh.title}” has a new version, number {fresh.version}.")
            return redirect("admin:moderation_phrase_change", fresh.pk)
    context = {**desk.each_context(request), "title": f"New version of “{old.title}”", "phrase": old}
    return form_page(request, "admin/moderation/phrase/rewrite.html", form, **context)
