"""The languages that the demo maps have names in, each under its own name."""

from typing import TypedDict


class Language(TypedDict):
    """An entry of the language menu."""

    code: str
    name: str


# The empty code leaves labels as the style has them.
_NAMES = {
    "": "The map's own choice",
    "ar": "العربية",
    "bn": "বাংলা",
    "de": "Deutsch",
    "el": "Ελληνικά",
    "en": "English",
    "es": "Español",
    "fa": "فارسی",
    "fr": "Français",
    "he": "עברית",
    "hi": "हिन्दी",
    "hu": "Magyar",
    "id": "Bahasa Indonesia",
    "it": "Italiano",
    "ja": "日本語",
    "kk": "Қазақша",
    "ko": "한국어",
    "nl": "Nederlands",
    "pl": "Polski",
    "pt": "Português",
    "ru": "Русский",
    "sv": "Svenska",
    "tr": "Türkçe",
    "uk": "Українська",
    "ur": "اردو",
    "vi": "Tiếng Việt",
    "zh": "中文",
}
LANGUAGES = [Language(code=code, name=name) for code, name in _NAMES.items()]
