// Passkeys: made, shown at the door, and signed with. Without this file the password does all of it.
"use strict";
(() => {
  if (!window.PublicKeyCredential || !navigator.credentials) return;
  const bytes = (words) => Uint8Array.from(atob(words.replace(/-/g, "+").replace(/_/g, "/")), (each) => each.charCodeAt(0));
  const words = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const keep = (form, name, value) => {
    const input = form.querySelector(`input[type="hidden"][name="${name}"]`) || form.appendChild(document.createElement("input"));
    input.type = "hidden";
    input.name = name;
    input.value = value;
  };
  const ask = async (form, name, value) => {
    const sent = new FormData(form);
    sent.set(name, value);
    const answer = await fetch(form.getAttribute("action"), { method: "POST", body: sent });
    return (answer.headers.get("content-type") || "").startsWith("application/json") ? answer.json() : { refused: true };
  };
  const show = async (form, asked) => {
    const given = await navigator.credentials.get({ publicKey: {
      challenge: bytes(asked.challenge), rpId: asked.host, userVerification: "required", timeout: 300000,
      allowCredentials: asked.keys.map((id) => ({ type: "public-key", id: bytes(id) })),
    } });
    keep(form, "_id", given.id);
    keep(form, "_client", words(given.response.clientDataJSON));
    keep(form, "_authenticator", words(given.response.authenticatorData));
    keep(form, "_signature", words(given.response.signature));
    keep(form, "_nonce", asked.nonce);
    form.submit();
  };
  const make = async (form, asked) => {
    const options = asked.options;
    options.challenge = bytes(options.challenge);
    options.user.id = bytes(options.user.id);
    for (const each of options.excludeCredentials || []) each.id = bytes(each.id);
    const made = await navigator.credentials.create({ publicKey: options });
    keep(form, "_id", made.id);
    keep(form, "_client", words(made.response.clientDataJSON));
    keep(form, "_attestation", words(made.response.attestationObject));
    keep(form, "_made", asked.nonce);
    for (const each of form.querySelectorAll('input[type="password"]')) each.value = "";
    form.submit();
  };
  const press = async (button) => {
    const form = button.form, kind = button.dataset.passkey, failed = form.querySelector("[data-failed]");
    if (kind === "make" && !form.reportValidity()) return;
    button.disabled = true;
    failed.hidden = true;
    try {
      const asked = kind === "sign" ? await ask(form, "_prepare", button.value) : await ask(form, "_begin", "yes");
      if (asked.refused === true) form.submit(); // the page says why
      else if (asked.refused) { failed.textContent = asked.refused; failed.hidden = false; }
      else await (kind === "make" ? make : show)(form, asked);
    } catch (error) {
      failed.hidden = false;
      const other = form.querySelector('input[type="password"]');
      if (other) other.focus();
    }
    button.disabled = false;
  };
  for (const form of document.querySelectorAll("form[data-passkeys]")) {
    for (const each of form.querySelectorAll("[data-passkey]")) {
      each.hidden = false;
      each.addEventListener("click", () => press(each));
    }
    for (const each of form.querySelectorAll("[data-without]")) each.hidden = true;
  }
})();
