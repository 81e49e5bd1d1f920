"""Listings parsed from answers in the documented forms, written for these tests."""

import importlib
import json

import pytest

from astrogan.archives.sources import SOURCES, query, source
from astrogan.archives.sources.esa_hubble import EsaHubbleQuery
from astrogan.archives.sources.hla import HlaQuery, preview_url, siap_url
from astrogan.archives.sources.mast import MastQuery
from astrogan.archives.sources.nasa_images import NasaQuery
from astrogan.archives.sources.registry import HeritageQuery, HubblesiteQuery, PhotographsQuery
from astrogan.base import AstroganError

CDN = "https://cdn.esahubble.org/archives/images"


def listed(client, name, query):
    return list(SOURCES[name].rows(client, query))


def d2d_entry(name, title="Spiral galaxy", observed=True, **values):
    asset = {
        "MediaType": "Image",
        "Resources": [
            {
                "ResourceType": kind,
                "MediaType": "Image",
                "ProjectionType": "Tan",
                "URL": f"{CDN}/{kind.lower()}/{name}.jpg",
                "Dimensions": [1280, 1000],
                "FileSize": 345_678,
            }
            for kind in ("Thumbnail", "Large")
        ],
    }
    if observed:
        asset["ObservationData"] = {
            "Facility": ["Hubble Space Telescope"] * 2,
            "Instrument": ["ACS", "WFC3", "ACS"],
            "Spatial": {"CoordinateFrame": "ICRS", "ReferenceValue": [210.8, 54.35], "Equinox": "J2000"},
        }
    return {
        "Creator": "ESA/Hubble",
        "ID": name,
        "Title": title,
        "Description": "<p>A picture with a diagram in its text.</p>",
        "Credit": "NASA, ESA, and the Hubble Heritage Team (STScI/AURA)",
        "PublicationDate": "2006-02-28T15:00:00Z",
        "Subject": {"Category": ["C.5.1.1"], "Name": ["Messier 101", "M 101"]},
        "ReferenceURL": f"https://esahubble.org/images/{name}/",
        "Rights": "Creative Commons Attribution 4.0 International License",
        "Priority": 80,
        "Assets": [asset],
    } | values


@pytest.fixture
def d2d(archive):
    def serve(*pages):
        for number, entries in enumerate(pages, 1):
            following = f"{archive.url}/images/d2d/?count=100&page={number + 1}" if number < len(pages) else None
            path = "/images/d2d/?count=100" + (f"&page={number}" if number > 1 else "")
            archive.json(path, {"Count": 3, "Next": following, "Previous": None, "Collections": list(entries)})
        return EsaHubbleQuery(url=f"{archive.url}/images/d2d/")

    return serve


def test_the_data2dome_feed(d2d, client):
    rows = listed(client, "esahubble", d2d([d2d_entry("heic0602a")], [d2d_entry("heic0603a")]))
    assert [row.id for row in rows] == ["heic0602a", "heic0603a"]
    row = rows[0]
    assert row.url == f"{CDN}/large/heic0602a.jpg"
    assert (row.width, row.height, row.bytes) == (1280, 1000, 345_678)
    assert (row.date, row.ra, row.dec) == ("2006-02-28", 210.8, 54.35)
    assert (row.target, row.instruments) == ("Messier 101; M 101", "ACS; WFC3")
    assert row.credit.startswith("NASA, ESA, and the Hubble Heritage")
    assert "Attribution 4.0" in row.licence
    assert row.used


@pytest.mark.parametrize(
    ("title", "observed", "decision"),
    [
        ("Artist’s impression of an exoplanet", False, "illustration"),
        ("The telescope", False, "illustration"),
        ("Light curve of a supernova", True, "chart"),
        ("Pillars of Creation (annotated)", True, "annotated"),
        ("Launch of STS-31", False, "terrestrial"),
        ("A spectrum of NGC 1", True, "chart"),
        ("A graphite-coloured galaxy", True, "use"),
        ("Evangeline's nebula", True, "use"),
    ],
)
def test_the_archives_words_exclude(d2d, client, title, observed, decision):
    (row,) = listed(client, "esahubble", d2d([d2d_entry("a", title, observed)]))
    assert row.decision == decision
    assert bool(row.detail) == (decision != "use")


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"Assets": None}, "entry a: field 'Assets' is missing; expected list"),
        ({"Assets": [{"MediaType": "Video", "Resources": []}]}, "no asset of MediaType Image"),
        ({"Assets": [{"MediaType": "Image", "Resources": []}]}, "no resource 'Large'; it has none"),
        ({"ID": 7}, "field 'ID' is int '7'; expected str"),
    ],
)
def test_a_feed_of_another_form_is_named(d2d, client, change, expected):
    with pytest.raises(AstroganError, match=expected):
        listed(client, "esahubble", d2d([d2d_entry("a") | change]))


def test_a_page_on_another_host_a_circle_and_no_json(archive, client):
    path = "/images/d2d/?count=100"
    sought = EsaHubbleQuery(url=f"{archive.url}/images/d2d/")
    pages = [json.dumps({"Collections": [], "Next": url}) for url in ("https://elsewhere.invalid/", archive.url + path)]
    expected = ("on another host", "in a circle", "no JSON, but with '<html>gone")
    for body, message in zip([*pages, "<html>gone</html>"], expected, strict=True):
        archive.file(path, body.encode())
        with pytest.raises(AstroganError, match=message):
            listed(client, "esahubble", sought)


def nasa_item(url, name, title="Hubble sees a galaxy", keywords=("Hubble", "galaxy"), **values):
    data = {
        "center": "GSFC",
        "title": title,
        "keywords": list(keywords),
        "nasa_id": name,
        "date_created": "2015-03-21T00:00:00Z",
        "media_type": "image",
        "secondary_creator": "NASA, ESA, STScI",
        "description": "What launched the astronauts' chart.",
    }
    preview = {"href": f"{url}/image/{name}/{name}~thumb.jpg", "rel": "preview", "render": "image"}
    return {"href": f"{url}/image/{name}/collection.json", "data": [data | values], "links": [preview]}


@pytest.fixture
def nasa(archive):
    def serve(*pages, hits=3):
        for number, items in enumerate(pages, 1):
            links = [{"rel": "next", "prompt": "Next", "href": f"{archive.url}/search?page={number + 1}"}]
            body = {"version": "1.0", "items": list(items), "metadata": {"total_hits": hits}}
            body |= {"links": links} if number < len(pages) else {}
            path = "/search" if number == 1 else f"/search?page={number}"
            archive.json(path, {"collection": body})
            for item in items:
                name = item["data"][0]["nasa_id"]
                sizes = [f"{archive.url}/image/{name}/{name}~{size}.jpg" for size in ("thumb", "medium", "large")]
                path = f"/image/{name}/collection.json".replace(" ", "%20")
                archive.json(path, [*sizes, f"{archive.url}/metadata.json"])
        return NasaQuery(url=archive.url)

    return serve


def test_the_nasa_images_api(archive, nasa, client):
    items = [nasa_item(archive.url, "a b"), nasa_item(archive.url, "c", "Astronaut at work")]
    rows = listed(client, "nasa-images", nasa(items, [nasa_item(archive.url, "d", keywords=["artwork"])]))
    assert [(row.id, row.decision) for row in rows] == [("a b", "use"), ("c", "terrestrial"), ("d", "illustration")]
    assert rows[0].url == f"{archive.url}/image/a%20b/a%20b~large.jpg"
    assert (rows[0].date, rows[0].credit) == ("2015-03-21", "NASA, ESA, STScI")
    assert "media_type=image" in archive.asked[1][0]
    assert archive.count("/image/c/collection.json") == 0  # excluded already


def test_more_results_than_the_service_gives(nasa, client):
    with pytest.raises(AstroganError, match=r"12,000 results.*year_start"):
        listed(client, "nasa-images", nasa([], hits=12_000))


def test_sizes_that_are_not_there(archive, nasa, client):
    sought = nasa([nasa_item(archive.url, "a")]).model_copy(update={"sizes": "orig"})
    with pytest.raises(AstroganError, match="none of the sizes orig"):
        listed(client, "nasa-images", sought)


FIELDS = """
<FIELD name="Title" ucd="VOX:Image_Title" datatype="char" arraysize="*"/>
<FIELD name="RA" ucd="POS_EQ_RA_MAIN" datatype="double" unit="deg"/>
<FIELD name="DEC" ucd="POS_EQ_DEC_MAIN" datatype="double" unit="deg"/>
<FIELD name="Detector" ucd="INST_ID" datatype="char" arraysize="*"/>
<FIELD name="Format" ucd="VOX:Image_Format" datatype="char" arraysize="*"/>
<FIELD name="URL" ucd="VOX:Image_AccessReference" datatype="char" arraysize="*"/>
<FIELD name="Target" datatype="char" arraysize="*"/>
<FIELD name="StartTime" datatype="char" arraysize="*"/>"""


def votable(*rows, fields=FIELDS, status="OK", text=""):
    cells = "".join("<TR>" + "".join(f"<TD>{cell}</TD>" for cell in row) + "</TR>" for row in rows)
    return (
        '<?xml version="1.0"?><VOTABLE version="1.1" xmlns="http://www.ivoa.net/xml/VOTable/v1.1">'
        f'<RESOURCE type="results"><INFO name="QUERY_STATUS" value="{status}">{text}</INFO>'
        f"<TABLE>{fields}<DATA><TABLEDATA>{cells}</TABLEDATA></DATA></TABLE></RESOURCE></VOTABLE>"
    ).encode()


def preview(visit, bands=("f814w", "f550m", "f435w")):
    names = zip(("red", "green", "blue"), bands, strict=False)
    query = "&amp;".join(f"{band}=hst_10188_{visit}_acs_wfc_{name}" for band, name in names)
    url = f"https://hla.stsci.edu/cgi-bin/fitscut.cgi?{query}&amp;size=ALL&amp;format=jpeg&amp;zoom=0.1"
    return (f"M101 {visit}", 210.8, 54.35, "ACS/WFC", "image/jpeg", url, "M101", "2002-11-15 03:00:00")


def test_previews_of_the_hubble_legacy_archive(archive, client):
    archive.file("/siap", votable(preview("10"), preview("11"), preview("12", ["f814w"])))
    rows = listed(client, "hla", HlaQuery(url=f"{archive.url}/siap", ra_first=210.0, ra_last=212.0))
    # three positions of the grid return the same previews, each of which is listed once; one band is no colour
    assert archive.count(archive.asked[-1][0]) == 1
    assert sum(path.startswith("/siap") for path, _ in archive.asked) == 3
    assert [row.observation for row in rows] == ["hst_10188_10", "hst_10188_11"]
    row = rows[0]
    assert row.id == "hst_10188_10_acs_wfc_f814w hst_10188_10_acs_wfc_f550m hst_10188_10_acs_wfc_f435w"
    assert row.url.startswith("https://hla.stsci.edu/cgi-bin/fitscut.cgi?red=hst_10188_10_acs_wfc_f814w&green=")
    assert row.url.endswith("&size=ALL&output_size=256&format=jpg")
    assert (row.target, row.instruments, row.date, row.ra) == ("M101", "ACS/WFC", "2002-11-15", 210.8)


def test_the_request_is_of_simple_image_access():
    url = siap_url(HlaQuery(), 210.8023, 54.3489)
    for part in ("POS=210.8023,54.3489", "SIZE=2.0", "FORMAT=image/jpeg", "imagetype=color", "inst=ACS,WFC3"):
        assert part.lower() in url.lower()


def test_the_papers_grid_has_the_scrapers_59400_positions():
    grid = HlaQuery(ra_first=30, ra_last=359, dec_first=-90, dec_last=89).positions()
    assert (len(grid), grid[0], grid[1], grid[-1]) == (59_400, (30, -90), (31, -90), (359, 89))
    assert HlaQuery().positions() == [(210.8023, 54.3489)]
    with pytest.raises(AstroganError, match="dec_last = -1"):
        HlaQuery(dec_last=-1.0).positions()


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"<html><body>Service moved</body></html>", "answered with no VOTable"),
        (b"", "answered with no VOTable"),
        (votable(status="ERROR", text="SIZE is too large"), "refused the query.*SIZE is too large"),
        (votable(fields=FIELDS.replace("POS_EQ_RA_MAIN", "pos")), "no column of UCD POS_EQ_RA_MAIN"),
        (votable(("t", 1, 2, "i", "f", "https://x.org/a.jpg", "t", "s")), "no preview by fitscut"),
    ],
)
def test_an_answer_of_another_form_is_named(archive, client, body, expected):
    archive.file("/siap", body)
    with pytest.raises(AstroganError, match=expected):
        listed(client, "hla", HlaQuery(url=f"{archive.url}/siap"))


def test_a_preview_of_a_cutout_becomes_one_of_the_field():
    url = "https://hla.stsci.edu/cgi-bin/fitscut.cgi?Red=a&Green=b&Blue=c&RA=1&Dec=2&size=64,64&autoscale=99.5"
    assert preview_url(url, 256, "") == (
        "https://hla.stsci.edu/cgi-bin/fitscut.cgi?red=a&green=b&blue=c&autoscale=99.5&size=ALL&output_size=256&format=jpg"
    )


_TEXTS = "obs_id target_name filters instrument_name dataURL proposal_id obs_collection dataproduct_type dataRights"
MAST_COLUMNS = dict.fromkeys([*_TEXTS.split(), "provenance_name"], "string") | {"s_ra": "float", "s_dec": "float"}


def serve_mast(archive, records, columns=MAST_COLUMNS):
    config = {name: {"text": name, "type": kind, "vot.datatype": kind} for name, kind in MAST_COLUMNS.items()}
    archive.json("/portal/Mashup/Mashup.asmx/columnsconfig", config)
    paging = {"page": 1, "pageSize": 50_000, "pagesFiltered": 1, "rows": len(records), "rowsFiltered": len(records)}
    fields = [{"name": name, "type": kind} for name, kind in columns.items()]
    archive.json("/api/v0/invoke", {"status": "COMPLETE", "data": records, "fields": fields, "paging": paging})
    return MastQuery(url=archive.url)


def mast_record(band, visit="01"):
    name = f"hst_9490_{visit}_acs_wfc_{band}_j8d6{visit}"
    return {
        "obs_id": name,
        "target_name": "M101-F1",
        "s_ra": 210.8,
        "s_dec": 54.35,
        "filters": band.upper(),
        "instrument_name": "ACS/WFC",
        "dataURL": f"mast:HST/product/{name}_drc.fits",
        "proposal_id": "9490",
    }


def test_three_bands_at_mast(archive, client):
    bands = ["f814w", "f435w", "total", "f555w", "f606w"]
    records = [mast_record(band) for band in bands] + [mast_record("f814w", "02"), mast_record("f435w", "02")]
    rows = listed(client, "mast", serve_mast(archive, records))
    bands = {"blue": "ACS/WFC F435W", "green": "ACS/WFC F606W", "red": "ACS/WFC F814W"}
    assert [(row.part, row.instruments) for row in rows] == list(bands.items())
    assert {row.observation for row in rows} == {"hst_9490_01_acs_wfc"}
    uri = "mast:HST/product/hst_9490_01_acs_wfc_f435w_j8d601_drc.fits"
    assert rows[0].url == f"{archive.url}/api/v0.1/Download/file?uri={uri}"
    asked = json.dumps(archive.bodies)
    assert "HAP-SVM" in asked
    assert "210.8023" in asked


def test_mast_fails_or_answers_otherwise(archive, client):
    sought = serve_mast(archive, [mast_record("f814w")], {k: v for k, v in MAST_COLUMNS.items() if k != "dataURL"})
    with pytest.raises(AstroganError, match="no column dataURL"):
        listed(client, "mast", sought)
    archive.routes["/api/v0/invoke"] = (500, {}, b"")
    with pytest.raises(AstroganError, match="the query failed"):
        listed(client, "mast", sought)


def test_heritage_and_what_stands_in_for_hubblesite(archive, d2d, nasa, client):
    credits = {"heic1": "NASA, ESA, and the Hubble Heritage Team", "heic2": "NASA, ESA, J. Doe (STScI)", "heic3": "ESA"}
    feed = d2d([d2d_entry(name, Credit=credit) for name, credit in credits.items()])
    creators = {"n1": "NASA and The Hubble Heritage Team (STScI/AURA)", "n2": "NASA, ESA, STScI", "n3": "NASA/JPL"}
    items = [nasa_item(archive.url, name, secondary_creator=creator) for name, creator in creators.items()]
    urls = {"esahubble": feed.url, "nasa": nasa(items).url}
    heritage = listed(client, "heritage", HeritageQuery(**urls))
    hubblesite = listed(client, "hubblesite", HubblesiteQuery(**urls))
    assert [row.id for row in heritage] == ["heic1", "n1"]
    assert [row.id for row in hubblesite] == ["heic2", "n2"]
    assert {row.source for row in heritage + hubblesite} == {"heritage", "hubblesite"}


def test_published_archives_are_a_fixed_list_with_checksums(archive, client):
    mirrored = PhotographsQuery(mirror=archive.url + "/m/")
    rows = listed(client, "coco", PhotographsQuery()) + listed(client, "div2k", mirrored)
    assert [row.id for row in rows] == ["coco_sample.tgz", "DIV2K_train_HR.zip", "DIV2K_valid_HR.zip"]
    assert all(row.checksum for row in rows)
    assert rows[1].url == f"{archive.url}/m/DIV2K_train_HR.zip"
    assert archive.asked == []


def test_cocos_check_is_fastais():
    from fastai.data.external import URLs
    from fastdownload.core import checks_module, read_checks

    size, digest = read_checks(checks_module(importlib.import_module("fastai.data")))[URLs.COCO_SAMPLE]
    found = tuple(SOURCES["coco"].files[0][name] for name in ("url", "bytes", "checksum"))
    assert found == (URLs.COCO_SAMPLE, size, f"md5-first-mib:{digest}")


def test_sources_by_name_and_their_settings():
    sought = HlaQuery(ra_first=30, size=128, instruments="ACS")
    assert query("hla", ["ra_first=30", "size=128", "instruments=ACS"]) == sought
    assert query("esahubble", ["after=20200101"]).after == "20200101"
    for settings, expected in {("sizes=1",): "'sizes' is not a parameter", ("size",): "expected NAME=VALUE"}.items():
        with pytest.raises(AstroganError, match=expected):
            query("hla", list(settings))
    with pytest.raises(AstroganError, match="Known are esahubble, nasa-images, hla"):
        source("spacetelescope")


@pytest.mark.parametrize("name", SOURCES)
def test_every_source_says_what_it_is_and_its_defaults_are_valid(name):
    it = SOURCES[name]
    assert it.name == name
    assert len(it.about) > 30
    assert it.acknowledgement.endswith(".")
    assert it.query.checked(**it.query().model_dump()) == it.query()
    assert all(field.description for field in it.query.model_fields.values())
