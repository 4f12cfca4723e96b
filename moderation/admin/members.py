"""What moderation adds to the page staff have of a member: restrictions, cases, decisions, trust."""

from django.http import HttpRequest
from django.template.loader import render_to_string

from carecollective.desk import may_open
from members.doors import caller
from members.models import Member
from moderation.admin.who import is_part_of_a_case_about, moments_of, restrictions_of, upheld_of
from moderation.admin.words import trust_made_of

MOST = 50
PART_OF_IT = "Not shown, because you are part of a case about them. That case is not listed here either."


def section(request: HttpRequest, member: Member | None) -> str:
    """Nothing for those who may not see decisions, nor about themselves."""
    if member is None or not may_open(request, "moderation_decision_changelist") or caller(request).pk == member.pk:
        return ""
    reader = caller(request)
    is_part = is_part_of_a_case_about(member, reader)
    context = {
        "person": member,
        "trust": PART_OF_IT if is_part else trust_made_of(member.trust, upheld_of(member)),
        "restrictions": restrictions_of(member, reader)[:MOST],
        "moments": moments_of(member, reader, MOST),
        "may_lift": may_open(request, "members_restriction_lift"),
    }
    return render_to_string("admin/moderation/member_section.html", context, request=request)
