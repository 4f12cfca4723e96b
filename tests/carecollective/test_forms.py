"""Every form speaks: label, hint, error, joined for people who listen to the page."""

from datetime import UTC, date, datetime

import pytest
from django import forms
from django.template import Context, Template
from django.utils import timezone

from carecollective.forms import DateInput, Form, RadioCards


class Ask(Form):
    title = forms.CharField(label="Say it in one line", help_text="Pick up groceries on Tuesday", max_length=20)
    more = forms.CharField(label="Tell us a bit more", max_length=1000, required=False, widget=forms.Textarea)
    soon = forms.ChoiceField(
        label="How soon?", choices=[("n", "No rush"), ("u", "Urgent")], widget=RadioCards(hints={"u": "Call 911."})
    )
    day = forms.DateField(label="Which day", required=False, widget=DateInput)
    rules = forms.BooleanField(label="I will follow the rules.")


def render(template: str, **context: object) -> str:
    return Template("{% load care %}" + template).render(Context(context))


def test_hint_and_error_are_joined_to_the_field():
    page = render("{{ form }}", form=Ask({"title": ""}))
    assert 'aria-describedby="id_title_helptext id_title_error"' in page
    assert 'id="id_title_helptext"' in page
    assert 'id="id_title_error"' in page
    assert 'aria-invalid="true"' in page


def test_a_long_answer_is_counted_and_never_cut():
    page = render("{% field form.more %}", form=Ask())
    assert 'aria-describedby="id_more_count"' in page
    assert 'data-limit="1000"' in page
    assert "maxlength" not in page


def test_optional_fields_say_so_and_none_is_required_by_the_browser():
    page = render("{{ form }}", form=Ask())
    assert page.count("(optional)") == 2
    assert " required" not in page


def test_one_question_can_be_the_heading_of_the_page():
    assert "<h1>How soon?</h1>" in render("{% field form.soon heading=True %}", form=Ask())
    assert '<label for="id_title">Say it in one line</label>' in render(
        "{% field form.title heading=True %}", form=Ask()
    )


def test_the_hint_of_a_card_is_joined_to_its_button():
    page = render("{% field form.soon %}", form=Ask())
    assert 'aria-describedby="id_soon_1_hint"' in page
    assert page.count("<fieldset") == 1


def test_the_summary_leads_to_each_field_in_order():
    page = render("{% error_summary form %}", form=Ask({"title": "x" * 21}))
    assert "There is a problem" in page
    places = [page.index(f'href="#{target}"') for target in ("id_title", "id_soon_0", "id_rules")]
    assert places == sorted(places)


def test_no_summary_without_a_problem():
    assert render("{% error_summary form %}", form=Ask()).strip() == ""


def test_a_problem_of_the_whole_form_is_said_once():
    form = Ask({"title": "Groceries", "soon": "n", "rules": "on"})
    form.add_error(None, "We are not in your area yet.")
    assert render("{{ form }}", form=form).count("We are not in your area yet.") == 1
    assert render("{% error_summary form %}{{ form }}", form=form).count("We are not in your area yet.") == 1


@pytest.mark.parametrize(
    ("data", "field", "words"),
    [
        ({}, "title", "Please fill in: Say it in one line."),
        ({}, "soon", "Please choose an answer to “How soon?”."),
        ({}, "rules", "Please tick the box to go on."),
        ({"title": "x" * 21}, "title", "Please use 20 letters or fewer. You have 21."),
        ({"soon": "x"}, "soon", "Please pick one from the list."),
    ],
)
def test_errors_are_in_plain_words(data: dict[str, str], field: str, words: str):
    assert Ask(data).errors[field] == [words]


def test_a_field_may_bring_its_own_words():
    class Own(Form):
        town = forms.CharField(error_messages={"required": "Please tell us your town."})

    assert Own({}).errors["town"] == ["Please tell us your town."]


def test_what_a_person_typed_is_never_markup():
    page = render("{% error_summary form %}{{ form }}", form=Ask({"title": '"><script>alert(1)</script>'}))
    assert "<script>" not in page


def test_times_are_in_the_zone_of_the_reader():
    moment = datetime(2025, 11, 25, 23, 4, tzinfo=UTC)
    with timezone.override("America/Chicago"):
        page = render("{% local_time moment %}", moment=moment)
    assert 'datetime="2025-11-25T23:04:00Z"' in page
    assert ">5:04 PM<" in page
    assert "Tuesday, November 25, 5:04 PM" in page
    assert "your time" not in page


def test_where_another_clock_could_be_meant_a_time_says_whose_it_is():
    moment = datetime(2025, 11, 25, 23, 4, tzinfo=UTC)
    with timezone.override("America/New_York"):
        page = render("{% local_time moment is_mine=True %}", moment=moment)
        assert "your time" not in render("{% local_time moment is_mine=False %}", moment=moment)
    assert '<span aria-hidden="true">6:04 PM your time</span>' in page
    assert '<span class="visually-hidden">Tuesday, November 25, 6:04 PM your time</span>' in page


@pytest.mark.parametrize(
    ("zone", "moment", "shown"),
    [
        ("America/Chicago", "2025-11-02T06:59", "Sunday, November 2, 1:59 AM"),
        ("America/Chicago", "2025-11-02T07:00", "Sunday, November 2, 1:00 AM"),
        ("America/Chicago", "2025-11-02T08:00", "Sunday, November 2, 2:00 AM"),
        ("America/Chicago", "2026-03-08T07:59", "Sunday, March 8, 1:59 AM"),
        ("America/Chicago", "2026-03-08T08:00", "Sunday, March 8, 3:00 AM"),
        ("America/Chicago", "2026-11-01T06:59", "Sunday, November 1, 1:59 AM"),
        ("America/Chicago", "2026-11-01T07:00", "Sunday, November 1, 1:00 AM"),
        ("America/Chicago", "2027-03-14T07:59", "Sunday, March 14, 1:59 AM"),
        ("America/Chicago", "2027-03-14T08:00", "Sunday, March 14, 3:00 AM"),
        ("America/New_York", "2025-11-02T06:00", "Sunday, November 2, 1:00 AM"),
        ("America/New_York", "2026-03-08T07:00", "Sunday, March 8, 3:00 AM"),
        ("America/New_York", "2026-11-01T05:59", "Sunday, November 1, 1:59 AM"),
        ("America/New_York", "2026-11-01T06:00", "Sunday, November 1, 1:00 AM"),
        ("America/New_York", "2027-03-14T07:00", "Sunday, March 14, 3:00 AM"),
        ("America/Phoenix", "2025-11-02T07:00", "Sunday, November 2, 12:00 AM"),
        ("America/Phoenix", "2026-03-08T08:00", "Sunday, March 8, 1:00 AM"),
        ("America/Phoenix", "2026-11-01T07:00", "Sunday, November 1, 12:00 AM"),
        ("America/Phoenix", "2027-03-14T08:00", "Sunday, March 14, 1:00 AM"),
    ],
)
def test_times_are_right_on_the_days_the_clocks_change(zone: str, moment: str, shown: str):
    """Computed by hand: Chicago is five or six hours behind UTC, New York four or five, Phoenix always seven."""
    with timezone.override(zone):
        page = render("{% local_time moment %}", moment=datetime.fromisoformat(moment + "+00:00"))
    assert f">{shown}<" in page


def test_days_have_names_near_today():
    assert "Today" in render("{% local_day day %}", day=timezone.now())
    assert "November 24, 2020" in render("{% local_day day %}", day=date(2020, 11, 24))


def test_steps_tell_where_one_is():
    page = render('{% steps 2 "Sent" "Email checked" "Read by our team" %}')
    assert page.count("aria-current") == 1
    assert "Sent<span" in page


def test_a_note_keeps_its_markup():
    assert '<a href="/x/">Why?</a>' in render('{% note "warn" heading="Wait" %}<a href="/x/">Why?</a>{% endnote %}')
