// Draws the loudspeakers of the list beside it on a map; without it the list is all there is.
"use strict";

(() => {
  const box = document.getElementById("map"), folded = box.closest("details");
  const still = { zoomAnimation: false, fadeAnimation: false, markerZoomAnimation: false, inertia: false };
  const map = L.map(box, { attributionControl: false, zoomControl: false, maxZoom: 18, center: [16, 106], zoom: 5, ...still });
  L.control.zoom({ zoomInTitle: box.dataset.closer, zoomOutTitle: box.dataset.farther }).addTo(map);
  if (box.dataset.tiles) L.tileLayer("/map-tiles/{z}/{x}/{y}.png", { maxZoom: 18 }).addTo(map);
  const pin = (className, html) => L.divIcon({ className: `pin ${className}`, html, iconSize: [48, 48] });

  // Where one chooses, a press ticks the same box as in the list; elsewhere the pin has the list's word, shape and colour.
  const choosing = (at, tick, title) => {
    const mark = L.marker(at, { icon: pin("mark mark-off", '<span aria-hidden="true"></span>'), title }).addTo(map), button = mark.getElement();
    const show = () => { button.setAttribute("aria-pressed", tick.checked); button.firstChild.textContent = tick.checked ? "✓" : "○"; };
    document.addEventListener("change", show);
    show();
    return mark.on("click keypress", (event) => { if (event.type === "click" || event.originalEvent.key === "Enter") tick.click(); });
  };
  const marks = [...document.querySelectorAll("[data-at]")].map((row) => {
    const at = row.dataset.at.split(",").map(Number), tick = row.querySelector("input"), mark = row.querySelector(".mark");
    if (tick) return choosing(at, tick, row.textContent.trim());
    const link = row.querySelector("a"), card = document.createElement("p");
    const title = `${link.textContent.trim()} – ${mark.textContent.trim()}`;
    card.append(link.cloneNode(true), document.createElement("br"), mark.textContent.trim());
    const icon = pin(mark.className, mark.querySelector("svg").outerHTML);
    return L.marker(at, { icon, title, alt: title }).bindPopup(card, { closeButton: false }).addTo(map);
  });
  const look = (layers) => {
    const all = L.featureGroup(layers).getBounds();
    map.invalidateSize().fitBounds(all.isValid() ? all.pad(0.1) : [[8.4, 102.1], [23.4, 109.5]], { maxZoom: 16, animate: false });
  };
  box.hidden = false;
  look(marks);
  folded?.addEventListener("toggle", () => look(marks));
  fetch("/speakers/map/borders").then((answer) => answer.json()).then((found) => {
    const name = (feature) => Object.assign(document.createElement("span"), { textContent: feature.properties.name });
    const options = { interactive: false, className: "border-line", onEachFeature: (f, l) => l.bindTooltip(name(f)) };
    const lines = L.geoJSON(found, options).addTo(map).bringToBack();
    if (found.features.length && !folded) look([...marks, lines]);
  });
})();
