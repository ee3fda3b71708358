// The box on the front page: shows only the feeds that hold every word typed.
"use strict";

const box = document.querySelector("#filter");
const status = document.querySelector(".filter [role=status]");
const fold = (text) => text.normalize("NFKD").replace(/\p{Mark}/gu, "").toLowerCase();
const sections = [...document.querySelectorAll("[data-filtered]")].map((element) => ({
  element,
  cards: [...element.querySelectorAll(".card")].map((card) => ({ card, text: fold(card.textContent) })),
}));

function filter() {
  const words = fold(box.value).split(/\s+/).filter(Boolean);
  let shown = 0;
  for (const { element, cards } of sections) {
    let some = false;
    for (const { card, text } of cards) {
      card.hidden = !words.every((word) => text.includes(word));
      some ||= !card.hidden;
      shown += card.hidden ? 0 : 1;
    }
    element.hidden = !some;
  }
  status.textContent = words.length === 0 ? "" : shown === 1 ? "1 feed" : `${shown} feeds`;
}

box.addEventListener("input", filter);
if (box.value) filter(); // The browser kept what was typed before the page was left.
