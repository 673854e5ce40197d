"""The colours of the street style, by day and by night. All else is the same in both."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Palette:
    """One colour for each thing; `*_line` are casings and outlines."""

    name: str
    ground: str
    ocean: str
    builtup: str
    industrial: str
    commercial: str
    education: str
    hospital: str
    construction: str
    military: str
    farmland: str
    sand: str
    plaza: str
    grass: str
    park: str
    forest: str
    scrub: str
    orchard: str
    cemetery: str
    wetland: str
    pitch: str
    pitch_line: str
    water: str
    water_line: str
    parking: str
    parking_line: str
    building: str
    building_line: str
    building_top: str
    trunk: str
    trunk_line: str
    trunk_far: str
    primary: str
    primary_line: str
    primary_far: str
    road: str
    road_line: str
    road_far: str
    service: str
    path: str
    cycle: str
    track: str
    rail: str
    rail_gap: str
    arrow: str
    border: str
    border_casing: str
    text: str
    text_soft: str
    text_street: str
    text_water: str
    text_number: str
    text_park: str
    halo: str
    halo_road: str
    halo_water: str
    shield: str
    shield_line: str
    shield_text: str
    food: str
    shop: str
    transport: str
    civic: str
    leisure: str
    dot: str


LIGHT = Palette(
    name="light",
    ground="#f4f2ed",
    ocean="#9bc6de",
    builtup="#ebe8e2",
    industrial="#e6e3e4",
    commercial="#efe6dd",
    education="#efe8d6",
    hospital="#f0e2de",
    construction="#e9e2d3",
    military="#e6e0d6",
    farmland="#eeebd9",
    sand="#f1e7c6",
    plaza="#ebe7df",
    grass="#dfe9d0",
    park="#d2e4c1",
    forest="#c8ddb8",
    scrub="#d6e2c5",
    orchard="#dbe6c8",
    cemetery="#d4dfcb",
    wetland="#d3e3d8",
    pitch="#c6dfbe",
    pitch_line="#aecba5",
    water="#94c1dc",
    water_line="#7aaecc",
    parking="#e7e5e4",
    parking_line="#d3d0ce",
    building="#ded8ce",
    building_line="#c6beb2",
    building_top="#e4dfd6",
    trunk="#f2b26b",
    trunk_line="#c47f33",
    trunk_far="#e09a4c",
    primary="#fadf9b",
    primary_line="#c9a34d",
    primary_far="#dfb964",
    road="#ffffff",
    road_line="#c4bdb1",
    road_far="#c3bcb0",
    service="#ffffff",
    path="#b09b7e",
    cycle="#6d86a8",
    track="#a08a62",
    rail="#8d8a8c",
    rail_gap="#f1eff0",
    arrow="#8b8579",
    border="#8a7c94",
    border_casing="#8a7c94",
    text="#33302c",
    text_soft="#625c53",
    text_street="#45413b",
    text_water="#194f6e",
    text_number="#5f594f",
    text_park="#3a6437",
    halo="#f7f5f1",
    halo_road="#ffffff",
    halo_water="#c6dfee",
    shield="#fdf1de",
    shield_line="#b5742c",
    shield_text="#4a3416",
    food="#a9531a",
    shop="#87519c",
    transport="#2b6ca6",
    civic="#586272",
    leisure="#34794a",
    dot="#33302c",
)

DARK = Palette(
    name="dark",
    ground="#2c2f33",
    ocean="#0b1d30",
    builtup="#31353a",
    industrial="#303136",
    commercial="#343230",
    education="#34332d",
    hospital="#352f2f",
    construction="#33312b",
    military="#302f2b",
    farmland="#2f3029",
    sand="#38352a",
    plaza="#33363a",
    grass="#2b342c",
    park="#2a382c",
    forest="#25352a",
    scrub="#2b352c",
    orchard="#2d362b",
    cemetery="#2c342f",
    wetland="#273534",
    pitch="#2c3d31",
    pitch_line="#3a4e3f",
    water="#0b2036",
    water_line="#1d3850",
    parking="#313439",
    parking_line="#3d4146",
    building="#383b40",
    building_line="#484c52",
    building_top="#3e4146",
    trunk="#94703f",
    trunk_line="#1f1a13",
    trunk_far="#94703f",
    primary="#776a4a",
    primary_line="#1e1c16",
    primary_far="#776a4a",
    road="#565a60",
    road_line="#1f2124",
    road_far="#54585e",
    service="#4b4f55",
    path="#7f7668",
    cycle="#67788f",
    track="#746a55",
    rail="#6d7075",
    rail_gap="#2c2f33",
    arrow="#a3a7ac",
    border="#9a8fa6",
    border_casing="#9a8fa6",
    text="#d3d5d8",
    text_soft="#aeb2b7",
    text_street="#c6c9cd",
    text_water="#8fbbd9",
    text_number="#abafb4",
    text_park="#9dc29b",
    halo="#24272a",
    halo_road="#2e3135",
    halo_water="#0b2036",
    shield="#3d362c",
    shield_line="#a98352",
    shield_text="#e2cfb2",
    food="#dea36f",
    shop="#c5a1d6",
    transport="#82b3e1",
    civic="#a9b2c0",
    leisure="#83bf92",
    dot="#d3d5d8",
)

PALETTES = (LIGHT, DARK)
