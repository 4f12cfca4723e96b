"""What the API takes about help requests."""

from datetime import timedelta
from typing import Any

from django.utils import timezone
from rest_framework import serializers

from carecollective.api import Day, Input, KeyInput, Option, PageInput, Text, YesNo
from help_requests import categories, reads
from help_requests.models import Ending, LocationPrivacy, Status, Urgency, words


class NotBeforeYesterday(Day):
    """For somebody somewhere it is still yesterday."""

    def to_internal_value(self, value: Any) -> Any:
        day = super().to_internal_value(value)
        if day < timezone.now().date() - timedelta(days=1):
            raise serializers.ValidationError("This day is over. Please choose a later one.")
        return day


class ChangeInput(Input):
    title = Text(least=words.TITLE_LEAST, most=words.TITLE_MOST, one_line=True)
    description = Text(most=words.DESCRIPTION_MOST, default="")
    category = Option(categories.SLUGS)
    subcategory = Option(["", *categories.KINDS], default="")
    urgency = Option(Urgency.values, default=Urgency.NORMAL.value)
    needed_by = NotBeforeYesterday(allow_null=True, default=None)
    is_ongoing = YesNo(default=False)
    exchange_offer = Text(most=words.EXCHANGE_MOST, default="")
    town = Text(most=words.TOWN_MOST, one_line=True, default="")
    location_privacy = Option(LocationPrivacy.values, default=LocationPrivacy.PUBLIC.value)


class PostInput(KeyInput, ChangeInput):
    """A whole request; without a town it is the asker's own."""


class CompleteInput(Input):
    reason = Option([Ending.HELPED_HERE.value, Ending.HELPED_ELSEWHERE.value], default=Ending.HELPED_HERE.value)


class BrowseInput(PageInput):
    category = Option(categories.SLUGS, required=False)
    urgency = Option(Urgency.values, required=False)
    status = Option(Status.values, required=False)
    town = Text(most=words.TOWN_MOST, one_line=True, required=False)
    q = Text(most=reads.MOST_QUERY, one_line=True, required=False)
    sort = Option(list(reads.ORDERS), default=reads.NEWEST)
