"""What a point of interest is: the table from OSM tags to group, icon and zoom."""

from dataclasses import dataclass

GROUPS = ("food", "shop", "transport", "civic", "leisure")


@dataclass(frozen=True)
class Kind:
    """A class of POI: its group (five colours), Maki icon, and the zoom it may appear from.

    `named` ones are left out where nobody noted a name: one pin more says nothing.
    """

    kind: str
    group: str
    icon: str
    zoom: int
    named: bool = False


def _kinds(group: str, text: str) -> dict[str, Kind]:
    """Lines `tag=value icon zoom [named]`; the class is the tag's value."""
    found = {}
    for line in text.split("\n"):
        tag, icon, zoom, *named = line.split()
        kind = tag.partition("=")[2].replace("*", tag.partition("=")[0])
        found[tag] = Kind(kind, group, icon, int(zoom), bool(named))
    return found


# In the order of precedence: a thing with two tags is what comes first here.
KINDS: dict[str, Kind] = {
    **_kinds(
        "transport",
        """railway=station rail 13
aeroway=aerodrome airport 13
amenity=bus_station bus 14
amenity=fuel fuel 16
amenity=bicycle_rental bicycle-share 17
amenity=car_rental car-rental 17 named
amenity=taxi taxi 17
highway=bus_stop bus 17 named""",
    ),
    **_kinds(
        "leisure",
        """leisure=stadium stadium 14
tourism=museum museum 14
amenity=theatre theatre 14
historic=monument monument 15
tourism=attraction attraction 14 named
leisure=park park 14 named
amenity=place_of_worship place-of-worship 15
tourism=gallery art-gallery 15
amenity=arts_centre art-gallery 15 named
amenity=cinema cinema 15
tourism=hotel lodging 15 named
tourism=hostel lodging 16 named
tourism=guest_house lodging 16 named
tourism=motel lodging 16 named
leisure=sports_centre fitness-centre 15 named
leisure=swimming_pool swimming 16
leisure=fitness_centre fitness-centre 16 named
leisure=garden garden 15 named
leisure=sauna hot-spring 17 named
historic=memorial monument 16 named
tourism=artwork monument 17 named
amenity=fountain waterfall 17 named
amenity=community_centre town-hall 16 named
leisure=playground playground 17
leisure=pitch soccer 17 named""",
    ),
    **_kinds(
        "civic",
        """amenity=university college 14
amenity=hospital hospital 14
amenity=townhall town-hall 15 named
amenity=embassy embassy 15
amenity=police police 15
amenity=fire_station fire-station 15
amenity=courthouse town-hall 15 named
amenity=college college 15 named
amenity=school school 15 named
amenity=library library 15
amenity=clinic doctor 16
amenity=post_office post 16
amenity=pharmacy pharmacy 16
amenity=kindergarten school 16 named
amenity=doctors doctor 16
amenity=dentist dentist 16
amenity=veterinary veterinary 16
amenity=prison prison 16
amenity=bank bank 16 named
amenity=atm bank 17
amenity=toilets toilet 17
office=government town-hall 16 named""",
    ),
    **_kinds(
        "shop",
        """shop=mall shop 15
shop=department_store shop 15 named
amenity=marketplace shop 15 named
shop=supermarket grocery 16
shop=convenience convenience 17 named
shop=electronics mobile-phone 17 named
shop=computer gaming 17 named
shop=mobile_phone mobile-phone 17 named
shop=clothes clothing-store 17 named
shop=boutique clothing-store 17 named
shop=shoes shoe 17 named
shop=bakery bakery 17
shop=confectionery confectionery 17
shop=books library 17 named
shop=florist florist 17
shop=furniture furniture 17 named
shop=hardware hardware 17 named
shop=doityourself hardware 17 named
shop=alcohol alcohol-shop 17 named
shop=optician optician 17
shop=hairdresser hairdresser 17 named
shop=beauty hairdresser 17 named
shop=jewelry jewelry-store 17 named
shop=car car 17 named
shop=car_repair car-repair 17 named
amenity=car_wash car 17 named
shop=laundry laundry 17
shop=dry_cleaning laundry 17
shop=* shop 17 named""",
    ),
    **_kinds(
        "food",
        """amenity=restaurant restaurant 16
amenity=cafe cafe 16
amenity=fast_food fast-food 16
amenity=food_court restaurant 16 named
amenity=pub beer 16
amenity=bar bar 16
amenity=nightclub nightclub 16 named""",
    ),
}
RELIGIONS = {
    "muslim": "religious-muslim",
    "christian": "religious-christian",
    "jewish": "religious-jewish",
}
SPORTS = {"soccer": "soccer", "tennis": "tennis", "basketball": "basketball"}
ORDER = {tag: place for place, tag in enumerate(KINDS)}


def kind_of(tags: dict[str, str]) -> Kind | None:
    """What a thing with these tags is, or None where it is no POI, or has no name and needs one."""
    candidates = (f"{key}={value}" for key, value in tags.items())
    known = [tag for tag in candidates if tag in KINDS]
    if not known and "shop" in tags:
        known = ["shop=*"]
    if not known:
        return None
    kind = KINDS[min(known, key=ORDER.__getitem__)]
    return None if kind.named and not tags.get("name") else kind


def icon_of(kind: Kind, tags: dict[str, str]) -> str:
    """The icon: of the religion or the sport where there is one of its own."""
    if kind.kind == "place_of_worship":
        return RELIGIONS.get(tags.get("religion", ""), kind.icon)
    if kind.kind == "pitch":
        return SPORTS.get(tags.get("sport", ""), "pitch")
    return kind.icon
