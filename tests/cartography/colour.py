"""How colours look, computed: contrast, lightness, difference, and to eyes that lack a cone."""

import math
import re
from functools import cache

Rgb = tuple[float, float, float]

# Viénot, Brettel, Mollon (1999): linear RGB as a dichromat sees it.
DICHROMATS = {
    "protanopia": (
        (0.11238, 0.88762, 0.0),
        (0.11238, 0.88762, 0.0),
        (0.00401, -0.00401, 1.0),
    ),
    "deuteranopia": (
        (0.29275, 0.70725, 0.0),
        (0.29275, 0.70725, 0.0),
        (-0.02234, 0.02234, 1.0),
    ),
}


def parse(text: str) -> Rgb:
    """A CSS colour (`#rrggbb`, `rgb()` or `rgba()`, alpha ignored) as sRGB from 0 to 1."""
    if text.startswith("#"):
        digits = text[1:] if len(text) == 7 else "".join(c * 2 for c in text[1:4])
        red, green, blue = (int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4))
        return (red, green, blue)
    numbers = [float(n) for n in re.findall(r"[\d.]+", text)]
    return (numbers[0] / 255, numbers[1] / 255, numbers[2] / 255)


def blend(over: Rgb, under: Rgb, opacity: float) -> Rgb:
    """What is seen of `over` at `opacity` on `under`."""
    red, green, blue = (a * opacity + b * (1 - opacity) for a, b in zip(over, under, strict=True))
    return (red, green, blue)


def linear(colour: Rgb) -> Rgb:
    """sRGB without its gamma."""
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour)
    return (red, green, blue)


def luminance(colour: Rgb) -> float:
    """Relative luminance (WCAG), 0 to 1."""
    red, green, blue = linear(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: Rgb, other: Rgb) -> float:
    """The contrast ratio of WCAG, 1 to 21."""
    low, high = sorted([luminance(one), luminance(other)])
    return (high + 0.05) / (low + 0.05)


def as_seen(colour: Rgb, kind: str) -> Rgb:
    """`colour` as a dichromat sees it, linear; `kind` is a key of DICHROMATS or "all cones"."""
    plain = linear(colour)
    if kind == "all cones":
        return plain
    red, green, blue = (
        min(1.0, max(0.0, sum(f * c for f, c in zip(row, plain, strict=True))))
        for row in DICHROMATS[kind]
    )
    return (red, green, blue)


@cache
def lab(plain: Rgb) -> Rgb:
    """Linear sRGB as CIELAB (D65)."""
    red, green, blue = plain
    x = (0.4124564 * red + 0.3575761 * green + 0.1804375 * blue) / 0.95047
    y = 0.2126729 * red + 0.7151522 * green + 0.0721750 * blue
    z = (0.0193339 * red + 0.1191920 * green + 0.9503041 * blue) / 1.08883
    fx, fy, fz = (
        c ** (1 / 3) if c > 216 / 24389 else (24389 / 27 * c + 16) / 116 for c in (x, y, z)
    )
    return (116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz))


def lightness(colour: Rgb) -> float:
    """L*, 0 to 100."""
    return lab(linear(colour))[0]


def difference(one: Rgb, other: Rgb, kind: str = "all cones") -> float:
    """CIEDE2000 between two sRGB colours, to eyes of `kind`."""
    return ciede2000(lab(as_seen(one, kind)), lab(as_seen(other, kind)))


def ciede2000(one: Rgb, other: Rgb) -> float:
    """CIEDE2000 between two CIELAB colours (Sharma, Wu, Dalal 2005)."""
    (l1, a1, b1), (l2, a2, b2) = one, other
    mean_c7 = ((math.hypot(a1, b1) + math.hypot(a2, b2)) / 2) ** 7
    stretch = 1.5 - 0.5 * math.sqrt(mean_c7 / (mean_c7 + 25.0**7))
    c1, h1 = _polar(a1 * stretch, b1)
    c2, h2 = _polar(a2 * stretch, b2)
    turn = _turn(c1, c2, h1, h2)
    dh = 2 * math.sqrt(c1 * c2) * math.sin(math.radians(turn) / 2)
    mean_l, mean_c = (l1 + l2) / 2, (c1 + c2) / 2
    mean_h = h1 + h2 if c1 * c2 == 0 else (h1 + turn / 2) % 360
    s_l = 1 + 0.015 * (mean_l - 50) ** 2 / math.sqrt(20 + (mean_l - 50) ** 2)
    s_c, s_h = 1 + 0.045 * mean_c, 1 + 0.015 * mean_c * _hue_weight(mean_h)
    l_part, c_part, h_part = (l2 - l1) / s_l, (c2 - c1) / s_c, dh / s_h
    mix = _rotation(mean_c, mean_h) * c_part * h_part
    return math.sqrt(l_part**2 + c_part**2 + h_part**2 + mix)


def _polar(a: float, b: float) -> tuple[float, float]:
    return math.hypot(a, b), math.degrees(math.atan2(b, a)) % 360


def _turn(c1: float, c2: float, h1: float, h2: float) -> float:
    """From one hue to the other, the short way, in degrees."""
    return 0.0 if c1 * c2 == 0 else (h2 - h1 + 180) % 360 - 180


def _hue_weight(hue: float) -> float:
    terms = ((-0.17, 1, -30), (0.24, 2, 0), (0.32, 3, 6), (-0.20, 4, -63))
    return 1 + sum(k * math.cos(math.radians(n * hue + shift)) for k, n, shift in terms)


def _rotation(chroma: float, hue: float) -> float:
    angle = 60 * math.exp(-(((hue - 275) / 25) ** 2))
    return -math.sin(math.radians(angle)) * 2 * math.sqrt(chroma**7 / (chroma**7 + 25.0**7))
