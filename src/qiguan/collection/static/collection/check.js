/* The check screen without a network: accounts ahead, records kept in the phone. Without this file it is a plain form, one page an account. */
"use strict";

(async () => {
  const form = document.querySelector("[data-check]");
  const queue = window.checkQueue;
  if (!form || !queue) return;
  try { await queue.all(); } catch { return; } // a private window without a store: the plain form it is
  const { batch, sync, worker, round, doneUrl, checker } = form.dataset;
  const DAY = 86400000;
  const CHINA = 8 * 3600000;
  const shelf = (name, empty) => {
    const key = `check-${name}-${checker}-${round}`;
    return {
      read: () => { try { return JSON.parse(localStorage.getItem(key)) ?? empty; } catch { return empty; } },
      write: (value) => { try { localStorage.setItem(key, JSON.stringify(value)); } catch { /* full: the next page will do */ } },
    };
  };
  const cards = shelf("cards", []);
  const counts = shelf("counts", null);
  const clock = shelf("clock", 0); // our clock less the phone's, in ms
  const last = shelf("last", null);
  const part = (name) => document.querySelector(`[data-${name}]`);
  const parts = (name) => document.querySelectorAll(`[data-${name}]`);
  const now = () => Date.now() + clock.read();
  const fresh = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, "0")).join("");
  const iso = (ms) => new Date(ms + CHINA).toISOString().slice(0, 10);
  const monthDay = (day) => `${Number(day.slice(5, 7))}月${Number(day.slice(8))}日`;
  let card = null; // what the screen shows; null: as the server drew it
  let busy = false;
  let over = false; // nothing more to show here; what waits goes as soon as it can
  const recorded = new Set(); // tasks kept on this page: an answer that was under way may still offer them

  const complain = (words) => {
    const box = part("problem");
    box.hidden = !words;
    box.querySelector("p").textContent = words;
  };

  // The keys of the days, drawn anew when the day has changed since the page was made.
  const point = form.dataset.point || ""; // the last day up to the round's check point
  const drawDays = () => {
    const today = iso(now());
    if (form.dataset.today === today) return;
    form.dataset.today = today;
    const end = Date.parse(today);
    let day = end - 15 * DAY;
    day -= ((new Date(day).getUTCDay() + 6) % 7) * DAY;
    const grid = part("days");
    grid.querySelectorAll("label").forEach((key) => key.remove());
    for (; day <= end; day += DAY) {
      const text = new Date(day).toISOString().slice(0, 10);
      const over = end - day > 14 * DAY;
      const short = Number(text.slice(8));
      const word = day === end ? "今天" : over || short === 1 ? `${Number(text.slice(5, 7))}/${short}` : String(short);
      const key = document.createElement("label");
      key.className = "hit";
      const input = document.createElement("input");
      Object.assign(input, { type: "radio", name: "last", value: text, required: true });
      if (point && text > point) input.dataset.after = "";
      input.setAttribute("aria-label", monthDay(text) + (over ? "，超过两周" : day === end ? "，今天" : ""));
      const face = document.createElement("span");
      face.className = `${over ? "over " : ""}${word.length > 2 || over ? "sm" : ""}`;
      face.textContent = word;
      key.append(input, face);
      grid.append(key);
    }
    const first = grid.querySelector("input")?.value ?? "";
    form.querySelector("[value=earlier]").toggleAttribute("data-after", Boolean(point) && point < first);
    for (const name of ["earlier", "renamed_day"]) form.elements[name].max = today;
  };

  const show = (next, why) => {
    card = next;
    over = false;
    form.reset();
    drawDays();
    form.elements.task.value = next.task;
    form.elements.key.value = fresh();
    for (const name of ["platform", "where", "name", "id", "owner"]) part(name).textContent = next[name];
    part("turn").textContent = why || (next.turn === 2 ? "（复核：请独立看一遍）" : "");
    part("before").textContent = next.before ? ` · ${next.before}` : "";
    const copy = part("copy");
    copy.dataset.copy = next.id;
    copy.hidden = !next.id;
    const link = part("link");
    link.hidden = !/^https?:/.test(next.link);
    if (link.hidden) link.removeAttribute("href"); else link.href = next.link;
    const qr = part("qr");
    qr.hidden = !next.qr;
    if (next.qr) {
      qr.querySelector("svg").setAttribute("viewBox", next.qr.box);
      qr.querySelector("path").setAttribute("d", next.qr.path);
    }
    parts("reading").forEach((box) => { box.hidden = next.usable; });
    parts("using").forEach((box) => { box.hidden = !next.usable; });
    sayShot();
    document.title = `核查${next.name} · 齐管`;
    window.scrollTo(0, 0);
    part("name").focus({ preventScroll: true });
  };

  const sayShot = () => {
    const chosen = form.elements.shot.files.length > 0;
    part("shot-word").className = chosen ? "" : "vh";
    part("shot-word").textContent = chosen ? "已加" : "加一张截图，可不加";
  };

  const tell = async () => {
    const records = await queue.all();
    const waiting = records.filter((r) => !r.refused && r.sync === sync).length;
    const count = counts.read();
    if (count) {
      part("done").textContent = count.done;
      part("total").textContent = count.total;
      part("bar").setAttribute("width", `${Math.floor((count.done * 100) / Math.max(count.total, 1))}%`);
    }
    part("kept").textContent = waiting ? `待传${waiting}条` : `已存${count ? count.done : part("done").textContent}条`;
    const list = part("refused");
    list.replaceChildren(...records.filter((r) => r.refused && r.sync === sync).map((r) => {
      const row = document.createElement("li");
      const words = document.createElement("p");
      words.textContent = `没有收下：${r.refused}`;
      const again = document.createElement("button");
      Object.assign(again, { type: "button", className: "btn s", textContent: "重记", onclick: () => show({ ...r.card, replaces: r.key }, "（重记没有收下的那条）") });
      const away = document.createElement("button");
      Object.assign(away, { type: "button", className: "btn s", textContent: "不要了", onclick: async () => { recorded.delete(String(r.task)); await queue.drop(r.key); tell(); } });
      row.append(words, again, away);
      return row;
    }));
    list.hidden = !list.children.length;
    const before = last.read();
    if (before) {
      part("last").hidden = false;
      part("last-words").textContent = `刚才：${before.card.name}，${before.words}`;
    }
  };

  const refill = async () => {
    try {
      const answer = await fetch(batch, { method: "POST", headers: { Accept: "application/json", "X-CSRFToken": queue.token() } });
      if (answer.redirected || answer.status === 403) { complain("登录已过期：记录还在手机里，重新登录后打开这一页就会传上去。"); return; }
      if (!answer.ok) return;
      const got = await answer.json();
      clock.write(got.now - Date.now());
      const waiting = new Set((await queue.all()).map((r) => String(r.task)));
      cards.write(got.cards.filter((c) => !waiting.has(String(c.task)) && !recorded.has(String(c.task))));
      const unsent = (await queue.all()).filter((r) => r.sync === sync && r.card.turn === 1 && !r.replaces).length;
      counts.write({ done: got.done + unsent, total: got.total });
      card ??= got.cards.find((c) => String(c.task) === form.elements.task.value) ?? null;
      drawDays();
    } catch { /* no network: the cards at hand will do */ }
    await tell();
  };

  const next = () => {
    const now = cards.read().find((c) => String(c.task) !== form.elements.task.value);
    if (now) show(now);
    return Boolean(now);
  };

  const shrink = async (file) => {
    try {
      const picture = await createImageBitmap(file);
      const scale = Math.min(1, 2400 / Math.max(picture.width, picture.height));
      const canvas = Object.assign(document.createElement("canvas"), { width: Math.round(picture.width * scale), height: Math.round(picture.height * scale) });
      canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
      return await new Promise((done) => canvas.toBlob((blob) => done(blob ?? file), "image/jpeg", 0.85));
    } catch { return file; }
  };

  const wordsOf = (record) => {
    const chosen = form.querySelector(`[name=last][value="${record.last}"]`);
    if (record.last === "earlier") return `最近一篇${monthDay(record.earlier)}`;
    if (record.last === "renamed") return `改名为“${record.new_name}”`;
    return /^\d/.test(record.last) ? `最近一篇${monthDay(record.last)}` : chosen.nextElementSibling.textContent;
  };

  const flush = async () => {
    const told = await queue.send();
    if (told.length) complain(told.join("；"));
    await tell();
  };

  // All cards are used up: fetch more, or leave once nothing waits in the phone.
  const finish = async () => {
    await refill();
    if (next()) return;
    over = true;
    if ((await queue.all()).some((r) => r.sync === sync)) complain("手机里的都看完了。没传上去的还在手机里，连上网会自动传。");
    else location.href = doneUrl;
  };

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    event.stopImmediatePropagation();
    if (busy) return;
    const chosen = new FormData(form);
    const record = { at: now(), sync };
    for (const name of ["task", "key", "last", "earlier", "new_name", "renamed_day", "box", "menu", "w_service", "w_mini", "w_phone", "w_auto", "before", "before_day"]) record[name] = chosen.get(name) || "";
    if (record.last === "earlier" && !record.earlier) { complain("选了“更早”，请写大概是哪天。"); form.elements.earlier.focus(); return; }
    if (record.last === "renamed" && !record.new_name.trim()) { complain("选了“改名了”，请写现在叫什么。"); form.elements.new_name.focus(); return; }
    const newest = { earlier: record.earlier, renamed: record.renamed_day }[record.last] ?? record.last;
    if (point && /^\d/.test(newest) && newest > point) {
      if (!record.before) { complain("最近一篇在监测时间点以后：请选那以前最近一篇是哪天，看不清就选“看不清”。"); part("before-point").querySelector("input").focus(); return; }
      if (record.before === "before_earlier" && !record.before_day) { complain("选了“更早”，请写大概是哪天。"); form.elements.before_day.focus(); return; }
    } else record.before = record.before_day = "";
    busy = true;
    try {
      complain("");
      const shot = chosen.get("shot");
      if (shot && shot.size) record.shot = await shrink(shot);
      const drawn = { task: record.task, turn: 1, usable: !part("using").hidden, qr: null, link: part("link").href, before: "" };
      for (const name of ["platform", "where", "name", "id", "owner"]) drawn[name] = part(name).textContent;
      record.card = card ?? drawn;
      await queue.put(record); // kept before the next one is shown
      recorded.add(String(record.task));
      if (record.card.replaces) await queue.drop(record.card.replaces);
      const again = String(last.read()?.card.task) === String(record.task) || record.card.replaces || location.search;
      last.write({ card: { ...record.card, replaces: undefined }, words: wordsOf(record) });
      cards.write(cards.read().filter((c) => String(c.task) !== record.task));
      const count = counts.read();
      if (count && record.card.turn === 1 && !again) counts.write({ ...count, done: count.done + 1 });
    } catch {
      complain("手机存不下了：请连上网，再按一次。");
      busy = false;
      return;
    }
    busy = false;
    const more = next();
    await tell();
    flush().then(async () => {
      if (!more) await finish();
      else if (cards.read().length < 5) await refill();
    });
  }, true);

  form.elements.shot.addEventListener("change", sayShot);
  part("again").addEventListener("click", (event) => {
    const before = last.read();
    if (!before) return;
    event.preventDefault();
    show(before.card, "（改刚才那条：两条都留下，以新的为准）");
  });
  part("leave").addEventListener("submit", () => { cards.write([]); last.write(null); });

  // Keys: the day as written, 0 for today; arrows walk over the days; Enter goes on.
  let typed = "";
  let since = 0;
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || part("days").closest("[hidden]")) return;
    const at = document.activeElement;
    if (at.matches("input:not([type=radio]), select, textarea") || (at.name && at.name !== "last")) return;
    const keys = [...part("days").querySelectorAll("input")];
    const here = keys.findIndex((k) => k.checked);
    let to = -1;
    if (/^[0-9]$/.test(event.key)) {
      typed = event.timeStamp - since < 900 ? typed + event.key : event.key;
      since = event.timeStamp;
      const day = Number(typed);
      to = typed === "0" ? keys.length - 1 : keys.findLastIndex((k) => Number(k.value.slice(8)) === day);
    } else if (event.key in { ArrowLeft: 1, ArrowRight: 1, ArrowUp: 1, ArrowDown: 1 }) {
      if (at.name === "last" && here < 0 && at.checked) return; // among the words below, the browser walks
      const from = here < 0 ? keys.length - 1 : here;
      const step = { ArrowLeft: -1, ArrowRight: here < 0 ? 0 : 1, ArrowUp: -7, ArrowDown: here < 0 ? 0 : 7 }[event.key];
      to = from + step;
      if (to < 0 || to >= keys.length) return;
    } else if (event.key === "Enter" && !at.closest("a, button, summary, input")) {
      form.requestSubmit();
      return;
    } else return;
    if (to < 0) return;
    event.preventDefault();
    keys[to].checked = true;
    keys[to].focus();
  });

  // The page in the cache may show an account that is done already.
  const waiting = new Set((await queue.all()).map((r) => String(r.task)));
  if (!location.search && waiting.has(form.elements.task.value) && !next()) {
    over = true;
    complain("手机里的都看完了。没传上去的还在手机里，连上网会自动传。");
  }
  drawDays();
  await tell();
  window.addEventListener("online", () => flush().then(() => (over ? finish() : refill())));
  document.addEventListener("visibilitychange", () => { if (!document.hidden && !form.querySelector("[name=last]:checked")) drawDays(); }); // a phone taken up the next morning
  setInterval(() => flush().then(() => (over ? finish() : undefined)), 15000);
  if ("serviceWorker" in navigator) {
    navigator.serviceWorker.register(worker, { scope: "/office/check/" }).catch(() => {});
    if (navigator.onLine && window.caches) {
      const files = [...document.querySelectorAll("script[src], link[rel=stylesheet], link[rel~=icon]")].map((n) => n.src || n.href);
      caches.open("check-2").then((c) => c.addAll([location.pathname, ...files.filter((f) => f.startsWith(location.origin))])).catch(() => {});
    }
  }
  await flush();
  await (over ? finish() : refill());
  form.dataset.ready = "1";
})();
