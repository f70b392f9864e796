/* Records that this phone keeps until the network is back: one store for each checker, sent whenever a check page is open. */
"use strict";

window.checkQueue = (() => {
  const home = document.querySelector("[data-checker]");
  if (!home || !window.indexedDB) return null;
  let base;
  let sending = null;

  const open = () => new Promise((done, failed) => {
    const asked = indexedDB.open(`qiguan-check-${home.dataset.checker}`, 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore("records", { keyPath: "key" });
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => failed(asked.error);
  });
  const run = async (mode, work) => {
    base ??= open();
    const shelf = (await base).transaction("records", mode);
    const asked = work(shelf.objectStore("records"));
    return new Promise((done, failed) => {
      shelf.oncomplete = () => done(asked.result);
      shelf.onabort = shelf.onerror = () => failed(shelf.error);
    });
  };

  const all = async () => (await run("readonly", (s) => s.getAll())).sort((a, b) => a.at - b.at);
  const put = (record) => run("readwrite", (s) => s.put(record));
  const drop = (key) => run("readwrite", (s) => s.delete(key));

  const token = () => {
    const cookie = document.cookie.match(/(?:^|; )csrftoken=([^;]+)/); // fresher than a page kept for days
    return cookie ? cookie[1] : document.querySelector("[name=csrfmiddlewaretoken]")?.value ?? "";
  };

  // One request: up to 50 plain records of a round, or one with its picture. Returns words for the person, null without a network.
  const hand = async (url, records) => {
    const form = new FormData();
    form.set("records", JSON.stringify(records.map(({ shot, card, sync, refused, ...rest }) => rest)));
    for (const r of records) if (r.shot) form.set(`shot-${r.key}`, r.shot, "shot.jpg");
    let answer;
    try {
      answer = await fetch(url, { method: "POST", body: form, headers: { "X-CSRFToken": token(), Accept: "application/json" } });
    } catch { return null; }
    if (answer.redirected || answer.status === 403) return ["登录已过期：记录还在手机里，重新登录后打开这一页就会传上去。"];
    if (answer.status === 404) return ["这一轮您现在看不到：记录还在手机里，请找监管员。"];
    if (!answer.ok) return ["这次没有传成：记录还在手机里，过一会儿再传。"];
    const told = [];
    for (const { key, kept, words } of (await answer.json()).answers) {
      const record = records.find((r) => r.key === key);
      if (!record) continue;
      if (kept) { await drop(key); if (words) told.push(words); }
      else await put({ ...record, refused: words });
    }
    return told;
  };

  const sendAll = async () => {
    const rounds = new Map();
    for (const record of await all()) {
      if (record.refused) continue;
      const groups = rounds.get(record.sync) ?? [[]];
      if (record.shot) groups.unshift([record]);
      else if (groups.at(-1).length < 50) groups.at(-1).push(record);
      else groups.push([record]);
      rounds.set(record.sync, groups);
    }
    const told = [];
    for (const [url, groups] of rounds) {
      for (const group of groups) {
        if (!group.length) continue;
        const words = await hand(url, group);
        if (words === null) return told;
        told.push(...words);
      }
    }
    return [...new Set(told)];
  };
  // One at a time; asked while one is under way, another follows it: that one took its list before the newest record was kept.
  let following = null;
  const send = () => {
    if (sending) return (following ??= sending.catch(() => []).then(() => { following = null; return send(); }));
    return (sending = sendAll().finally(() => { sending = null; }));
  };

  // On the pages beside the check screen: say what still waits, and send it.
  const note = document.querySelector("[data-unsent]");
  const tell = async () => {
    const before = (await all()).length;
    if (!before) { note.hidden = true; return; }
    const told = await send();
    const left = await all();
    const refused = left.filter((r) => r.refused).length;
    const words = [`手机里存着的${before}条，传上去${before - left.length}条。`];
    if (refused) words.push(`${refused}条没有收下，打开“开始看”可以改。`);
    note.querySelector("p").textContent = words.join("") + told.join("；");
    note.hidden = false;
  };
  if (note) {
    tell();
    window.addEventListener("online", tell);
  }
  return { all, put, drop, send, token };
})();
