// Asks this browser's maker to bring announcements. Without this script, or where the browser cannot, the form is hidden.
const form = document.querySelector("form[data-push]");
if (form && "serviceWorker" in navigator && "PushManager" in window && "Notification" in window) offer();

async function offer() {
  const scope = `/n/${form.dataset.push}/`, leave = form.querySelector("[data-leave]");
  const post = (path, data) => fetch(path, { method: "POST", body: new URLSearchParams(data) });
  const show = (state) => form.querySelectorAll("[data-when]").forEach((it) => { it.hidden = it.dataset.when !== state; });
  const kept = async () => (await navigator.serviceWorker.getRegistration(scope))?.pushManager.getSubscription();
  show(await kept() ? "on" : "off");
  form.hidden = false;

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (await Notification.requestPermission() !== "granted") return show("blocked");
    const told = await subscribe(scope).catch(() => null), data = new FormData(form), said = told && told.toJSON();
    if (said) for (const [name, value] of Object.entries({ endpoint: said.endpoint, ...said.keys })) data.set(name, value);
    const taken = said && (await post(form.action, data).catch(() => ({}))).ok;
    if (told && !taken) await told.unsubscribe();
    show(taken ? "on" : "failed");
  });

  leave.addEventListener("click", async () => {
    const told = await kept();
    if (told) await post(leave.formAction, { endpoint: told.endpoint }).catch(() => null);
    if (told) await told.unsubscribe();
    show("off");
  });
}

async function subscribe(scope) {
  const made = await navigator.serviceWorker.register("/listen-sw.js", { scope }), fresh = made.installing || made.waiting;
  if (fresh) await new Promise((done) => fresh.addEventListener("statechange", () => fresh.state === "activated" && done()));
  const text = (await (await fetch("/push/key")).text()).replace(/-/g, "+").replace(/_/g, "/");
  const applicationServerKey = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  return made.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey });
}
