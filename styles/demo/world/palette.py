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
    water="#bcd4e2",
    land="#f5f2ea",
    tints=("#eee2ca", "#e2e7d1", "#eedcd2", "#e8dfd3", "#eadfe2", "#f0e9ce", "#dce6dd"),
    river="#98bdd3",
    coast="#8db1c7",
    province="#b3a9a0",
    border="#87748f",
    claim="#8d8a88",
    text_sea="#2c5a78",
    text_province="#6c6670",
    text_town="#4c484d",
    text_city="#333036",
    text_country="#574a5e",
    halo="rgba(245, 242, 234, 0.85)",
    halo_sea="rgba(188, 212, 226, 0.85)",
    dot="#5b545f",
    capital="#7a3b46",
)

DARK = Palette(
    name="dark",
    water="#12202d",
    land="#2b2f34",
    tints=("#3c3c3c", "#343c3c", "#3c393d", "#383a3e", "#393842", "#3a3d3a", "#323d40"),
    river="#33566d",
    coast="#3a5468",
    province="#5a5d63",
    border="#8f8799",
    claim="#74767b",
    text_sea="#8db4cd",
    text_province="#aeabb3",
    text_town="#b6b6ba",
    text_city="#c6c6ca",
    text_country="#cdc6d4",
    halo="rgba(43, 47, 52, 0.85)",
    halo_sea="rgba(18, 32, 45, 0.85)",
    dot="#b9b4bf",
    capital="#d8b3b8",
)

PALETTES = (LIGHT, DARK)
