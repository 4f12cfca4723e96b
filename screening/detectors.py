"""What is found by its shape and proved by arithmetic: phones, emails, streets, cards, Social Security numbers."""

from collections.abc import Callable, Iterator

import phonenumbers
import re2

from screening.folding import BYTES

Span = tuple[int, int]
EDGE, END = rb"(?:^|[^a-z0-9])", rb"(?:$|[^a-z0-9])"

# As they are written here; what is tried on one candidate costs the same in any text.
NORTH_AMERICAN = re2.compile(
    rb"(?:^|[^a-z0-9$.])((?:\+ ?)?(?:1[ .(-]{0,2})?\(?\d{3}[ .)/-]{0,3}\d{3}[ .-]{0,3}\d{4})(?:$|[^0-9])", BYTES
)
IN_PAIRS = re2.compile(EDGE + rb"(\d{2}(?:[ .-]{1,2}\d{2}){4})(?:$|[^0-9])", BYTES)
INTERNATIONAL = re2.compile(rb"(\+ ?\d(?:[ ().-]{0,2}\d){6,14})", BYTES)
DASHED = re2.compile(rb"\d{3}\)? ?[-.]? ?\d{3} ?[-.] ?\d{4}$", BYTES)
LOCAL = re2.compile(EDGE + rb"(\d{3}[-.]\d{4})" + END, BYTES)
LOCAL_SAID = re2.compile(
    rb"(?:call|text|phone|number|cell|reach|ring|dial)[a-z :']{0,24}[^a-z0-9](\d{3} ?\d{4})" + END, BYTES
)
SAID_DIGIT = rb"(?:zero|oh|one|two|three|four|five|six|seven|eight|nine)"
SAID = re2.compile(EDGE + rb"(" + SAID_DIGIT + rb"(?:[ ,.-]{1,3}" + SAID_DIGIT + rb"){6,})" + END, BYTES)

AT = rb"(?: ?@ ?| ?[\[({<] ?at ?[\])}>] ?)"
DOT = rb"(?: ?[\[({<] ?dot ?[\])}>] ?| dot )"
HOST = rb"[a-z0-9-]{1,60}"
TOP = rb"(?:com|net|org|edu|gov|info|biz|mail|us|io|co|me)"
MAILERS = rb"(?:gmail|yahoo|hotmail|outlook|icloud|aol|protonmail|proton|comcast|live|msn|att|sbcglobal|mail)"
EMAIL = re2.compile(rb"([a-z0-9._%+-]{1,60}@" + HOST + rb"(?:\." + HOST + rb"){1,4})", BYTES)
EMAIL_SAID = re2.compile(
    EDGE + rb"([a-z0-9._%+-]{2,60}(?:"
    + AT + HOST + rb"(?:" + DOT + rb"| ?\. ?| )" + TOP
    + rb"| at " + MAILERS + rb"(?: ?\. ?|" + DOT + rb")" + TOP
    + rb"| at " + HOST + DOT + TOP + rb"))" + END,
    BYTES,
)  # fmt: skip
# A name at a mailer, without the sign: it has a digit or a mark in it, as words have not.
EMAIL_NAMED = re2.compile(
    rb"my (?:gmail|e-?mail|yahoo|hotmail|aol|icloud)(?: address| account| name)?(?: is|:) ?"
    rb"([a-z]{2,30}[._-]?[a-z]{0,30}[._0-9-][a-z0-9._-]{0,30}[a-z0-9])",
    BYTES,
)

STREET_WORDS = rb"(?:street|str|avenue|ave|av|road|rd|lane|ln|boulevard|blvd|parkway|pkwy|highway|hwy|terrace)"
STREET_MAYBE = rb"(?:st|drive|dr|court|ct|way|place|pl|circle|cir|trail|trl|loop|square|sq|cove|run)"
SIDE = rb"(?:(?:north|south|east|west|n|s|e|w|ne|nw|se|sw)\.? )?"
NAME = rb"([a-z0-9'.]{1,20}(?: [a-z'.]{1,20}){0,2}?)"
STREET = re2.compile(EDGE + rb"(\d{1,5}[a-d]?,? " + SIDE + NAME + rb" " + STREET_WORDS + rb")" + END, BYTES)
STREET_LIKELY = re2.compile(EDGE + rb"(\d{3,5}[a-d]?,? " + SIDE + NAME + rb" " + STREET_MAYBE + rb")" + END, BYTES)
NUMBERED = re2.compile(EDGE + rb"((?:p\.? ?o\.? ?)box ?#? ?\d{1,6})" + END, BYTES)
# No street is called so: "4 houses down the road", "20 minutes by highway".
NO_NAMES = frozenset(
    b"a about after am an and another are at away block blocks by bus by cars day days dollars doors down each every"
    b" feet for from good have her his hour hours house houses i if in is it its just left lot lots mg mile miles min"
    b" mins minute minutes ml more most my of off on onto or other our out over past people percent pm pounds right so"
    b" step steps that the their then there they this times to trees up was way ways we weeks were when will with x"
    b" years you your".split()
)

CARD = re2.compile(rb"(?:^|[^a-z0-9.,-])(\d(?:[ -]{0,2}\d){12,18})(?:$|[^0-9])", BYTES)
SSN = re2.compile(EDGE + rb"(\d{3}[ .-]{1,2}\d{2}[ .-]{1,2}\d{4})(?:$|[^0-9-])", BYTES)
SSN_NAMED = re2.compile(rb"(?:ssn|social security|social)[a-z #:']{0,24}[^a-z0-9](\d{9})" + END, BYTES)


def phones(text: bytes) -> Iterator[Span]:
    for pattern in (NORTH_AMERICAN, IN_PAIRS, INTERNATIONAL):
        for match in pattern.finditer(text):
            if _is_phone(match.group(1).decode()):
                yield match.span(1)
    for pattern in (LOCAL, LOCAL_SAID, SAID):
        yield from (match.span(1) for match in pattern.finditer(text))


def emails(text: bytes) -> Iterator[Span]:
    if b"@" in text:
        yield from (match.span(1) for match in EMAIL.finditer(text))
    for pattern in (EMAIL_SAID, EMAIL_NAMED):
        yield from (match.span(1) for match in pattern.finditer(text))


def streets(text: bytes) -> Iterator[Span]:
    for pattern in (STREET, STREET_LIKELY):
        for match in pattern.finditer(text):
            if NO_NAMES.isdisjoint(match.group(2).split()):
                yield match.span(1)
    yield from (match.span(1) for match in NUMBERED.finditer(text))


def cards(text: bytes) -> Iterator[Span]:
    for match in CARD.finditer(text):
        digits = _digits(match.group(1))
        if digits[0] in "23456" and len(set(digits)) > 1 and _adds_up(digits):
            yield match.span(1)


def social_security_numbers(text: bytes) -> Iterator[Span]:
    for pattern in (SSN, SSN_NAMED):
        for match in pattern.finditer(text):
            digits = _digits(match.group(1))
            # None was ever given out with these.
            if digits[:3] not in ("000", "666") and digits[0] != "9" and digits[3:5] != "00" and digits[5:] != "0000":
                yield match.span(1)


# By the name a rule calls them: what looks, and which warning it gives.
DETECTORS: dict[str, tuple[Callable[[bytes], Iterator[Span]], str]] = {
    "phone": (phones, "phone"),
    "email": (emails, "email"),
    "street": (streets, "street"),
    "card": (cards, "secret"),
    "ssn": (social_security_numbers, "secret"),
}


def _is_phone(candidate: str) -> bool:
    # Some people make theirs up, or type one digit wrong: three, three and four is meant as a phone all the same.
    if DASHED.search(candidate.encode()):
        return True
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(candidate, "US"))
    except phonenumbers.NumberParseException:
        return False


def _digits(written: bytes) -> str:
    return "".join(chr(byte) for byte in written if 48 <= byte <= 57)


def _adds_up(digits: str) -> bool:
    """Luhn's sum, which a mistyped or made-up number misses nine times in ten."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        doubled = int(digit) * (1 + place % 2)
        total += doubled - 9 if doubled > 9 else doubled
    return total % 10 == 0
