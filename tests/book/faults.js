// Faults of the page that is open, as sentences, and its links to files: {faults: [...], links: [[address, text], ...]}.
async () => {
  const faults = [];
  const named = (element) => {
    const text = (element.getAttribute("src") || element.textContent || "").trim().slice(0, 60);
    return `${element.tagName.toLowerCase()}.${[...element.classList].join(".")} (${text})`;
  };

  if (window.MathJax) await MathJax.startup.promise;
  for (const formula of document.querySelectorAll(".math")) {
    if (!formula.querySelector("mjx-container svg")) faults.push(`a formula is not drawn: ${named(formula)}`);
  }
  for (const error of document.querySelectorAll("[data-mjx-error], mjx-merror, [data-mml-node='merror']")) {
    faults.push(`MathJax does not understand ${named(error)}`);
  }

  const images = [...document.images];
  await Promise.all(images.map((image) => {
    image.loading = "eager";
    return image.decode().catch(() => null); // reported below
  }));
  for (const image of images) {
    if (!image.alt.trim()) faults.push(`no alternative text: ${named(image)}`);
    if (!image.naturalWidth) faults.push(`an image does not load: ${named(image)}`);
  }

  const { scrollWidth, clientWidth } = document.documentElement;
  if (scrollWidth > clientWidth) {
    const scrolls = (element) => element && element !== document.body
      && (getComputedStyle(element).overflowX !== "visible" || scrolls(element.parentElement));
    const beyond = [...document.body.querySelectorAll("*")].filter((element) => (
      element.checkVisibility() && element.getBoundingClientRect().right > clientWidth + 1 && !scrolls(element.parentElement)
    ));
    faults.push(`${scrollWidth} px wide on a screen of ${clientWidth} px: ${beyond.slice(0, 5).map(named).join(", ")}`);
  }

  const prose = (document.querySelector("article") || document.body).cloneNode(true);
  prose.querySelectorAll("pre, code, script, style").forEach((listing) => listing.remove());
  if (prose.textContent.includes("??")) faults.push("a reference shows as ??");
  for (const lost of document.querySelectorAll(".problematic, .xref:not(a *)")) {
    if (!lost.closest("a, code") && !lost.matches("code")) faults.push(`a reference leads nowhere: ${named(lost)}`);
  }

  const links = [...document.querySelectorAll("a[href]")].filter((link) => link.href.startsWith("file:"));
  return { faults, links: links.map((link) => [link.href, link.textContent.trim()]) };
}
