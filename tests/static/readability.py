"""How hard our words are to read: Flesch and Kincaid's school grade, with syllables counted by rule."""

import re

WORD = re.compile(r"[A-Za-z]+(?:['’][A-Za-z]+)?")
# Silent endings, and pairs of vowels that are spoken one by one.
SILENT = re.compile(r"(?:[^aeiouyscgxzhl]es|[aeiouy]les|[^dt]ed|[^l]e)$|(?<=[aeiouy])le$")
APART = re.compile(r"i(?:a|o(?!n|u)|et)|[^qg]ua|eo(?!u|p)|[aeiou]ing$|[^aeiou]y[aeo]|sm$|[aeiou][^aeiou]+ea$")
SENTENCE_END = re.compile(r"[.!?:]+[”’)]*(?:\s|$)")


def syllables(word: str) -> int:
    # Without what follows the apostrophe, and without the silent letter in the middle of what we are about.
    word = re.sub(r"['’].*", "", word.lower()).replace("care", "car") if word.lower() != "care" else "car"
    groups = len(re.findall(r"[aeiouy]+", word)) + len(APART.findall(word))
    return max(1, groups - (1 if SILENT.search(word) else 0))


def words_of(text: str) -> list[str]:
    return WORD.findall(text)


def sentences_of(text: str) -> int:
    return max(1, len([part for part in SENTENCE_END.split(text) if words_of(part)]))


def grade(*texts: str) -> float:
    """Each text is a paragraph of its own: no sentence goes over its end."""
    words = [word for text in texts for word in words_of(text)]
    sentences = sum(sentences_of(text) for text in texts if words_of(text))
    return 0.39 * len(words) / sentences + 11.8 * sum(map(syllables, words)) / len(words) - 15.59
