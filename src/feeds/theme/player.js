// Chapters that seek and show where the audio is, links to a moment (#t=62), and keys.
"use strict";

const audio = document.querySelector(".player audio");
const chapters = [...document.querySelectorAll(".chapters [data-start]")].map((link) => ({
  link,
  start: Number(link.dataset.start),
}));

function seek(seconds) {
  audio.currentTime = Math.max(0, Math.min(seconds, audio.duration || Infinity));
}

function play() {
  audio.play().catch(() => {}); // The audio element itself shows what it cannot play.
}

function currentChapter() {
  return chapters.findLastIndex(({ start }) => start <= audio.currentTime + 0.01);
}

function markChapter() {
  const current = currentChapter();
  chapters.forEach(({ link }, index) => {
    if (index === current) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  });
}

// #t=62, #t=62.5, #t=1:02 and #t=1:02:03 (Media Fragments URI, section 4.2.1).
function moment(fragment) {
  const found = /^#t=((?:\d+:){0,2}\d+(?:\.\d+)?)$/.exec(fragment);
  return found && found[1].split(":").reduce((total, part) => total * 60 + Number(part), 0);
}

function followAddress() {
  const seconds = moment(location.hash);
  if (seconds !== null) seek(seconds);
}

function stepChapter(by) {
  const current = currentChapter();
  // Going back from well inside a chapter goes to its own start first, as players do.
  const inside = by < 0 && current >= 0 && audio.currentTime - chapters[current].start > 3;
  const next = chapters[inside ? current : current + by];
  if (next) seek(next.start);
}

// Only while the focus is here, so that no key is taken from those who type or speak to the page (WCAG 2.1.4).
const keys = {
  k: () => (audio.paused ? play() : audio.pause()),
  j: () => seek(audio.currentTime - 15),
  l: () => seek(audio.currentTime + 30),
  p: () => stepChapter(-1),
  n: () => stepChapter(1),
};

function press(event) {
  const action = keys[event.key.toLowerCase()];
  if (!action || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  action();
}

for (const { link, start } of chapters) {
  // Without scripts the link opens the audio at the chapter; with them, this page, and can be passed on.
  link.href = new URL(link.href).hash;
  link.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    history.replaceState(null, "", link.hash);
    seek(start);
    play();
  });
}
for (const area of document.querySelectorAll(".player, .chapters")) area.addEventListener("keydown", press);
for (const name of ["timeupdate", "seeking"]) audio.addEventListener(name, markChapter);
addEventListener("hashchange", followAddress);
followAddress();
