"""What members set about themselves and about how they read."""

import uuid
from typing import Any
from zoneinfo import available_timezones

from django import forms as django_forms
from django.conf import settings

from carecollective import forms
from carecollective.form_text import Line, Paragraphs
from members.forms import fields
from members.models import ApiToken, Member
from members.zones import ZONES, zone_in_words

DEVICE = "device"


class Profile(forms.Form):
    called = fields.called()
    about = Paragraphs(
        label="About you",
        help_text="Members see this. Leave out your street, phone and email.",
        max_length=fields.most("about"),
        required=False,
        rows=4,
    )
    time_zone = django_forms.ChoiceField(label="Your time zone")

    field_order = ("called", "town", "about", "time_zone")

    def __init__(self, *args: Any, member: Member, browser_zone: str = "", **kwargs: Any):
        told = {name: getattr(member, name) for name in ("called", "town", "about")}
        super().__init__(*args, initial={**told, "time_zone": member.time_zone or DEVICE}, **kwargs)
        # One line and not many cards: most people never change it.
        self.fields["town"] = fields.town(current=member.town, few=0)
        self.fields["town"].label = "Your town"
        device = browser_zone if browser_zone in available_timezones() else settings.DEFAULT_TIME_ZONE
        zone = self.fields["time_zone"]
        zone.choices = _zones(member.time_zone, device)  # type: ignore[attr-defined]
        zone.help_text = f"You see times in {zone_in_words(member.time_zone or device)} now."
        self.order_fields(self.field_order)

    def clean_time_zone(self) -> str:
        return _unless_device(self.cleaned_data["time_zone"])


class NewToken(forms.Form):
    name = Line(
        label="What is it for?",
        help_text="For example: my calendar.",
        max_length=ApiToken._meta.get_field("name").max_length,
        error_messages={"required": "Please say what it is for."},
    )
    client_id = django_forms.UUIDField(widget=django_forms.HiddenInput, initial=uuid.uuid4)


class Look(forms.Form):
    text = django_forms.ChoiceField(
        label="Size of text",
        choices=[("1", "A – normal"), ("2", "A+ – bigger"), ("3", "A++ – biggest")],
        widget=django_forms.RadioSelect,
    )
    theme = django_forms.ChoiceField(
        label="Colors",
        choices=[(DEVICE, "As my device says"), ("light", "Light"), ("dark", "Dark")],
        widget=django_forms.RadioSelect,
    )
    contrast = django_forms.BooleanField(
        label="High contrast", help_text="Black on white, with strong lines.", required=False
    )
    motion = django_forms.BooleanField(label="Less motion", help_text="Nothing fades or moves.", required=False)
    enter = django_forms.ChoiceField(
        label="The Enter key, when you write in a chat",
        help_text="As usual means: with a keyboard it sends, on a phone it makes a new line.",
        choices=[(DEVICE, "As usual on this device"), ("send", "Sends the message"), ("line", "Makes a new line")],
        widget=django_forms.RadioSelect,
    )

    def __init__(self, *args: Any, look: dict[str, str], **kwargs: Any):
        chosen = {"text": look["text"] or "1", "theme": look["theme"] or DEVICE, "enter": look["enter"] or DEVICE}
        ticked = {"contrast": bool(look["contrast"]), "motion": bool(look["motion"])}
        super().__init__(*args, initial=chosen | ticked, **kwargs)

    def as_cookies(self) -> dict[str, str]:
        """What each `look_` cookie holds; empty means the device decides."""
        chosen = self.cleaned_data
        return {
            "text": chosen["text"],
            "theme": _unless_device(chosen["theme"]),
            "contrast": "more" if chosen["contrast"] else "",
            "motion": "less" if chosen["motion"] else "",
            "enter": _unless_device(chosen["enter"]),
        }


def _unless_device(choice: str) -> str:
    return "" if choice == DEVICE else choice


def _zones(chosen: str, device: str) -> list[tuple[str, str]]:
    """The zones of the country, and whatever else this person chose or their device is in."""
    others = [name for name in dict.fromkeys((device, chosen)) if name and name not in ZONES]
    return [(DEVICE, "As my device says"), *((name, zone_in_words(name)) for name in (*ZONES, *others))]
