// The button beside the address of a feed.
"use strict";

for (const button of document.querySelectorAll("[data-copy]")) {
  const said = button.parentElement.querySelector("[role=status]");
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
      said.textContent = "Copied.";
    } catch {
      // Without https there is no clipboard: select the address instead, one key away from copied.
      getSelection().selectAllChildren(button.parentElement.querySelector("code"));
      said.textContent = "Selected: press Ctrl+C or ⌘C.";
    }
  });
}
