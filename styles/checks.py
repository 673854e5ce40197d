"""System checks of what styles need at run time."""

from typing import Any

from django.core import checks

from styles import glyphs, reference, sprites, validator

BUILD_HINT = "Run `npm ci` and `npm run build`; script/bootstrap does both."


def register() -> None:
    """Make Django run these checks."""
    checks.register(check_built)
    checks.register(check_validator)


def check_built(**_: Any) -> list[checks.CheckMessage]:
    """graticule.W020, W021: maps would have no labels, no icons."""
    found: list[checks.CheckMessage] = []
    if not glyphs.fonts():
        message = "The glyphs were not built: no map has labels."
        found.append(checks.Warning(message, hint=BUILD_HINT, id="graticule.W020"))
    if not sprites.icons():
        message = "The sprites were not built: no map has icons."
        found.append(checks.Warning(message, hint=BUILD_HINT, id="graticule.W021"))
    return found


def check_validator(**_: Any) -> list[checks.CheckMessage]:
    """graticule.I022, W023: styles are checked by less than the official validator."""
    try:
        validator.command()
    except validator.NoValidatorError:
        if reference.specification() is None:
            message = "Neither the style validator nor the specification is here."
            return [checks.Warning(message, hint=BUILD_HINT, id="graticule.W023")]
        message = "The official style validator is not here: expressions are not checked."
        hint = "Install Node and run `npm ci` where styles are edited."
        return [checks.Info(message, hint=hint, id="graticule.I022")]
    return []
