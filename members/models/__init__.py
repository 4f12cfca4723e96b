"""The members room's tables."""

from members.models.access import ApiToken, MemberSession
from members.models.block import Block, blocked_with
from members.models.limit import LimitHits
from members.models.member import Member, VerificationStatus
from members.models.restriction import Level, Restriction
from members.models.second_factor import RecoveryCode, SecondFactor
from members.models.standing import Standing
from members.models.verification import VerificationChange

__all__ = [
    "ApiToken",
    "Block",
    "Level",
    "LimitHits",
    "Member",
    "MemberSession",
    "RecoveryCode",
    "Restriction",
    "SecondFactor",
    "Standing",
    "VerificationChange",
    "VerificationStatus",
    "blocked_with",
]
