// What the page of writing gains where scripts run: lengths while one types, and nothing lost with the connection.
"use strict";

const write = document.getElementById("write"), lost = document.getElementById("lost");

function tellLength(line) {
  const { length: code, pace, around, between, says } = line.dataset;
  const text = document.getElementById(`text-${code}`).value.trim();
  // A digit is said in several syllables: see audio/pace.py.
  const letters = text.length + 5 * text.replace(/\D/g, "").length;
  const repeat = Number(write.elements.repeat.value), speed = Number(write.elements[`speed-${code}`].value) / 100;
  const seconds = Math.round((repeat * letters / pace + (repeat - 1) * between + Number(around)) / speed);
  const words = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  line.textContent = letters ? says.replace("{time}", words) : "";
}

const tellLengths = () => document.querySelectorAll("[data-length]").forEach(tellLength);
write.addEventListener("input", tellLengths);
tellLengths();

function sayLost(event) {
  if (event.target.id === "kept") lost.hidden = event.type === "htmx:afterRequest" && event.detail.successful;
}

for (const name of ["htmx:afterRequest", "htmx:sendError"]) addEventListener(name, sayLost);
addEventListener("offline", () => { lost.hidden = false; });
// Sending into nothing would put the browser's own error page in place of what was written.
write.addEventListener("submit", (event) => {
  if (navigator.onLine) return;
  event.preventDefault();
  event.stopPropagation();
  lost.hidden = false;
});
