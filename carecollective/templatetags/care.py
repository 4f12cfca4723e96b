"""The words our templates are written in: icons, fields, notes, chips, days and times."""

import datetime
from typing import Any

from django import template
from django.core.exceptions import NON_FIELD_ERRORS
from django.forms import BaseForm
from django.forms.boundfield import BoundField
from django.template.context import Context
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from carecollective.errors import RateLimited
from carecollective.rules import RULES, Rule
from carecollective.staticfiles import colour, import_map, module_url, stylesheet_urls

register = template.Library()
register.simple_tag(module_url)

NOTE_ICONS = {"danger": "alert", "warn": "alert", "ok": "check", "info": "info"}


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """A line icon. It stands beside a word; only Back and Send bring a label of their own."""
    naming = format_html('role="img" aria-label="{}"', label) if label else mark_safe('aria-hidden="true"')
    sprite = static("icons/sprite.svg")
    return format_html('<svg class="icon" viewBox="0 0 24 24" {}><use href="{}#{}"></use></svg>', naming, sprite, name)


@register.simple_tag
def stylesheets(bundle: str = "app") -> SafeString:
    return format_html_join("\n", '<link rel="stylesheet" href="{}">', ((url,) for url in stylesheet_urls(bundle)))


@register.simple_tag(takes_context=True)
def importmap(context: Context, on: str = "") -> SafeString:
    """The import map, and `app` as the way in."""
    nonce = getattr(context.get("request"), "csp_nonce", "")
    # Only the names and addresses of our own files.
    imports = mark_safe(import_map(on))  # noqa: S308
    names = format_html('<script type="importmap" nonce="{}">{}</script>', nonce, imports)
    return names + format_html("\n{}", module("app"))


@register.simple_tag
def module(name: str) -> SafeString:
    """A module this page cannot do without: the page has not loaded before it runs."""
    return format_html('<script type="module" src="{}"></script>', module_url(name))


@register.simple_tag
def module_preload(*names: str) -> SafeString:
    """Modules this page is sure to need, fetched beside the page and not after it."""
    return format_html_join("\n", '<link rel="modulepreload" href="{}">', ((module_url(name),) for name in names))


@register.simple_tag
def look_attributes(look: dict[str, str] | None = None) -> SafeString:
    """What the member chose about look and text, as attributes of <html>."""
    chosen = ((name, value) for name, value in (look or {}).items() if value)
    return format_html_join("", ' data-{}="{}"', chosen)


@register.simple_tag
def theme_colours(look: dict[str, str] | None = None) -> SafeString:
    """What the browser paints its own bar with: as the member chose, else as the device is set."""
    chosen = look or {}
    has_contrast = bool(chosen.get("contrast"))
    grounds = {"light": colour("white" if has_contrast else "cream"), "dark": colour("night")}
    if theme := chosen.get("theme") or ("light" if has_contrast else ""):
        return format_html('<meta name="theme-color" content="{}">', grounds[theme])
    tag = '<meta name="theme-color" content="{}" media="(prefers-color-scheme: {})">'
    return format_html_join("\n", tag, ((ground, name) for name, ground in grounds.items()))


@register.simple_tag
def field(bound_field: BoundField, heading: bool = False, legend: str = "") -> SafeString:
    """One field with label, hint, error. `heading=True` makes its label the h1 of a one-question page."""
    context = {"field": bound_field, "heading": heading, "legend": legend}
    # The renderer strips what the template made, and with the blanks goes the mark that it is safe.
    return mark_safe(bound_field.form.renderer.render("_field.html", context))  # noqa: S308


@register.inclusion_tag("_error_summary.html")
def error_summary(form: BaseForm | None) -> dict[str, Any]:
    """“There is a problem”, with a link to each field, or to wherever the form says. It takes the focus."""
    if form is None or not form.is_bound or not form.errors:
        return {"lines": []}
    form.has_summary = True  # type: ignore[attr-defined]  # so that {{ form }} does not say it again
    links = getattr(form, "error_links", {})
    of_all = links.get(NON_FIELD_ERRORS, "")
    lines: list[tuple[str, Any]] = [(of_all, _counting_down(form, str(words))) for words in form.non_field_errors()]
    for bound_field in form:
        lines += [(links.get(bound_field.name) or _place_of(bound_field), words) for words in bound_field.errors]
    return {"lines": lines}


def _counting_down(form: BaseForm, words: str) -> str:
    """The wait in a sentence, marked so that it can be counted down; its steps are not read out."""
    refusal = getattr(form, "refusal", None)
    if not isinstance(refusal, RateLimited) or refusal.wait not in words:
        return words
    before, wait, after = words.partition(refusal.wait)
    seconds = refusal.extras.get("retry_after", 1)
    return format_html('{}<span aria-live="off" data-countdown="{}">{}</span>{}', before, seconds, wait, after)


@register.inclusion_tag("_warned.html")
def warned(form: BaseForm, box: str) -> dict[str, Any]:
    """What the writer is asked before it goes, inside the form; `box` is where Edit leads. It takes the focus."""
    return {"sentences": getattr(form, "warned", ()), "box": box}


@register.simple_tag
def six_rules() -> tuple[Rule, ...]:
    """`{% six_rules as rules %}`; each has a number, a title, a line and words."""
    return RULES


@register.inclusion_tag("_chip.html")
def chip(words: str, icon: str = "", tone: str = "plain") -> dict[str, str]:
    """Status in words with an icon; the tone (plain, ok, warn, danger, info, clay) is only the third sign."""
    return {"words": words, "icon": icon, "tone": tone}


@register.simple_block_tag
def note(content: str, tone: str = "info", heading: str = "", icon: str = "") -> SafeString:
    context = {"content": content, "tone": tone, "heading": heading, "icon": icon or NOTE_ICONS[tone]}
    return render_to_string("_note.html", context)


@register.inclusion_tag("_steps.html")
def steps(now: int, *names: str) -> dict[str, Any]:
    """A line of steps; `now` counts from 1, one more than the last means all are done."""
    states = ["done" if number < now else "now" if number == now else "next" for number in range(1, len(names) + 1)]
    return {"steps": list(zip(names, states, strict=True))}


@register.simple_tag
def local_time(moment: datetime.datetime, is_mine: bool = False) -> SafeString:
    """“5:04 PM” to look at, the whole day and time to listen to; “your time” where another clock could be meant."""
    local = timezone.localtime(moment)
    whose = " your time" if is_mine else ""
    return format_html(
        '<time datetime="{}"><span aria-hidden="true">{}</span><span class="visually-hidden">{}</span></time>',
        moment.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        date_format(local, "g:i A") + whose,
        date_format(local, "l, F j, g:i A") + whose,
    )


@register.simple_tag
def local_day(moment: datetime.datetime | datetime.date) -> SafeString:
    """Today, Yesterday, or “Monday, November 24”."""
    day = timezone.localtime(moment).date() if isinstance(moment, datetime.datetime) else moment
    return format_html('<time datetime="{}">{}</time>', day.isoformat(), _day_in_words(day))


@register.filter
def by_date(day: datetime.date) -> str:
    """“by Tuesday, Nov 25”."""
    return "by " + date_format(day, "l, M j" if day.year == timezone.localdate().year else "l, M j, Y")


def _place_of(bound_field: BoundField) -> str:
    place = "" if bound_field.is_hidden else getattr(bound_field, "first_id", bound_field.id_for_label)
    return f"#{place}" if place else ""


def _day_in_words(day: datetime.date) -> str:
    today = timezone.localdate()
    near = {0: "Today", 1: "Yesterday"}.get((today - day).days)
    return near or date_format(day, "l, F j" if day.year == today.year else "F j, Y")
