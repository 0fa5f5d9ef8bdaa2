"""How soon the report can be read: seconds until the first picture, of the longest task before it, and to a chart of a view.

    python benchmarks/page.py [REPORT] [RUNS]

In a headless Chromium of this machine, each time in a new window of 1280 x 800. Prints the least, the median and the most.
Wanted: the first picture within .8 s, no task before it longer than .3 s, a chart within 1 s of its view's opening.
"""

import shutil
import sys
from pathlib import Path
from statistics import median

from playwright.sync_api import Browser, sync_playwright

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
WATCH = """
window.seen = { longtask: [], "largest-contentful-paint": [] };
for (const type of Object.keys(window.seen)) {
  new PerformanceObserver((list) => window.seen[type].push(...list.getEntries())).observe({ type, buffered: true });
}
"""
PAINTED = """
() => {
  const at = window.seen["largest-contentful-paint"].find(({ element }) => element?.matches("#answer img")).startTime;
  return [at, Math.max(0, ...window.seen.longtask.filter((task) => task.startTime < at).map((task) => task.duration))];
}
"""
OPENED = """
() => new Promise((done) => {
  const begin = performance.now();
  location.hash = "#learning";
  const drawn = () => document.querySelector("#learning .chart svg");
  const look = () => (drawn() ? done(performance.now() - begin) : requestAnimationFrame(look));
  look();
})
"""


def seconds(browser: Browser, address: str) -> list[float]:
    """Until the first picture is painted, of the longest task before it, and from the opening of a view to its chart."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    context.add_init_script(WATCH)
    page = context.new_page()
    page.goto(address, wait_until="load")
    page.wait_for_function("window.seen['largest-contentful-paint'].some(({ element }) => element?.matches('#answer img'))")
    found = [*page.evaluate(PAINTED), page.evaluate(OPENED)]
    context.close()
    return [milliseconds / 1000 for milliseconds in found]


def main() -> None:
    """One opening that does not count, then as many as asked for."""
    report = Path(sys.argv[1] if len(sys.argv) > 1 else "results/report.html")
    if CHROMIUM is None or not report.exists():
        sys.exit("this needs Chromium on the path" if CHROMIUM is None else f"there is no {report}: run the study first (make)")
    with sync_playwright() as playwright, playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"]) as browser:
        address = report.resolve().as_uri()
        runs = [seconds(browser, address) for _ in range(1 + (int(sys.argv[2]) if len(sys.argv) > 2 else 11))][1:]
    for name, values in zip(("first picture", "longest task before", "chart of a view"), zip(*runs, strict=True), strict=True):
        print(f"{name:20} {min(values):.2f} s, median {median(values):.2f} s, {max(values):.2f} s over {len(values)} runs")


if __name__ == "__main__":
    main()
