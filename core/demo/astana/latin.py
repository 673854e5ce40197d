"""Russian and Kazakh letters as Latin ones, so that search finds a street from any keyboard."""

_SINGLE = str.maketrans("абвгдезийклмнопрстуфыэәғқңөұүһі", "abvgdeziyklmnoprstufyeagqnouuhi")
_SEVERAL = str.maketrans(
    {
        "ё": "yo",
        "ж": "zh",
        "х": "kh",
        "ц": "ts",
        "ч": "ch",
        "ш": "sh",
        "щ": "shch",
        "ъ": "",
        "ь": "",
        "ю": "yu",
        "я": "ya",
    }
)


def latin(text: str) -> str:
    """`text` in lower case with its Cyrillic letters in Latin; others stay as they are."""
    return text.lower().translate(_SINGLE).translate(_SEVERAL)
