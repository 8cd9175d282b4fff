// What pages gain where scripts run: ticking a unit ticks all below it, a village is found by typing, signs of life on slow buttons.
"use strict";

const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").replace(/đ/gi, "d").toLowerCase();

function tickBelow(box) {
  box.closest("li").querySelectorAll("ul input[type=checkbox]").forEach((below) => { below.checked = box.checked; });
}

function showAbove(tree) {
  for (const box of [...tree.querySelectorAll("input[type=checkbox]")].reverse()) {
    const below = [...box.closest("li").querySelectorAll(":scope > details > ul > li > .tree-row input")];
    if (below.length === 0) continue;
    const every = below.every((b) => b.checked);
    box.checked = every;
    box.indeterminate = !every && below.some((b) => b.checked || b.indeterminate);
  }
}

function find(tree, wanted) {
  for (const row of tree.querySelectorAll("li")) row.hidden = wanted !== "" && !plain(row.textContent).includes(wanted);
  if (wanted) tree.querySelectorAll("details").forEach((d) => { d.open = true; });
}

document.addEventListener("change", (event) => {
  const tree = event.target.closest("[data-tree]");
  if (!tree || event.target.type !== "checkbox") return;
  tickBelow(event.target);
  showAbove(tree);
}, true);

document.addEventListener("input", (event) => {
  const name = event.target.dataset.finds;
  if (name) find(document.getElementById(name), plain(event.target.value));
});

// A second press while the first is still on its way would only confuse; the server would refuse the repeat anyway.
document.addEventListener("submit", (event) => {
  const button = event.submitter;
  if (button && button.dataset.busy) {
    setTimeout(() => { button.disabled = true; button.textContent = button.dataset.busy; }, 0);
  }
});

addEventListener("pageshow", () => document.querySelectorAll("button[data-busy]:disabled").forEach(() => location.reload()));

// A browser may show 11/25/2026 to people who read 25/11/2026, so the day chosen is said again in words.
const DAY = { weekday: "long", day: "numeric", month: "numeric", year: "numeric" };
const MOMENT = { ...DAY, hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
document.querySelectorAll("input[type=date], input[type=datetime-local]").forEach((input) => {
  const said = Object.assign(document.createElement("div"), { className: "form-text", ariaLive: "polite" });
  const say = () => {
    const at = new Date(input.value.includes("T") ? input.value : `${input.value}T00:00`);
    said.textContent = input.value && at.toLocaleString(document.documentElement.lang, input.type === "date" ? DAY : MOMENT);
  };
  input.after(said);
  input.addEventListener("input", say);
  say();
});

document.querySelectorAll("[data-copies]").forEach((button) => button.addEventListener("click", () => {
  document.getElementById(button.dataset.copies).select();
  // The newer way to copy is not there on plain http.
  if (document.execCommand("copy")) button.nextElementSibling.textContent = button.dataset.done;
}));

document.querySelectorAll("[data-tree]").forEach(showAbove);
document.querySelectorAll("[data-with-script]").forEach((e) => { e.hidden = false; });

// What is typed stays on this device while there is no network: it is offered again, and sent only by who wrote it.
const draft = document.querySelector("textarea[name^='text-']")?.form, offline = draft?.matches("[data-offline]");
if (offline || (draft && location.pathname === "/announcements/new")) {
  const fields = [...draft.querySelectorAll("textarea[name^='text-'], input[name=title]")];
  const kept = JSON.parse(localStorage.getItem("loa-draft") || "{}"), offer = document.querySelector("[data-kept]");
  const bring = () => { offer.hidden = true; fields.forEach((it) => { it.value = kept[it.name] || it.value; }); };
  offer.hidden = !fields.some((it) => kept[it.name] && kept[it.name] !== it.value);
  offer.querySelector("button").onclick = bring;
  if (offline) bring();
  const said = () => JSON.stringify(Object.fromEntries(fields.map((it) => [it.name, it.value])));
  draft.addEventListener("input", () => localStorage.setItem("loa-draft", said()));
} else if (!draft && document.querySelector("[data-stale][hidden]")) localStorage.removeItem("loa-draft");
if (document.body.matches(".signed-in")) navigator.serviceWorker?.register("/sw.js");
