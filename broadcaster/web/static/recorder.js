// The microphone is a file input that improves itself: where the browser can record, a button fills the same input.
"use strict";

const clock = (ms) => `${Math.floor(ms / 60000)}:${String(Math.floor(ms / 1000) % 60).padStart(2, "0")}`;
const LONGEST_MS = 600_000;

class Recorder {
  constructor(box) {
    this.input = document.getElementById(box.dataset.recorder);
    this.button = box.querySelector("button");
    this.time = box.querySelector("[data-time]");
    this.audio = box.querySelector("audio");
    this.meter = box.querySelector("meter");
    this.words = box.dataset;
    this.button.addEventListener("click", () => (this.machine ? this.stop() : this.start()));
    this.input.addEventListener("change", () => this.show(this.input.files[0]));
    box.hidden = false;
  }

  async start() {
    let sound;
    try {
      sound = await navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1, noiseSuppression: true } });
    } catch {
      this.time.textContent = this.words.denied;
      return;
    }
    const parts = [];
    this.machine = new MediaRecorder(sound);
    this.machine.addEventListener("dataavailable", (event) => parts.push(event.data));
    this.machine.addEventListener("stop", () => {
      sound.getTracks().forEach((track) => track.stop());
      this.keep(new Blob(parts, { type: parts[0]?.type || "audio/webm" }));
    });
    this.machine.start();
    this.listen(sound);
    this.begun = performance.now();
    this.ticking = setInterval(() => this.tick(), 100);
    this.button.textContent = this.words.stop;
    this.button.setAttribute("aria-pressed", "true");
  }

  // Whoever speaks too softly, or into a dead microphone, sees it while speaking.
  listen(sound) {
    if (!window.AudioContext) return;
    this.ear = new AudioContext();
    this.wave = this.ear.createAnalyser();
    this.ear.createMediaStreamSource(sound).connect(this.wave);
    this.meter.hidden = false;
  }

  loudness() {
    const samples = new Float32Array(this.wave.fftSize);
    this.wave.getFloatTimeDomainData(samples);
    const power = samples.reduce((sum, s) => sum + s * s, 0) / samples.length;
    return Math.max(0, 100 + (5 / 3) * 10 * Math.log10(power || 1e-9));
  }

  tick() {
    const ms = performance.now() - this.begun;
    if (this.ear) this.meter.value = this.loudness();
    this.time.textContent = clock(ms);
    if (ms >= LONGEST_MS) this.stop();
  }

  stop() {
    clearInterval(this.ticking);
    this.ear?.close();
    this.meter.hidden = true;
    this.machine.stop();
    this.machine = null;
    this.button.textContent = this.words.again;
    this.button.setAttribute("aria-pressed", "false");
  }

  keep(blob) {
    const files = new DataTransfer();
    const ending = blob.type.includes("mp4") ? "m4a" : blob.type.includes("ogg") ? "ogg" : "webm";
    files.items.add(new File([blob], `ghi-am.${ending}`, { type: blob.type }));
    this.input.files = files.files;
    this.input.dispatchEvent(new Event("change", { bubbles: true }));
  }

  show(blob) {
    this.audio.hidden = !blob;
    if (this.audio.src) URL.revokeObjectURL(this.audio.src);
    if (blob) this.audio.src = URL.createObjectURL(blob);
  }
}

addEventListener("DOMContentLoaded", () => {
  if (!navigator.mediaDevices || !window.MediaRecorder) return;
  document.querySelectorAll("[data-recorder]").forEach((box) => new Recorder(box));
});
