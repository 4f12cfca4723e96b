"""Two processes of the web meet each other in the short form, eight in the long one; after each test all holds true."""

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from carecollective.invariants import broken
from messaging.models import Conversation, Message
from tests.support.crowd import Crowd
from tests.support.database import ROOT
from tests.support.site import _wait_for, free_port

WORKERS = 8


@pytest.fixture(scope="session")
def rounds(long_run: bool) -> int:
    return 20 if long_run else 3


@pytest.fixture
def crowded_site(site: str, long_run: bool, way: int) -> Iterator[str]:
    """More processes than cores, so that transactions really cross inside PostgreSQL."""
    if not long_run:
        yield site
        return
    address = f"http://127.0.0.1:{free_port()}"
    web = [sys.executable, "bin/_web.py", "--port", address.rpartition(":")[2], "--workers", str(WORKERS)]
    quiet = subprocess.DEVNULL
    environment = os.environ | {"SITE_URL": address, "MESSAGING_V2_ENABLED": str(way == 2).lower()}
    process = subprocess.Popen(web, cwd=ROOT, env=environment, stdin=quiet, stdout=quiet, stderr=quiet)
    try:
        _wait_for(address, process)
        yield address
    finally:
        process.terminate()
        process.wait(timeout=30)


@pytest.fixture
def crowd(crowded_site: str) -> Iterator[Crowd]:
    """Whatever a test looks at: no answer was our fault, every promise holds, what was acknowledged is stored."""
    crowd = Crowd(crowded_site)
    yield crowd
    faults = [(answer.status, answer.body) for answer in crowd.answers if answer.status >= 500]
    assert faults == []
    assert broken() == {}
    acknowledged = [answer.body for answer in crowd.answers if answer.status == 201]
    said = {body["message_id"] for body in acknowledged if "message_id" in body}
    opened = {body["conversation_id"] for body in acknowledged if "help_request_id" in body}
    assert said <= set(map(str, Message.objects.values_list("pk", flat=True)))
    assert opened <= set(map(str, Conversation.objects.values_list("pk", flat=True)))
