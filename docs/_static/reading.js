// What reading needs of script.
// Previews of citations, terms and equations: on hover, on keyboard focus and on the first tap; Esc, a click elsewhere or leaving
// dismisses them, and the pointer may move into them (WCAG 1.4.13). Without this script every link is a plain link.
(() => {
  "use strict";
  const WAIT = 250; // milliseconds before a hover counts, and before leaving does
  const box = document.createElement("div");
  box.id = "preview";
  box.hidden = true;
  document.body.append(box);
  const stored = document.getElementById("previews");
  let owner = null;
  let timer = 0;
  let touched = false;

  // What a link would show, or null.
  function content(link) {
    const href = link.getAttribute("href");
    if (!href.startsWith("#")) {
      const part = stored && stored.content.querySelector(`[data-for="${CSS.escape(href)}"]`);
      return part ? part.cloneNode(true) : null;
    }
    if (!/^#(ref-|equation-)/.test(href)) return null;
    const target = document.getElementById(decodeURIComponent(href.slice(1)));
    if (!target) return null;
    const shown = href.startsWith("#ref-") ? target.querySelector("p") : target.querySelector("math");
    if (!shown) return null;
    const copy = shown.cloneNode(true);
    copy.querySelectorAll(".backlinks").forEach((node) => node.remove());
    [copy, ...copy.querySelectorAll("[id]")].forEach((node) => node.removeAttribute("id"));
    return copy;
  }

  function place(link) {
    const at = link.getClientRects()[0];
    if (!at) return;
    const margin = 8;
    const wide = document.documentElement.clientWidth;
    box.style.left = "0";
    box.style.top = "0";
    const left = Math.max(margin, Math.min(at.left, wide - box.offsetWidth - margin));
    const below = at.bottom + box.offsetHeight + margin < window.innerHeight;
    const top = below ? at.bottom : at.top - box.offsetHeight;
    box.style.left = `${left + window.scrollX}px`;
    box.style.top = `${Math.max(0, top + window.scrollY)}px`;
  }

  function show(link, goes) {
    clearTimeout(timer);
    if (owner === link) return true;
    const shown = content(link);
    if (!shown) return false;
    hide();
    box.replaceChildren(shown);
    if (goes) {
      const go = document.createElement("a");
      go.href = link.href;
      go.textContent = "Go there";
      go.className = "preview-go";
      box.append(go);
    }
    box.hidden = false;
    owner = link;
    link.setAttribute("aria-describedby", "preview");
    place(link);
    return true;
  }

  function hide() {
    clearTimeout(timer);
    if (owner) owner.removeAttribute("aria-describedby");
    owner = null;
    box.hidden = true;
    box.replaceChildren();
  }

  const linkOf = (event) => (event.target.closest ? event.target.closest("article a[href]:not(.headerlink)") : null);
  const later = (what) => {
    clearTimeout(timer);
    timer = setTimeout(what, WAIT);
  };

  document.addEventListener("pointerover", (event) => {
    if (event.pointerType === "touch") return;
    const link = linkOf(event);
    if (box.contains(event.target)) clearTimeout(timer);
    else if (link && link !== owner) later(() => show(link, false));
    else if (link) clearTimeout(timer);
    else if (owner && owner !== document.activeElement) later(hide);
  });
  document.addEventListener("pointerdown", (event) => { touched = event.pointerType === "touch"; }, true);
  document.addEventListener("focusin", (event) => {
    const link = linkOf(event);
    if (box.contains(event.target)) return;
    if (link && !touched && link.matches(":focus-visible")) show(link, false) || hide();
    else if (!touched) hide();
  });
  document.addEventListener("click", (event) => {
    if (box.contains(event.target)) return void (event.target.closest("a") && hide());
    const link = linkOf(event);
    if (link && touched && link !== owner && show(link, true)) event.preventDefault();
    else if (!link || link !== owner || !touched) hide();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && owner) hide();
  });
  window.addEventListener("resize", hide);

  // What is copied has formulas as TeX.
  document.addEventListener("copy", (event) => {
    const selection = document.getSelection();
    if (!selection.rangeCount || !event.clipboardData) return;
    const copied = document.createElement("div");
    copied.append(selection.getRangeAt(0).cloneContents());
    const formulas = copied.querySelectorAll("math[alttext]");
    if (!formulas.length) return;
    formulas.forEach((node) => {
      const mark = node.getAttribute("display") === "block" ? "$$" : "$";
      node.replaceWith(mark + node.getAttribute("alttext") + mark);
    });
    event.clipboardData.setData("text/plain", copied.textContent);
    event.preventDefault();
  });

  // A formula or a line of code wider than the screen scrolls: the keyboard must get there too.
  const scrolls = [...document.querySelectorAll("div.math, div.highlight pre")];
  function reach() {
    const wide = scrolls.map((node) => node.scrollWidth > node.clientWidth);
    scrolls.forEach((node, n) => {
      if (!wide[n]) return void ["tabindex", "role", "aria-label"].forEach((name) => node.removeAttribute(name));
      node.tabIndex = 0;
      node.setAttribute("role", "group");
      node.setAttribute("aria-label", node.matches("pre") ? "Code, wider than the screen" : "Formula, wider than the screen");
    });
  }
  window.addEventListener("resize", reach);
  document.addEventListener("toggle", reach, true); // folded parts have no width until they open
  reach();
})();
