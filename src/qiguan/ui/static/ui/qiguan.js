/* Small comforts. Every page reads and submits without this file. */
"use strict";

// A menu closes on Escape and on a touch outside it.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll("details.pop[open]")) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.pop[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
  const copy = event.target.closest("[data-copy]");
  if (copy && navigator.clipboard) {
    navigator.clipboard.writeText(copy.dataset.copy).then(() => {
      const word = copy.querySelector("[data-word]") || copy;
      const before = word.textContent;
      word.textContent = "已复制";
      setTimeout(() => { word.textContent = before; }, 2000);
    });
  }
});

// A form that writes is sent once, however often its button is touched.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || event.defaultPrevented) return;
  if (form.dataset.sent) { event.preventDefault(); return; }
  form.dataset.sent = "1";
  setTimeout(() => { delete form.dataset.sent; }, 8000); // an answer may be a file, and the page stays
});
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

// Progress: read again every second; the page is loaded anew when the work has ended.
for (const box of document.querySelectorAll("[data-progress]")) {
  const bar = box.querySelector("progress");
  const percent = box.querySelector("[data-percent]");
  const message = box.querySelector("[data-message]");
  const look = async () => {
    try {
      const answer = await fetch(box.dataset.progress, { headers: { Accept: "application/json" } });
      const now = await answer.json();
      if (now.state === "done" || now.state === "failed") { location.reload(); return; }
      bar.value = now.percent;
      percent.textContent = `${now.percent}%`;
      message.textContent = now.message;
    } catch { /* the next look may do better */ }
    setTimeout(look, 1000);
  };
  setTimeout(look, 1000);
}
