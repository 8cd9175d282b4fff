// Draws the loudspeakers of the list beneath on a map; without it the list is all there is.
"use strict";

(() => {
  const box = document.getElementById("map");
  const still = { zoomAnimation: false, fadeAnimation: false, markerZoomAnimation: false, inertia: false };
  const map = L.map(box, { attributionControl: false, zoomControl: false, maxZoom: 18, ...still });
  L.control.zoom({ zoomInTitle: box.dataset.closer, zoomOutTitle: box.dataset.farther }).addTo(map);
  if (box.dataset.tiles) L.tileLayer("/map-tiles/{z}/{x}/{y}.png", { maxZoom: 18 }).addTo(map);

  // The same word, shape and colour as in the list.
  const marks = [...document.querySelectorAll("[data-at]")].map((row) => {
    const mark = row.querySelector(".mark");
    const icon = L.divIcon({ className: `pin ${mark.className}`, html: mark.querySelector("svg").outerHTML, iconSize: [48, 48] });
    const link = row.querySelector("a");
    const title = `${link.textContent.trim()} – ${mark.textContent.trim()}`;
    const card = document.createElement("p");
    card.append(link.cloneNode(true), document.createElement("br"), mark.textContent.trim());
    return L.marker(row.dataset.at.split(",").map(Number), { icon, title, alt: title }).bindPopup(card, { closeButton: false }).addTo(map);
  });

  const look = (layers) => {
    const all = L.featureGroup(layers).getBounds();
    map.fitBounds(all.isValid() ? all.pad(0.1) : [[8.4, 102.1], [23.4, 109.5]], { maxZoom: 16, animate: false });
  };
  box.hidden = false;
  map.invalidateSize();
  look(marks);
  fetch("/speakers/map/borders").then((answer) => answer.json()).then((found) => {
    const name = (feature) => { const text = document.createElement("span"); text.textContent = feature.properties.name; return text; };
    const lines = L.geoJSON(found, { interactive: false, className: "border-line", onEachFeature: (f, l) => l.bindTooltip(name(f)) });
    lines.addTo(map).bringToBack();
    if (found.features.length) look([...marks, lines]);
  });
})();
