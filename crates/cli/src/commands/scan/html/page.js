"use strict";
(() => {
  const form = document.getElementById("filter");
  const words = document.getElementById("words");
  const boxes = [...form.querySelectorAll("input[name=level]")];
  const hits = (rule) => [...rule.querySelectorAll(".hit")].map((hit) => [hit, hit.textContent.toLowerCase()]);
  const rules = [...document.querySelectorAll(".rule")].map((rule) => ({ rule, text: rule.textContent.toLowerCase(), hits: hits(rule) }));
  const filter = () => {
    const wanted = words.value.toLowerCase().split(/\s+/).filter(Boolean);
    const levels = new Set(boxes.filter((box) => box.checked).map((box) => box.value));
    const holds = (text) => wanted.every((word) => text.includes(word));
    let shown = 0;
    for (const { rule, text, hits } of rules) {
      rule.hidden = !(levels.has(rule.dataset.level) && holds(text));
      shown += rule.hidden ? 0 : 1;
      // Where some of the evidence holds all words, the rest of it is in the way.
      const some = hits.some(([, text]) => holds(text));
      for (const [hit, text] of hits) hit.hidden = some && !holds(text);
    }
    document.getElementById("shown").textContent = `${shown} of ${rules.length} shown`;
    document.getElementById("none").hidden = shown > 0 || rules.length === 0;
  };
  const setOpen = (open) => { for (const { rule } of rules) if (!rule.hidden) rule.open = open; };
  form.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  document.getElementById("open").addEventListener("click", () => setOpen(true));
  document.getElementById("close").addEventListener("click", () => setOpen(false));
  form.hidden = false;
  filter();
})();
