/* The check screen without a network. Without this file it is a plain form, one page an account. */
"use strict";

(() => {
  const form = document.querySelector("[data-check]");
  if (!form || !window.localStorage) return;
  const { batch, sync, worker, round, doneUrl } = form.dataset;
  const token = form.querySelector("[name=csrfmiddlewaretoken]").value;
  const CARDS = `check-cards-${round}`;
  const QUEUE = `check-queue-${round}`;
  const COUNT = `check-count-${round}`;
  const read = (key, empty) => { try { return JSON.parse(localStorage.getItem(key)) ?? empty; } catch { return empty; } };
  const write = (key, value) => localStorage.setItem(key, JSON.stringify(value));
  const part = (name) => document.querySelector(`[data-${name}]`);
  let busy = false;

  const show = (card) => {
    form.elements.task.value = card.task;
    form.elements.key.value = crypto.randomUUID ? crypto.randomUUID().replaceAll("-", "") : String(Date.now()) + Math.random().toString(16).slice(2);
    part("platform").textContent = card.platform;
    part("where").textContent = card.where;
    part("turn").textContent = card.turn === 2 ? "（复核）" : "";
    part("name").textContent = card.name;
    part("id").textContent = card.id;
    part("owner").textContent = card.owner;
    part("before").textContent = card.before ? ` · ${card.before}` : "";
    const copy = form.querySelector("[data-copy]");
    copy.dataset.copy = card.id;
    copy.hidden = !card.id;
    const link = part("link");
    link.hidden = !card.link;
    if (/^https?:/.test(card.link)) link.href = card.link; else link.removeAttribute("href");
    const qr = part("qr");
    if (qr) qr.hidden = true; // the picture belongs to the first account only
    document.title = `核查${card.name} · 齐管`;
  };

  const tell = () => {
    const waiting = read(QUEUE, []).length;
    const count = read(COUNT, { done: 0, total: 0 });
    part("kept").lastChild.textContent = waiting ? `待传${waiting}条` : "已存";
    if (count.total) {
      part("done").textContent = count.done;
      part("total").textContent = count.total;
      part("bar").setAttribute("width", `${Math.floor((count.done * 100) / count.total)}%`);
    }
  };

  const complain = (words) => {
    const box = part("problem");
    box.hidden = !words;
    box.querySelector("span").textContent = words;
  };

  const refill = async () => {
    try {
      const answer = await fetch(batch, { headers: { Accept: "application/json" } });
      if (!answer.ok) return;
      const got = await answer.json();
      const waiting = new Set(read(QUEUE, []).map((r) => String(r.task)));
      write(CARDS, got.cards.filter((c) => !waiting.has(String(c.task))));
      write(COUNT, { done: got.done + waiting.size, total: got.total });
      tell();
    } catch { /* no network: the cards at hand will do */ }
  };

  const send = async () => {
    const records = read(QUEUE, []);
    if (busy || !records.length) return;
    busy = true;
    try {
      const answer = await fetch(sync, {
        method: "POST",
        headers: { "Content-Type": "application/json", "X-CSRFToken": token },
        body: JSON.stringify({ records: records.slice(0, 100) }),
      });
      if (answer.ok && (answer.headers.get("Content-Type") || "").includes("json")) {
        const { answers } = await answer.json();
        const settled = new Set(answers.map((a) => a.key));
        write(QUEUE, read(QUEUE, []).filter((r) => !settled.has(r.key)));
        const refused = answers.filter((a) => !a.kept);
        if (refused.length) complain(refused.map((a) => a.words).join("；"));
      } else if (answer.status === 403 || answer.redirected) {
        complain("登录已过期：记录还在手机里，重新登录后会自动传上去。");
      }
    } catch { /* no network: the records stay */ }
    busy = false;
    tell();
  };

  const next = () => {
    const cards = read(CARDS, []);
    const now = cards.find((c) => String(c.task) !== form.elements.task.value);
    if (!now) return false;
    show(now);
    return true;
  };

  form.addEventListener("submit", (event) => {
    const chosen = new FormData(form);
    const shot = chosen.get("shot");
    if (shot && shot.size) return; // a picture goes the plain way
    event.preventDefault();
    event.stopImmediatePropagation();
    delete form.dataset.sent;
    const record = { at: Date.now() };
    for (const name of ["task", "key", "last", "earlier", "new_name", "box", "menu"]) record[name] = chosen.get(name) || "";
    if (record.last === "earlier" && !record.earlier) { complain("选了“更早”，请写大概是哪天。"); return; }
    complain("");
    write(QUEUE, [...read(QUEUE, []), record]);
    write(CARDS, read(CARDS, []).filter((c) => String(c.task) !== record.task));
    const count = read(COUNT, { done: 0, total: 0 });
    write(COUNT, { ...count, done: count.done + 1 });
    form.reset();
    window.scrollTo(0, 0);
    const more = next();
    tell();
    send().then(() => {
      if (more) { if (read(CARDS, []).length < 5) refill(); return; }
      refill().then(() => { if (!next()) { if (read(QUEUE, []).length) complain("手机里的都看完了。连上网后会自动传上去。"); else location.href = doneUrl; } });
    });
  }, true);

  // Reopened without a network: the page in the cache may show an account that is done already.
  const waiting = new Set(read(QUEUE, []).map((r) => String(r.task)));
  if (waiting.has(form.elements.task.value)) next();
  window.addEventListener("online", send);
  setInterval(send, 15000);
  tell();
  send().then(refill);
  if ("serviceWorker" in navigator) navigator.serviceWorker.register(worker, { scope: "/office/check/" }).catch(() => {});
})();
