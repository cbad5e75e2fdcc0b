// What the pages do better with a script, and do without one too: suggestions, busy forms, keys at the desk.
"use strict";

const inField = (target) => target.matches("input, textarea, select, [contenteditable]");

// --- titles while somebody types: a combobox with a list, as the ARIA practices describe it

function suggest(holder) {
  const input = holder.querySelector("input[type='text'], input:not([type])");
  const goes = holder.dataset.suggest === "go";
  const list = document.createElement("ul");
  list.id = `${input.id}-list`;
  list.className = "suggestions";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "Known titles");
  list.hidden = true;
  input.insertAdjacentElement("afterend", list);
  input.setAttribute("role", "combobox");
  input.setAttribute("aria-autocomplete", "list");
  input.setAttribute("aria-expanded", "false");
  input.setAttribute("aria-controls", list.id);
  let asked = 0, chosen = -1, timer = 0, items = [];

  const close = () => {
    list.hidden = true;
    chosen = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };
  const take = (item) => {
    if (goes && item.title_id) { window.location.href = `/ui/titles/${item.title_id}`; return; }
    input.value = item.title;
    close();
  };
  const mark = (place) => {
    chosen = place;
    [...list.children].forEach((option, number) => option.setAttribute("aria-selected", String(number === place)));
    if (place >= 0) {
      input.setAttribute("aria-activedescendant", list.children[place].id);
      list.children[place].scrollIntoView({ block: "nearest" });
    } else input.removeAttribute("aria-activedescendant");
  };
  const show = (found) => {
    items = found;
    list.replaceChildren(...found.map((item, number) => {
      const option = document.createElement("li");
      option.id = `${list.id}-${number}`;
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", "false");
      option.textContent = item.title;
      option.addEventListener("mousedown", (event) => { event.preventDefault(); take(item); });
      return option;
    }));
    list.hidden = found.length === 0;
    input.setAttribute("aria-expanded", String(found.length > 0));
    chosen = -1;
  };
  const ask = async () => {
    const typed = input.value.trim();
    const mine = ++asked;
    if (typed.length < 2) { close(); return; }
    try {
      const answer = await fetch(`/titles?limit=8&q=${encodeURIComponent(typed)}`);
      if (!answer.ok || mine !== asked) return;
      const found = (await answer.json()).items;
      if (document.activeElement === input) show(found.filter((item) => item.title !== typed));
    } catch { close(); }
  };
  input.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(ask, 90); });
  input.addEventListener("blur", close);
  input.addEventListener("keydown", (event) => {
    if (event.key === "Escape") { close(); return; }
    if (list.hidden) return;
    if (event.key === "ArrowDown") { event.preventDefault(); mark((chosen + 1) % items.length); }
    if (event.key === "ArrowUp") { event.preventDefault(); mark((chosen + items.length) % (items.length + 1) - 1); }
    if (event.key === "Enter" && chosen >= 0) { event.preventDefault(); take(items[chosen]); }
  });
}

// --- forms that say that they are at work, and are not sent twice

function busy(form) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "yes";
    const button = form.querySelector("button[type='submit']");
    button.setAttribute("aria-busy", "true");
    button.textContent = `${form.dataset.busy} …`;
  });
  // Back again from the page that followed: the form can be sent once more.
  window.addEventListener("pageshow", (event) => { if (event.persisted) window.location.reload(); });
}

function count(area) {
  const told = document.createElement("p");
  told.className = "hint count";
  told.setAttribute("aria-live", "off");
  area.insertAdjacentElement("afterend", told);
  const key = `aina-draft:${window.location.pathname}`;
  const show = () => {
    const words = area.value.trim().split(/\s+/).filter(Boolean).length;
    told.textContent = `${words} ${words === 1 ? "word" : "words"}`;
  };
  // A draft stays in this tab alone, until it is handed in.
  if (!area.value) area.value = sessionStorage.getItem(key) || "";
  area.addEventListener("input", () => { sessionStorage.setItem(key, area.value); show(); });
  area.form.addEventListener("submit", () => sessionStorage.removeItem(key));
  show();
}

// --- the review desk by keyboard

function desk(holder) {
  const form = holder.querySelector("form.decide");
  const go = (mark) => { const link = holder.querySelector(mark); if (link) window.location.href = link.href; };
  holder.querySelectorAll("select[data-picks]").forEach((select) => select.addEventListener("change", () => {
    form.querySelector(`input[value="${select.dataset.picks}"]`).checked = true;
  }));
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.ctrlKey && form) { event.preventDefault(); form.requestSubmit(); return; }
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === "Escape" && inField(event.target)) { event.target.blur(); return; }
    if (inField(event.target) && event.target.type !== "radio") return;
    if (event.key === "j") go("[data-after]");
    if (event.key === "k") go("[data-before]");
    if (!form) return;
    if (event.key === "r") { event.preventDefault(); form.elements.reason.focus(); }
    const choices = form.querySelectorAll("input[name='choice']");
    const place = Number(event.key) - 1;
    if (choices[place]) { event.preventDefault(); choices[place].checked = true; choices[place].focus(); }
  });
  const current = holder.querySelector(".desk-list [aria-current]");
  if (current) current.scrollIntoView({ block: "nearest" });
}

// --- the token after # never leaves the browser by itself: it is put into the form, and taken off the address

function enter(form) {
  const token = window.location.hash.slice(1);
  if (!token) return;
  history.replaceState(null, "", window.location.pathname + window.location.search);
  form.elements.token.value = token;
  form.requestSubmit();
}

document.querySelectorAll("[data-suggest]").forEach(suggest);
document.querySelectorAll("form[data-busy]").forEach(busy);
document.querySelectorAll("textarea[data-count]").forEach(count);
document.querySelectorAll("[data-desk]").forEach(desk);
document.querySelectorAll("form[data-enter]").forEach(enter);
