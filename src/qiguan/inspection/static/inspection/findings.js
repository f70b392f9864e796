/* 研判 by keyboard. Without this file the same form works by its boxes and buttons. */
"use strict";

(() => {
  const form = document.querySelector("form[data-judge]");
  const dialog = document.querySelector("dialog[data-keys]");
  if (!form) return;
  const rows = [...form.querySelectorAll("[data-finding]")];
  const reason = form.querySelector("#reason");
  const told = form.querySelector("[data-chosen]");
  const box = (row) => row.querySelector("input[type=checkbox]");
  const chosen = () => rows.filter((row) => box(row)?.checked);
  let at = -1;

  const go = (n, quiet) => {
    at = Math.max(0, Math.min(rows.length - 1, n));
    rows[at].focus({ preventScroll: true });
    if (!quiet) rows[at].scrollIntoView({ block: "center" });
  };
  const count = () => { if (told) told.textContent = chosen().length ? `选了${chosen().length}条` : ""; };

  // The rows that a key acts on: the chosen ones, else the one the cursor is on.
  const meant = () => {
    const some = chosen();
    if (some.length) return some;
    return at >= 0 && "open" in rows[at].dataset ? [rows[at]] : [];
  };
  // Afterwards the cursor stands on the first row behind the last one decided, as far as there is one.
  const after = (done) => {
    const last = Math.max(...done.map((row) => rows.indexOf(row)));
    const next = rows.slice(last + 1).find((row) => "open" in row.dataset) ?? rows.slice(0, last).reverse().find((row) => !done.includes(row));
    form.elements.next.value = next ? next.dataset.finding : "";
  };
  const send = (word, done) => {
    if (!done.length || form.dataset.sent) return;
    for (const row of rows) if (box(row)) box(row).checked = done.includes(row);
    after(done);
    const told = document.createElement("input");
    told.type = "hidden";
    told.name = "do";
    told.value = word;
    form.append(told);
    form.requestSubmit();
  };

  const keys = {
    j: () => go(at + 1),
    k: () => go(at < 0 ? 0 : at - 1),
    ArrowDown: () => go(at + 1),
    ArrowUp: () => go(at < 0 ? 0 : at - 1),
    " ": () => { if (at >= 0 && box(rows[at])) { box(rows[at]).checked = !box(rows[at]).checked; count(); } },
    Enter: () => send("confirm", meant()),
    x: () => { if (reason && meant().length) reason.focus(); },
    m: () => {
      if (at < 0) return;
      const others = chosen().filter((row) => row !== rows[at]);
      form.elements.into.value = rows[at].dataset.finding;
      send("merge", others);
    },
    o: () => { if (at >= 0) rows[at].querySelector("a").click(); },
    "?": () => dialog?.showModal(),
    "？": () => dialog?.showModal(),
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || dialog?.open) return;
    const on = event.target;
    if (on === reason) {
      if (event.key === "Enter" && !event.isComposing) { event.preventDefault(); send("dismiss", meant()); }
      if (event.key === "Escape") { event.preventDefault(); go(Math.max(0, at)); }
      return;
    }
    if (on.closest("input:not([type=checkbox]), textarea, select, summary")) return;
    const plain = event.key === "Enter" || event.key === " ";
    if (plain && on.closest("a, button, input")) return; // a focused control keeps its own key
    if ((event.key === "ArrowDown" || event.key === "ArrowUp") && at < 0) return; // scrolling, until the cursor is set
    if (keys[event.key]) { event.preventDefault(); keys[event.key](); }
  });
  form.addEventListener("focusin", (event) => {
    const row = event.target.closest("[data-finding]");
    if (row) at = rows.indexOf(row);
  });
  form.addEventListener("change", count);
  form.addEventListener("click", (event) => {
    const button = event.target.closest("button[name=one]");
    if (button) after([button.closest("[data-finding]")]);
    if (event.target.closest("button[name=do]") && chosen().length) after(chosen());
  });
  const help = document.querySelector("[data-help]");
  if (help && dialog) {
    help.hidden = false;
    help.addEventListener("click", () => dialog.showModal());
  }
  const here = location.hash.startsWith("#f-") ? rows.findIndex((row) => `#${row.id}` === location.hash) : -1;
  if (location.hash.startsWith("#f-")) go(Math.max(0, here));
  if (reason?.value && new URLSearchParams(location.search).has("reason")) reason.focus();
  count();
})();
