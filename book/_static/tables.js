// A table that is wider than its box: a region with a name, which Tab reaches (the theme sets the tab stop) and the arrow
// keys scroll; its right edge fades while there is more.
(() => {
  function look(box) {
    const wide = box.scrollWidth > box.clientWidth + 1;
    box.classList.toggle("more", wide && box.scrollLeft + box.clientWidth < box.scrollWidth - 1);
    if (!wide) {
      box.removeAttribute("role");
      box.removeAttribute("aria-label");
      return;
    }
    const caption = box.querySelector("caption");
    const heads = [...box.querySelectorAll("thead th")].map((head) => head.textContent.trim());
    box.tabIndex = 0;
    box.setAttribute("role", "region");
    box.setAttribute("aria-label", caption ? caption.textContent.replace(/#$/, "").trim() : `Table: ${heads.join("; ")}`);
  }

  function start() {
    for (const box of document.querySelectorAll(".pst-scrollable-table-container")) {
      box.addEventListener("scroll", () => look(box), { passive: true });
      new ResizeObserver(() => look(box)).observe(box);
      look(box);
    }
  }

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
