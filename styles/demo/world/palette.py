"""The colours of the world style, by day and by night. All else is the same in both."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Palette:
    """One colour for each thing; `tints` are the countries', by Natural Earth's `mapcolor7`."""

    name: str
    water: str
    land: str
    tints: tuple[str, str, str, str, str, str, str]
    river: str
    coast: str
    province: str
    border: str
    claim: str
    text_sea: str
    text_province: str
    text_town: str
    text_city: str
    text_country: str
    halo: str
    halo_sea: str
    dot: str
    capital: str


# A tint is a quarter of a stronger colour on land, mixed here: drawn half-transparent, the fills
# would show the triangles that they are made of.
LIGHT = Palette(
    name="light",
    water="#aecde1",
    land="#f6f3ec",
    tints=("#f0e4cf", "#e4e9d4", "#f0ded6", "#ebe2d7", "#ece2e4", "#f1ebd2", "#dfe9df"),
    river="#93bad3",
    coast="#80a9c3",
    province="#b3a9a0",
    border="#87748f",
    claim="#8d8a88",
    text_sea="#245070",
    text_province="#655f69",
    text_town="#4c484d",
    text_city="#333036",
    text_country="#574a5e",
    halo="rgba(246, 243, 236, 0.85)",
    halo_sea="rgba(174, 205, 225, 0.85)",
    dot="#5b545f",
    capital="#7a3b46",
)

DARK = Palette(
    name="dark",
    water="#06182c",
    land="#27292c",
    tints=("#302f2c", "#29302c", "#30292c", "#2d2c2d", "#2d2c33", "#2e302a", "#283132"),
    river="#2b4c66",
    coast="#35526a",
    province="#5a5d63",
    border="#8f8799",
    claim="#74767b",
    text_sea="#8db4cd",
    text_province="#aeabb3",
    text_town="#b6b6ba",
    text_city="#c6c6ca",
    text_country="#cdc6d4",
    halo="rgba(39, 41, 44, 0.85)",
    halo_sea="rgba(6, 24, 44, 0.85)",
    dot="#b9b4bf",
    capital="#d8b3b8",
)

PALETTES = (LIGHT, DARK)
