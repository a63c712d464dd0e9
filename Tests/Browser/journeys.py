"""What a reader does with the page, and what must then be seen. Each journey has a browser of its own."""

import time

from devtools import Browser
from marks import MARKS

PANEL = "document.querySelector('[data-plane={}]')"


class Page:
    """The page in the words of a reader."""

    def __init__(self, browser, url, size=(1280, 800), touch=False):
        self.browser = browser
        browser.resize(*size, touch)
        browser.open(url)
        browser.wait("document.querySelector('#viewer').dataset.painted", "the first picture")
        self.settle()

    def settle(self):
        """Waits until nothing is left to be painted."""
        self.browser.evaluate(
            "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")

    def text(self, selector):
        return self.browser.evaluate(f"document.querySelector({selector!r}).textContent")

    def note(self, plane):
        """The millimetres that a plane states."""
        words = self.text(f"[data-plane={plane}] .note")
        return float(words.split("=")[1].replace("mm", ""))

    def facts(self):
        """What is told of the point under the cursor, or of the cross-hair."""
        return self.browser.evaluate(
            "Object.fromEntries([...document.querySelectorAll('.readout dt')]"
            ".map((dt) => [dt.textContent, dt.nextSibling.textContent]))")

    def box(self, selector):
        return self.browser.evaluate(
            f"(({{x, y, width, height}}) => [x, y, width, height])"
            f"(document.querySelector({selector!r}).getBoundingClientRect())")

    def place(self, plane, point):
        """Where a world point lies on the screen, worked out from the panel's place and scale alone."""
        x, y, width, height = self.box(f"[data-plane={plane}] .body")
        scale = self.browser.evaluate("spider.slices[0].onScreen.size")
        right, down = {
            "axial": (-point[0], -point[1]), "coronal": (-point[0], -point[2]),
            "sagittal": (-point[1], -point[2])}[plane]
        return x + width / 2 + right / scale, y + height / 2 + down / scale

    def pixel(self, plane, point):
        """The colour that a plane's canvas has over a world point."""
        x, y = self.place(plane, point)
        left, top, width, height = self.box(f"[data-plane={plane}] .body")
        return self.browser.evaluate(
            f"(() => {{ const c = {PANEL.format(plane)}.querySelector('canvas');"
            f"return [...c.getContext('2d').getImageData("
            f"{(x - left) / width} * c.width, {(y - top) / height} * c.height, 1, 1).data]; }})()")

    def letters(self, axis=0):
        """Where the surface's letters are, in shares of its width (axis 0) or height; hidden ones are left out."""
        side = ["offsetLeft", "offsetTop"][axis], ["clientWidth", "clientHeight"][axis]
        return self.browser.evaluate(
            "Object.fromEntries([...document.querySelectorAll('.surface .facing')].filter((m) => !m.hidden)"
            f".map((m) => [m.textContent, m.{side[0]} / m.parentElement.{side[1]}]))")

    def click(self, plane, point):
        self.browser.click(*self.place(plane, point))
        self.settle()

    def press(self, key, text=None):
        self.browser.key(key, text)
        self.settle()

    def button(self, name):
        self.browser.evaluate(
            f"[...document.querySelectorAll('.toolbar button')].find((b) => b.textContent === {name!r}).click()")
        self.settle()

    def window(self):
        """The window as the bar states it: width, level."""
        words = self.text("output.window").split()
        return int(words[1]), int(words[3])

    def complaints(self):
        return [
            event for event in self.browser.pending()
            if event["method"] == "Runtime.exceptionThrown"
            or (event["method"] == "Log.entryAdded" and event["params"]["entry"]["level"] == "error")]


def near(a, b, tolerance, what):
    if not abs(a - b) <= tolerance:
        raise AssertionError(f"{what}: {a} instead of {b}")


def same(a, b, what):
    if a != b:
        raise AssertionError(f"{what}: {a!r} instead of {b!r}")


def true(condition, what):
    if not condition:
        raise AssertionError(what)


def grey(hounsfield, low, high):
    return min(max((hounsfield - low) / (high - low), 0), 1) * 255


def middle(name):
    _, low, high = MARKS[name]
    return tuple((a + b) / 2 for a, b in zip(low, high))


def opens(path, pages, pictures):
    """The page opens, fetches nothing, and all that matters is on the first screen"""
    with Browser(path) as browser:
        for width, height in [(1280, 800), (1920, 1080)]:
            page = Page(browser, pages["head"], (width, height))
            for selector in [".danger", ".planes", ".films", ".readout:not(.figures)", ".toolbar"]:
                x, y, w, h = page.box(selector)
                true(x >= 0 and y >= 0 and w > 0 and x + w <= width and y + h <= height + 0.5,
                     f"{selector} at {x}, {y}, {w} x {h} on {width} x {height}")
            true(page.browser.evaluate(f"document.documentElement.scrollWidth <= {width}"), "runs over")
            same(browser.evaluate("getComputedStyle(document.querySelector('.stills')).display"), "none", "stills")
            if pictures:
                time.sleep(0.5)
                browser.screenshot(pictures / f"page-{width}x{height}.png")
        same(page.complaints(), [], "complaints")
        fetched = [
            event["params"]["request"]["url"][:40] for event in browser.events
            if event["method"] == "Network.requestWillBeSent"]
        true(all(url.startswith(("file:", "data:")) for url in fetched), f"fetched {fetched}")


def marks_lie_where_they_should(path, pages, pictures):
    """Left is at the viewer's right, the front up or left, the top up; the numbers are those of the file"""
    with Browser(path) as browser:
        page = Page(browser, pages["head"])
        for plane, letters in {"axial": "RLAP", "coronal": "RLSI", "sagittal": "APSI"}.items():
            found = "".join(page.text(f"[data-plane={plane}] .letter.{edge}")
                            for edge in ["left", "right", "top", "bottom"])
            same(found, letters, plane)
        low, high = -450, 1050
        seen = {"left": ["axial", "coronal"], "front": ["axial", "sagittal"], "top": ["coronal", "sagittal"]}
        for name, planes in seen.items():
            point, number = middle(name), MARKS[name][0]
            mirrored = tuple(-p for p in point)
            page.press("r", "r")
            for plane in planes:
                near(page.pixel(plane, point)[0], grey(number, low, high), 2, f"{name} in {plane}")
                near(page.pixel(plane, mirrored)[0], grey(40, low, high), 2, f"opposite of {name} in {plane}")
            page.click(planes[0], point)
            facts = page.facts()
            same(facts["head.nii"].split(" HU")[0], str(number), f"HU at {name}")
            x, y, z = (float(word) for word in facts["world, RAS+"].split() if word[-1].isdigit())
            for found, wanted in zip((x, y, z), point):
                near(found, wanted, 1.5, f"mm at {name}")
        same(page.complaints(), [], "complaints")


def scrolls(path, pages, pictures):
    """Wheel, arrows, Page Up and sliders scroll; the planes are linked"""
    with Browser(path) as browser:
        page = Page(browser, pages["head"])
        for plane, step, axis in [("axial", 6, 2), ("coronal", 5, 1), ("sagittal", 4, 0)]:
            place = page.place(plane, (-20, -20, -20))
            before = page.note(plane)
            browser.wheel(*place, -100)
            page.settle()
            near(page.note(plane), before + step, 0.11, f"a notch up in {plane}")
            browser.wheel(*place, 100)
            page.settle()
            for key, steps in [("ArrowUp", 1), ("ArrowDown", -1), ("PageUp", 5), ("PageDown", -5)]:
                page.press(key)
                before += steps * step
                near(page.note(plane), before, 0.11, f"{key} in {plane}")
        near(page.pixel("axial", middle("top"))[0], grey(40, -450, 1050), 2, "the top mark is not on this slice")
        for _ in range(6):
            browser.wheel(*page.place("axial", (-20, -20, 0)), -100)
        page.settle()
        near(page.pixel("axial", middle("top"))[0], 255, 2, "the top mark after scrolling up to it")
        line = browser.evaluate(f"parseFloat({PANEL.format('coronal')}.querySelector('.across').style.top)")
        _, top, _, height = page.box("[data-plane=coronal] .body")
        _, wanted = page.place("coronal", (0, 0, page.note("axial")))
        near(line + top, wanted, 1.5, "the cross-hair of the coronal plane follows the axial slice")
        for _ in range(200):
            page.browser.key("PageUp")
        page.settle()
        near(page.note("axial"), 72, 0.01, "scrolling ends at the volume's face")
        browser.evaluate(
            f"(() => {{ const s = {PANEL.format('axial')}.querySelector('.slider'); s.value = -12;"
            "s.dispatchEvent(new Event('input')); })()")
        page.settle()
        near(page.note("axial"), -12, 3, "the slider")


def changes_windows(path, pages, pictures):
    """Keys 1 to 3, the right button and shift change the window, and the greys follow"""
    with Browser(path) as browser:
        page = Page(browser, pages["head"])
        point = (20, 20, 0)  # head, 40 HU
        for key, low, high in [("2", 0, 80), ("3", -160, 240), ("1", -450, 1050)]:
            page.press(key, key)
            same(page.window(), (high - low, (high + low) // 2), f"key {key}")
            near(page.pixel("axial", point)[0], grey(40, low, high), 2, f"grey after key {key}")
        page.button("Brain")
        same(page.window(), (80, 40), "the button Brain")
        before = page.window()
        start = page.place("axial", (20, -20, 0))
        browser.drag(start, (start[0] + 60, start[1]), "right")
        page.settle()
        true(page.window()[0] > before[0] and page.window()[1] == before[1], f"right drag: {page.window()}")
        before = page.window()
        browser.mouse("mouseMoved", 2, 2)
        cross = page.facts()["world, RAS+"]
        browser.drag(start, (start[0], start[1] - 60), "left", modifiers=8)
        page.settle()
        true(page.window()[1] > before[1] and page.window()[0] == before[0], f"shift drag: {page.window()}")
        browser.mouse("mouseMoved", 2, 2)
        same(page.facts()["world, RAS+"], cross, "the cross-hair stays")
        page.press("r", "r")
        same(page.window(), (1500, 300), "reset")


def overlays(path, pages, pictures):
    """Labels, truth, error and blend are laid over and beside"""
    with Browser(path) as browser:
        page = Page(browser, pages["head"])
        point = middle("left")
        grey_before = page.pixel("axial", point)
        same(grey_before[0], grey_before[2], "grey without labels")
        page.press("l", "l")
        red, _, blue, _ = page.pixel("axial", point)
        true(red > blue + 5, f"the label's colour: {red}, {blue}")
        same(browser.evaluate("document.querySelector('.legend').hidden"), False, "legend")
        page.press("l", "l")
        same(page.pixel("axial", point), grey_before, "labels off")
        page.press("t", "t")
        near(page.pixel("axial", point)[0], grey(900, -450, 1050), 2, "the truth's grey")
        true("Truth" in page.text("[data-plane=axial] .title"), "the title says truth")
        page.press("e", "e")
        red, green, blue, _ = page.pixel("axial", point)
        true(red > 250 and green > 100 and blue < 30, f"an error of 300 of 500 HU: {red} {green} {blue}")
        near(page.pixel("axial", (20, 20, 0))[0], 0, 1, "no error elsewhere")
        page.press("e", "e")
        browser.evaluate(
            "(() => { const s = document.querySelector('[data-range=blend]'); s.value = 0.5;"
            "s.dispatchEvent(new Event('input')); })()")
        page.settle()
        near(page.pixel("axial", point)[0], grey(1050, -450, 1050), 2, "half of both")
        page.press("r", "r")
        page.press("s", "s")
        titles = browser.evaluate("[...document.querySelectorAll('.planes .title')].map((t) => t.textContent)")
        same(len(titles), 9, "panels side by side")
        true("Truth" in titles[0] and "head.nii" in titles[3] and "error" in titles[6], f"rows {titles}")
        if pictures:
            browser.screenshot(pictures / "side-by-side.png")
        page.click("axial", point)
        same(page.facts()["error"], "+300 HU", "the error in words")
        same(page.complaints(), [], "complaints")


def methods_and_uncertainty(path, pages, pictures):
    """All methods stand in one plane, another can be chosen, uncertainty is laid over the first"""
    with Browser(path) as browser:
        page = Page(browser, pages["methods"])
        point = middle("left")
        red, green, _, _ = page.pixel("axial", point)
        true(red > green + 30, f"the uncertainty's colour: {red}, {green}")
        same(page.facts()["uncertainty"], "\u00b10 HU", "at the cross-hair")
        keys = browser.evaluate(
            "[...document.querySelectorAll('.key')].filter((k) => !k.hidden).map((k) => k.textContent)")
        true(any("uncertainty: 0" in key and "HU and more" in key for key in keys), f"its key: {keys}")
        true("gradient" in browser.evaluate("document.querySelector('.key .band').style.background"), "its colours")
        page.press("a", "a")
        page.press("a", "a")
        titles = browser.evaluate("[...document.querySelectorAll('.planes .title')].map((t) => t.textContent)")
        same(titles, ["coronal · Truth", "coronal · head.nii", "coronal · truth.nii"], "panels")
        if pictures:
            browser.screenshot(pictures / "methods.png")
        browser.evaluate(
            "(() => { const s = document.querySelector('.toolbar select'); s.value = s.options[1].value;"
            "s.dispatchEvent(new Event('change')); })()")
        page.button("Planes")
        true("truth.nii" in page.text("[data-plane=axial] .title"), page.text("[data-plane=axial] .title"))
        near(page.pixel("axial", point)[0], grey(900, -450, 1050), 2, "the other answer, without uncertainty")
        same(page.complaints(), [], "complaints")


def x_rays_are_linked(path, pages, pictures):
    """The cross-hair is on the X-rays, a click on one goes to its ray, the cursor reads line integrals"""
    with Browser(path) as browser:
        page = Page(browser, pages["head"])
        same(browser.evaluate("document.querySelectorAll('[data-film]').length"), 6, "pictures")
        page.click("axial", middle("left"))
        marks = browser.evaluate(
            "[...document.querySelectorAll('[data-film=\"X-ray\"] .mark')].map((m) => parseFloat(m.style.left))")
        true(marks[0] > 55, f"left of the patient is right on the PA picture: {marks[0]} %")
        near(marks[1], 50, 2, "and in the middle of the lateral")
        x, y, width, height = page.box("[data-film='X-ray'] .body")
        browser.click(x + 0.3 * width, y + 0.4 * height)
        page.settle()
        marks = browser.evaluate(
            "(({style}) => [parseFloat(style.left), parseFloat(style.top)])"
            "(document.querySelector('[data-film=\"X-ray\"] .mark'))")
        near(marks[0], 30, 1, "the cross-hair lies on the ray")
        near(marks[1], 40, 1, "the cross-hair lies on the ray")
        browser.mouse("mouseMoved", x + width / 2, y + height / 2)
        page.settle()
        words = page.text(".told")
        true("line integral" in words and "residual" in words, words)
        residual = float(words.split("residual ")[1])
        near(residual, 0, 0.02, "the volume's own X-ray leaves nothing over")
        true("Agreement 1.000" in page.text(".agreement"), page.text(".agreement"))


def the_surface_turns(path, pages, pictures):
    """The surface is drawn, turns under the mouse, and a click goes to what is seen"""
    lit = ("(() => { const c = document.querySelector('.surface canvas'), d = document.createElement('canvas');"
           "d.width = c.width; d.height = c.height; const g = d.getContext('2d'); g.drawImage(c, 0, 0);"
           "const p = g.getImageData(0, 0, d.width, d.height).data; let n = 0, x = 0;"
           "for (let i = 0; i < p.length; i += 4) if (p[i] > 60) { n++; x += i / 4 % d.width; }"
           "return [n / d.width / d.height, x / n / d.width]; })()")
    with Browser(path) as browser:
        page = Page(browser, pages["head"])
        share, _ = browser.evaluate(lit)
        true(0.005 < share < 0.5, f"{share} of the picture is lit")
        x, y, width, height = page.box(".surface .body")
        browser.evaluate("spider.surface.camera.turn(0, 0); spider.change({}); 1")
        page.settle()
        left = browser.evaluate(
            "spider.surface.camera.project([-40, 0, 0], ...spider.surface.size)")
        browser.click(x + left[0] * width, y + left[1] * height)
        page.settle()
        cross = browser.evaluate("spider.view.cross")
        near(cross[0], -40, 3, "a click on the left mark, seen from the front")
        true(left[0] > 0.55, "the patient's left is at the viewer's right")
        page.press("x", "x")
        # Only the left mark reaches the level: what is lit is the patient's left, from wherever he is seen.
        browser.evaluate("spider.surface.level.value = 1000; spider.change({}); 1")
        for azimuth, elevation, edge, hidden in [
            (0, 0, "right", "AP"), (180, 0, "left", "AP"), (0, 90, "right", "SI"), (0, -90, "right", "SI"),
            (90, 0, None, "RL"), (35, 10, "right", "")]:
            browser.evaluate(f"spider.surface.camera.turn({azimuth}, {elevation}); spider.change({{}}); 1")
            page.settle()
            letters = page.letters()
            same("".join(sorted(set("RLAPSI") - set(letters))), "".join(sorted(hidden)), f"no letter at {azimuth}")
            if edge:
                _, side = browser.evaluate(lit)
                true((side > 0.5) == (letters["L"] > 0.5) == (edge == "right"),
                     f"{azimuth}, {elevation}: lit at {side}, L at {letters['L']}")
        same(page.letters(1)["S"] < page.letters(1)["I"], True, "the head's top is up")
        browser.evaluate("spider.surface.level.value = 300; spider.surface.camera.turn(0, 0); spider.change({}); 1")
        page.press("x", "x")
        near(cross[1], 10, 6, "on its front face")
        before = browser.evaluate(lit)
        browser.drag((x + width / 2, y + height / 2), (x + width / 2 + 120, y + height / 2 + 20))
        page.settle()
        time.sleep(0.2)
        true(browser.evaluate(lit) != before, "the picture turns")
        near(browser.evaluate("spider.surface.camera.azimuth"), -60, 0.5, "the drag's angle")


def fingers(path, pages, pictures):
    """One finger moves the cross-hair, two scroll and zoom; a narrow screen has no overflow"""
    with Browser(path) as browser:
        page = Page(browser, pages["head"], (390, 844), touch=True)
        width = browser.evaluate("Math.max(innerWidth, document.documentElement.scrollWidth)")
        true(width <= 390, f"runs over: {width} pixels of 390")
        browser.evaluate("document.querySelector('.planes').scrollIntoView()")
        page.settle()
        x, y = page.place("axial", middle("left"))
        browser.touch("touchStart", [(x, y)])
        browser.touch("touchEnd", [])
        page.settle()
        near(browser.evaluate("spider.view.cross[0]"), -40, 2, "one finger")
        before = page.note("axial")
        browser.touch("touchStart", [(x - 30, y), (x + 10, y)])
        for step in range(1, 7):
            browser.touch("touchMove", [(x - 30, y - 4 * step), (x + 10, y - 4 * step)])
        browser.touch("touchEnd", [])
        page.settle()
        true(page.note("axial") > before, "two fingers up scroll up")
        near(browser.evaluate("spider.view.cross[0]"), -40, 2, "two fingers leave the cross-hair")
        if pictures:
            browser.screenshot(pictures / "narrow.png")


def zoom_and_one_panel(path, pages, pictures):
    """Ctrl and wheel zoom about the cursor, a double click shows one panel alone, Escape all again"""
    with Browser(path) as browser:
        page = Page(browser, pages["head"])
        size = browser.evaluate("spider.slices[0].onScreen.size")
        browser.wheel(*page.place("axial", (0, 0, 0)), -100, modifiers=2)
        page.settle()
        now = browser.evaluate("spider.slices[0].onScreen.size")
        true(now < size, "zoomed in")
        _, _, width, _ = page.box("[data-plane=axial] .bar")
        words = page.text("[data-plane=axial] .bar").split()
        length = float(words[0]) * {"cm": 10, "mm": 1}[words[1]]
        near(width, length / now, 1.1, f"the scale bar of {words} in pixels")
        near(page.pixel("axial", middle("left"))[0], 255, 2, "the mark is where the scale says")
        browser.click(*page.place("coronal", (0, 0, 0)), count=2)
        page.settle()
        shown = browser.evaluate("[...document.querySelectorAll('.planes .panel')].filter((p) => p.offsetWidth).length")
        same(shown, 1, "panels")
        page.press("Escape")
        shown = browser.evaluate("[...document.querySelectorAll('.planes .panel')].filter((p) => p.offsetWidth).length")
        same(shown, 4, "panels")
        page.press("?", "?")
        true(browser.evaluate("document.querySelector('dialog.help').open"), "help")


def cases_are_sorted_and_opened(path, pages, pictures):
    """The table of cases has the worst first, a head sorts it, a name opens the case with its figures"""
    column = ("[...document.querySelectorAll('table.sortable')[0].tBodies[0].rows]"
              ".map((row) => row.cells[{}].textContent)")
    with Browser(path) as browser:
        page = Page(browser, pages["cases"])
        body = [float(cell) for cell in browser.evaluate(column.format(1))]
        same(len(body), 4, "cases")
        same(body, sorted(body), "the worst by PSNR in the body comes first")
        names = browser.evaluate(column.format(0))
        true("worst: " + names[0] in page.text(".figures"), page.text(".figures"))
        true(f"{body[0]:.1f} dB" in page.text(".figures"), page.text(".figures"))
        true(names[0] in page.text(".headline"), "the worst case is told at once")
        first = "document.querySelectorAll('table.sortable')[0].tHead.rows[0].cells[1]"
        same(browser.evaluate(f"{first}.ariaSort"), "ascending", "the column of the first order")
        # The worst comes first: the smallest SSIM and Dice, the largest error.
        for number, ways in [(6, [1, -1]), (3, [-1, 1]), (2, [1, -1])]:
            head = f"document.querySelectorAll('table.sortable')[0].tHead.rows[0].cells[{number}]"
            for way in ways:
                browser.evaluate(f"{head}.querySelector('button').click()")
                cells = [float(cell) for cell in browser.evaluate(column.format(number))]
                same(cells, sorted(cells, reverse=way < 0), f"column {number}")
                same(browser.evaluate(f"{head}.ariaSort"), "ascending" if way > 0 else "descending", "aria-sort")
        browser.evaluate(f"[...document.querySelectorAll('.opens')].find((b) => b.textContent === {names[-1]!r}).click()")
        browser.wait(f"document.querySelector('.figures').textContent.includes('best: {names[-1]}')", "the best case")
        page.settle()
        true(f"{max(body):.1f} dB" in page.text(".figures"), page.text(".figures"))
        same(browser.evaluate("scrollY"), 0, "its planes are on the screen")
        if pictures:
            browser.screenshot(pictures / "cases.png")
        same(page.complaints(), [], "complaints")


def long_warnings_open(path, pages, pictures):
    """Long warnings take three lines until they are asked for, and nothing of them is cut then"""
    with Browser(path) as browser:
        page = Page(browser, pages["warned"])
        lines = "(({scrollHeight, clientHeight}) => [scrollHeight, clientHeight])(document.querySelector('.warnings ul'))"
        whole, shown = browser.evaluate(lines)
        true(shown < whole / 2, f"{shown} of {whole} pixels before")
        same(page.text(".warnings .more"), "Show all", "the button")
        page.browser.evaluate("document.querySelector('.warnings .more').click()")
        page.settle()
        whole, shown = browser.evaluate(lines)
        same(whole, shown, "all is shown")
        _, top, _, height = page.box("#viewer")
        _, above, _, tall = page.box(".warnings")
        true(top >= above + tall and height >= 560, f"the planes lie below: {top}, {height}")
        page.browser.evaluate("document.querySelector('.warnings .more').click()")
        page.settle()
        true(browser.evaluate(lines)[1] < whole / 2, "and closed again")
        page = Page(browser, pages["cases"])
        same(browser.evaluate("[...document.querySelectorAll('.warnings .more')].filter((b) => !b.hidden).length"), 0,
             "no button where all is seen")


STILL = ("[...document.querySelectorAll('.stills img')].every((i) => i.complete && i.naturalWidth > 200"
         " && i.offsetWidth > 200)")


def without_scripts(path, pages, pictures):
    """Without JavaScript the still pictures are there, and the page says what is missing"""
    with Browser(path) as browser:
        browser.resize(1280, 800)
        browser.scripts(False)
        browser.call("Page.navigate", url=pages["head"])
        time.sleep(1.5)
        # What the reader sees, from outside the page.
        tree = browser.call("DOMSnapshot.captureSnapshot", computedStyles=["display"])
        strings = tree["strings"]
        shown = " ".join(
            strings[index] for index in tree["documents"][0]["layout"]["text"] if index >= 0)
        true("JavaScript is off" in shown, shown[:300])
        true("Slices" in shown and "Not for diagnosis" in shown, shown[:300])
        if pictures:
            browser.screenshot(pictures / "without-scripts.png")


def without_graphics(path, pages, pictures):
    """Without WebGL2 the planes work, the surface is a still picture, and the page says so"""
    with Browser(path, flags=["--disable-3d-apis"]) as browser:
        page = Page(browser, pages["head"])
        true("no WebGL2" in page.text(".surface .note"), page.text(".surface .note"))
        true(browser.evaluate("document.querySelector('.surface img').naturalWidth > 100"), "the still surface")
        near(page.pixel("axial", middle("left"))[0], 255, 2, "the planes")
        if pictures:
            browser.screenshot(pictures / "without-graphics.png")


def with_broken_data(path, pages, pictures):
    """A page whose numbers are cut short says so and shows the still pictures"""
    with Browser(path) as browser:
        browser.resize(1280, 800)
        browser.open(pages["broken"])
        browser.wait("document.querySelector('#viewer .missing')", "the message")
        true("not shown" in browser.evaluate("document.querySelector('#viewer').textContent"), "the message")
        true(browser.evaluate(STILL), "the still pictures")


ALL = [
    opens, marks_lie_where_they_should, scrolls, changes_windows, overlays, methods_and_uncertainty,
    x_rays_are_linked, the_surface_turns, fingers, zoom_and_one_panel, without_scripts, without_graphics, with_broken_data,
    cases_are_sorted_and_opened, long_warnings_open,
]
