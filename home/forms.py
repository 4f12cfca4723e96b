"""What the pages of this room send."""

from django import forms as django_forms

from carecollective import forms


class UpTo(forms.Form):
    """The newest notice on the list that was read."""

    up_to = django_forms.IntegerField(min_value=0, max_value=2**31)
