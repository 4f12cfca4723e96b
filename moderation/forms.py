"""The forms of a report, of another look at a decision, and of a question."""

from django import forms as django_forms
from django.core.exceptions import NON_FIELD_ERRORS

from carecollective import forms
from carecollective.form_text import Paragraphs
from moderation.models import Reason
from moderation.models.words import ANSWER_MOST, APPEAL_MOST, DESCRIPTION_MOST, QUESTION_MOST
from moderation.services.reporting import Complaint

DANGER = "If someone is in danger, call 911 now."


class ReportForm(forms.Form):
    reason = django_forms.ChoiceField(
        label="What is wrong?",
        choices=Reason.choices,
        widget=forms.RadioCards(hints={Reason.UNSAFE_VISIT.value: DANGER}),
    )
    description = Paragraphs(
        label="Do you want to tell us more?",
        help_text="Only our moderators read this.",
        max_length=DESCRIPTION_MOST,
        required=False,
        rows=4,
    )
    also_block = django_forms.BooleanField(required=False)

    def speak_of(self, called: str) -> None:
        block = self.fields["also_block"]
        block.label = f"Also block {called}"
        block.help_text = (
            "You will not see each other’s requests, and neither of you can write to the other. "
            "If you two have agreed on help, end that as well: a block does not end it."
        )

    def lead_to(self, page: str) -> None:
        """What is refused as a whole is a link to there."""
        self.error_links = {NON_FIELD_ERRORS: page}

    def complaint(self) -> Complaint:
        return Complaint(**self.cleaned_data)


class QuestionForm(forms.OnceForm):
    question = Paragraphs(
        label="Your question",
        help_text="Only our team reads this. Please leave out passwords and card numbers.",
        max_length=QUESTION_MOST,
        error_messages={"required": "Please write your question."},
    )


class AppealForm(forms.Form):
    words = Paragraphs(
        label="Why should we look again?",
        help_text="Tell us what we did not see. Only our moderators read this.",
        max_length=APPEAL_MOST,
        rows=5,
        error_messages={"required": "Please write why we should look again."},
    )


class AnswerForm(forms.Form):
    answer = Paragraphs(
        label="Your answer",
        help_text="Plain, short and kind. They read it as coming from the team.",
        max_length=ANSWER_MOST,
        rows=6,
        error_messages={"required": "Please write an answer first."},
    )
