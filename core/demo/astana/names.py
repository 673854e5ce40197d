"""Names of streets and places as a map writes them: generic words short, quotes off."""

import re

# The generic word of a street's name, as Russian maps of the country shorten it. Kazakh ones too:
# көше (street), даңғыл (avenue), тұйық (cul-de-sac).
SHORT = {
    "улица": "ул.",
    "проспект": "пр-т",
    "переулок": "пер.",
    "бульвар": "б-р",
    "шоссе": "ш.",
    "площадь": "пл.",
    "проезд": "пр-д",
    "тупик": "туп.",
    "набережная": "наб.",
    "микрорайон": "мкр.",
    "трасса": "тр.",
    "көшесі": "к-сі",
    "даңғылы": "д-лы",
    "Street": "St",
    "Avenue": "Ave",
    "Highway": "Hwy",
    "Boulevard": "Blvd",
}
_GENERIC = re.compile(r"\b(" + "|".join(SHORT) + r")\b")
_QUOTES = re.compile(r"[\"«»“”„]")
_COMPLEX = re.compile(r"^(ЖК|ЖД|ТРЦ|ТЦ|БЦ)\s+")


def shorten(name: str) -> str:
    """The name without quotes, its generic word short: «улица Абая» is «ул. Абая».

    A name that is nothing but the generic word («Набережная») stays as it is.
    """
    plain = unquoted(name)
    if " " not in plain:
        return plain
    return _GENERIC.sub(lambda found: SHORT[found.group()], plain)


def unquoted(name: str) -> str:
    """The name without quotation marks, which a map does not need."""
    return " ".join(_QUOTES.sub("", name).split())


def place(name: str) -> str:
    """The name of a quarter: no quotes, no «жилой комплекс» (ЖК) before it."""
    return _COMPLEX.sub("", unquoted(name)).replace("микрорайон", SHORT["микрорайон"])


def without_generic(name: str) -> str:
    """The name alone: «улица Абая» is «Абая»; a name that is only generic stays."""
    alone = " ".join(_GENERIC.sub("", name).split())
    return alone or name
