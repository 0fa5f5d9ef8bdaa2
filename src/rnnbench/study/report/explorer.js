// The learning-curve explorer. The form is the state: it is drawn from, written to the address, and read back from it.
(() => {
  const tool = document.getElementById("explore-tool");
  const { chart, data } = JSON.parse(document.getElementById("explore-data").textContent);
  const form = tool.querySelector("form");
  const canvas = document.getElementById("explore-chart");
  const readout = document.getElementById("explore-readout");
  const said = document.getElementById("explore-said");
  const field = (name) => form.elements.namedItem(name);
  const boxes = [...form.querySelectorAll("input[name=variant]")];
  const RANGES = ["x0", "x1", "y0", "y1"];
  const NOTHING = "Nothing to draw: choose a variant, or an axis that is not logarithmic.";
  let view = null;
  let finalize = () => {};
  let places = [];
  let place = -1;
  let drawing = 0;

  const task = () => data.tasks[field("task").value];
  const metric = () => task().metrics.find((m) => m.name === field("metric").value);
  const label = (name) => field(name).selectedOptions[0].textContent;
  const shown = () => boxes.filter((box) => box.checked && box.value in task().variants).map((box) => box.value);
  const isLog = (axis) => field(`log${axis}`).checked;
  // An end of an axis, if it is given and can be on it.
  const bound = (axis, end) => {
    const { value } = field(`${axis}${end}`);
    return value === "" || (isLog(axis) && Number(value) <= 0) ? undefined : Number(value);
  };

  // The choices that depend on the task.
  function fitToTask() {
    const before = field("metric").value;
    field("metric").replaceChildren(...task().metrics.map((m) => new Option(m.label, m.name)));
    if (task().metrics.some((m) => m.name === before)) field("metric").value = before;
    field("x").querySelector("option[value=examples]").textContent = task().examples;
    for (const box of boxes) box.parentElement.hidden = !(box.value in task().variants);
  }

  // A point on a logarithmic axis is above zero.
  const drawable = (x, y) => y !== null && (!isLog("x") || x > 0) && (!isLog("y") || y > 0);

  // What is drawn of the variants shown; of a file, every point that there is.
  function rows(drawn = drawable) {
    const [x, how, name] = [field("x").value, field("show").value, field("metric").value];
    const [means, bands, traces] = [[], [], []];
    for (const variant of shown()) {
      const of = task().variants[variant];
      const values = of.metrics[name];
      of[x].forEach((at, i) => {
        const [low, high] = [values.low[i], values.high[i]];
        if (!drawn(at, values.value[i])) return;
        means.push({ variant, x: at, value: values.value[i], low, high });
        if (how === "bands" && low !== null && drawable(at, low)) bands.push({ variant, x: at, low, high });
      });
      if (how !== "replicates") continue;
      values.replicates.forEach((replicate, number) =>
        replicate.forEach((value, i) => {
          if (drawn(of[x][i], value)) traces.push({ variant, replicate: `${variant} ${number}`, x: of[x][i], value });
        }),
      );
    }
    return { means, bands, traces };
  }

  // The chart of the present state and its rows; `alone` is for a file: of a fixed size, with a title and a legend.
  function specification({ means, bands, traces }, alone) {
    const spec = structuredClone(chart);
    const ink = getComputedStyle(tool);
    const [colour, line, paper] = ["--ink", "--line", "--paper"].map((name) => ink.getPropertyValue(name).trim());
    const references = field("references").checked ? metric().references.filter((r) => drawable(1, r.value)) : [];
    spec.datasets = { means, bands, traces, references, cursor: [{ x: means[0].x, on: 0 }] };
    spec.layer = spec.layer.filter((layer) => spec.datasets[layer.data.name].length > 0);
    const scale = (axis) => ({
      ...(isLog(axis) ? { type: "log" } : { type: "linear", zero: false }),
      nice: false,
      ...(bound(axis, 0) !== undefined ? { domainMin: bound(axis, 0) } : {}),
      ...(bound(axis, 1) !== undefined ? { domainMax: bound(axis, 1) } : {}),
    });
    for (const layer of spec.layer) {
      const { x, y, color, strokeDash } = layer.encoding;
      if (x && x.field) Object.assign(x, { scale: scale("x"), title: label("x") });
      if (y) Object.assign(y, { scale: scale("y"), title: label("metric") });
      for (const look of [color, strokeDash]) {
        if (!look || !alone) continue;
        look.scale = narrowed(look.scale);
        look.legend = { symbolType: "stroke", symbolStrokeWidth: 2, symbolSize: 400 };
      }
      if (layer.mark.type === "rule") layer.mark.color = colour;
      if (layer.mark.type === "text") layer.mark.color = colour;
    }
    if (alone) Object.assign(spec, { width: 720, title: `${label("task")}: ${label("metric")}` });
    const axis = { labelColor: colour, titleColor: colour, domainColor: line, tickColor: line, gridColor: line };
    spec.config = { background: paper, axis, legend: { labelColor: colour }, title: { color: colour }, view: { stroke: line } };
    return spec;
  }

  // A legend names what is drawn; colours and dashes are those of the whole study.
  function narrowed(scale) {
    const kept = scale.domain.map((name, i) => [name, scale.range[i]]).filter(([name]) => shown().includes(name));
    return { domain: kept.map(([name]) => name), range: kept.map(([, look]) => look) };
  }

  // `ast` interprets expressions, so that the page need not allow any code but its own.
  const embed = (element, drawn, alone) =>
    vegaEmbed(element, specification(drawn, alone), {
      ast: true, actions: false, renderer: "svg", defaultStyle: false, tooltip: false, config: {},
    });

  async function draw() {
    const turn = (drawing += 1);
    const drawn = rows();
    if (drawn.means.length === 0) {
      finalize();
      [view, finalize] = [null, () => {}];
      canvas.replaceChildren();
      readout.textContent = NOTHING;
      return;
    }
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
    places = [...new Set(view.data("means").map((row) => row.x))].sort((a, b) => a - b);
    point(-1);
    view.addEventListener("pointermove", (event) => {
      const left = view.padding().left + view.origin()[0] + canvas.querySelector("svg").getBoundingClientRect().left;
      point(nearest(places, (x) => Math.abs(view.scale("x")(x) - (event.clientX - left))), "off");
    });
    view.addSignalListener("zoom", (_, to) => {
      // A double click takes the zoom back.
      if (!to.x) {
        actions.unzoom();
        return;
      }
      [field("x0").value, field("x1").value] = to.x.map((v) => Number(v.toPrecision(4)));
      [field("y0").value, field("y1").value] = to.value.map((v) => Number(v.toPrecision(4)));
      rememberSoon();
    });
    canvas.dataset.drawn = String(turn);
  }

  function nearest(list, distance) {
    let best = -1;
    list.forEach((item, i) => {
      if (best < 0 || distance(item) < distance(list[best])) best = i;
    });
    return best;
  }

  const number = (value) => (value === null ? "none" : String(Number(value.toPrecision(3))));

  // What every variant has at a place, said to a screen reader where `live` is "polite".
  function point(to, live = "off") {
    place = to;
    view.data("cursor", [{ x: places[Math.max(to, 0)], on: Number(to >= 0) }]).runAsync();
    readout.setAttribute("aria-live", live);
    if (to < 0) {
      readout.textContent = "Point at the chart, or focus it and use the arrow keys, to read values.";
      return;
    }
    const all = view.data("means");
    const lines = shown().flatMap((variant) => {
      const own = all.filter((row) => row.variant === variant);
      const at = own[nearest(own, (row) => Math.abs(row.x - places[to]))];
      if (!at) return [];
      const interval = at.low === null ? "" : ` [${number(at.low)}, ${number(at.high)}]`;
      return [[variant, `${number(at.value)}${interval}${at.x === places[to] ? "" : ` at ${number(at.x)}`}`]];
    });
    const list = document.createElement("dl");
    for (const [variant, words] of lines) {
      const group = document.createElement("div");
      group.append(Object.assign(document.createElement("dt"), { textContent: variant }));
      group.append(Object.assign(document.createElement("dd"), { textContent: words }));
      list.append(group);
    }
    readout.replaceChildren(`${label("x")} ${number(places[to])}: `, list);
  }

  canvas.addEventListener("keydown", (event) => {
    const last = places.length - 1;
    const steps = { ArrowLeft: Math.max(0, place - 1), ArrowRight: Math.min(last, place + 1), Home: 0, End: last, Escape: -1 };
    if (!(event.key in steps) || !view) return;
    event.preventDefault();
    point(steps[event.key], "polite");
  });

  // The state in the address: #explore?task=...; of the variants, those left out.
  function address() {
    const state = new URLSearchParams([...new FormData(form)].filter(([name, value]) => name !== "variant" && value !== ""));
    for (const name of ["logx", "logy", "references"]) state.set(name, field(name).checked ? "1" : "0");
    for (const box of boxes) if (!box.checked) state.append("hide", box.value);
    return `#explore?${state}`;
  }

  // Browsers refuse to be told too often.
  function remember() {
    try {
      history.replaceState(null, "", address());
    } catch {
      rememberSoon();
    }
  }

  let waiting = 0;
  function rememberSoon() {
    clearTimeout(waiting);
    waiting = setTimeout(remember, 300);
  }

  function recall() {
    const [anchor, query] = location.hash.split(/\?(.*)/s);
    if (anchor !== "#explore" || query === undefined) return false;
    const state = new URLSearchParams(query);
    const choose = (name) => {
      if ([...field(name).options].some((option) => option.value === state.get(name))) field(name).value = state.get(name);
    };
    choose("task");
    fitToTask();
    ["metric", "x", "show"].forEach(choose);
    for (const name of ["logx", "logy", "references"]) if (state.has(name)) field(name).checked = state.get(name) === "1";
    for (const name of RANGES) field(name).value = Number.isFinite(parseFloat(state.get(name))) ? parseFloat(state.get(name)) : "";
    for (const box of boxes) box.checked = !state.getAll("hide").includes(box.value);
    return true;
  }

  function save(name, url) {
    Object.assign(document.createElement("a"), { href: url, download: name }).click();
    said.textContent = `Saved ${name}`;
  }

  const blob = (text, type) => URL.createObjectURL(new Blob([text], { type }));
  const name = () => `${field("task").value}-${field("metric").value}`.replace(/[^\w-]+/g, "_");

  async function alone(form, url) {
    const drawn = rows();
    if (drawn.means.length === 0) {
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
      const { means, traces } = rows((_, y) => y !== null);
      const head = ["variant", "replicate", field("x").value, field("metric").value, "low", "high"];
      const lines = [
        ...means.map((r) => [r.variant, "interquartile mean", r.x, r.value, r.low ?? "", r.high ?? ""]),
        ...traces.map((r) => [r.variant, r.replicate.split(" ").pop(), r.x, r.value, "", ""]),
      ];
      save(`${name()}.csv`, blob(csvText([head, ...lines]), "text/csv"));
    },
    async link() {
      remember();
      said.textContent = (await copyText(location.href)) ? "Copied the link to this view" : "Copying was refused; the address bar has the link";
    },
    unzoom() {
      for (const name of RANGES) field(name).value = "";
      changed();
    },
    all: () => every(true),
    none: () => every(false),
  };

  function every(on) {
    for (const box of boxes) box.checked = on;
    changed();
  }

  function changed() {
    remember();
    draw();
  }

  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("change", (event) => {
    if (event.target.name === "task") fitToTask();
    // A zoom is of the axes it was made on.
    if (["task", "metric", "x", "logx", "logy"].includes(event.target.name)) for (const name of RANGES) field(name).value = "";
    changed();
  });
  for (const button of tool.querySelectorAll("button[data-do]"))
    button.addEventListener("click", () => actions[button.dataset.do]());
  window.addEventListener("hashchange", () => {
    if (recall()) draw();
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);

  tool.hidden = false;
  fitToTask();
  recall();
  // Drawn when it is first seen.
  tool.closest(".view").addEventListener("shown", draw, { once: true });
})();
