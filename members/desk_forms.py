"""What staff fill in about members."""

from django import forms as django_forms

from carecollective import forms
from members.models import VerificationChange


class DeclineForm(forms.Form):
    reason = django_forms.CharField(
        label="Why? They will read this sentence.",
        help_text="One plain, kind sentence. For example: We serve only people who live in our area.",
        max_length=VerificationChange._meta.get_field("reason").max_length,
        widget=django_forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Please write one sentence. They need to know why."},
    )
