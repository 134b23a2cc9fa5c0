"""The linear teacher to play with: its arithmetic is the Python code's, and it answers to mouse, touch and keyboard."""

import functools
import re
import time

import matplotlib.pyplot as plt
import pytest
import torch

from softlabels import plots
from softlabels.data.synthetic import balanced_classes, gaussian
from softlabels.labels import soften
from softlabels.training.newton import train_newton
from softlabels.training.reference import train_reference_logistic

from .conftest import ROOT
from .test_browser import browser, chromium, requests_of  # noqa: F401 (a fixture)

STATIC = ROOT / "book" / "_static"
SCRIPT = STATIC / "linear_teacher.js"
PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>A linear teacher</title>
<link rel="icon" href="data:,"><link rel="stylesheet" href="{css}"><script src="{script}"></script>
<div class="linear-teacher" data-size="large"><p>What stands here without scripts.</p></div>
<div class="linear-teacher" data-size="small"></div></html>"""


def write_page(folder):
    file = folder / "page.html"
    file.write_text(PAGE.format(css=(STATIC / "book.css").as_uri(), script=SCRIPT.as_uri()), encoding="utf-8")
    return file.as_uri()


# ---- the arithmetic


@pytest.fixture(scope="module")
def compute(tmp_path_factory):
    """A function that evaluates an expression of the script's functions and of the arguments `a`, `b`, …"""
    driver = chromium("desktop", tmp_path_factory.mktemp("profile"))
    driver.get(write_page(tmp_path_factory.mktemp("page")))
    setting = """
        const run = (job) => { for (;;) { const { value, done } = job.next(); if (done) return Array.from(value); } };
        const { soften, accuracy, adam, newton, taught, distilled } = window.linearTeacher, [a, b, c, d, e] = arguments;
    """
    yield lambda expression, *values: driver.execute_script(f"{setting} return {expression}", *values)
    driver.quit()


@functools.cache
def memorised(n, d):
    """Inputs (n, d), classes (n,) and the teacher's weights (d,) in float64, and the data as the script has them."""
    x, y = gaussian(n, d, "linear teacher", n, dtype=torch.float64), balanced_classes(n, 2)
    teacher = train_reference_logistic(x, y.double(), torch.zeros(d, dtype=torch.float64), lr=1e-2, steps=2000)
    return x, y, teacher, {"x": x.tolist(), "y": y.tolist()}


def assert_equal(found, wanted):
    torch.testing.assert_close(torch.tensor(found, dtype=torch.float64), wanted, atol=1e-6, rtol=0)


@pytest.mark.parametrize("tau", [0.1, 1, 20])
def test_soft_labels(compute, tau):
    z = torch.linspace(-30, 30, 41, dtype=torch.float64)
    wanted = soften(torch.stack([torch.zeros_like(z), z], 1), tau)[:, 1]  # two classes, of which one has logit 0
    assert_equal(compute("soften(a, b)", z.tolist(), tau), wanted)


@pytest.mark.parametrize(("n", "d", "m"), [(4, 2, 3), (30, 20, 24), (60, 20, 24), (75, 50, 20)])
def test_teacher_and_student_by_adam(compute, n, d, m):
    x, y, teacher, data = memorised(n, d)
    assert_equal(compute("run(taught(a))", data), teacher)
    labels = soften(torch.stack([torch.zeros(n), x @ teacher], 1), 5)[:m, 1]
    student = train_reference_logistic(x[:m], labels, torch.zeros_like(teacher), lr=1e-3, steps=1000)
    assert_equal(compute("run(distilled(a, b, c, d, e))", data, teacher.tolist(), m, 5, 1000), student)
    held_out = ((x[m:] @ student > 0) == (y[m:] == 1)).double().mean()
    assert_equal(compute("accuracy(a, b, c)", data, student.tolist(), m), held_out)


@pytest.mark.parametrize(("n", "d", "m"), [(4, 2, 3), (30, 20, 24), (60, 20, 48), (75, 50, 60)])
def test_student_by_newton(compute, n, d, m):
    x, y, teacher, data = memorised(n, d)
    student = train_newton(x[:m], torch.sigmoid(x[:m] @ teacher / 5))
    assert_equal(compute("run(distilled(a, b, c, 5, 0))", data, teacher.tolist(), m), student)
    held_out = ((x[m:] @ student > 0) == (y[m:] == 1)).double().mean()
    assert_equal(compute("accuracy(a, b, c)", data, student.tolist(), m), held_out)
    of_nobody = torch.rand(m, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    assert_equal(compute("run(newton(a, b))", x[:m].tolist(), of_nobody.tolist()), train_newton(x[:m], of_nobody))


@pytest.mark.parametrize(("n", "d", "m"), [(3, 2, 1), (30, 20, 12), (75, 50, 45)])
def test_a_student_of_fewer_labels_than_weights_is_the_teachers_projection(compute, n, d, m):
    x, _, teacher, data = memorised(n, d)
    projection = torch.linalg.pinv(x[:m]) @ x[:m] @ teacher
    assert_equal(compute("run(distilled(a, b, c, 5, 0))", data, teacher.tolist(), m), projection / 5)


# ---- the page


@pytest.fixture
def page(browser, tmp_path):  # noqa: F811
    """A page with a large and a small box. Nothing may be fetched, fail, or be wider than the screen."""
    browser.get_log("browser"), requests_of(browser)  # what came before is another test's
    browser.get(write_page(tmp_path))
    yield browser
    assert browser.get_log("browser") == []
    asked, failed = requests_of(browser)
    assert [url for url in asked if not re.match("file:|data:", url)] == failed == []
    assert browser.execute_script("return document.documentElement.scrollWidth") <= browser.width


def part(page, selector, box="large"):
    return page.find_element("css selector", f".linear-teacher[data-size={box}] {selector}")


def said(page, box="large"):
    """What a box says of its student in words, once it has come to rest."""
    page.execute_script("arguments[0].scrollIntoView({block: 'center'})", part(page, ".pictures", box))
    deadline = time.monotonic() + 30
    while part(page, ".said", box).get_attribute("data-state") != "ready":
        assert time.monotonic() < deadline, f"the {box} box does not come to rest"
        time.sleep(0.1)
    return part(page, ".said", box).text


def drawn(page, box="large"):
    return part(page, "svg", box).get_attribute("innerHTML")


def press(page, selector, *keys, box="large"):
    """Type keys on a control that has the focus; returns what the box says then."""
    page.execute_script("arguments[0].focus()", part(page, selector, box))
    page.switch_to.active_element.send_keys(*keys)
    return said(page, box)


def test_held_out_accuracy_reaches_the_teachers_with_as_many_labels_as_weights(page):
    assert re.search(r"saw 12 of 30 soft labels, 0.60 for each weight: it is right on \d+ of the other 18", said(page))
    deadline = time.monotonic() + 60
    while "mean of 20 draws" not in (about := part(page, "svg[role=img]").get_attribute("aria-label")):
        assert time.monotonic() < deadline, about
        time.sleep(0.2)
    means = {float(x): int(y) for y, x in re.findall(r"(\d+)\s% at ([\d.]+)", about.split("draws:")[1])}
    assert 0.95 in means and 1.0 in means and len(means) > 10
    assert all(share >= 97 for x, share in means.items() if x >= 1)
    assert all(45 <= share <= 90 for x, share in means.items() if x < 1)


def test_every_control_has_a_label_and_answers_to_the_keyboard(page):
    from selenium.webdriver.common.keys import Keys

    now = said(page)
    for box, names in {"large": ["rho", "alpha", "d", "tau", "steps"], "small": ["rho"]}.items():
        controls = page.find_elements("css selector", f".linear-teacher[data-size={box}] :is(input, select)")
        assert [control.get_attribute("name") for control in controls] == names
        for control in controls:
            assert page.execute_script("return arguments[0].labels[0].textContent", control)
            assert control.get_attribute("aria-valuetext") or control.get_attribute("name") == "steps"
    for name in ("d", "alpha", "rho"):
        before = part(page, f"[name={name}]").get_attribute("aria-valuetext")
        then = press(page, f"[name={name}]", Keys.ARROW_RIGHT, Keys.ARROW_RIGHT)
        assert then != now and part(page, f"[name={name}]").get_attribute("aria-valuetext") != before
        now = then
    picture = drawn(page)
    press(page, "[name=tau]", Keys.HOME)
    assert part(page, "[name=tau]").get_attribute("aria-valuetext") == "0.1" and drawn(page) != picture
    picture = drawn(page)
    press(page, "[name=steps]", Keys.ARROW_DOWN)
    assert part(page, "[name=steps]").get_attribute("value") == "100" and drawn(page) != picture
    assert press(page, "button:nth-of-type(2)", Keys.ENTER) != now


def test_points_move_by_arrow_keys_mouse_and_touch(page):
    from selenium.webdriver.common.actions.action_builder import ActionBuilder
    from selenium.webdriver.common.actions.pointer_input import PointerInput
    from selenium.webdriver.common.keys import Keys

    press(page, "[name=d]", Keys.HOME)
    assert len(page.find_elements("css selector", "circle[tabindex]")) == 3  # α = 1.5

    def place():
        return [float(part(page, "circle[tabindex]").get_attribute(name)) for name in ("cx", "cy")]

    (x, y), about, picture = place(), part(page, "circle[tabindex]").get_attribute("aria-label"), drawn(page)
    press(page, "circle[tabindex]", Keys.ARROW_RIGHT, Keys.ARROW_RIGHT, Keys.ARROW_UP)
    assert place()[0] > x and place()[1] < y and drawn(page) != picture
    assert part(page, "circle[tabindex]").get_attribute("aria-label") != about
    assert part(page, "circle[tabindex]").value_of_css_property("touch-action") == "none"  # or the page would scroll
    for kind, sign in (("mouse", 1), ("touch", -1)):  # there and back
        (x, y), picture = place(), drawn(page)
        pointer = ActionBuilder(page, mouse=PointerInput(kind, kind))
        action = pointer.pointer_action
        action.move_to(part(page, "circle[tabindex]")).pointer_down()
        action.move_by(-25 * sign, 40 * sign).move_by(-25 * sign, 40 * sign).pointer_up()
        pointer.perform()
        moved = [sign * (x - place()[0]), sign * (place()[1] - y)]
        assert min(moved) > 10 and drawn(page) != picture, (kind, moved)


def test_the_same_settings_show_the_same_thing_and_a_new_draw_another(page):
    said(page)
    first = drawn(page)
    page.refresh()
    said(page)
    assert drawn(page) == first
    part(page, ".controls button").click()
    said(page)
    assert drawn(page) != first and part(page, "[name=rho]").get_attribute("aria-valuetext") == "0.40, 12 of 30"


def test_a_small_box_does_the_same_with_one_slider(page):
    from selenium.webdriver.common.keys import Keys

    assert "saw 12 of 30" in said(page, "small")
    assert "saw 13 of 30" in press(page, "[name=rho]", Keys.ARROW_RIGHT, box="small")
    assert "saw 12 of 30" in said(page)  # the boxes do not know of each other


@pytest.mark.parametrize(("theme", "ground"), [("light", (255, 255, 255)), ("dark", (18, 18, 18))])  # the site's own
def test_what_is_drawn_stands_out_from_the_ground(page, theme, ground):
    page.execute_script("document.documentElement.dataset.theme = arguments[0]", theme)
    said(page)
    style = "return getComputedStyle(document.querySelector(arguments[0]))[arguments[1]]"
    strokes = ["line.teacher", "line.guess", ".mean", "path.unseen"]
    for selector, name in [("path.seen", "fill"), *((selector, "stroke") for selector in strokes)]:
        colour = [int(v) for v in re.findall(r"\d+", page.execute_script(style, selector, name))]
        assert contrast(colour, ground) >= 3, (selector, colour)


def contrast(*colours):
    """The ratio of two colours' luminance, as WCAG 2 defines it."""
    linear = [[v / 3294.6 if v <= 10 else ((v / 255 + 0.055) / 1.055) ** 2.4 for v in colour] for colour in colours]
    dark, light = sorted(0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05 for r, g, b in linear)
    return light / dark


def test_without_scripts_the_box_keeps_what_it_holds(browser, tmp_path):  # noqa: F811
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        browser.get(write_page(tmp_path))
        assert browser.find_element("class name", "linear-teacher").text == "What stands here without scripts."
    finally:
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


def test_the_script_is_short_and_needs_nobody():
    script = SCRIPT.read_text(encoding="utf-8")
    assert len(script.splitlines()) < 300 and max(map(len, script.splitlines())) <= 120
    assert not re.search(r"https?:|//[a-z]|\bimport\b|fetch\(|XMLHttp", script)


# ---- the book's other sliders


@pytest.fixture
def frames(browser, tmp_path, monkeypatch):  # noqa: F811
    """A page with a slider over pre-rendered frames."""
    shown = []
    monkeypatch.setattr(plots, "display", lambda data, **how: shown.append(data))
    figures = [plt.figure(figsize=(width, 1)) for width in (1, 2, 3)]
    labels = ["0.1", "0.5", "0.9"]
    plots.slider(figures, labels, name="a", knob="ρ", caption="Move it.", alt="From 0.1 to 0.9.", start=1)
    file = tmp_path / "frames.html"
    file.write_text(f'<meta charset="utf-8">{shown[0]["text/html"]}', encoding="utf-8")
    browser.get(file.as_uri())
    return browser


def test_sliders_say_their_value_and_answer_to_the_keyboard(frames):
    from selenium.webdriver.common.keys import Keys

    knob = frames.find_element("css selector", "input[type=range]")
    assert frames.execute_script("return arguments[0].labels[0].textContent", knob) == "ρ = 0.5"
    assert knob.get_attribute("aria-valuetext") == "0.5"
    image = frames.find_element("tag name", "img").get_attribute("src")
    knob.send_keys(Keys.ARROW_RIGHT)
    assert knob.get_attribute("aria-valuetext") == "0.9"
    assert frames.find_element("tag name", "output").text == "0.9"
    assert image != frames.find_element("tag name", "img").get_attribute("src")
