"""A headless Chromium, driven over the DevTools protocol's pipe: JSON messages, each ended by a zero byte."""

import base64
import json
import os
import select
import shutil
import subprocess
import tempfile
import time

NAMES = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome"]


def find_browser():
    """The path of a Chromium, or None."""
    given = os.environ.get("SPIDER_BROWSER")
    return given or next((path for name in NAMES if (path := shutil.which(name))), None)


class BrowserError(Exception):
    """The browser refused or did not answer."""


class Browser:
    """One browser with one page. Use in a `with`."""

    def __init__(self, path, flags=(), patience=120):
        self.patience = patience
        self.profile = tempfile.mkdtemp(prefix="spider-browser-")
        self.buffer, self.events, self.number, self.session = b"", [], 0, None
        to_read, self.to_write = os.pipe()
        self.to_read, to_write = os.pipe()
        command = [
            path, "--headless=new", "--remote-debugging-pipe", "--no-sandbox", "--no-first-run",
            "--disable-dev-shm-usage", "--hide-scrollbars", "--use-gl=angle", "--use-angle=swiftshader",
            "--enable-unsafe-swiftshader", f"--user-data-dir={self.profile}", *flags, "about:blank",
        ]

        def pipes():
            # The protocol's pipe is at 3 (read) and 4 (write) in the browser.
            a, b = os.dup(to_read), os.dup(to_write)
            os.dup2(a, 3)
            os.dup2(b, 4)

        self.process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            preexec_fn=pipes, close_fds=False)
        os.close(to_read)
        os.close(to_write)

    def __enter__(self):
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call(
            "Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ["Page", "Runtime", "Log", "Network"]:
            self.call(f"{domain}.enable")
        return self

    def __exit__(self, *_):
        try:
            self.session = None
            self.call("Browser.close")
            self.process.wait(10)
        except (BrowserError, subprocess.TimeoutExpired, OSError):
            self.process.kill()
            self.process.wait()
        os.close(self.to_write)
        os.close(self.to_read)
        shutil.rmtree(self.profile, ignore_errors=True)

    def call(self, method, **parameters):
        """Sends a command and returns its result."""
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self.to_write, data):]
        end = time.monotonic() + self.patience
        while True:
            answer = self.receive(end, method)
            if answer.get("id") == self.number:
                if "error" in answer:
                    raise BrowserError(f"{method}: {answer['error']['message']}")
                return answer["result"]
            self.events.append(answer)

    def receive(self, end, what):
        while b"\0" not in self.buffer:
            ready, _, _ = select.select([self.to_read], [], [], max(0, end - time.monotonic()))
            data = os.read(self.to_read, 1 << 20) if ready else b""
            if not data:
                raise BrowserError(f"the browser does not answer ({what})")
            self.buffer += data
        message, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(message)

    def wait(self, condition, what):
        """Waits until a JavaScript expression is true."""
        end = time.monotonic() + self.patience
        while not self.evaluate(f"Boolean({condition})"):
            if time.monotonic() > end:
                raise BrowserError(f"waited in vain for {what}")
            time.sleep(0.05)

    def evaluate(self, expression):
        """The value of a JavaScript expression; a promise is waited for."""
        result = self.call(
            "Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in result:
            details = result["exceptionDetails"]
            raise BrowserError(
                f"{expression}: {details.get('exception', {}).get('description', details['text'])}")
        return result["result"].get("value")

    def resize(self, width, height, touch=False):
        self.call(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1,
            mobile=touch)
        self.call("Emulation.setTouchEmulationEnabled", enabled=touch)

    def open(self, url):
        self.events.clear()
        self.call("Page.navigate", url=url)
        self.wait("document.readyState === 'complete'", f"{url} to load")

    def scripts(self, are_on):
        """Turns JavaScript of pages on or off."""
        self.call("Emulation.setScriptExecutionDisabled", value=not are_on)

    def mouse(self, kind, x, y, button="none", modifiers=0, **more):
        held = {"none": 0, "left": 1, "right": 2, "middle": 4}[button]
        self.call(
            "Input.dispatchMouseEvent", type=kind, x=x, y=y, button=button, buttons=held,
            modifiers=modifiers, **more)

    def click(self, x, y, count=1):
        for n in range(1, count + 1):
            self.mouse("mousePressed", x, y, "left", clickCount=n)
            self.mouse("mouseReleased", x, y, "left", clickCount=n)

    def drag(self, start, end, button="left", modifiers=0, steps=5):
        """Presses at a place, moves to another in steps, and lets go. Modifiers: 2 ctrl, 8 shift."""
        self.mouse("mousePressed", *start, button, modifiers, clickCount=1)
        for step in range(1, steps + 1):
            share = step / steps
            x, y = (a + (b - a) * share for a, b in zip(start, end))
            self.mouse("mouseMoved", x, y, button, modifiers)
        self.mouse("mouseReleased", *end, button, modifiers, clickCount=1)

    def wheel(self, x, y, delta, modifiers=0):
        self.mouse("mouseWheel", x, y, modifiers=modifiers, deltaX=0, deltaY=delta)

    def touch(self, kind, points):
        self.call(
            "Input.dispatchTouchEvent", type=kind,
            touchPoints=[{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(points)])

    def key(self, name, text=None):
        code = {"type": "keyDown", "key": name, **({"text": text} if text else {})}
        self.call("Input.dispatchKeyEvent", **code)
        self.call("Input.dispatchKeyEvent", type="keyUp", key=name)

    def screenshot(self, path):
        data = self.call("Page.captureScreenshot", format="png")["data"]
        with open(path, "wb") as file:
            file.write(base64.b64decode(data))

    def pending(self):
        """Takes in the events that have come."""
        self.evaluate("0")
        return self.events
