"""What moderation adds to the page staff have of a member: restrictions, cases, decisions, trust."""

from django.http import HttpRequest
from django.template.loader import render_to_string

from carecollective.desk import may_open
from members.doors import caller
from members.models import Member
from moderation.admin.who import moments_of, restrictions_of, upheld_of
from moderation.admin.words import trust_made_of

MOST = 50


def section(request: HttpRequest, member: Member | None) -> str:
    """Nothing for those who may not see decisions, nor about themselves."""
    if member is None or not may_open(request, "moderation_decision_changelist") or caller(request).pk == member.pk:
        return ""
    context = {
        "person": member,
        "trust": trust_made_of(member.trust, upheld_of(member)),
        "restrictions": restrictions_of(member)[:MOST],
        "moments": moments_of(member, MOST),
        "may_lift": may_open(request, "members_restriction_lift"),
    }
    return render_to_string("admin/moderation/member_section.html", context, request=request)
