// Counts the seconds in which an airing can still be called back, then takes the button away.
"use strict";

document.querySelectorAll("[data-left]").forEach((form) => {
  const words = form.querySelector("[data-says]"), end = performance.now() + 1000 * form.dataset.left;
  setInterval(() => {
    const left = Math.ceil((end - performance.now()) / 1000);
    words.textContent = words.dataset.says.replace("{n}", left);
    form.hidden = left <= 0;
  }, 500);
});
