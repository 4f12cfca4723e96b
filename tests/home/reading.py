"""What stands on a page, part by part, as a person reads it."""

import html
import re
from typing import Any

from django.test import Client


def words(answer: Any) -> str:
    """The page without its markup."""
    body = re.sub(r"<head>.*?</head>", " ", answer.content.decode(), flags=re.DOTALL)
    text = html.unescape(re.sub(r"<[^>]+>", " ", body)).replace("\xa0", " ")
    return re.sub(r"\s+", " ", text).strip()


def part(browser: Client, name: str, url: str = "/home/") -> str:
    """The words of the section with that id as its heading; empty where it is not shown."""
    page = browser.get(url).content.decode()
    found = re.search(rf'<section[^>]*aria-labelledby="{name}".*?</section>', page, re.DOTALL)
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", found[0]))).strip() if found else ""


def count_in(answer: Any, label: str) -> str:
    """The number beside Messages or Notices in the header."""
    page = answer.content.decode()
    number = r'(?:<span class="nav__new"[^>]*>)?\s*(?:<span class="nav__count">([^<]*)<)?'
    found = re.search(f"{label}</span>{number}", page)
    assert found, f"{label} is not in the header"
    return found[1] or ""
