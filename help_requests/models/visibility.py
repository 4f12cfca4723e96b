"""Who may see what of a request. Every read goes through here; nothing else decides."""

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import BooleanField, Case, CharField, F, Func, IntegerField, Q, QuerySet, Value, When
from django.db.models.functions import Now
from django.db.models.lookups import Exact, IExact

from carecollective.errors import NotFound
from help_requests.models.words import CURRENT, REMINDED_BEFORE, UNDO_WINDOW, LocationPrivacy, Status
from members.models import Member, VerificationStatus, blocked_with

if TYPE_CHECKING:
    from help_requests.models.help_request import HelpRequest

# Between its last moment and the job that closes it, a request counts as closed already.
IS_EXPIRED = Q(status=Status.OPEN, expires_at__lte=Now())
IS_CURRENT = Q(status__in=CURRENT) & ~IS_EXPIRED
IS_NEAR_ITS_END = Q(status=Status.OPEN, expires_at__lte=Now() + REMINDED_BEFORE) & ~IS_EXPIRED
CAN_BE_UNDONE = Q(completed_at__gt=Now() - UNDO_WINDOW) | Q(cancelled_at__gt=Now() - UNDO_WINDOW)

IS_BY_A_MEMBER = Q(requester__is_active=True, requester__verification_status=VerificationStatus.APPROVED)

# The town is shown as `shown_town`; the rest serves the database.
NOT_SHOWN = ("town", "search", "client_id", "client_digest")


class HelpRequests(QuerySet["HelpRequest"]):
    def visible_to(self, member: Member) -> "HelpRequests":
        """What a member may open: for approved members every request, so an offer on a closed one can be told so.

        How much of it they read says `is_in_full`: of an ended one strangers read neither its words nor its town.
        One that is held, refused or hidden is nobody's but whoever's asked.
        """
        own = Q(requester=member)
        return self.filter(Q(moderation="") | own if member.is_approved else own)._as_seen_by(member)

    def listed_for(self, member: Member, status: str = "") -> "HelpRequests":
        """What stands in lists: current ones, and in any other state one's own and those one helps with.

        A block takes current ones out, too; whom such a request is about finds it under its status.
        """
        rows, current = self.visible_to(member), IS_CURRENT & ~_is_out_of_reach(member)
        if not status:
            return rows.filter(current)
        rows = rows.filter(current | involves(member))
        return rows.filter(Exact(F("shown_status"), status))

    def one_for(self, member: Member, request_id: UUID) -> "HelpRequest":
        request = self.visible_to(member).with_people().filter(pk=request_id).first()
        if request is None:
            raise NotFound()
        return request

    def locked_for(self, member: Member, request_id: UUID) -> "HelpRequest":
        """The one row a verb is about to move, nobody else moving it meanwhile."""
        # Two statements: one that waited for the lock would still join the helper of before.
        self.hold(request_id)
        return self.one_for(member, request_id)

    def locked_for_house(self, moderator: Member, request_id: UUID) -> "HelpRequest":
        """The same for somebody of our team: hidden ones, too."""
        self.hold(request_id)
        found = self._as_seen_by(moderator).with_people().filter(pk=request_id).first()
        if found is None:
            raise NotFound()
        return found

    def hold(self, request_id: UUID) -> None:
        """The lock alone: offers wait for whoever has it, and are waited for."""
        # Not FOR UPDATE: whoever writes in a thread looks at its request once more as they commit, and must not wait.
        list(self.model.objects.select_for_update(no_key=True).filter(pk=request_id).values_list("pk"))

    def in_town(self, town: str) -> "HelpRequests":
        """By the town this member may know, so a hidden one cannot be guessed by filtering."""
        return self.filter(IExact(F("shown_town"), town))

    def with_people(self) -> "HelpRequests":
        """Exactly the columns we show, and what the asker and the helper are called."""
        shown = [field.name for field in self.model._meta.concrete_fields if field.name not in NOT_SHOWN]
        return self.select_related("requester", "helper").only(*shown, "requester__called", "helper__called")

    def with_offers(self) -> "HelpRequests":
        """How many people offer to help, for whoever may read the request; one number more in the same statement."""
        return self.annotate(offers_standing=OffersStanding("pk"))

    def expired(self) -> "HelpRequests":
        return self.filter(IS_EXPIRED)

    def expiring_soon(self) -> "HelpRequests":
        """Open ones near their end whose askers have not been told yet."""
        return self.filter(IS_NEAR_ITS_END, reminded_at__isnull=True)

    def _as_seen_by(self, member: Member) -> "HelpRequests":
        is_kept_away = Q(status__in=CURRENT) & _is_out_of_reach(member) & ~involves(member)
        in_full = (IS_CURRENT & ~_is_out_of_reach(member)) | involves(member)
        return self.annotate(
            shown_status=Case(When(IS_EXPIRED | is_kept_away, then=Value(Status.CLOSED.value)), default=F("status")),
            is_in_full=_yes_or_no(in_full),
            shown_town=Case(
                When(in_full & knows_the_place(member), then=F("town")),
                default=Value(""),
                output_field=CharField(),
            ),
            # Only who asked is asked to keep it up.
            is_near_its_end=_yes_or_no(IS_NEAR_ITS_END & Q(requester=member)),
            can_be_undone=_yes_or_no(CAN_BE_UNDONE),
        )


def involves(member: Member) -> Q:
    """The people a request is about: who asks and who was accepted."""
    return Q(requester=member) | Q(helper=member)


def _is_out_of_reach(member: Member) -> Q:
    """Behind a block, or asked by somebody who is gone: nobody can tell which of the two."""
    return blocked_with(member, "requester") | (~IS_BY_A_MEMBER & ~Q(requester=member))


def knows_the_place(member: Member) -> Q:
    """Whom the asker lets see the town."""
    is_public = Q(location_privacy=LocationPrivacy.PUBLIC)
    return is_public | involves(member) | (Q(location_privacy=LocationPrivacy.HELPERS_ONLY) & has_offered(member))


class HasOffered(Func):
    # The table of a room above, known here by its name alone: who offers is a fact about a request, too.
    template = (
        "EXISTS (SELECT FROM conversations_v2 WHERE help_request_id = %(expressions)s"
        " AND helper_id = %%s AND offer_state IN ('offered', 'accepted') AND status <> 'held')"
    )
    arity = 1
    output_field = BooleanField()

    def __init__(self, member_id: UUID) -> None:
        super().__init__("pk")
        self.member_id = member_id

    def as_sql(self, compiler: Any, connection: Any, *more: Any, **context: Any) -> tuple[str, Any]:
        sql, params = super().as_sql(compiler, connection, *more, **context)
        return sql, (*params, self.member_id)


class OffersStanding(Func):
    """Offers that wait or were accepted; not those of an ended chat, nor those whose words are still being checked."""

    template = (
        "(SELECT count(*) FROM conversations_v2 WHERE help_request_id = %(expressions)s"
        " AND (offer_state = 'accepted' AND status <> 'held' OR offer_state = 'offered' AND status = 'active'))"
    )
    arity = 1
    output_field = IntegerField()


def has_offered(member: Member) -> Q:
    """Whose offer stands; one that was declined, taken back or has rested shows the place no longer."""
    return Q(helper=member) | Q(HasOffered(member.pk))


def _yes_or_no(question: Q) -> Case:
    return Case(When(question, then=Value(True)), default=Value(False), output_field=BooleanField())
