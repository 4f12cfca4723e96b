"""How every form of the site looks and speaks: label, hint, error, all joined for screen readers."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.forms.boundfield import BoundField
from django.forms.renderers import DjangoTemplates
from django.forms.utils import pretty_name
from django.template.loader import get_template

from carecollective.database import new_id
from carecollective.errors import Refusal
from carecollective.kept import Kept

# Said instead of Django's own words, unless a field brings its own.
PLAIN_WORDS = {
    "max_length": "Please use %(limit_value)d letters or fewer. You have %(show_value)d.",
    "min_length": "Please use %(limit_value)d letters or more. You have %(show_value)d.",
    "invalid_choice": "Please pick one from the list.",
    "invalid_list": "Please pick from the list.",
}
KINDS: tuple[tuple[type[forms.Widget], str], ...] = (
    (forms.CheckboxSelectMultiple, "choices"),
    (forms.RadioSelect, "choices"),
    (forms.CheckboxInput, "checkbox"),
    (forms.PasswordInput, "password"),
    (forms.Textarea, "textarea"),
    (forms.Select, "select"),
)


class PlainField(BoundField):
    """A field that knows what `_field.html` must draw for it."""

    @property
    def kind(self) -> str:
        widget = self.field.widget
        return next((kind for cls, kind in KINDS if isinstance(widget, cls)), "text")

    @property
    def is_optional(self) -> bool:
        # A follow-up is needed or not by the answer before it, and its hint says so.
        is_follow_up = getattr(self.field, "is_follow_up", False) or getattr(self.field, "depends", False)
        return not self.field.required and self.kind != "checkbox" and not is_follow_up

    @property
    def limit(self) -> int | None:
        """How many letters a long answer may have; short ones show no counter."""
        return getattr(self.field, "max_length", None) if self.kind == "textarea" else None

    @property
    def aria_describedby(self) -> str | None:
        described_by = super().aria_describedby
        if described_by is None or not self.limit or not self.auto_id:
            return described_by
        return f"{described_by} {self.auto_id}_count".strip()

    @property
    def first_id(self) -> str:
        """Where a link in the error summary leads."""
        return self.id_for_label or (self.subwidgets[0].id_for_label if self.subwidgets else "") or ""

    def build_widget_attrs(self, attrs: dict[str, Any], widget: forms.Widget | None = None) -> dict[str, Any]:
        attrs = super().build_widget_attrs(attrs, widget)
        # People may press the button first and hear from us what is missing, not from a browser bubble.
        attrs.pop("required", None)
        if self.limit:
            # A browser cuts a long paste without a word. We count instead, and the server says it.
            attrs |= {"maxlength": False, "data-limit": str(self.limit)}
        return attrs


class Renderer(DjangoTemplates):
    """Set as FORM_RENDERER. Our own templates for fields, Django's for widgets."""

    form_template_name = "_form.html"
    field_template_name = "_field.html"
    bound_field_class = PlainField

    def get_template(self, template_name: str) -> Any:
        # Ours use the site's own tags; Django's widgets, the admin's too, include each other from Django's folder.
        return get_template(template_name) if template_name.startswith("_") else super().get_template(template_name)


class RadioCards(forms.RadioSelect):
    """Big cards to choose one from; `hints` and `icons` are keyed by the value of a choice."""

    def __init__(
        self,
        *args: Any,
        hints: dict[str, str] | None = None,
        icons: dict[str, str] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.hints, self.icons = hints or {}, icons or {}

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        option["hint"], option["icon"] = self.hints.get(str(value)), self.icons.get(str(value))
        if option["hint"] and "id" in option["attrs"]:
            option["attrs"]["aria-describedby"] = f"{option['attrs']['id']}_hint"
        return option


class DateInput(forms.DateInput):
    """The day picker of the phone."""

    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%d")


class SpeaksPlainly:
    """Plain words for what is missing, and no colon after a label."""

    fields: dict[str, forms.Field]

    def __init__(self, data: Any = None, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        if isinstance(data, Kept):
            kwargs["initial"] = {**(kwargs.get("initial") or {}), **data.initial}
            data = None
        super().__init__(data, *args, **kwargs)  # type: ignore[call-arg]  # Mixed into a form, which takes them.
        for name, field in self.fields.items():
            _speak_plainly(name, field)


class Form(SpeaksPlainly, forms.Form):
    """The form to build on."""

    # What the verb behind it refused, if it did, and what it asks about before it goes on.
    refusal: Refusal | None = None
    warned: Sequence[str] = ()


class ModelForm(SpeaksPlainly, forms.ModelForm):
    """The same for a model."""


class ServerMadeId(forms.UUIDField):
    """Ours comes back as it left; what somebody made of it otherwise counts as a new one."""

    widget = forms.HiddenInput

    def clean(self, value: Any) -> UUID:
        try:
            return UUID(str(super().clean(value)))
        except forms.ValidationError:
            return new_id()


class OnceForm(Form):
    """Sent twice it counts once: the server knows it by the id it gave it."""

    client_id = ServerMadeId()

    def __init__(self, *args: Any, initial: dict[str, Any] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, initial={"client_id": new_id(), **(initial or {})}, **kwargs)

    def renew_key(self) -> None:
        """After a refusal the same page may be sent again, and then it is a new one."""
        self.data = {**dict(self.data.items()), "client_id": str(new_id())}


def _speak_plainly(name: str, field: forms.Field) -> None:
    for code, words in PLAIN_WORDS.items():
        if field.error_messages.get(code) in (None, type(field).default_error_messages.get(code)):
            field.error_messages[code] = words
    if field.error_messages.get("required") == forms.Field.default_error_messages["required"]:
        field.error_messages["required"] = _what_is_missing(str(field.label or pretty_name(name)), field.widget)


def _what_is_missing(label: str, widget: forms.Widget) -> str:
    if isinstance(widget, forms.CheckboxInput):
        return "Please tick the box to go on."
    if isinstance(widget, forms.Select | forms.RadioSelect | forms.CheckboxSelectMultiple):
        return f"Please choose an answer to “{label}”." if label.endswith("?") else f"Please choose: {label}."
    return f"Please answer “{label}”" if label.endswith("?") else f"Please fill in: {label}."
