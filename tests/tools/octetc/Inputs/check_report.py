"""check_report.py --bin FOLDER --data FOLDER --work FOLDER [--screenshots]: compiles models with
octetc --report and looks at the pages in a real browser, Chromium through its WebDriver: plots are
drawn, tables hold the rows of the JSON, sorting and choosing work, nothing is loaded or
complained about. Exit status 77 without Chromium (tools/setup --browser installs it)."""

import argparse
import atexit
import base64
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request

ARGUMENTS = [
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--window-size=1280,1000",
]  # fmt: skip


class Browser:
    """A session of chromedriver."""

    def __init__(self, profile):
        self.driver = subprocess.Popen(
            ["chromedriver", "--port=0"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        # A failure further on must not leave it behind.
        atexit.register(self.driver.kill)
        for line in self.driver.stdout:
            if match := re.search(r"successfully on port (\d+)", line):
                self.base = f"http://127.0.0.1:{match[1]}"
                break
        else:
            sys.exit("chromedriver did not start")
        options = {"args": [*ARGUMENTS, f"--user-data-dir={profile}"]}
        if binary := shutil.which("chromium"):
            options["binary"] = binary
        capabilities = {"goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}}
        session = self.send("POST", "/session", {"capabilities": {"alwaysMatch": capabilities}})
        self.base += f"/session/{session['sessionId']}"

    def send(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.base + path, data, method=method)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=60) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            sys.exit(f"{method} {path}: {json.load(error)['value']['message']}")

    def open(self, page):
        self.send("POST", "/url", {"url": page.resolve().as_uri()})

    def run(self, script, *arguments):
        return self.send("POST", "/execute/sync", {"script": script, "args": list(arguments)})

    def command(self, name, **parameters):
        self.send("POST", "/goog/cdp/execute", {"cmd": name, "params": parameters})

    def get_log(self):
        return self.send("POST", "/se/log", {"type": "browser"})

    def save_screenshot(self, path):
        path.write_bytes(base64.b64decode(self.send("GET", "/screenshot")))

    def close(self):
        self.send("DELETE", "")


# Whether a canvas has pixels of several colours.
DRAWN = """
const canvas = document.getElementById(arguments[0]);
if (!canvas.width || !canvas.offsetParent) return false;
const pixels = new Uint32Array(canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.buffer);
return new Set(pixels).size > 8;"""
CELLS = """
return [...document.querySelectorAll(`#${arguments[0]} tbody tr`)]
    .map(row => row.cells[arguments[1]].textContent);"""
COLUMNS = "return [...document.querySelectorAll('#ops th')].map(cell => cell.textContent);"
SORT = "document.querySelectorAll('#ops th button')[arguments[0]].click();"
PICTURE = "return document.getElementById('histogram').toDataURL();"
CHOOSE = """
const choice = document.getElementById('choice');
choice.selectedIndex = (choice.selectedIndex + 1) % choice.options.length;
choice.dispatchEvent(new Event('change'));"""
FILTER = """
const filter = document.getElementById('filter');
filter.value = arguments[0];
filter.dispatchEvent(new Event('input'));
return [...document.querySelectorAll('#ops tbody tr')].filter(row => row.offsetParent).length;"""
WIDTHS = "return [document.documentElement.scrollWidth, window.innerWidth];"
BACKGROUND = "return getComputedStyle(document.body).backgroundColor;"


def check_page(browser, page, report, screenshots):
    ops = report["ops"]
    browser.open(page)
    assert browser.run("return document.title") == report["model"] + " · Octet report"

    columns = browser.run(COLUMNS)
    nodes = browser.run(CELLS, "ops", columns.index("Node"))
    assert nodes == [op["node"] or op["tensor"] for op in ops], nodes
    precisions = browser.run(CELLS, "ops", columns.index("Precision"))
    assert precisions == [op["precision"] for op in ops], precisions

    for plot in ("sqnr", "time", "histogram"):
        assert browser.run(DRAWN, plot), f"{plot} is empty"
    assert browser.run(DRAWN, "front") == ("search" in report)
    if "search" in report:
        trials = [str(point["trial"]) for point in report["search"]["front"]]
        assert browser.run(CELLS, "trials", 0) == trials
    before = browser.run(PICTURE)
    browser.run(CHOOSE)
    assert browser.run(PICTURE) != before, "another tensor has the same histogram"

    # By SQNR, rising, then falling; ops without one stay behind.
    column = columns.index("SQNR dB")
    expected = sorted(f"{op['sqnr_db']:.1f}" for op in ops if "sqnr_db" in op)
    for fall in (False, True):
        browser.run(SORT, column)
        shown = [text for text in browser.run(CELLS, "ops", column) if text]
        assert sorted(shown) == expected
        values = [float(text) for text in shown]
        assert values == sorted(values, reverse=fall), values
    wanted = ops[0]["node"]
    count = browser.run(FILTER, wanted)
    assert 0 < count < len(ops), f"'{wanted}' is in {count} rows"
    assert browser.run(FILTER, "") == len(ops)
    if screenshots:
        browser.save_screenshot(page.with_suffix(".png"))

    light = browser.run(BACKGROUND)
    scheme = [{"name": "prefers-color-scheme", "value": "dark"}]
    browser.command("Emulation.setEmulatedMedia", features=scheme)
    assert browser.run(BACKGROUND) != light
    browser.command(
        "Emulation.setDeviceMetricsOverride",
        width=390, height=844, deviceScaleFactor=2, mobile=True,
    )  # fmt: skip
    width, window = browser.run(WIDTHS)
    assert width <= window, f"the page is {width} pixels wide on a phone of {window}"
    if screenshots:
        browser.save_screenshot(page.with_suffix(".phone.png"))
    browser.command("Emulation.clearDeviceMetricsOverride")
    browser.command("Emulation.setEmulatedMedia", features=[])

    loaded = browser.run("return performance.getEntriesByType('resource').map(e => e.name);")
    assert loaded == [], loaded
    complaints = [entry for entry in browser.get_log() if "favicon" not in entry["message"]]
    assert complaints == [], complaints


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", type=pathlib.Path, required=True)
    parser.add_argument("--data", type=pathlib.Path, required=True, help="models with their data")
    parser.add_argument("--work", type=pathlib.Path, required=True)
    parser.add_argument("--screenshots", action="store_true", help="keep pictures in --work")
    args = parser.parse_args()
    if not shutil.which("chromedriver") or not shutil.which("chromium"):
        print("skipped: there is no Chromium (tools/setup --browser)")
        sys.exit(77)
    args.work.mkdir(parents=True, exist_ok=True)

    reports = []
    for name, options in (
        ("resnet8-cifar10", ["--calibrator", "percentile=99.9"]),
        ("mnist-torch", ["--eval", args.data / "mnist-torch/eval.npz", "--max-trials", "2",
                         "--accuracy-drop", "absolute=5"]),
    ):  # fmt: skip
        page, data = args.work / f"{name}.html", args.work / f"{name}.json"
        folder = args.data / name
        trials = args.work / f"{name}.so.trials"
        shutil.rmtree(trials, ignore_errors=True)
        subprocess.run(
            [args.bin / "octetc", folder / "model.onnx", "--calibrate", folder / "calib.npz",
             "--subset-size", "40", *options, "--report", page, "--report", data,
             "-o", args.work / f"{name}.so"],
            check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        reports.append((page, json.loads(data.read_text())))

    with tempfile.TemporaryDirectory() as profile:
        browser = Browser(profile)
        try:
            for page, report in reports:
                check_page(browser, page, report, args.screenshots)
        finally:
            browser.close()


main()
