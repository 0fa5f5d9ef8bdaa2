// Every table: ordered by a column, filtered, copied as CSV or LaTeX. Without this script it is a table all the same.
async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Where the page may not use the clipboard, a selected text may still be copied.
    const area = Object.assign(document.createElement("textarea"), { value: text });
    document.body.append(area);
    area.select();
    const copied = document.execCommand("copy");
    area.remove();
    return copied;
  }
}

// Lines of cells as CSV. What a spreadsheet would take for a formula gets an apostrophe before it.
function csvText(lines) {
  const harmless = (words) => (/^[=+@\t\r-]/.test(words) && Number.isNaN(Number(words)) ? `'${words}` : words);
  const quoted = (cell) => {
    const words = harmless(cell);
    return /[",\n]/.test(words) ? `"${String(words).replaceAll('"', '""')}"` : words;
  };
  return `${lines.map((line) => line.map(quoted).join(",")).join("\n")}\n`;
}

(() => {
  const button = (words, act) => {
    const made = Object.assign(document.createElement("button"), { type: "button", textContent: words });
    made.addEventListener("click", act);
    return made;
  };
  const cells = (row) => [...row.cells];
  const has = (cell, name) => cell.dataset[name] !== undefined && cell.dataset[name] !== "";

  // Up (sign 1) or down (-1); numbers before words and words before nothing, either way.
  function order(a, b, column, sign) {
    const [x, y] = [a.cells[column], b.cells[column]];
    const rank = (cell) => (has(cell, "value") ? 0 : cell.textContent === "" ? 2 : 1);
    if (rank(x) !== rank(y)) return rank(x) - rank(y);
    if (rank(x) > 0) return sign * x.textContent.localeCompare(y.textContent, undefined, { numeric: true });
    const [v, w] = [Number(x.dataset.value), Number(y.dataset.value)];
    return v === w ? 0 : sign * (v < w ? -1 : 1);
  }

  function sortable(table) {
    const heads = cells(table.tHead.rows[0]);
    heads.forEach((head, column) => {
      const sort = () => {
        const down = head.getAttribute("aria-sort") === "ascending";
        for (const other of heads) other.removeAttribute("aria-sort");
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        const rows = [...table.tBodies[0].rows].sort((a, b) => order(a, b, column, down ? -1 : 1));
        table.tBodies[0].append(...rows);
      };
      const words = head.textContent;
      if (words) head.replaceChildren(button(words, sort));
    });
  }

  // Numbers in full; a column with intervals as three.
  function csv(table, rows) {
    const heads = cells(table.tHead.rows[0]).map((head) => head.textContent);
    const wide = heads.map((_, column) => rows.some((row) => has(row.cells[column], "low")));
    const header = heads.flatMap((head, column) => (wide[column] ? [head, `${head}, low`, `${head}, high`] : [head]));
    const lines = rows.map((row) =>
      cells(row).flatMap((cell, column) => {
        const value = has(cell, "value") && !cell.dataset.words ? cell.dataset.value : cell.textContent;
        return wide[column] ? [value, cell.dataset.low ?? "", cell.dataset.high ?? ""] : [value];
      }),
    );
    return csvText([header, ...lines]);
  }

  const ESCAPED = { "\\": "\\textbackslash{}", "~": "\\textasciitilde{}", "^": "\\textasciicircum{}", "µ": "\\textmu{}" };
  const tex = (words) => words.replace(/[&%$#_{}~^\\µ]/g, (c) => ESCAPED[c] ?? `\\${c}`);

  // For the package booktabs.
  function latex(table, rows) {
    const line = (row) => `${cells(row).map((cell) => tex(cell.textContent)).join(" & ")} \\\\`;
    const head = table.tHead.rows[0];
    const columns = `l${"r".repeat(head.cells.length - 1)}`;
    return [`\\begin{tabular}{${columns}}`, "\\toprule", line(head), "\\midrule", ...rows.map(line), "\\bottomrule", "\\end{tabular}", ""].join("\n");
  }

  for (const table of document.querySelectorAll(".scroll > table:has(> caption)")) {
    sortable(table);
    const tools = Object.assign(document.createElement("div"), { className: "tools" });
    const said = Object.assign(document.createElement("span"), { role: "status" });
    const visible = () => [...table.tBodies[0].rows].filter((row) => !row.hidden);
    const copy = (form, as) => async () => {
      const rows = visible();
      const copied = await copyText(as(table, rows));
      said.textContent = copied ? `Copied ${rows.length} rows as ${form}` : "Copying was refused by the browser";
    };
    const name = table.caption.textContent;
    if (table.dataset.filter !== undefined) {
      const input = Object.assign(document.createElement("input"), { type: "search", placeholder: "filter rows", ariaLabel: `Filter rows of ${name}` });
      input.addEventListener("input", () => {
        const wanted = input.value.toLowerCase().split(/\s+/);
        for (const row of table.tBodies[0].rows) {
          const words = cells(row).map((cell) => cell.textContent).join(" ").toLowerCase();
          row.hidden = !wanted.every((word) => words.includes(word));
        }
        said.textContent = `${visible().length} of ${table.tBodies[0].rows.length} rows`;
      });
      tools.append(input);
    }
    for (const [form, as] of [["CSV", csv], ["LaTeX", latex]]) {
      const made = button(`Copy ${form}`, copy(form, as));
      made.ariaLabel = `Copy ${form} of ${name}`;
      tools.append(made);
    }
    tools.append(said);
    table.parentElement.before(tools);
  }

  // A figure is its own file.
  for (const figure of document.querySelectorAll("figure")) {
    const { src: href } = figure.querySelector("img");
    const download = `${figure.id.replace("fig-", "")}.svg`;
    const made = button("SVG", () => Object.assign(document.createElement("a"), { href, download }).click());
    made.ariaLabel = `Save ${download}`;
    (figure.querySelector("details") ?? figure.querySelector("figcaption")).append(made);
  }

  for (const block of document.querySelectorAll("pre[id]")) {
    const said = Object.assign(document.createElement("span"), { role: "status" });
    const tools = Object.assign(document.createElement("div"), { className: "tools" });
    tools.append(button("Copy", async () => {
      said.textContent = (await copyText(block.textContent)) ? "Copied" : "Copying was refused by the browser";
    }), said);
    block.before(tools);
  }
})();
