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
    view.dispatchEvent(new CustomEvent("shown"));
  }

  // Show what an element is in.
  function reveal(element) {
    for (let of = element; of && of.tagName !== "MAIN"; of = of.parentElement) {
      if (of.tagName === "DETAILS") of.open = true;
      if (of.parentElement.matches(".tabs")) choose(of);
      if (of.matches(".view")) show(of);
    }
  }

  function go() {
    const [anchor] = location.hash.slice(1).split("?");
    let target = null;
    try {
      target = document.getElementById(decodeURIComponent(anchor));
    } catch {
      // An address that no one wrote.
    }
    target = target && target.closest(".view") ? target : views[0];
    reveal(target);
    if (target.matches(".view")) window.scrollTo({ top: 0, behavior: "instant" });
    else target.scrollIntoView();
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

  document.addEventListener("beforematch", (event) => reveal(event.target));
  window.addEventListener("hashchange", go);
  go();
})();
