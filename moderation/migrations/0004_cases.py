import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

import carecollective.database


class Migration(migrations.Migration):
    dependencies = [
        ("moderation", "0003_questions"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Case",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=carecollective.database.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("number", models.BigIntegerField(db_default=0, editable=False)),
                (
                    "target_kind",
                    models.CharField(
                        choices=[
                            ("message", "A message"),
                            ("conversation", "A conversation"),
                            ("help_request", "A request"),
                            ("member", "A person"),
                            ("decision", "A decision"),
                        ],
                        max_length=12,
                    ),
                ),
                ("target_id", models.UUIDField()),
                ("conversation_id", models.UUIDField(null=True)),
                (
                    "source",
                    models.CharField(
                        choices=[("member", "Member"), ("rule", "Rule"), ("appeal", "Appeal")], max_length=6
                    ),
                ),
                ("is_safety", models.BooleanField(db_default=False, default=False)),
                ("is_held", models.BooleanField(db_default=False, default=False)),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "Open"), ("decided", "Decided"), ("merged", "Put together")],
                        db_default="open",
                        default="open",
                        max_length=7,
                    ),
                ),
                ("opened_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("due_at", models.DateTimeField()),
                ("claimed_until", models.DateTimeField(null=True)),
                ("version", models.PositiveIntegerField(db_default=1, default=1)),
                (
                    "author",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="cases",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "claimed_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "handed_on_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "merged_into",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="moderation.case",
                    ),
                ),
            ],
            options={
                "db_table": "moderation_cases",
            },
        ),
        migrations.AddField(
            model_name="report",
            name="case",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="reports", to="moderation.case"
            ),
        ),
        migrations.CreateModel(
            name="Decision",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=carecollective.database.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "action",
                    models.CharField(
                        choices=[
                            ("nothing", "No rule broken"),
                            ("hide", "Hide"),
                            ("warn", "Warn"),
                            ("limit", "Limit"),
                            ("suspend", "Pause"),
                            ("ban", "Ban"),
                            ("close", "Close the chat"),
                            ("reject", "Take back membership"),
                            ("keep", "The decision stays"),
                            ("overturn", "Take the decision back"),
                        ],
                        max_length=8,
                    ),
                ),
                ("rule", models.PositiveSmallIntegerField(null=True)),
                ("until", models.DateTimeField(null=True)),
                ("hides", models.BooleanField(default=False)),
                ("found_by_rule", models.BooleanField(default=False)),
                ("facts", models.TextField()),
                ("facts_key_id", models.CharField(max_length=32)),
                ("words", models.TextField()),
                ("words_key_id", models.CharField(max_length=32)),
                ("reporter_words", models.TextField()),
                ("reporter_words_key_id", models.CharField(max_length=32)),
                ("decided_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "standing",
                    models.CharField(
                        choices=[
                            ("waiting", "Waits for a second moderator"),
                            ("in_force", "In force"),
                            ("refused", "Refused by the second moderator"),
                            ("undone", "Undone"),
                            ("overturned", "Taken back"),
                        ],
                        max_length=10,
                    ),
                ),
                ("alone_because", models.CharField(blank=True, db_default="", default="", max_length=300)),
                ("counts_from", models.DateTimeField(null=True)),
                ("told_at", models.DateTimeField(null=True)),
                ("undone_at", models.DateTimeField(null=True)),
                (
                    "affected",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="decisions",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="decisions", to="moderation.case"
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "overturned_by",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="overturns",
                        to="moderation.decision",
                    ),
                ),
                (
                    "seconded_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "undone_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "decisions",
            },
        ),
        migrations.AddField(
            model_name="case",
            name="decision",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="moderation.decision",
            ),
        ),
        migrations.CreateModel(
            name="Appeal",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=carecollective.database.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "side",
                    models.CharField(
                        choices=[("affected", "The person it is about"), ("reporter", "Who reported it")], max_length=8
                    ),
                ),
                ("words", models.TextField()),
                ("words_key_id", models.CharField(max_length=32)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "appellant",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="appeals",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="appeals", to="moderation.case"
                    ),
                ),
                (
                    "decision",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="appeals",
                        to="moderation.decision",
                    ),
                ),
            ],
            options={
                "db_table": "appeals",
            },
        ),
        migrations.CreateModel(
            name="Find",
            fields=[
                ("evidence", models.TextField()),
                ("evidence_key_id", models.CharField(max_length=32)),
                ("evidence_digest", models.CharField(max_length=64)),
                (
                    "id",
                    models.UUIDField(
                        default=carecollective.database.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("categories", models.JSONField(default=list)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="finds", to="moderation.case"
                    ),
                ),
            ],
            options={
                "db_table": "moderation_finds",
            },
        ),
        migrations.CreateModel(
            name="Phrase",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=carecollective.database.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("name", models.CharField(max_length=40)),
                ("version", models.PositiveIntegerField()),
                ("title", models.CharField(max_length=60)),
                ("rule", models.PositiveSmallIntegerField(null=True)),
                ("words", models.TextField(max_length=2000)),
                ("reporter_words", models.TextField(max_length=2000)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "written_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "phrases",
            },
        ),
        migrations.AddIndex(
            model_name="decision",
            index=models.Index(fields=["affected", "-decided_at", "-id"], name="decisions_about"),
        ),
        migrations.AddIndex(
            model_name="decision",
            index=models.Index(
                condition=models.Q(("standing", "in_force"), ("told_at", None)),
                fields=["counts_from"],
                name="decisions_to_tell",
            ),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.UniqueConstraint(
                condition=models.Q(("standing__in", ["waiting", "in_force"])),
                fields=("case",),
                name="unique_standing_decision",
            ),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "action__in",
                        ["nothing", "hide", "warn", "limit", "suspend", "ban", "close", "reject", "keep", "overturn"],
                    )
                ),
                name="decisions_action_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.CheckConstraint(
                condition=models.Q(("standing__in", ["waiting", "in_force", "refused", "undone", "overturned"])),
                name="decisions_standing_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("action__in", ("hide", "warn", "limit", "suspend", "ban", "close", "reject")), _negated=True
                    ),
                    ("rule__range", (1, 6)),
                    _connector="OR",
                ),
                name="decisions_breach_names_its_rule",
            ),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("facts_key_id", ""), _negated=True),
                    models.Q(("words_key_id", ""), _negated=True),
                    models.Q(("reporter_words_key_id", ""), _negated=True),
                ),
                name="decisions_has_its_statement",
            ),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("action", "limit"), _negated=True), ("until__isnull", False), _connector="OR"
                ),
                name="decisions_limit_and_nothing_else_needs_an_end",
            ),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.CheckConstraint(
                condition=models.Q(("until__isnull", True), ("until__gt", models.F("decided_at")), _connector="OR"),
                name="decisions_ends_after_it_begins",
            ),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("action", "ban"), ("standing", "in_force"), _negated=True),
                    ("seconded_by__isnull", False),
                    models.Q(("alone_because", ""), _negated=True),
                    _connector="OR",
                ),
                name="decisions_ban_has_two_people_or_a_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("seconded_by__isnull", True),
                    models.Q(("seconded_by", models.F("decided_by")), _negated=True),
                    _connector="OR",
                ),
                name="decisions_second_is_somebody_else",
            ),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.CheckConstraint(
                condition=models.Q(("decided_by", models.F("affected")), _negated=True),
                name="decisions_affects_somebody_else",
            ),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("standing", "undone"), _negated=True),
                    models.Q(("undone_at__isnull", False), ("undone_by__isnull", False)),
                    _connector="OR",
                ),
                name="decisions_undone_says_by_whom",
            ),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("standing", "overturned"), _negated=True),
                    ("overturned_by__isnull", False),
                    _connector="OR",
                ),
                name="decisions_overturned_says_by_which",
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("state", "open")),
                fields=["-is_safety", "due_at", "id"],
                name="moderation_cases_queue",
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(fields=["author", "-opened_at"], name="moderation_cases_by_author"),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(fields=["target_kind", "target_id"], name="moderation_cases_by_target"),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.UniqueConstraint(fields=("number",), name="unique_case_number"),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "open")),
                fields=("target_kind", "target_id", "author"),
                name="unique_open_case",
            ),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("target_kind__in", ["message", "conversation", "help_request", "member", "decision"])
                ),
                name="moderation_cases_kind_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=models.Q(("source__in", ["member", "rule", "appeal"])), name="moderation_cases_source_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("decision__isnull", True), ("merged_into__isnull", True), ("state", "open")),
                    models.Q(("decision__isnull", False), ("merged_into__isnull", True), ("state", "decided")),
                    models.Q(("decision__isnull", True), ("merged_into__isnull", False), ("state", "merged")),
                    _connector="OR",
                ),
                name="moderation_cases_decided_have_a_decision",
            ),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("claimed_by__isnull", True), ("claimed_until__isnull", True)),
                    models.Q(("claimed_by__isnull", False), ("claimed_until__isnull", False)),
                    _connector="OR",
                ),
                name="moderation_cases_claim_is_whole",
            ),
        ),
        migrations.AddIndex(
            model_name="appeal",
            index=models.Index(fields=["appellant", "-created_at"], name="appeals_by_appellant"),
        ),
        migrations.AddConstraint(
            model_name="appeal",
            constraint=models.UniqueConstraint(fields=("decision", "appellant"), name="unique_appeal"),
        ),
        migrations.AddConstraint(
            model_name="appeal",
            constraint=models.CheckConstraint(
                condition=models.Q(("side__in", ["affected", "reporter"])), name="appeals_side_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="appeal",
            constraint=models.CheckConstraint(
                condition=models.Q(("words_key_id", ""), _negated=True), name="appeals_are_sealed"
            ),
        ),
        migrations.AddConstraint(
            model_name="find",
            constraint=models.CheckConstraint(
                condition=models.Q(("evidence_key_id", ""), _negated=True), name="moderation_finds_are_sealed"
            ),
        ),
        migrations.AddConstraint(
            model_name="phrase",
            constraint=models.UniqueConstraint(fields=("name", "version"), name="unique_phrase_version"),
        ),
        migrations.AddConstraint(
            model_name="phrase",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("words", ""), _negated=True), models.Q(("reporter_words", ""), _negated=True)
                ),
                name="phrases_have_words",
            ),
        ),
        migrations.AddConstraint(
            model_name="phrase",
            constraint=models.CheckConstraint(
                condition=models.Q(("rule", None), ("rule__range", (1, 6)), _connector="OR"), name="phrases_rule_known"
            ),
        ),
    ]
