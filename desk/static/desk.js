// Comforts only: everything works without this file.
"use strict";
document.addEventListener("click", (event) => {
  const button = event.target.closest('button[name="_fill"]');
  if (!button) return;
  const place = button.value.indexOf(":");
  const input = button.form.elements[button.value.slice(0, place)];
  if (!input) return;
  event.preventDefault();
  input.value = button.value.slice(place + 1);
  input.focus();
});
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "yes";
});
window.addEventListener("pageshow", () => {
  for (const form of document.forms) delete form.dataset.sent;
});
window.addEventListener("pagehide", () => {
  for (const each of document.querySelectorAll("[data-once]")) each.remove(); // not there for who goes back
});
