// Charts of lines that move. Of each, the form is the state: it is drawn from, written to the address, and read back from it.
// Who is pinned is the same for all (shell.js). `ast` interprets expressions, so that the page need not allow any code but its own.
const OPTIONS = { ast: true, actions: false, renderer: "svg", defaultStyle: false, tooltip: false, config: {} };
const RANGES = ["x0", "x1", "y0", "y1"];
const NOTHING = "Nothing to draw: pin a variant, or choose an axis that is not logarithmic.";

async function unpacked(element) {
  const bytes = Uint8Array.from(atob(element.textContent), (c) => c.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).text();
}

// The library that draws, from the first chart on.
let library = null;
async function load() {
  const script = document.createElement("script");
  script.textContent = await unpacked(document.getElementById("vega"));
  document.head.append(script);
}

function nearest(list, distance) {
  let best = -1;
  list.forEach((item, i) => {
    if (best < 0 || distance(item) < distance(list[best])) best = i;
  });
  return best;
}

function explorer(root) {
  const find = (selector) => root.querySelector(selector);
  const form = find("form");
  const [canvas, readout, said] = [find(".chart"), find(".readout"), find("[role=status]")];
  const source = root.dataset.of ? document.getElementById(root.dataset.of) : root;
  const { chart } = JSON.parse(source.querySelector("script").textContent);
  const only = root.dataset.among && new Set(JSON.parse(root.dataset.among));
  const rivals = [...(root.closest(".duel")?.querySelectorAll("select.rival") ?? [])];
  const field = (name) => form.elements.namedItem(name);
  const slider = find(".budget");
  // budget: where everyone is compared, on the axis; null at the end.
  let [measures, view, places, budget, drawing, finalize] = [null, null, [], null, 0, () => {}];

  const measure = () => measures.find((m) => m.name === field("measure").value) ?? measures[0];
  const label = (name) => field(name).selectedOptions[0].textContent;
  const there = () => Object.keys(measure().variants).filter((name) => !only || only.has(name));
  const { task } = root.dataset;
  const shown = () => (rivals.length ? rivals.map((rival) => rival.value) : pins.list(task)).filter((name) => there().includes(name));
  const colour = (name) => (rivals.length ? pins.ofPlace(rivals.findIndex((rival) => rival.value === name)) : pins.colour(name, task));
  const isLog = (axis) => field(`log${axis}`).checked;
  // An end of an axis, if it is given and can be on it.
  const bound = (axis, end) => {
    const { value } = field(`${axis}${end}`);
    return value === "" || (isLog(axis) && Number(value) <= 0) ? undefined : Number(value);
  };
  // A point on a logarithmic axis is above zero.
  const drawable = (x, y) => x !== null && y !== null && (!isLog("x") || x > 0) && (!isLog("y") || y > 0);

  // The choices that depend on the measure.
  function fit() {
    const before = field("over").value;
    const { over } = measure();
    field("over").replaceChildren(...Object.entries(over).map(([name, words]) => new Option(words, name)));
    if (before in over) field("over").value = before;
    find(".how").textContent = measure().how;
  }

  // What is drawn; of a file, every point that there is.
  function rows(drawn = drawable) {
    const [x, how] = [field("over").value, field("show").value];
    const data = { means: [], bands: [], traces: [], others: [], ends: [] };
    for (const variant of there()) {
      const of = measure().variants[variant];
      const pinned = shown().includes(variant);
      const points = of[x].map((at, i) => ({ variant, x: at, value: of.value[i], low: of.low[i], high: of.high[i] }));
      const kept = points.filter((p) => drawn(p.x, p.value));
      if (pinned) data.means.push(...kept);
      // Two against each other have the axes for themselves.
      else if (kept.length && !rivals.length) data.others.push(...kept), data.ends.push(kept.at(-1));
      if (pinned && how === "bands") data.bands.push(...kept.filter((p) => p.low !== null && drawable(p.x, p.low)));
      if (!pinned || how !== "runs" || !of.runs) continue;
      of.runs.forEach((run, number) =>
        run.forEach((value, i) => {
          if (drawn(of[x][i], value)) data.traces.push({ variant, run: `${variant} ${number}`, x: of[x][i], value });
        }),
      );
    }
    return data;
  }

  // The chart of the present state and its rows; `alone` is for a file: of a fixed size, with a title and a legend.
  function specification(data, alone) {
    const spec = structuredClone(chart);
    const style = getComputedStyle(root);
    const [ink, line, paper, others] = ["--ink", "--line", "--paper", "--others"].map((name) => style.getPropertyValue(name).trim());
    const references = field("references").checked ? measure().references.filter((r) => drawable(1, r.value)) : [];
    spec.datasets = { ...data, references, cursor: alone ? [] : [{ x: places[chosen()] }] };
    spec.layer = spec.layer.filter((layer) => spec.datasets[layer.data.name].length > 0);
    // The zoom is of a layer that is there.
    spec.params[0].views = [(spec.layer[0].name ??= "first")];
    const scale = (axis) => ({
      ...(isLog(axis) ? { type: "log" } : { type: "linear", zero: axis === "x" }),
      nice: false,
      ...(bound(axis, 0) !== undefined ? { domainMin: bound(axis, 0) } : {}),
      ...(bound(axis, 1) !== undefined ? { domainMax: bound(axis, 1) } : {}),
    });
    for (const layer of spec.layer) {
      const { x, y, color, strokeDash } = layer.encoding;
      if (x && x.field) Object.assign(x, { scale: scale("x"), title: label("over") });
      if (y) Object.assign(y, { scale: scale("y"), title: measure().label });
      const domain = shown();
      if (color) color.scale = { domain, range: domain.map(colour) };
      if (strokeDash) strokeDash.scale = { domain, range: domain.map((name) => pins.dash(name, task)) };
      for (const look of alone ? [color, strokeDash] : []) if (look) look.legend = { symbolType: "stroke", symbolStrokeWidth: 2, symbolSize: 400 };
      if (["rule", "text"].includes(layer.mark.type)) layer.mark.color = ink;
      if (["others", "ends"].includes(layer.data.name)) layer.mark.color = others;
    }
    if (alone) Object.assign(spec, { width: 720, title: `${root.dataset.title}: ${measure().label}` });
    const axis = { labelColor: ink, titleColor: ink, domainColor: line, tickColor: line, gridColor: line, labelFontSize: 12, titleFontSize: 12, labelSeparation: 8 };
    spec.config = { background: paper, axis, text: { fontSize: 12 }, legend: { labelColor: ink }, title: { color: ink }, view: { stroke: line } };
    return spec;
  }

  const embed = (element, drawn, alone) => vegaEmbed(element, specification(drawn, alone), OPTIONS);

  async function draw() {
    if (!measures || root.checkVisibility({ contentVisibilityAuto: true }) === false) return;
    chips();
    const turn = (drawing += 1);
    const drawn = rows();
    if (drawn.means.length + drawn.others.length === 0) {
      finalize();
      [view, finalize] = [null, () => {}];
      canvas.replaceChildren();
      readout.textContent = NOTHING;
      slider.disabled = find(".everyone").hidden = true;
      return;
    }
    places = [...new Set([...drawn.means, ...drawn.others].map((row) => row.x))].sort((a, b) => a - b);
    const fresh = Object.assign(document.createElement("div"), { className: "drawing" });
    canvas.append(fresh);
    const result = await embed(fresh, drawn, false);
    if (turn !== drawing) {
      result.finalize();
      fresh.remove();
      return;
    }
    finalize();
    fresh.classList.remove("drawing");
    canvas.replaceChildren(fresh);
    ({ view, finalize } = result);
    slider.disabled = find(".everyone").hidden = false;
    settle(chosen());
    view.addResizeListener(align);
    view.addEventListener("pointermove", (event) => {
      const left = view.padding().left + view.origin()[0] + canvas.querySelector("svg").getBoundingClientRect().left;
      point(at(event.clientX - left));
    });
    view.addSignalListener("zoom", (_, to) => {
      // A double click takes the zoom back.
      if (!to.x) {
        actions.unzoom();
        return;
      }
      [field("x0").value, field("x1").value] = to.x.map((v) => Number(v.toPrecision(4)));
      [field("y0").value, field("y1").value] = to.value.map((v) => Number(v.toPrecision(4)));
      align();
      rememberSoon();
    });
    canvas.dataset.drawn = String(turn);
  }

  // Who is drawn in colour, and who may be.
  function chips() {
    const list = find(".chips");
    list.replaceChildren(
      ...shown().map((name) => {
        const chip = Object.assign(document.createElement("button"), { type: "button", ariaLabel: `Unpin ${name}` });
        chip.append(pins.swatch(name, task), ` ${name} ×`);
        chip.addEventListener("click", () => pins.toggle(name, task));
        return chip;
      }),
    );
    const rest = there().filter((name) => !shown().includes(name)).sort();
    field("pin").replaceChildren(new Option("pin one more", ""), ...rest.map((name) => new Option(name, name)));
    const all = there().sort().map((name) => new Option(name, name, false, name === pins.baseline()));
    field("baseline").replaceChildren(new Option("no baseline", ""), ...all);
  }

  // The place nearest to a point of the chart, in pixels from the axis; the one chosen.
  const at = (pixel) => nearest(places, (x) => Math.abs(view.scale("x")(x) - pixel));
  // Two against each other are compared where the shorter one ends.
  const last = () => {
    const ends = shown().map((name) => Math.max(...measure().variants[name][field("over").value]));
    return rivals.length && ends.length ? nearest(places, (x) => Math.abs(x - Math.min(...ends))) : places.length - 1;
  };
  const chosen = () => (budget === null ? last() : nearest(places, (x) => Math.abs(x - budget)));

  // The budget's handle stands above its line.
  function align() {
    const [left, width] = [view.padding().left + view.origin()[0], view.width()];
    slider.style.marginLeft = `calc(${left}px - .5rem)`;
    slider.style.width = `calc(${width}px + 1rem)`;
    slider.max = Math.round(width);
    slider.value = view.scale("x")(places[chosen()]);
    slider.setAttribute("aria-valuetext", `${label("over")} ${number(places[chosen()])}`);
  }

  // Compare everyone at a place.
  function settle(to, live) {
    budget = to === last() ? null : places[to];
    align();
    point(to, live);
    const rows = read(there(), to).sort((a, b) => a.value - b.value);
    find(".everyone p").textContent = `${label("over")} ${number(places[to])}, from the least ${measure().label} to the most:`;
    find(".everyone ol").replaceChildren(
      ...rows.map(({ variant, words }) => Object.assign(document.createElement("li"), { textContent: `${variant} ${words}` })),
    );
  }

  // What the pinned have at a place; said to a screen reader where `live` is "polite".
  function point(to, live = "off") {
    view.data("cursor", [{ x: places[to] }]).runAsync();
    readout.setAttribute("aria-live", live);
    const list = document.createElement("dl");
    for (const { variant, words } of read(shown(), to)) {
      const group = document.createElement("div");
      group.append(Object.assign(document.createElement("dt"), { textContent: variant }));
      group.append(Object.assign(document.createElement("dd"), { textContent: words }));
      list.append(group);
    }
    const missing = rivals.filter((rival) => !there().includes(rival.value)).map((rival) => ` ${rival.selectedOptions[0].textContent} was not run here.`);
    readout.replaceChildren(`${label("over")} ${number(places[to])}: `, list, ...missing);
  }

  // What variants have at a place, or nearest to it, and by how much that is more or less than the baseline.
  function read(variants, to) {
    const x = field("over").value;
    const of = (variant) => {
      const values = measure().variants[variant];
      const i = nearest(values[x], (here) => (here === null ? Infinity : Math.abs(here - places[to])));
      return { here: values[x][i], value: values.value[i], low: values.low[i], high: values.high[i] };
    };
    const base = there().includes(pins.baseline()) ? of(pins.baseline()).value : null;
    return variants.flatMap((variant) => {
      const { here, value, low, high } = of(variant);
      if (value === null) return [];
      const interval = low === null ? "" : ` [${number(low)}, ${number(high)}]`;
      const where = here === places[to] ? "" : ` at ${number(here)}`;
      const beside = base === null || variant === pins.baseline() ? "" : `, ${value < base ? "" : "+"}${number(value - base)}`;
      return [{ variant, value, words: `${number(value)}${interval}${where}${beside}` }];
    });
  }

  slider.addEventListener("input", () => {
    if (!view) return;
    settle(at(Number(slider.value)), "polite");
    rememberSoon();
  });
  slider.addEventListener("keydown", (event) => {
    if (!view) return;
    const end = places.length - 1;
    const [back, on] = [Math.max(0, chosen() - 1), Math.min(end, chosen() + 1)];
    const steps = { ArrowLeft: back, ArrowDown: back, ArrowRight: on, ArrowUp: on, Home: 0, End: end };
    if (!(event.key in steps)) return;
    event.preventDefault();
    settle(steps[event.key], "polite");
    rememberSoon();
  });
  canvas.addEventListener("pointerleave", () => view && point(chosen()));

  // The state in the address: #explore-xor?measure=...
  function remember() {
    if (only) return;
    const state = new URLSearchParams([...new FormData(form)].filter(([name, value]) => !["pin", "baseline"].includes(name) && value !== ""));
    for (const name of ["logx", "logy", "references"]) state.set(name, field(name).checked ? "1" : "0");
    if (budget !== null) state.set("budget", budget);
    address.write(root.id, state);
  }
  let waiting = 0;
  function rememberSoon() {
    clearTimeout(waiting);
    waiting = setTimeout(remember, 300);
  }

  function recall() {
    const state = address.of(root.id);
    if (!state) return;
    const choose = (name) => {
      if ([...field(name).options].some((option) => option.value === state.get(name))) field(name).value = state.get(name);
    };
    choose("measure");
    fit();
    ["over", "show"].forEach(choose);
    for (const name of ["logx", "logy", "references"]) if (state.has(name)) field(name).checked = state.get(name) === "1";
    const given = (name) => (Number.isFinite(parseFloat(state.get(name))) ? parseFloat(state.get(name)) : null);
    for (const name of RANGES) field(name).value = given(name) ?? "";
    budget = given("budget");
  }

  function save(name, url) {
    Object.assign(document.createElement("a"), { href: url, download: name }).click();
    said.textContent = `Saved ${name}`;
  }
  const blob = (text, type) => URL.createObjectURL(new Blob([text], { type }));
  const name = () => `${root.id.replace("explore-", "")}-${measure().name}`.replace(/[^\w-]+/g, "_");

  async function alone(form, url) {
    const drawn = rows();
    if (drawn.means.length + drawn.others.length === 0) {
      said.textContent = NOTHING;
      return;
    }
    const large = await embed(document.createElement("div"), drawn, true);
    save(`${name()}.${form}`, await url(large.view));
    large.finalize();
  }

  const actions = {
    svg: () => alone("svg", async (large) => blob(await large.toSVG(), "image/svg+xml")),
    png: () => alone("png", (large) => large.toImageURL("png", 2)),
    csv() {
      const { means, others, traces } = rows((_, y) => y !== null);
      const lines = [
        ...[...means, ...others].map((r) => [r.variant, "middle", r.x, r.value, r.low ?? "", r.high ?? ""]),
        ...traces.map((r) => [r.variant, r.run.split(" ").pop(), r.x, r.value, "", ""]),
      ];
      save(`${name()}.csv`, blob(csvText([["variant", "run", field("over").value, measure().name, "low", "high"], ...lines]), "text/csv"));
    },
    async link() {
      remember();
      said.textContent = (await copyText(location.href)) ? "Copied the link to this view" : "Copying was refused; the address bar has the link";
    },
    unzoom() {
      for (const name of RANGES) field(name).value = "";
      changed();
    },
  };

  function changed() {
    remember();
    draw();
  }

  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("change", (event) => {
    const { name, value } = event.target;
    if (name === "pin") {
      pins.toggle(value, task);
      return;
    }
    if (name === "baseline") {
      pins.compare(value);
      return;
    }
    // Places are those of an axis.
    if (["measure", "over"].includes(name)) budget = null;
    if (name === "measure") {
      fit();
      field("logy").checked = measure().log;
    }
    // A zoom is of the axes it was made on.
    if (["measure", "over", "logx", "logy"].includes(name)) for (const range of RANGES) field(range).value = "";
    changed();
  });
  for (const button of root.querySelectorAll("button[data-do]")) button.addEventListener("click", () => actions[button.dataset.do]());
  document.addEventListener("pins", draw);
  window.addEventListener("hashchange", () => {
    if (!measures || !address.of(root.id)) return;
    recall();
    draw();
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);

  // Unpacked and drawn when it is first seen.
  new IntersectionObserver(async (entries, observer) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    observer.disconnect();
    await (library ??= load());
    measures = JSON.parse(await unpacked(source.querySelector(".data")));
    if (find(".still")) find(".still").hidden = true;
    find(".tool").hidden = false;
    fit();
    field("logy").checked = measure().log;
    recall();
    draw();
  }, { rootMargin: "400px" }).observe(root);
}

for (const root of document.querySelectorAll(".explorer")) explorer(root);

// Two rules are pinned, and all their charts drawn over the same.
for (const duel of document.querySelectorAll(".duel")) {
  const choice = (name) => duel.querySelector(`:scope > .choices [name=${name}]`);
  const over = choice("over");
  duel.addEventListener("change", (event) => {
    if (event.target.matches(".rival")) pins.set(["a", "b"].map((name) => choice(name).value));
    if (event.target !== over) return;
    for (const own of duel.querySelectorAll(".compact [name=over]")) {
      own.value = over.value;
      own.dispatchEvent(new Event("change", { bubbles: true }));
    }
  });
  duel.hidden = false;
}
