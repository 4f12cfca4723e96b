"""The ready words a new site begins with."""

from typing import Any

from django.db import migrations

ACTED = "Thank you. We looked and took action."
PHRASES = (
    (
        "no_breach",
        "No rule broken",
        None,
        "We looked at this and found no broken rule.",
        "Thank you. We looked and found no broken rule. You can still block this person.",
    ),
    (
        "money_ask",
        "Asking for money",
        5,
        "{{ called }}, please do not ask for money or gifts again. Help here is free, for everybody.",
        ACTED,
    ),
    (
        "rude_words",
        "Rude words",
        1,
        "{{ called }}, words like these hurt. We are all tired some days. Please speak to others as you would to a"
        " friend.",
        ACTED,
    ),
    (
        "unsafe_visit",
        "Unsafe visit",
        6,
        "{{ called }}, what happened at a visit was not safe for the other person. Rule 6 asks all of us to keep visits"
        " safe. Please read it again before you meet anyone.",
        "Thank you for telling us. We looked and took action. If you are ever in danger, call 911.",
    ),
    (
        "private_facts",
        "Sharing private facts",
        3,
        "{{ called }}, you shared something about someone that was not yours to share. What we learn here stays"
        " with us.",
        ACTED,
    ),
    (
        "spam",
        "Spam or selling",
        4,
        "{{ called }}, words like “{{ quote }}” have no place here. There is no spam and no selling.",
        ACTED,
    ),
    (
        "appeal_kept",
        "After another look: it stays",
        None,
        "{{ called }}, another person read all of it again. The decision stays.",
        "We read all of it again. The decision stays.",
    ),
    (
        "appeal_changed",
        "After another look: it changes",
        None,
        "{{ called }}, another person read all of it again. We took the decision back. We are sorry.",
        "We read all of it again, and changed our decision.",
    ),
)


def put(apps: Any, schema_editor: Any) -> None:
    phrase = apps.get_model("moderation", "Phrase")
    for name, title, rule, words, reporter_words in PHRASES:
        phrase.objects.create(name=name, version=1, title=title, rule=rule, words=words, reporter_words=reporter_words)


class Migration(migrations.Migration):
    dependencies = [("moderation", "0005_case_guards")]
    operations = [migrations.RunPython(put, migrations.RunPython.noop)]
