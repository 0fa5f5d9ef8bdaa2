"""The page in a real browser, without a network: what it shows, what each control does, and who can use it."""

import base64
import csv
import io
import re
import shutil
from urllib.parse import unquote

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright
from reports import EVIL, VARIANTS, report, several, tables

from rnnbench.study.report.phrases import number

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium")
WIDE, NARROW = {"width": 1280, "height": 800}, {"width": 390, "height": 844}
BAR = 64
"""Below the top of the window where what a link leads to comes to stand: 4 rem."""
VIEWS = ["summary", "court", "learning", "ladder", "rules", "gradients", "cost", "data", "cards"]


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """The page with blank pictures, which is there sooner."""
    folder = tmp_path_factory.mktemp("page")
    made = several(tables(variants=VARIANTS, points=(0, 1, 3, 9, 27)), ["xor", "elman"])
    report(folder, made, ("xor", "elman"), drawn=())
    return (folder / "report.html").as_uri()


@pytest.fixture(scope="module")
def falling(tmp_path_factory):
    """A page on which every variant has an error of its own, that falls."""
    made = tables(points=(0, 1, 3))
    own = made.curves["variant"].map({"numpy-posted": 0.4, "numpy-bptt": 0.2, "keras": 0.1}) / (1 + made.curves["updates"])
    folder = tmp_path_factory.mktemp("falling")
    report(folder, made.replaced(curves=made.curves.assign(iqm=own, low=None, high=None)), drawn=())
    return (folder / "report.html").as_uri()


@pytest.fixture(scope="module")
def with_pictures(rendered):
    return (rendered.figures / "report.html").as_uri()


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        # No name can be looked up; a sandbox within a container's is not to be had.
        arguments = ["--host-resolver-rules=MAP * ~NOTFOUND", "--no-sandbox"]
        with playwright.chromium.launch(executable_path=CHROMIUM, args=arguments) as browser:
            yield browser


@pytest.fixture
def visit(browser, address):
    """Open the page; at the end, nothing was said on the console, asked of a network, or shown as a dialog."""
    contexts, seen = [], []

    def open_page(anchor="#learning", before="", at=address, **options):
        context = browser.new_context(**{"viewport": WIDE, **options})
        context.add_init_script(before)
        context.set_default_timeout(10_000)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: seen.append(message.text))
        page.on("pageerror", lambda error: seen.append(str(error)))
        page.on("dialog", lambda dialog: seen.append(dialog.message))
        page.on("request", lambda r: None if r.url.startswith(("data:", "blob:", at)) else seen.append(r.url))
        page.goto(at + anchor)
        if options.get("java_script_enabled", True) and anchor.startswith(("#learning", "#explore", "#gradients", "#rules")):
            drawn(page, 1)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert seen == []


SEEN = ".explorer:has(.chart svg) .chart"
"""The first chart that is drawn."""


def drawn(page, turn):
    """Wait until the chart that is seen has been drawn that often."""
    page.wait_for_function(f"turn => document.querySelector('{SEEN}')?.dataset.drawn >= turn", arg=turn)


def act(page, action, *arguments):
    """Do something that draws the explorer anew, and wait for it."""
    before = int(page.locator(SEEN).first.get_attribute("data-drawn"))
    action(*arguments)
    drawn(page, before + 1)


def field(page, name):
    return page.locator(f"#explore-xor [name={name}]")


def titles(page):
    return page.locator("#explore-xor .chart .role-axis-title text").all_text_contents()


def marks(page, kind):
    return page.locator(f"#explore-xor .chart .mark-{kind}.role-mark path").count()


@pytest.mark.parametrize(("viewport", "scheme"), [(WIDE, "light"), (NARROW, "dark")], ids=["wide", "narrow"])
def test_it_fits_follows_the_theme_and_is_accessible(visit, with_pictures, scheme, viewport):
    page = visit(at=with_pictures, viewport=viewport, color_scheme=scheme)
    paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert paper == {"light": "rgb(255, 255, 255)", "dark": "rgb(20, 24, 29)"}[scheme]
    assert page.locator("#explore-xor .chart svg").evaluate("svg => svg.style.backgroundColor") == paper
    for view in VIEWS:
        page.evaluate("view => { location.hash = view }", view)
        page.locator(f"#{view}").wait_for()
        assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
        page.evaluate("document.querySelectorAll('.view details').forEach(fold => { fold.open = true })")
        # What is of the whole page is asked of it once.
        context = f"#{view}" if view != VIEWS[0] else None
        rules = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]}
        results = Axe().run(page, context=context, options=rules)
        assert results.violations_count == 0, results.generate_report()


@pytest.mark.parametrize(("viewport", "last"), [(WIDE, ".tiles"), (NARROW, "#hero")], ids=["wide", "narrow"])
def test_the_first_screen_is_one_screen(visit, large, viewport, last):
    page = visit("", at=(large.figures / "report.html").as_uri(), viewport=viewport)
    box = page.locator(last).bounding_box()
    assert box["width"] > 300 and box["y"] + box["height"] <= viewport["height"]
    page.evaluate("document.querySelectorAll('#answer math, #answer svg').forEach(chart => chart.remove())")
    words = page.evaluate("['#summary-title', '#answer', '.tiles'].map(s => document.querySelector(s).innerText).join(' ')")
    assert 40 < len(re.findall(r"[^\W\d]+", words)) <= 120 and len(re.findall(r"\d[\d.,e-]*", words)) <= 30


@pytest.mark.parametrize("name", ["hero", "hero_narrow"])
def test_the_names_of_the_first_picture_are_there_and_apart(browser, rendered, name):
    page = browser.new_page()
    svg = (rendered.figures / "_study" / f"{name}.svg").read_text(encoding="utf-8")
    page.set_content(svg[svg.index("<svg") :])
    texts = page.evaluate(
        "[...document.querySelectorAll('text')].map(t => [t.textContent, t.getBoundingClientRect().toJSON(),"
        " parseFloat(getComputedStyle(t).fontSize) * t.getScreenCTM().d])"
    )
    assert min(abs(size) for _, _, size in texts) >= 11
    at = {words: box for words, box, _ in texts}
    assert {"your gradient", "Keras, tuned", "bits seen"} <= set(at)
    assert [words for words, _, _ in texts].count("no memory") == 1
    boxes = list(at.values())
    for i, a in enumerate(boxes):
        for b in boxes[:i]:
            middles = abs(a["top"] + a["bottom"] - b["top"] - b["bottom"]) / 2
            assert a["right"] <= b["left"] or b["right"] <= a["left"] or middles >= 11, (a, b)
    page.close()


def test_the_theme_may_change_while_it_is_read(visit):
    page = visit(color_scheme="light")
    act(page, lambda: page.emulate_media(color_scheme="dark"))
    assert page.locator("#explore-xor .chart svg").evaluate("svg => svg.style.backgroundColor") == "rgb(20, 24, 29)"


def test_without_scripts_everything_but_the_tools_is_there(visit):
    page = visit(java_script_enabled=False)
    assert page.locator("figure img").count() > 10 and page.locator("table").count() > 8 and page.locator("math").count() == 6
    assert page.locator(".tool").filter(visible=True).count() == 0 and page.locator(".still").filter(visible=True).count() == 4
    assert page.locator("button:visible").count() == 0


def test_pictures_and_equations_are_seen(visit, with_pictures):
    page = visit(at=with_pictures)
    for image in page.locator("figure img").all():
        image.scroll_into_view_if_needed()
        assert image.evaluate("image => image.decode().then(() => image.naturalWidth)") > 200
    box = page.locator("math .missing").first.bounding_box()
    assert box["width"] > 50 and box["height"] > 30


def test_a_name_is_text_whatever_it_is(visit):
    page = visit("#explore")
    page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true })")
    assert page.get_by_role("rowheader", name=EVIL).count() > 1 and page.locator("img[src=x]").count() == 0
    assert page.locator("#explore-xor label", has_text=EVIL).count() == 2


def top(page, anchor):
    """How far below the top of the window something is, once the window stands still."""
    page.wait_for_function(
        "() => new Promise(done => { const y = scrollY; setTimeout(() => done(y === scrollY), 150) })", timeout=20_000
    )
    return page.locator(f'[id="{anchor}"]').bounding_box()["y"]


def test_every_link_goes_to_what_is_there(visit):
    page = visit(reduced_motion="reduce")
    ends = page.evaluate(
        """async () => {
            const ends = [];
            for (const link of document.querySelectorAll("main a, nav a")) {
                link.click();
                await new Promise(done => setTimeout(done, 20));
                const target = document.getElementById(link.getAttribute("href").slice(1));
                const end = document.documentElement.scrollHeight - innerHeight;
                const { top, height } = target.getBoundingClientRect();
                ends.push([link.getAttribute("href"), target.checkVisibility({ contentVisibilityAuto: true }) && height > 0,
                    target.matches(".view") ? scrollY === 0 : Math.abs(top - BAR) < 2 || scrollY >= end - 2]);
            }
            return ends;
        }""".replace("BAR", str(BAR))
    )
    assert len(ends) > 10 and [end for end in ends if not (end[1] and end[2])] == []


def test_an_old_address_opens_what_it_is_in(visit):
    page = visit("#table-scores")
    assert page.locator("#table-scores").is_visible() and page.locator("#learning").is_visible()
    page.evaluate("location.hash = 'table-gradients-elman'")
    page.locator("#table-gradients-elman").wait_for()
    assert page.get_by_role("tab", name="elman", selected=True).is_visible() and not page.locator("#gradients-xor").is_visible()


def test_the_browsers_search_finds_what_is_not_seen(visit):
    page = visit("")
    hidden = page.evaluate("[...document.querySelectorAll('.view')].map(view => view.getAttribute('hidden'))")
    assert hidden == [None, *["until-found"] * (len(VIEWS) - 1)]
    page.locator("#cite").evaluate("place => place.dispatchEvent(new Event('beforematch', { bubbles: true }))")
    assert page.locator("#cite").is_visible() and not page.locator("#summary").is_visible()


def test_tabs_are_chosen_with_the_pointer_and_with_keys(visit):
    page = visit("#gradients")
    page.get_by_role("tab", name="elman").click()
    assert page.locator("#gradients-elman").is_visible() and not page.locator("#gradients-xor").is_visible()
    page.keyboard.press("ArrowRight")
    assert page.locator("#gradients-xor").is_visible() and page.get_by_role("tab", name="xor", selected=True).is_visible()


def test_a_link_goes_there_smoothly_too(visit):
    page = visit("")
    page.evaluate("() => { window.still = new Promise(done => addEventListener('scrollend', done, { once: true })) }")
    page.locator('.tiles a[href="#checks"]').last.click()
    page.evaluate("() => window.still.then(() => null)")
    assert abs(top(page, "checks") - BAR) < 2 or page.evaluate("scrollY + innerHeight + 2 > document.body.scrollHeight")


def column(page, table, place):
    return page.locator(f"#table-{table} tbody tr:visible > :nth-child({place})").all_text_contents()


def test_a_table_is_sorted_by_any_column(visit):
    page = visit("#variants")
    head = page.locator("#table-variants-xor thead th").nth(7)
    assert "µs per update" in head.text_content()
    head.get_by_role("button").click()
    up = column(page, "variants-xor", 8)
    assert head.get_attribute("aria-sort") == "ascending" and [float(v) for v in up] == sorted(map(float, up))
    head.get_by_role("button").click()
    assert head.get_attribute("aria-sort") == "descending" and column(page, "variants-xor", 8) == up[::-1]
    first = page.locator("#table-variants-xor thead th").nth(0)
    first.get_by_role("button").click()
    assert head.get_attribute("aria-sort") is None
    assert column(page, "variants-xor", 1) == sorted(VARIANTS, key=lambda name: name.removeprefix("<"))


def test_empty_cells_come_last_either_way(browser, tmp_path):
    made = several(tables(), ["xor", "elman"])
    report(tmp_path, made, ("xor", "elman"), drawn=())
    page = browser.new_page()
    page.goto((tmp_path / "report.html").as_uri() + "#table-leaderboard")
    heads = page.locator("#table-leaderboard thead th")
    at = next(i for i, head in enumerate(heads.all_text_contents()) if head.startswith("xor: cosine"))
    for expected in (["0.1", "0.7", ""], ["0.7", "0.1", ""]):
        heads.nth(at).get_by_role("button").click()
        assert column(page, "leaderboard", at + 1) == expected
    page.close()


def test_a_table_is_filtered_by_words(visit):
    page = visit("#variants")
    search = page.get_by_role("searchbox", name="Filter rows of Every variant on xor")
    search.fill("WRONG numpy")
    assert column(page, "variants-xor", 1) == ["numpy-posted"]
    assert page.locator("#variants [role=status]").first.text_content() == "1 of 9 rows"
    search.fill("")
    assert len(column(page, "variants-xor", 1)) == 9


def pasted(page):
    """What was copied, pasted into a field of the page's own (of several lines)."""
    page.evaluate("document.body.append(Object.assign(document.createElement('textarea'), {id: 'paste'}))")
    page.locator("#paste").focus()
    page.keyboard.press("Control+V")
    return page.locator("#paste").input_value()


def test_a_table_is_copied_as_csv_in_full(visit):
    page = visit("#variants", permissions=["clipboard-read", "clipboard-write"])
    page.get_by_role("searchbox", name="Filter rows of Every variant on xor").fill("bptt")
    page.get_by_role("button", name="Copy CSV of Every variant on xor").click()
    page.get_by_text("Copied 1 rows as CSV").wait_for()
    (row,) = csv.DictReader(io.StringIO(pasted(page)))
    error = "squared error on the XOR bit"
    assert (row["variant"], row[error], row[f"{error}, low"], row[f"{error}, high"]) == ("numpy-bptt", "0.1", "0.05", "0.2")
    assert row["learnt by"] == "1 of 3" and row["passes to target"] == "not reached"


def test_no_cell_of_a_csv_is_a_formula(visit):
    lines = [["=1+1", "@x", '+a,"b"', "-0.5", "-none", 3]]
    assert visit("").evaluate("lines => csvText(lines)", lines) == '\'=1+1,\'@x,"\'+a,""b""",-0.5,\'-none,3\n'


def test_a_table_is_copied_as_latex(visit):
    page = visit("#variants", permissions=["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy LaTeX of Every variant on xor").click()
    page.get_by_text("Copied 9 rows as LaTeX").wait_for()
    lines = pasted(page).splitlines()
    assert lines[0] == r"\begin{tabular}{l" + "r" * 9 + "}" and lines[1] == r"\toprule" and lines[-1] == r"\end{tabular}"
    assert r"\textmu{}s per update" in lines[2] and lines[4].startswith(
        "numpy-posted & wrong in W0, b0 & 0.1 [0.05, 0.2] & 1 of 3 &"
    )


def test_provenance_and_commands_are_copied(visit):
    page = visit("#reproduce", permissions=["clipboard-read", "clipboard-write"])
    page.locator("#reproduce").get_by_role("button", name="Copy").click()
    page.locator("#reproduce").get_by_text("Copied").wait_for()
    assert pasted(page) == "git checkout abc\nsnakemake --cores 4"


def test_the_explorer_draws_what_is_chosen(visit):
    page = visit()
    assert titles(page) == ["bits seen", "squared error on the XOR bit"]
    assert marks(page, "line") == len(VARIANTS) and marks(page, "area") == 2 and marks(page, "symbol") == len(VARIANTS) - 2
    act(page, field(page, "measure").select_option, "mse")
    act(page, field(page, "over").select_option, "updates")
    assert titles(page) == ["updates", field(page, "measure").locator("option:checked").text_content()]
    act(page, field(page, "show").select_option, "runs")
    assert marks(page, "area") == 0 and marks(page, "line") == len(VARIANTS) + 2 * 3
    act(page, field(page, "show").select_option, "lines")
    assert marks(page, "area") == 0 and marks(page, "line") == len(VARIANTS)
    assert page.locator("#explore-xor .chart .mark-text.role-mark text").count() == 3
    act(page, field(page, "references").uncheck)
    assert page.locator("#explore-xor .chart .mark-text.role-mark text").count() == 0


def strokes(page):
    lines = page.locator("#explore-xor .chart .mark-line.role-mark path")
    return {line.get_attribute("aria-label").split("variant: ")[1]: line.get_attribute("stroke") for line in lines.all()}


def test_a_role_has_its_colour_two_more_are_pinned_and_all_else_is_grey(visit):
    page = visit()
    before = strokes(page)
    grey = before["numpy-bptt"]
    assert len(set(before.values())) == 3 and before["numpy-posted"] != grey != before["keras"] and before[EVIL] == grey
    act(page, field(page, "pin").select_option, "numpy-bptt")
    act(page, field(page, "pin").select_option, EVIL)
    after = strokes(page)
    assert {name for name in after if after[name] != grey} == {"numpy-posted", "keras", "numpy-bptt", EVIL}
    assert [after[name] for name in ("numpy-posted", "keras")] == [before[name] for name in ("numpy-posted", "keras")]
    assert page.locator("#explore-xor .chips button").count() == 4 and "pins=numpy-bptt&pins=" in page.url
    act(page, field(page, "pin").select_option, "other-0")
    assert strokes(page)["numpy-bptt"] == grey != strokes(page)["other-0"]
    act(page, page.get_by_role("button", name="Unpin keras").click)
    assert strokes(page)["keras"] == grey and "hide=keras" in page.url


def test_who_is_pinned_is_pinned_everywhere_and_in_the_address(visit):
    page = visit("#learning?pins=other-3")
    assert page.get_by_role("button", name="Unpin other-3").count() == 1
    page.locator("nav").get_by_role("link", name="Gradients").click()
    page.locator("#explore-gradients-xor").get_by_role("button", name="Unpin other-3").wait_for()
    assert page.url.endswith("#gradients?pins=other-3")


def test_gradients_are_drawn_along_training_and_by_lag(visit):
    page = visit("#gradients")
    chart = page.locator("#explore-gradients-xor")
    chart.locator(".chart svg").wait_for()
    names = chart.locator("[name=measure] option").evaluate_all("options => options.map(o => o.value)")
    assert names[0] == "cosine-as trained" and {"lag norm-x1", "gradient norm-W0", "singular value-largest"} <= set(names)
    chart.locator("[name=measure]").select_option("lag norm-x1")
    chart.locator(".role-axis-title text", has_text="steps back").wait_for()
    assert chart.locator("[name=logy]").is_checked() and "A straight fall" in chart.locator(".how").text_content()


def ticks(page, axis):
    return page.locator("#explore-xor .chart .role-axis-label").nth(axis).locator("text").all_text_contents()


def test_axes_are_logarithmic_or_not(visit):
    page = visit()
    start = ticks(page, 0)
    assert start[0] == "0"
    act(page, field(page, "logx").check)
    assert ticks(page, 0) != start and "0" not in ticks(page, 0)
    before = ticks(page, 1)
    act(page, field(page, "logy").check)
    assert ticks(page, 1) != before


def test_zoom_by_numbers_by_wheel_and_back(visit):
    page = visit()
    whole = ticks(page, 1)
    page.locator("#explore-xor summary").last.click()
    field(page, "y0").fill("0.05")
    field(page, "y1").fill("0.12")
    act(page, field(page, "y1").press, "Tab")
    zoomed = [float(value) for value in ticks(page, 1)]
    assert min(zoomed) >= 0.05 and max(zoomed) <= 0.12 and ticks(page, 1) != whole
    act(page, page.locator("#explore-xor").get_by_role("button", name="Whole curves").click)
    assert ticks(page, 1) == whole and field(page, "y0").input_value() == ""
    page.locator("#explore-xor .chart").scroll_into_view_if_needed()
    page.locator("#explore-xor .chart").hover()
    page.mouse.wheel(0, -200)
    assert field(page, "x0").input_value() == ""
    page.locator("#explore-xor .chart").scroll_into_view_if_needed()
    page.locator("#explore-xor .chart").hover()
    page.keyboard.down("Control")
    page.mouse.wheel(0, -200)
    page.wait_for_function("document.querySelector('[name=x0]').value !== ''")
    page.wait_for_url("**x0=**")
    assert ticks(page, 1) != whole
    act(page, page.locator("#explore-xor .chart").dblclick)
    assert ticks(page, 1) == whole and field(page, "x0").input_value() == ""


def test_dragging_moves_the_curves_and_asks_little_of_the_address(visit):
    page = visit()
    whole = ticks(page, 1)
    page.evaluate(
        "() => { window.told = 0; const was = history.replaceState; history.replaceState = (...all) => "
        "{ window.told += 1; was.apply(history, all) } }"
    )
    chart = page.locator("#explore-xor .chart")
    chart.scroll_into_view_if_needed()
    box = chart.bounding_box()
    page.mouse.move(box["x"] + 300, box["y"] + 200)
    page.mouse.down()
    page.mouse.move(box["x"] + 300, box["y"] + 290, steps=60)
    page.mouse.up()
    page.wait_for_url("**y0=**")
    assert ticks(page, 1) != whole and page.evaluate("told") < 5


def test_no_end_of_a_logarithmic_axis_is_below_zero(visit):
    page = visit("#explore-xor?logx=1&x0=-5&x1=0")
    assert ticks(page, 0) and "0" not in ticks(page, 0)


def test_a_view_that_is_drawn_over_is_gone(visit):
    count = """window.listeners = 0;
    for (const [name, by] of [["addEventListener", 1], ["removeEventListener", -1]]) {
      const was = window[name];
      window[name] = function (kind, ...rest) { listeners += (kind === "resize") * by; return was.call(window, kind, ...rest) };
    }"""
    page = visit(before=count)
    first = page.evaluate("listeners")
    for _ in range(3):
        act(page, field(page, "logy").click)
    assert page.evaluate("listeners") == first > 0


def test_what_is_drawn_follows_quick_hands(visit):
    page = visit()
    page.evaluate("() => { for (let turn = 0; turn < 5; turn++) document.querySelector('#explore-xor [name=logy]').click() }")
    page.wait_for_timeout(1000)
    assert page.locator("#explore-xor .chart svg").count() == 1 and field(page, "logy").is_checked()


def test_values_are_read_with_the_pointer_and_at_a_budget_that_is_moved(visit):
    page = visit()
    chart, readout, budget = (page.locator(f"#explore-xor .{name}") for name in ("chart", "readout", "budget"))
    everyone = page.locator("#explore-xor .everyone")
    assert "bits seen 270:" in readout.text_content() and everyone.locator("li").count() == len(VARIANTS)
    budget.focus()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    assert "bits seen 10:" in readout.text_content() and "numpy-posted0.1 [0.05, 0.2]" in readout.text_content()
    assert readout.get_attribute("aria-live") == "polite" and budget.get_attribute("aria-valuetext") == "bits seen 10"
    assert "bits seen 10, from the least squared error on the XOR bit" in everyone.locator("p").text_content()
    assert "numpy-bptt 0.1 [0.05, 0.2]" in everyone.locator("li").all_text_contents()
    page.wait_for_url("**budget=10*")
    chart.scroll_into_view_if_needed()
    box = chart.bounding_box()
    page.mouse.move(box["x"] + box["width"] - 10, box["y"] + 100)
    assert "bits seen 270:" in readout.text_content() and readout.get_attribute("aria-live") == "off"
    page.mouse.move(box["x"] + box["width"] - 10, box["y"] - 300)
    assert "bits seen 10:" in readout.text_content()


def line_of_budget(page):
    """The middle of the budget's line, and of its handle."""
    line = page.locator("#explore-xor .chart .mark-rule.role-mark").last.bounding_box()
    handle = page.locator("#explore-xor .budget").bounding_box()
    slider = page.locator("#explore-xor .budget").evaluate("slider => slider.value / slider.max")
    return line["x"] + line["width"] / 2, handle["x"] + 8 + slider * (handle["width"] - 16)


def test_the_handle_of_the_budget_is_dragged_and_stands_above_its_line(visit):
    page = visit()
    handle = page.locator("#explore-xor .budget")
    handle.scroll_into_view_if_needed()
    for share in (0.32, 0.09):
        line, thumb = line_of_budget(page)
        assert abs(line - thumb) < 3
        box = handle.bounding_box()
        page.mouse.move(thumb, box["y"] + 8)
        page.mouse.down()
        page.mouse.move(box["x"] + 8 + share * (box["width"] - 16), box["y"] + 8, steps=3)
        page.mouse.up()
    assert "bits seen 30:" in page.locator("#explore-xor .readout").text_content()
    act(page, field(page, "logx").check)
    line, thumb = line_of_budget(page)
    assert abs(line - thumb) < 3 and "bits seen 30:" in page.locator("#explore-xor .readout").text_content()
    page.set_viewport_size({"width": 900, "height": 800})
    page.wait_for_function(f"document.querySelector('{SEEN}').getBoundingClientRect().width < 900")
    page.wait_for_timeout(300)
    line, thumb = line_of_budget(page)
    assert abs(line - thumb) < 3
    other = visit(f"#{page.url.split('#')[1]}")
    assert "bits seen 30:" in other.locator("#explore-xor .readout").text_content()


def test_everyone_is_listed_at_the_budget_and_held_against_the_baseline(visit, falling):
    page = visit(at=falling)
    everyone = page.locator("#explore-xor .everyone li")
    act(page, field(page, "baseline").select_option, "numpy-bptt")
    assert "baseline=numpy-bptt" in page.url
    assert everyone.all_text_contents() == ["keras 0.025, -0.025", "numpy-bptt 0.05", "numpy-posted 0.1, +0.05"]
    page.locator("#explore-xor .budget").focus()
    page.keyboard.press("ArrowLeft")
    assert everyone.all_text_contents() == ["keras 0.05, -0.05", "numpy-bptt 0.1", "numpy-posted 0.2, +0.1"]
    other = visit("#learning?baseline=keras&baseline=nobody", at=falling)
    assert field(other, "baseline").input_value() == "keras"


def test_whoever_is_pinned_has_their_line_in_the_tables_too(visit):
    page = visit("#learning?pins=other-3&hide=keras")

    def lines(table):
        return page.locator(f"#table-{table} tbody th:has(svg)").all_text_contents()

    assert lines("final-xor") == ["numpy-posted", "other-3"]
    page.evaluate("location.hash = 'learning?pins=numpy-bptt'")
    page.locator("#table-final-xor th:has(svg)", has_text="numpy-bptt").wait_for(state="attached")
    assert lines("final-xor") == ["numpy-posted", "numpy-bptt"]


def test_a_number_is_written_as_the_tables_have_it(visit):
    values = [0.0, 1.0, -0.0645, 0.00123456, 8.04e-4, 3.0e-5, 1.2e-12, 0.9996, 12.345, 999.4, 999.6, -1234567.0]
    assert visit("").evaluate("values => values.map(number)", values) == [number(value) for value in values]


def test_a_view_is_shared_by_its_address(visit):
    page = visit(permissions=["clipboard-read", "clipboard-write"])
    act(page, field(page, "measure").select_option, "mse")
    act(page, field(page, "over").select_option, "seconds")
    act(page, field(page, "logx").check)
    act(page, page.get_by_role("button", name="Unpin keras").click)
    page.locator("#explore-xor summary").last.click()
    field(page, "x1").fill("2")
    act(page, field(page, "x1").press, "Tab")
    page.locator("#explore-xor").get_by_role("button", name="Copy link to this view").click()
    page.get_by_text("Copied the link").wait_for()
    link = pasted(page)
    anchor = link[link.index("#") :]
    other = visit(anchor)
    assert titles(other) == titles(page) and ticks(other, 0) == ticks(page, 0)
    assert field(other, "measure").input_value() == "mse" and field(other, "logx").is_checked()
    assert other.get_by_role("button", name="Unpin keras").count() == 0 and field(other, "x1").input_value() == "2"


@pytest.mark.parametrize(
    "anchor", ["#explore-xor?measure=none&over=y&show=z&x0=abc&hide=nobody", "#explore?", "#explore-xor?%%%"]
)
def test_a_mistyped_address_is_no_harm(visit, anchor):
    page = visit(anchor)
    assert titles(page) == ["bits seen", "squared error on the XOR bit"]


def test_a_figure_is_saved_as_it_stands(visit, with_pictures, tmp_path):
    page = visit("#ladder", at=with_pictures)
    page.locator("#fig-xor-ladder_1 summary").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Save xor-ladder_1.svg").click()
    download.value.save_as(tmp_path / "figure.svg")
    assert download.value.suggested_filename == "xor-ladder_1.svg" and "<svg" in (tmp_path / "figure.svg").read_text()


def test_the_chart_is_saved(visit, tmp_path):
    page = visit()
    act(page, field(page, "show").select_option, "runs")
    saved = {}
    for name in ("SVG", "PNG", "CSV"):
        with page.expect_download() as download:
            page.locator("#explore-xor").get_by_role("button", name=name, exact=True).click()
        download.value.save_as(tmp_path / name)
        assert download.value.suggested_filename == f"xor-mse_xor_bit.{name.lower()}"
        saved[name] = (tmp_path / name).read_bytes()
    svg = saved["SVG"].decode()
    assert svg.startswith("<svg") and "numpy-posted" in svg and "Learning curves on xor: squared error on the XOR bit" in svg
    assert saved["PNG"].startswith(b"\x89PNG")
    rows = list(csv.DictReader(io.StringIO(saved["CSV"].decode())))
    assert {row["run"] for row in rows} == {"middle", "0", "1", "2"} and {row["variant"] for row in rows} == set(VARIANTS)
    values = {"examples": "10", "mse_xor_bit": "0.1", "low": "0.05", "high": "0.2"}
    assert {"variant": "numpy-bptt", "run": "middle", **values} in rows


HEIGHTS = {"summary": 1600, "court": 2000, "learning": 2000, "ladder": 1400, "rules": 2200, "gradients": 2000, "cost": 1600}
HEIGHTS |= {"data": 1600, "cards": 2400}


def test_a_report_of_real_shape_is_read_in_few_screens(visit, large):
    at = (large.figures / "report.html").as_uri()
    page = visit("", at=at)
    heights = {}
    for view in HEIGHTS:
        page.evaluate("view => { location.hash = view }", view)
        page.locator(f"#{view}").wait_for()
        page.wait_for_timeout(300)
        heights[view] = page.evaluate("document.documentElement.scrollHeight")
    assert {view: height for view, height in heights.items() if height > HEIGHTS[view]} == {}
    assert page.pdf(format="A4").count(b"/Type /Page\n") <= 15
    assert len(large.html.encode()) < 3e6
    whole = visit("", at=at, java_script_enabled=False)
    assert whole.locator("html").bounding_box()["height"] <= 20_000


@pytest.mark.parametrize("width", [1280, 390])
def test_every_word_of_a_picture_can_be_read(visit, large, width):
    """At least 11 pixels, as it is shown; pictures that hold a word too small for that are named."""
    page = visit("", at=(large.figures / "report.html").as_uri(), viewport={"width": width, "height": 844})
    shown = page.evaluate(
        """async () => {
            for (const place of document.querySelectorAll('[hidden=until-found]')) place.removeAttribute('hidden');
            for (const fold of document.querySelectorAll('details')) fold.open = true;
            const images = [...document.querySelectorAll('main img')].filter(image => !image.hidden);
            await Promise.all(images.map(image => image.decode()));
            return images.map(image => [image.closest('figure')?.id ?? image.alt, image.currentSrc,
                image.getBoundingClientRect().width / image.naturalWidth]);
        }"""
    )
    small = {}
    for name, source, scale in shown:
        svg = base64.b64decode(source.split(",", 1)[1]).decode() if ";base64," in source else unquote(source)
        # Matplotlib's unit is a point, Vega's a pixel.
        unit = 4 / 3 if "matplotlib" in svg else 1
        sizes = [float(size) for size in re.findall(r"font-size[:=]\\s*['\"]?([\\d.]+)px", svg)]
        if sizes and scale and min(sizes) * unit * scale < 10.9:
            small[name] = min(sizes) * unit * scale
    assert len(shown) > 20 and small == {}


def test_one_rule_is_held_against_another_on_every_task_in_four_actions(visit):
    page = visit("")
    page.locator("nav").get_by_role("link", name="Rules").click()
    duel = page.locator(".duel")
    duel.locator("[name=a]").first.select_option(label="snap1")
    duel.locator("[name=b]").first.select_option(label="kf-rtrl")
    duel.locator("[name=over]").first.select_option("seconds")
    for task in ("xor", "elman"):
        chart = page.locator(f"#duel-{task} .chart")
        chart.locator(".role-axis-title text", has_text="CPU seconds").wait_for()
        lines = chart.locator(".mark-line.role-mark path")
        grey = page.evaluate("getComputedStyle(document.documentElement).getPropertyValue('--others')")
        coloured = {line.get_attribute("stroke") for line in lines.all()} - {grey}
        assert len(coloured) == 2 == lines.count()
        assert "was not run here" not in page.locator(f"#duel-{task} .readout").text_content()
    assert "pins=" in page.url


def test_a_mark_stands_below_its_lag(visit):
    page = visit("#rule/posted")
    table = page.locator("[id='rule/posted'] .lags")
    heads, marks = table.locator("thead th"), table.locator("tbody tr:has(td)").first.locator("td")
    for lag in (0, 3, 8):
        head, mark = heads.nth(lag + 1).bounding_box(), marks.nth(lag).bounding_box()
        assert abs(head["x"] + head["width"] / 2 - mark["x"] - mark["width"] / 2) < 3
    page.set_viewport_size(NARROW)
    assert page.locator("[id='rule/posted']").bounding_box()["height"] < 4000


def test_a_rule_is_found_as_people_write_it(visit):
    page = visit("")
    page.keyboard.press("/")
    page.keyboard.type("SnAp-1")
    page.keyboard.press("Enter")
    page.locator("[id='rule/snap1']").wait_for()
    assert page.locator("[id='rule/snap1']").get_attribute("open") is not None


def test_a_card_is_found_by_its_name_and_a_variant_pinned_there(visit):
    page = visit("")
    page.keyboard.press("/")
    page.keyboard.type("variant numpy-bptt")
    page.keyboard.press("Enter")
    card = page.locator("[id='variant/numpy-bptt']")
    card.locator(".facts").wait_for()
    card.get_by_role("button", name="Pin").click()
    assert card.get_by_role("button", name="Unpin").is_visible() and "pins=numpy-bptt" in page.url
    page.locator("nav").get_by_role("link", name="Court").click()
    page.locator(".matrix").first.get_by_role("link", name="posted", exact=True).click()
    rule = page.locator("[id='rule/posted']")
    rule.get_by_text("How far back each derivative reaches").wait_for()
    assert rule.locator(".mark.missing").count() > 10
    seen = "[...document.querySelectorAll('#cards > details')].filter((card) => card.offsetHeight).map((card) => card.id)"
    assert page.evaluate(seen) == ["rule/posted"]
    page.get_by_role("link", name="All of them").click()
    page.wait_for_function(f"{seen}.length > 10")


def test_a_variant_that_the_last_report_had_not_is_pinned_and_marked(browser, tmp_path):
    report(tmp_path, tables(variants=VARIANTS), drawn=(), before=[name for name in VARIANTS if name != "other-2"])
    page = browser.new_page()
    page.goto((tmp_path / "report.html").as_uri() + "#learning")
    page.get_by_role("button", name="Unpin other-2").wait_for()
    page.goto((tmp_path / "report.html").as_uri() + "#variant/other-2")
    page.get_by_text("variant other-2 (new)").wait_for()
    page.close()


@pytest.mark.parametrize("view", VIEWS)
def test_the_keyboard_alone_reaches_everything_in_few_stops(visit, view):
    page = visit(f"#{view}")
    controls = "a[href], button:not([tabindex='-1']), input, select, summary, [tabindex='0']"
    page.evaluate("s => document.querySelectorAll(s).forEach((element, i) => element.dataset.control = i)", controls)
    wanted = set(
        page.evaluate(
            "s => [...document.querySelectorAll(s)].filter(e => e.checkVisibility({ contentVisibilityAuto: true }))"
            ".filter(e => e.getClientRects().length).map(e => e.dataset.control)",
            controls,
        )
    )
    reached = set()
    for _ in range(len(wanted) + 5):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.dataset.control"))
    assert 5 < len(wanted) <= 80 and wanted <= reached


def test_motion_is_reduced_where_that_is_asked(visit):
    def behaviour(**options):
        return visit(**options).evaluate("getComputedStyle(document.documentElement).scrollBehavior")

    assert (behaviour(reduced_motion="reduce"), behaviour(reduced_motion="no-preference")) == ("auto", "smooth")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_prints_on_white_without_the_tools(visit, with_pictures, scheme):
    page = visit(at=with_pictures, color_scheme=scheme)
    pdf = page.pdf(format="A4")
    assert pdf.startswith(b"%PDF") and pdf.count(b"/Type /Page\n") > 5
    page.emulate_media(media="print", color_scheme=scheme)
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(31, 41, 51)"
    assert page.locator("nav, .tools, #explore").filter(visible=True).count() == 0
