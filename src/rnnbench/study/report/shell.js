// A number as `phrases.number` writes it: three significant digits, without an exponent where it can be read without.
function number(value) {
  const size = Math.abs(value);
  if (size >= 999.5) return Math.round(value).toLocaleString("en");
  if (size >= 1e-3 || size === 0) return String(Number(value.toPrecision(3)));
  return value.toExponential(1).replace(/\d+$/, (power) => power.padStart(2, "0"));
}

// The address: #PLACE?STATE. Who is pinned stands in it wherever one goes, if it is more than who has a role.
const address = (() => {
  const parts = () => {
    const [anchor, query] = location.hash.slice(1).split(/\?(.*)/s);
    return { anchor, query };
  };
  function write(anchor, state) {
    pins.write(state);
    const query = state.toString();
    // Browsers refuse to be told too often.
    try {
      history.replaceState(null, "", `#${anchor}${query ? `?${query}` : ""}`);
    } catch {
      setTimeout(() => write(anchor, state), 300);
    }
  }
  return {
    write,
    anchor: () => parts().anchor,
    state: () => new URLSearchParams(parts().query ?? ""),
    of: (anchor) => (parts().anchor === anchor && parts().query !== undefined ? new URLSearchParams(parts().query) : null),
  };
})();

// Who is drawn in colour, in every chart: who has a role on its task, unless hidden, and at most two more. And whom all are
// compared with, if anyone.
const pins = (() => {
  const { tasks, colours, fresh } = JSON.parse(document.getElementById("who").textContent);
  // A variant that the last report did not have is pinned.
  const state = { pins: fresh.slice(-colours.length), hide: [], baseline: [] };
  const of = (name, task) => tasks[task]?.[name] ?? {};
  const ink = (named) => getComputedStyle(document.documentElement).getPropertyValue(`--${named}`).trim();
  const ofPlace = (place) => ink(colours[place] ?? "others");
  const colour = (name, task) => (of(name, task).role ? ink(of(name, task).role) : ofPlace(state.pins.indexOf(name)));
  const dash = (name, task) => of(name, task).dash ?? [1, 0];
  function changed() {
    address.write(address.anchor(), address.state());
    document.dispatchEvent(new CustomEvent("pins"));
  }
  return {
    ofPlace,
    colour,
    dash,
    list: (task) => [...Object.keys(tasks[task]).filter((name) => of(name, task).role && !state.hide.includes(name)), ...state.pins.filter((name) => !of(name, task).role)],
    among(name, task) {
      return tasks[task] ? this.list(task).includes(name) : state.pins.includes(name);
    },
    isNew: (name) => fresh.includes(name),
    has: (name) => state.pins.includes(name),
    baseline: () => state.baseline[0],
    compare(name) {
      state.baseline = name ? [name] : [];
      changed();
    },
    write(query) {
      for (const key of Object.keys(state)) {
        query.delete(key);
        for (const name of state[key]) query.append(key, name);
      }
    },
    read(query) {
      const known = new Set(Object.values(tasks).flatMap(Object.keys));
      for (const key of Object.keys(state)) if (query.has(key)) state[key] = query.getAll(key).filter((name) => known.has(name));
      state.pins = state.pins.slice(-colours.length);
      document.dispatchEvent(new CustomEvent("pins"));
    },
    set(names) {
      state.pins = [...new Set(names)];
      changed();
    },
    // Of the two more, the one pinned first gives way.
    toggle(name, task) {
      const key = of(name, task).role ? "hide" : "pins";
      state[key] = state[key].includes(name) ? state[key].filter((other) => other !== name) : [...state[key], name];
      state.pins = state.pins.slice(-colours.length);
      changed();
    },
    swatch(name, task) {
      const [svg, line] = ["svg", "line"].map((kind) => document.createElementNS("http://www.w3.org/2000/svg", kind));
      const looks = { x1: 1, x2: 23, y1: 5, y2: 5, stroke: colour(name, task), "stroke-width": 3, "stroke-dasharray": dash(name, task).join(" ") };
      for (const [key, value] of Object.entries(looks)) line.setAttribute(key, value);
      for (const [key, value] of Object.entries({ width: 24, height: 10, "aria-hidden": "true" })) svg.setAttribute(key, value);
      svg.append(line);
      return svg;
    },
  };
})();

// One view at a time, by the address; of tabs, one group. What is not seen can still be found: by the browser's search, and by
// every old address, which opens the view, the tab and the folds that it is in.
(() => {
  const views = [...document.querySelectorAll("main > .view")];
  const links = [...document.querySelectorAll("nav a")];
  const hide = (element, hidden) => (hidden ? element.setAttribute("hidden", "until-found") : element.removeAttribute("hidden"));

  function show(view) {
    for (const other of views) hide(other, other !== view);
    for (const link of links) {
      if (link.hash === `#${view.id}`) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
  }

  // Show what an element is in.
  function reveal(element) {
    for (let of = element; of && of.tagName !== "MAIN"; of = of.parentElement) {
      if (of.tagName === "DETAILS") of.open = true;
      if (of.parentElement.matches(".tabs")) choose(of);
      if (of.parentElement.id === "cards" && of.tagName === "DETAILS") alone(of);
      if (of.matches(".view")) show(of);
    }
  }

  // Of the cards one, or all.
  function alone(card) {
    for (const other of document.querySelectorAll("#cards > details")) hide(other, card && other !== card);
  }

  // Addresses of earlier reports.
  const OLD = { explore: "learning", gradient: "court", answer: "summary", "table-variants": "variants" };

  function go() {
    pins.read(address.state());
    let target = null;
    try {
      target = document.getElementById(decodeURIComponent(OLD[address.anchor()] ?? address.anchor()));
    } catch {
      // An address that no one wrote.
    }
    target = target && target.closest(".view") ? target : views[0];
    if (target.id === "cards") alone(null);
    reveal(target);
    if (target.matches(".view")) window.scrollTo({ top: 0, behavior: "instant" });
    else target.scrollIntoView();
    address.write(address.anchor(), address.state());
  }

  // Tabs of the groups of a place.
  const tabs = new Map();
  function choose(group) {
    for (const other of group.parentElement.querySelectorAll(":scope > section")) {
      const tab = tabs.get(other);
      hide(other, other !== group);
      tab.setAttribute("aria-selected", String(other === group));
      tab.tabIndex = other === group ? 0 : -1;
    }
  }
  for (const place of document.querySelectorAll(".tabs")) {
    const groups = [...place.querySelectorAll(":scope > section")];
    const list = Object.assign(document.createElement("div"), { role: "tablist", ariaLabel: place.dataset.label });
    for (const group of groups) {
      const title = group.querySelector("h2");
      const tab = Object.assign(document.createElement("button"), { type: "button", role: "tab", textContent: title.textContent });
      tab.setAttribute("aria-controls", group.id);
      tab.addEventListener("click", () => choose(group));
      group.setAttribute("role", "tabpanel");
      title.classList.add("unseen");
      tabs.set(group, tab);
      list.append(tab);
    }
    list.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (!step) return;
      const next = groups[(groups.findIndex((group) => tabs.get(group) === event.target) + step + groups.length) % groups.length];
      choose(next);
      tabs.get(next).focus();
    });
    place.prepend(list);
    choose(groups[0]);
  }

  // Find a card by its title; it may be pinned.
  const find = document.querySelector("#find input");
  find.parentElement.hidden = false;
  find.addEventListener("change", () => {
    // As people write them: SnAp-1 is snap1.
    const plain = (words) => words.toLowerCase().replace(/[^a-z0-9]/g, "");
    const wanted = plain(find.value);
    const cards = [...document.querySelectorAll("#cards > details")];
    const card = wanted && cards.find((fold) => plain(fold.querySelector("summary").textContent).includes(wanted));
    if (!card) return;
    find.value = "";
    location.hash = card.id;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.target.matches("input, select, textarea")) return;
    event.preventDefault();
    find.focus();
  });
  for (const card of document.querySelectorAll("#cards > details[id^='variant/']")) {
    const name = card.id.slice("variant/".length);
    if (pins.isNew(name)) card.querySelector("summary").append(" (new)");
    const button = Object.assign(document.createElement("button"), { type: "button" });
    const tell = () => {
      button.textContent = pins.has(name) ? "Unpin" : "Pin: draw it in colour in every chart";
    };
    button.addEventListener("click", () => pins.toggle(name, ""));
    document.addEventListener("pins", tell);
    tell();
    card.querySelector("summary").after(button);
  }

  // In tables, whoever is drawn in colour has its line before its name.
  function marked() {
    for (const head of document.querySelectorAll("tbody th[scope=row]")) {
      const task = head.closest(".tabs > section")?.id.replace(/^[a-z]+-/, "") ?? "";
      head.querySelector("svg")?.remove();
      const name = head.textContent.trim();
      if (pins.among(name, task)) head.prepend(pins.swatch(name, task));
    }
  }
  document.addEventListener("pins", marked);
  marked();

  document.addEventListener("beforematch", (event) => reveal(event.target));
  window.addEventListener("hashchange", go);
  go();
})();
