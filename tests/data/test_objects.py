import os
from collections import defaultdict
from copy import deepcopy
from pathlib import Path

import pytest

from astrogan.base import AstroganError
from astrogan.data.config import TilesConfig
from astrogan.data.objects import names_of, objects_in, table
from astrogan.data.sources import list_source
from astrogan.data.split import group

# Written by hand from names of real files and titles.
NAMED = {
    "hubble-2019-01-22-whirlpool-galaxy.jpg": "M 51",
    "NGC 5194 and its companion NGC 5195": "M 51",
    "Arp 85": "M 51",
    "messier51.tif": "M 51",
    "hubble-2019-12-02-whirlpool-galaxy-in-infrared.jpg": "M 51",
    "hubble-2019-03-29-galaxy-m82.jpg": "M 82",
    "nasaesa-cat-s-eyenebula.jpg": "NGC 6543",
    "The Cat\u2019s Eye Nebula": "NGC 6543",
    "hubble-2019-03-11-southern-crab-nebula.png": "Hen 2-104",
    "hubble-2019-08-08-center-of-the-crab-nebula.jpg": "M 1",
    "hubble-2019-12-07-southern-ring-nebula.jpg": "NGC 3132",
    "nasaesa-boomerangnebula.jpg": "Boomerang Nebula",
    "nasaesa-littlesombrero.jpg": "NGC 7814",
    "hubble-2019-06-08-sombrero-galaxy.jpg": "M 104",
    "Caldwell 60": "NGC 4038",
    "Caldwell 61, the southern one of the Antennae Galaxies": "NGC 4038",
    "NGC 4038/4039": "NGC 4038",
    "NGC 4038-39": "NGC 4038",
    "hubble-2019-01-09-galaxy-ngc-1427a.jpg": "NGC 1427A",
    "NGC 1427 a galaxy": "NGC 1427",
    "NGC 5257/8": "NGC 5257, NGC 5258",
    "M81 and 82": "M 81, M 82",
    "hubble-2019-11-11-interacting-galaxies-ngc-2207-and-ic-2163.jpg": "IC 2163, NGC 2207",
    "hubble-2019-07-11-interacting-galaxies-ugc-06471-and-ugc-06472.jpg": "UGC 6471",
    "hubble-2019-04-09-jupiter-and-ganymede.jpg": "Ganymede, Jupiter",
    "hubble-2019-07-08-jupiter-s-spots.jpg": "Jupiter",
    "Ghost of Jupiter": "NGC 3242",
    "The Saturn Nebula": "NGC 7009",
    "hubble-2019-01-17-supernova-1987a.png": "SN 1987A",
    "SN2011fe in the Pinwheel Galaxy": "M 101, SN 2011fe",
    "Kepler's Supernova Remnant": "SN 1604",
    "hubble-2019-08-17-supernova-in-galaxy-ngc-2403.jpg": "NGC 2403",
    "nasaesa-734502-v838.jpg": "V838 Mon",
    "hubble-2019-04-30-star-v838-monocerotis.jpg": "V838 Mon",
    "V1331 Cyg": "V1331 Cyg",
    "hubble-2019-06-13-star-vy-canis-majoris.jpg": "VY CMa",
    "RS Puppis": "RS Pup",
    "hubble-2019-07-15-core-of-star-cluster-omega-centauri.jpg": "NGC 5139",
    "Alpha Centauri": "Alpha Cen",
    "Minkowski 2-9": "M2-9",
    "M2-9, the Twin Jet Nebula": "M2-9",
    "M 29": "M 29",
    "Pillars of Creation in the Eagle Nebula": "M 16",
    "nasa-carina-nebula-medium.jpg": "NGC 3372",
    "hubble-2019-07-29-star-cluster-trumpler-14.jpg": "NGC 3372",
    "hubble-2019-10-17-cartwheel-galaxy.jpg": "ESO 350-40",
    "hubble-2019-09-23-galaxy-eso-243-49.jpg": "ESO 243-49",
    "hubble-2019-04-06-galaxy-eso-510-g13.jpg": "ESO 510-13",
    "hubble-2019-03-25-interstellar-bubble-n44f.jpg": "N 44",
    "hubble-2019-02-13-nebula-sharpless-2-106.jpg": "Sh2 106",
    "Sh2-106": "Sh2 106",
    "hubble-2019-02-18-herbig-haro-24.jpg": "HH 24",
    "hubble-2019-06-17-stephan-s-quintet.jpg": "NGC 7318",
    "HCG 92": "NGC 7318",
    "hubble-2019-04-17-galaxy-cluster-abell-2261.jpg": "Abell 2261",
    "hubble-2019-10-14-galaxy-cluster-0024-1654.jpg": "CL J0024",
    "hubble-2019-11-18-galaxy-cluster-cl-0024-17.jpg": "CL J0024",
    "MACS J1149.6+2223": "MACS J1149",
    "hubble-2019-03-08-einstein-ring-sdss-j120540.jpg": "SDSS J1205",
    "hubble-2019-03-31-interacting-galaxies-am-0500-620.jpg": "AM 0500-620",
    "hubble-2019-07-22-protostar-iras-20324-4057.jpg": "IRAS 20324-4057",
    "hubble-2019-01-26-comet-332p-ikeya-murakami.jpg": "332P",
    "hubble-2019-10-19-comet-siding-spring.jpg": "C/2013 A1",
    "C/2013 A1": "C/2013 A1",
    "hubble-2019-10-29-asteroid-p-2013-r3.jpg": "P/2013 R3",
    "hubble-2019-02-05-asteroid-6478-gault.png": "asteroid 6478",
    "hubble-2019-12-18-hubble-deep-field.jpg": "GOODS North",
    "hubble-2019-08-26-hubble-ultra-deep-field.jpg": "GOODS South",
    "Leo Triplet": "M 65, M 66, NGC 3628",
    "esahubble256-heic0506a.png": "M 51",
}

# Right ascension (J2000) of M 1 to M 110 in hours.
MESSIER_HOURS = [
    5.6, 21.6, 13.7, 16.4, 15.3, 17.7, 17.9, 18.1, 17.3, 17.0, 18.9, 16.8, 16.7, 17.6, 21.5, 18.3, 18.3, 18.3, 17.0, 18.0,
    18.1, 18.6, 18.0, 18.3, 18.5, 18.8, 20.0, 18.4, 20.4, 21.7, 0.7, 0.7, 1.6, 2.7, 6.2, 5.6, 5.9, 5.5, 21.5, 12.4, 6.8,
    5.6, 5.6, 8.7, 3.8, 7.7, 7.6, 8.2, 12.5, 7.0, 13.5, 23.4, 13.2, 18.9, 19.7, 19.3, 18.9, 12.6, 12.7, 12.7, 12.4, 17.0,
    13.3, 12.9, 11.3, 11.3, 8.9, 12.7, 18.5, 18.7, 19.9, 20.9, 21.0, 1.6, 20.1, 1.7, 2.7, 5.8, 5.4, 16.3, 9.9, 9.9, 13.6,
    12.4, 12.4, 12.4, 12.5, 12.5, 12.6, 12.6, 12.6, 17.3, 7.7, 12.8, 10.7, 10.8, 11.2, 12.2, 12.3, 12.4, 14.1, 15.1, 1.6,
    12.7, 10.8, 12.3, 16.5, 11.2, 12.0, 0.7,
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), NAMED.items())
def test_what_a_name_says(text, expected):
    assert ", ".join(objects_in(text)) == expected


@pytest.mark.parametrize(
    "text",
    [
        "esahubble256-heic0814a.png",
        "opo1438b",
        "potw1234",
        "nasa-pia20054-medium.jpg",
        "0203045~medium.jpg",
        "nasaesa-hubble-friday-10302015.jpg",
        "nasa-gsfc-20171208-archive-e000150-medium.jpg",
        "2019-03-01",
        "film16.png",
        "am16",
        "M 111",
        "M 0",
        "NGC 7841",
        "Type IC 9999",
        "Messier",
        "Part XVI of M",
        "supernova 2019",
        "Saturnalia",
        "a moon",
        "galaxy cluster 2019",
        "of Orionis",
        "the 5 m mirror",
        "",
    ],
)
def test_what_is_no_object(text):
    assert objects_in(text) == ()


def test_tables_of_messier_and_caldwell_are_whole_and_disjoint():
    facts = table()
    assert (len(facts["messier"]), len(facts["caldwell"])) == (110, 109)
    listed = [name for name in facts["messier"] + facts["caldwell"] if name != "-"]
    assert len(set(listed)) == len(listed)
    # The NGC is numbered by right ascension, so Messier's objects in its order stand in that of their places in the sky.
    numbered = sorted(
        (int(name.removeprefix("NGC ")), hours)
        for name, hours in zip(facts["messier"], MESSIER_HOURS, strict=True)
        if name.startswith("NGC")
    )
    assert len(numbered) == 106
    for k, (_, hours) in enumerate(numbered):
        assert hours > max((each for _, each in numbered[:k]), default=0) - 0.15


def test_a_name_of_two_objects_is_an_error():
    facts = deepcopy(table())
    facts["same"].append(["M 63", "Whirlpool Galaxy"])
    with pytest.raises(AstroganError, match=r"calls both M 51 and M 63 'Whirlpool Galaxy'.*several"):
        names_of(facts)


def test_images_of_an_object_join_one_group_named_by_it():
    names = ["whirlpool-galaxy.png", "ngc5194.png", "x.png", "m81-m82.png", "m82.png", "m81.png", "m82-b.png", "y.png"]
    objects = [objects_in(name) for name in names]
    found = group(objects, names)
    assert found == ["M 51", "M 51", "x.png", "M 82", "M 82", "M 82", "M 82", "y.png"]
    # near-duplicates and the manifest's observations join too, and names do not depend on the order
    joined = group(objects, ["1", "2", "3", "4", "5", "6", "7", "3"], [(2, 0)])
    assert joined == ["M 51", "M 51", "M 51", "M 82", "M 82", "M 82", "M 82", "M 51"]
    assert group(objects[::-1], names[::-1]) == found[::-1]
    assert group([()] * 5, ["d", "b", "a", "c", "b"], [(0, 1), (3, 0)]) == ["b", "b", "a", "b", "b"]
    assert group([], []) == []


@pytest.mark.skipif("ASTROGAN_DATA" not in os.environ, reason="needs the images that ASTROGAN_DATA names")
def test_hubbles_own_images_have_objects():
    entries = list_source(TilesConfig(source=f"folder:{Path(os.environ['ASTROGAN_DATA']) / 'astro'}")).entries
    known = defaultdict(list)
    for entry in entries:
        known[entry.name.partition("-")[0]].append(bool(entry.objects))
    assert all(known["hubble"])
    assert all(known["esahubble"])
    assert sum(known["nasaesa"]) >= 19
