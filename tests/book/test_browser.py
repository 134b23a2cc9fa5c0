"""The built book in a real browser without a network: no error, no request elsewhere, nothing wider than the screen."""

import json
import re
import shutil

import pytest

from softlabels import claims
from softlabels.book import notebook_pages

from .conftest import ROOT

SCREENS = {"desktop": (1280, 900), "phone": (390, 844)}
LAPTOP = (1440, 900)
FLAGS = [
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage",
    "--host-resolver-rules=MAP * ~NOTFOUND",
]  # fmt: skip


def installed(*names: str) -> str:
    """The path of a program; skips the test where none of `names` is installed."""
    found = next(filter(None, map(shutil.which, names)), None)
    if not found:
        pytest.skip(f"{names[0]} is not installed; on Debian: apt-get install chromium chromium-driver")
    return found


def chromium(screen: str, profile):
    """Chromium without a network at the size of a screen; `profile` is an empty folder."""
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = installed("chromium", "chromium-browser", "google-chrome")
    width, height = SCREENS[screen]
    for flag in [*FLAGS, f"--window-size={width},{height}", f"--user-data-dir={profile}"]:
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(installed("chromedriver")))
    resize(driver, width, height)
    return driver


def resize(driver, width: int, height: int) -> None:
    """Give the page a screen of this size: a window cannot be as narrow as a phone."""
    screen = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)
    driver.width = width


@pytest.fixture(scope="module", params=SCREENS)
def browser(request, tmp_path_factory):
    driver = chromium(request.param, tmp_path_factory.mktemp("profile"))
    yield driver
    driver.quit()


@pytest.fixture(scope="module", params=["light", "dark"])
def theme(request, browser):
    """The site's colours, as a reader has chosen them before a page opens."""
    chosen = "".join(f"localStorage.setItem('{name}', '{request.param}');" for name in ("mode", "theme"))
    script = browser.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": chosen})
    yield request.param
    browser.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", script)


def sources():
    return ["index", *sorted(page.stem for page in (ROOT / "book").glob("*.md") if page.stem != "index"),
            *sorted(f"api/{page.stem}" for page in (ROOT / "book" / "api").glob("*.md")),
            *(f"notebooks/{page}" for page in notebook_pages(ROOT))]  # fmt: skip


def requests_of(browser):
    """Addresses that the page asked for, and those that failed, since the last call."""
    asked, failed = {}, []
    for entry in browser.get_log("performance"):
        message = json.loads(entry["message"])["message"]
        if message["method"] == "Network.requestWillBeSent":
            asked[message["params"]["requestId"]] = message["params"]["request"]["url"]
        elif message["method"] == "Network.loadingFailed" and not message["params"].get("canceled"):
            failed.append(asked.get(message["params"]["requestId"], message["params"].get("errorText")))
    return list(asked.values()), failed


@pytest.mark.parametrize("page", sources())
def test_page(browser, theme, smoke_book, page):
    browser.get_log("browser"), requests_of(browser)  # what came before is another test's
    browser.get((smoke_book / f"{page}.html").as_uri())
    browser.execute_async_script(
        "(window.MathJax && MathJax.startup ? MathJax.startup.promise : Promise.resolve()).then(arguments[0])"
    )
    errors = [entry["message"] for entry in browser.get_log("browser") if entry["level"] in ("SEVERE", "WARNING")]
    assert errors == []
    asked, failed = requests_of(browser)
    assert [url for url in asked if not re.match("file:|data:|blob:", url)] == []
    assert failed == []
    assert browser.execute_script("return document.documentElement.dataset.theme") == theme
    wide = browser.execute_script("return document.documentElement.scrollWidth")
    assert wide <= browser.width, "the page scrolls sideways"  # a phone's innerWidth grows with what is too wide


@pytest.mark.parametrize("page", ["index", *(f"notebooks/{page}" for page in notebook_pages(ROOT))])
def test_figures_say_what_they_show(browser, smoke_book, page):
    browser.get((smoke_book / f"{page}.html").as_uri())
    figures = browser.execute_script(
        "return Array.from(document.querySelectorAll('article figure')).map(f => ({"
        "alts: Array.from(f.querySelectorAll('img')).map(i => i.alt),"
        "widths: Array.from(f.querySelectorAll('img')).map(i => i.naturalWidth),"
        "caption: (f.querySelector('figcaption') || {textContent: ''}).textContent}))"
    )
    outside = browser.execute_script("return document.querySelectorAll('article .cell_output img').length")
    inside = browser.execute_script("return document.querySelectorAll('article .cell_output figure img').length")
    assert outside == inside, "a picture without a caption"
    assert figures or page in ("index", "notebooks/record/cost", "notebooks/record/reference_code")
    for figure in figures:
        assert figure["alts"] and all(re.search(r"\d", alt) for alt in figure["alts"]), figure
        assert all(width > 0 for width in figure["widths"]), f"a picture is missing: {figure}"
        assert re.search(r"\d", figure["caption"]) and len(figure["caption"]) > 40, figure


def test_tables_sort_by_a_click(browser, smoke_book):
    browser.get((smoke_book / "notebooks" / "record" / "cost.html").as_uri())
    column = "return Array.from(document.querySelectorAll('.costs tbody tr')).map(r => r.cells[1].textContent)"
    before = browser.execute_script(column)
    browser.execute_script("document.querySelectorAll('.costs thead th')[1].click()")
    powers = [re.fullmatch(r"([\d.]+) × 10([⁰¹²³⁴⁵⁶⁷⁸⁹]+)", text) for text in browser.execute_script(column)]
    digits = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
    numbers = [float(found[1]) * 10.0 ** int(found[2].translate(digits)) for found in powers if found]
    assert len(numbers) > 5 and numbers == sorted(numbers)
    assert sorted(before) == sorted(browser.execute_script(column))


def test_the_landing_page_is_one_screen_and_a_half_on_a_laptop(browser, smoke_book):
    before = next(screen for screen in SCREENS.values() if screen[0] == browser.width)
    resize(browser, *LAPTOP)
    try:
        browser.get((smoke_book / "index.html").as_uri())
        assert browser.execute_script("return document.body.scrollHeight") <= 1.5 * LAPTOP[1]
        shown = (
            "return Array.from(document.querySelectorAll(arguments[0])).filter(e => e.getClientRects().length).length"
        )
        # the picture, label → student → leak, three ways in, the tally
        for part, count in {"figure.landing img": 1, ".sd-card .sd-stretched-link": 6, ".softlabels-tally": 1}.items():
            assert browser.execute_script(shown, f"article {part}") == count, part
        browser.execute_script("document.querySelectorAll('article details').forEach(d => { d.open = true; })")
        assert browser.execute_script(shown, "article .linear-teacher svg") == 2
    finally:
        resize(browser, *before)


CHAPTERS = [f"notebooks/{page}" for page in notebook_pages(ROOT) if not page.startswith("record/")]


@pytest.mark.parametrize("page", CHAPTERS)
def test_the_first_screen_has_the_answer(browser, smoke_book, page):
    browser.get((smoke_book / f"{page}.html").as_uri())
    heading, ends, height = browser.execute_script(
        "const head = document.querySelector('article h2'), text = head.parentElement.querySelector('p');"
        "return [head.innerText, text.getBoundingClientRect().bottom, window.innerHeight]"
    )
    assert heading.startswith("Answer")
    assert ends <= height, "the answer goes on below the first screen"


@pytest.mark.parametrize("page", CHAPTERS)
def test_captions_are_short(browser, smoke_book, page):
    browser.get((smoke_book / f"{page}.html").as_uri())
    captions = browser.execute_script(
        "return Array.from(document.querySelectorAll('article figcaption .caption-text')).map(caption => {"
        "const copy = caption.cloneNode(true); copy.querySelectorAll('.stamp').forEach(s => s.remove());"
        "return copy.textContent})"
    )
    assert captions
    assert [caption for caption in captions if len(caption.split()) > 60] == []


@pytest.mark.parametrize("page", sources())
def test_what_is_wider_than_its_column_scrolls_by_itself(browser, smoke_book, page):
    browser.get((smoke_book / f"{page}.html").as_uri())
    browser.execute_script("document.querySelectorAll('details').forEach(folded => { folded.open = true; })")
    wide = browser.execute_script(
        "const right = document.querySelector('article').getBoundingClientRect().right + 1;"
        "const scrolls = e => e && e.tagName !== 'ARTICLE' &&"
        "  (/auto|scroll/.test(getComputedStyle(e).overflowX) || scrolls(e.parentElement));"
        "return Array.from(document.querySelectorAll('article :is(table, pre, ul)'))"
        "  .filter(e => e.getBoundingClientRect().right > right && !scrolls(e)).map(e => e.textContent.slice(0, 80))"
    )
    assert wide == []


def test_claims_are_filtered_by_keyboard_and_by_address(browser, smoke_book):
    from selenium.webdriver.common.action_chains import ActionChains
    from selenium.webdriver.common.keys import Keys

    page = (smoke_book / "notebooks" / "record" / "claims.html").as_uri()
    shown = "return Array.from(document.querySelectorAll('li.claim')).filter(c => !c.hidden).map(c => c.id)"
    browser.get(page)
    every = browser.execute_script(shown)
    browser.execute_script("document.querySelector('.claim-filters select').focus()")
    ActionChains(browser).send_keys(Keys.TAB).send_keys("linear").perform()  # from papers to chapters
    some = browser.execute_script(shown)
    assert browser.execute_script("return document.activeElement.value") == "linear recovery"
    assert some == [f"claim-{claim.id}" for claim in claims.of("memorized/linear_recovery")]
    chapters = "return Array.from(document.querySelectorAll('.several h3')).filter(h => h.offsetHeight).length"
    assert browser.execute_script(chapters) == 1
    said = browser.execute_script("return document.querySelector('.claim-filters output').textContent")
    assert said == f"{len(some)} of {len(every)} claims" and len(every) == len(claims.all())
    browser.execute_script("document.querySelector('.claim-filters button').focus()")
    ActionChains(browser).send_keys(Keys.ENTER).perform()
    browser.execute_async_script("setTimeout(arguments[0], 50)")
    assert browser.execute_script(shown) == every
    browser.get(f"{page}?paper=Q&scale=largest&verdict=published%20numbers%20consistent")
    assert browser.execute_script(shown) == [f"claim-{claim.id}" for claim in claims.all() if claim.only_arithmetic]


def test_the_page_of_claims_is_short_and_unfolds_without_scripts(browser, smoke_book):
    page = (smoke_book / "notebooks" / "record" / "claims.html").as_uri()
    unfolded = "return Array.from(document.querySelectorAll('li.claim > details[open]')).map(d => d.parentElement.id)"
    browser.get(page)
    lines = "return Array.from(document.querySelectorAll('li.claim')).map(c => c.offsetHeight)"
    heights = browser.execute_script(lines)
    assert len(heights) == len(claims.all()) and max(heights) < 70  # two lines of a phone
    assert browser.execute_script(unfolded) == []
    browser.execute_script("window.location.hash = 'claim-M17'")
    browser.execute_async_script("setTimeout(arguments[0], 100)")
    assert browser.execute_script(unfolded) == ["claim-M17"]
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        browser.get(f"{page}?without=scripts")
        assert not browser.find_elements("class name", "claim-filters")
        value = browser.find_element("css selector", "#claim-M1 dl")
        assert not value.is_displayed()
        browser.find_element("css selector", "#claim-M1 summary").send_keys("\n")
        assert value.is_displayed()
    finally:
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


@pytest.mark.parametrize("page", ["index", "start", "notebooks/record/claims", *CHAPTERS[:1]])
def test_paper_shows_what_folds(browser, smoke_book, page):
    browser.get((smoke_book / f"{page}.html").as_uri())
    hidden = (
        "return Array.from(document.querySelectorAll('article :is(details, .sd-tab-content) > :not(summary)'))"
        ".filter(e => e.tagName !== 'SCRIPT' && !e.checkVisibility()).map(e => e.textContent.slice(0, 60))"
    )
    assert browser.execute_script(hidden)
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    try:
        assert browser.execute_script(hidden) == []
    finally:
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})


@pytest.mark.parametrize(
    "page",
    [
        "label_worth/structure",
        "label_worth/teacher_and_entropy",
        "memorized/two_dimensions",
        "memorized/linear_recovery",
    ],
)
def test_sliders_have_labels_and_answer_to_the_keyboard(browser, smoke_book, page):
    from selenium.webdriver.common.keys import Keys

    browser.get((smoke_book / "notebooks" / f"{page}.html").as_uri())
    sliders = browser.find_elements("css selector", "article input[type=range]")
    assert sliders
    for slider in sliders:
        assert browser.execute_script("return arguments[0].labels[0].textContent", slider)
        browser.execute_script("arguments[0].focus()", slider)
        slider.send_keys(Keys.END)
        last = slider.get_attribute("aria-valuetext")
        slider.send_keys(Keys.HOME)
        assert last and slider.get_attribute("aria-valuetext") not in ("", last)
