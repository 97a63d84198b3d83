/* Tables of class data-table: filter, choose, sort. Without this script they are plain tables; nothing is loaded.
 *
 * class choose-N on the table: a list of the values of column N to choose from. A cell may hold several values, parted by
 * commas or semicolons outside parentheses. What stands in .remark is searched, but is no value; .source is neither. */
"use strict";

(() => {
  const FEW = 6; // rows; a shorter table needs no tools
  const LATE = new Set(["", "unknown", "not stated", "none found", "none recorded"]); // sorted behind what is known
  const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

  /** An element with attributes and children. */
  const make = (tag, attributes = {}, ...children) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...children);
    return element;
  };

  /** Visible text without sources and, for what counts as values, without remarks. */
  const shown = (cell, without = "") => {
    const copy = cell.cloneNode(true);
    for (const part of copy.querySelectorAll(`.source, .headerlink${without}`)) part.remove();
    return copy.textContent.replace(/\s+/g, " ").trim();
  };

  /** The separate values of a cell. */
  const values = (text) => text.split(/[,;] (?![^()]*\))/).map((one) => one.trim()).filter(Boolean);

  /** Letters without case and accents, so that a search for "julia" finds "Júlia". */
  const folded = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

  class DataTable {
    constructor(table, number) {
      this.table = table;
      this.id = `${table.id || `data-table-${number}`}-tools`;
      this.body = table.tBodies[0];
      this.rows = [...this.body.rows].map((element) => {
        const cells = [...element.cells].map((cell) => shown(cell, ", .remark"));
        return { element, cells, search: folded([...element.cells].map((cell) => shown(cell)).join(" ")) };
      });
      this.choices = new Map(); // column -> select
      this.status = make("p", { class: "data-table-status", role: "status" });
      this.addTools();
      this.addSorting();
      this.show();
    }

    get headers() {
      return [...this.table.tHead.rows[0].cells];
    }

    /** A labelled field. */
    field(label, control, name) {
      control.id = `${this.id}-${name}`;
      return make("div", { class: "data-table-field" }, make("label", { for: control.id }, label), control);
    }

    addTools() {
      this.query = make("input", { type: "search", autocomplete: "off", spellcheck: "false" });
      this.query.addEventListener("input", () => this.show());
      const fields = [];
      for (const name of this.table.classList) {
        const found = /^choose-(\d+)$/.exec(name);
        if (found) this.addChoice(Number(found[1]) - 1, fields);
      }
      this.reset = make("button", { type: "button" }, "Show all");
      this.reset.addEventListener("click", () => this.clear());
      const caption = this.table.caption ? shown(this.table.caption) : "table";
      const tools = make("div", { class: "data-table-tools", role: "group", "aria-label": `Rows of: ${caption}` });
      tools.append(this.field("Rows that contain", this.query, "text"), this.reset, this.status);
      if (fields.length) tools.append(this.folded(fields));
      (this.table.closest(".table-region") || this.table).before(tools);
    }

    /** The lists of values, folded away on small screens. */
    folded(fields) {
      const details = make("details", { class: "data-table-choices" }, make("summary", {}, "Choose by column"));
      details.append(make("div", { class: "data-table-fields" }, ...fields));
      details.open = window.matchMedia("(min-width: 48em)").matches;
      return details;
    }

    addChoice(column, fields) {
      const found = new Map(); // folded -> as written
      for (const row of this.rows) for (const value of values(row.cells[column])) found.set(folded(value), value);
      if (found.size < 2) return;
      const select = make("select", {}, make("option", { value: "" }, "any"));
      const order = [...found].sort(([, a], [, b]) => LATE.has(a) - LATE.has(b) || collator.compare(a, b));
      for (const [value, text] of order) select.append(make("option", { value }, text));
      select.addEventListener("change", () => this.show());
      this.choices.set(column, select);
      fields.push(this.field(shown(this.headers[column]), select, `column-${column + 1}`));
    }

    addSorting() {
      this.headers.forEach((header, column) => {
        const button = make("button", { type: "button", class: "data-table-sort" });
        button.append(...(header.querySelector("p") || header).childNodes);
        button.addEventListener("click", () => this.sort(column));
        header.replaceChildren(button);
      });
    }

    clear() {
      this.query.value = "";
      for (const select of this.choices.values()) select.value = "";
      this.show();
      this.query.focus();
    }

    matches(row, words) {
      if (!words.every((word) => row.search.includes(word))) return false;
      for (const [column, select] of this.choices) {
        if (select.value && !values(row.cells[column]).some((value) => folded(value) === select.value)) return false;
      }
      return true;
    }

    /** Hide what does not match, and say how many rows are left. */
    show() {
      const words = folded(this.query.value).split(/\s+/).filter(Boolean);
      let left = 0;
      for (const row of this.rows) {
        row.element.hidden = !this.matches(row, words);
        if (!row.element.hidden) left += 1;
      }
      const chosen = words.length > 0 || [...this.choices.values()].some((select) => select.value);
      this.reset.disabled = !chosen;
      this.say(chosen ? `${left} of ${this.rows.length} shown` : `${this.rows.length} rows`);
    }

    say(text) {
      if (this.status.textContent !== text) this.status.textContent = text;
    }

    /** Ascending, then descending, then the order in which the rows were written; unknown values always last. */
    sort(column) {
      const next = { ascending: "descending", descending: "none" };
      const state = next[this.headers[column].getAttribute("aria-sort")] || "ascending";
      this.headers.forEach((header, n) => {
        if (n === column && state !== "none") header.setAttribute("aria-sort", state);
        else header.removeAttribute("aria-sort");
      });
      const rows = [...this.rows];
      if (state !== "none") {
        const sign = state === "ascending" ? 1 : -1;
        rows.sort((a, b) => {
          const [one, other] = [a.cells[column], b.cells[column]];
          return LATE.has(one) - LATE.has(other) || sign * collator.compare(one, other);
        });
      }
      this.body.append(...rows.map((row) => row.element));
    }
  }

  /** A record that a link leads to must not be hidden by a filter. */
  const reveal = (tables) => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const row = target && target.closest("tr");
    if (!row || !row.hidden) return;
    for (const one of tables) if (one.table.contains(row)) one.clear();
    target.scrollIntoView();
  };

  const start = () => {
    const long = [...document.querySelectorAll("table.data-table")].filter(
      (table) => table.tHead && table.tBodies.length === 1 && table.tBodies[0].rows.length >= FEW,
    );
    const tables = long.map((table, number) => new DataTable(table, number + 1));
    if (tables.length) window.addEventListener("hashchange", () => reveal(tables));
  };

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
