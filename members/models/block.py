"""Who keeps away from whom: a fact about two members, made by one and true for both."""

from typing import Any
from uuid import UUID

from django.db import models
from django.db.models.functions import Now

from carecollective.database import new_id
from members.models.member import Member


class Blocks(models.QuerySet["Block"]):
    def between(self, one_id: UUID, other_id: UUID) -> "Blocks":
        """In either direction."""
        return self.filter(
            models.Q(blocker_id=one_id, blocked_id=other_id) | models.Q(blocker_id=other_id, blocked_id=one_id)
        )


class Block(models.Model):
    site_rights = ("SELECT", "INSERT", "DELETE")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    # Both are found through the two indexes below.
    blocker = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="blocks_made", db_index=False)
    blocked = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="+", db_index=False)
    created_at = models.DateTimeField(db_default=Now())

    objects = Blocks.as_manager()

    class Meta:
        db_table = "member_blocks"
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(name="unique_block", fields=["blocker", "blocked"]),
            models.CheckConstraint(
                name="member_blocks_are_between_two", condition=~models.Q(blocker=models.F("blocked"))
            ),
        ]
        indexes = [models.Index(name="member_blocks_by_blocked", fields=["blocked", "blocker"])]

    def __str__(self) -> str:
        return f"{self.blocker_id} blocks {self.blocked_id}"


class BlockedWith(models.Func):
    # By hand, because a list asks this in four places, and as querysets they take longer to build than all the rest.
    # One list, read once per statement: an EXISTS looks both ways again for every row.
    template = (
        "%(expressions)s IN (SELECT blocked_id FROM member_blocks WHERE blocker_id = %%s"
        " UNION ALL SELECT blocker_id FROM member_blocks WHERE blocked_id = %%s)"
    )
    arity = 1
    output_field = models.BooleanField()

    def __init__(self, column: str, member_id: UUID) -> None:
        super().__init__(column)
        self.member_id = member_id

    def as_sql(self, compiler: Any, connection: Any, *more: Any, **context: Any) -> tuple[str, Any]:
        sql, params = super().as_sql(compiler, connection, *more, **context)
        return sql, (*params, self.member_id, self.member_id)


def blocked_with(member: Member, column: str) -> models.Q:
    """Whether this member and the one in `column`, never empty, have a block between them, whoever made it."""
    return models.Q(BlockedWith(column, member.pk))
