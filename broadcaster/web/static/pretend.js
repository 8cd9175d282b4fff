// A loudspeaker that only pretends: after one press it plays what the server says is due, and says what it began and ended.
"use strict";

const page = document.querySelector("[data-pretend]");
const sound = page.querySelector("audio");
const at = (name) => page.querySelector("[data-now]")?.dataset[name] ?? "";
let on = false, playing = "";

const say = (airing, event) => fetch(page.dataset.pretend, {
  method: "POST", body: new URLSearchParams({ csrf: page.dataset.csrf, airing, event }),
});

const play = (address, begun) => new Promise((ended, failed) => {
  Object.assign(sound, { src: address, onplaying: begun, onended: ended, onerror: failed });
  sound.play().catch(failed);
});

async function look() {
  if (playing && at("playing") !== playing && at("due") !== playing) { sound.pause(); sound.dispatchEvent(new Event("error")); }
  if (!on || playing || !at("due")) return;
  const airing = playing = at("due");
  let begun = () => { begun = null; say(airing, "started"); };
  try {
    for (const clip of at("clips").split(" ")) await play(`/clips/${clip}`, begun);
    await say(airing, "finished");
  } catch { await say(airing, "partial"); } finally { playing = ""; }
}

page.querySelector("[data-on]").addEventListener("click", () => { on = true; page.classList.add("pretends"); look(); });
document.addEventListener("htmx:afterSettle", look);
