import pytest
from tests.cast import browser_of

pytestmark = pytest.mark.django_db


def test_one(operator):
    from features import reads
    from features.admin import page
    from django.utils.timezone import now
    import logging

    page.held()
    reads.log(now())
    reads.promises()
    r = browser_of(operator).get("/admin/features/flag/")
    assert r.status_code == 200
