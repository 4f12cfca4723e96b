"""Form fields for what people write: the same cleaning and counting as everywhere else."""

import unicodedata
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from carecollective.text import Unwritable, clean, clean_line


class Paragraphs(forms.CharField):
    """A text of several lines; counted after trimming, as it is stored."""

    widget: type[forms.Widget] = forms.Textarea
    clean_text = staticmethod(clean)

    def __init__(self, *, rows: int = 5, **options: Any):
        options.setdefault("strip", False)
        super().__init__(**options)
        if isinstance(self.widget, forms.Textarea):
            self.widget.attrs["rows"] = rows

    def to_python(self, value: Any) -> str:
        try:
            return self.clean_text(super().to_python(value) or "")
        except Unwritable as problem:
            raise ValidationError(str(problem)) from problem


class Line(Paragraphs):
    """A text of one line, such as a name; letters of every script are welcome."""

    widget = forms.TextInput
    clean_text = staticmethod(clean_line)


class Password(forms.CharField):
    """Never trimmed and never shown again; one spelling per letter, whichever keyboard wrote it."""

    widget = forms.PasswordInput

    def __init__(self, *, autocomplete: str, **options: Any):
        options.setdefault("strip", False)
        super().__init__(**options)
        self.widget.attrs |= {"autocomplete": autocomplete, "autocapitalize": "none", "spellcheck": "false"}

    def to_python(self, value: Any) -> str:
        return unicodedata.normalize("NFC", super().to_python(value) or "")
