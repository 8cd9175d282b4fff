// Passkeys: a button asks the server for a challenge, the browser answers it, and the form carries the answer.
"use strict";

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

async function asked(form, kind, about) {
  const body = new URLSearchParams({ csrf: form.elements.csrf.value, about });
  const answer = await fetch(`${form.dataset.asks || "/me/passkeys"}/${kind}`, { method: "POST", body });
  if (!answer.ok) throw new Error(answer.status);
  const options = await answer.json();
  options.challenge = bytes(options.challenge);
  for (const each of [...(options.allowCredentials || []), ...(options.excludeCredentials || [])]) each.id = bytes(each.id);
  if (options.user) options.user.id = bytes(options.user.id);
  return options;
}

function told(credential) {
  const { response } = credential;
  const said = { clientDataJSON: text(response.clientDataJSON) };
  for (const name of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (response[name]) said[name] = text(response[name]);
  }
  return JSON.stringify({ id: credential.id, rawId: text(credential.rawId), type: credential.type, response: said });
}

async function prove(button) {
  const form = button.form, box = button.closest("[data-second]"), kind = button.dataset.passkey;
  try {
    const publicKey = await asked(form, kind, box.dataset.about);
    const credential = await (kind === "new" ? navigator.credentials.create({ publicKey }) : navigator.credentials.get({ publicKey }));
    form.elements[box.dataset.field || "passkey"].value = told(credential);
    // Where a new passkey is made as well, the old one's answer only goes along.
    if (kind === "get" && form.elements.made) box.querySelector("[data-told]").textContent = box.dataset.proved;
    else form.submit();
  } catch {
    box.querySelector("[data-told]").textContent = box.dataset.failed;
  }
}

if (window.PublicKeyCredential) {
  document.querySelectorAll("[data-passkey]").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", () => prove(button));
  });
}
