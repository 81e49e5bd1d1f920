// Turns each `.compare` block (two or three images, the last one the truth) into a before/after slider;
// `.compare-applied` has two, a frame and what a command made of it.
// Without JavaScript, or on paper, the images simply stand side by side.
(() => {
  const names = ["Input", "Output", "Truth"];
  const applied = ["Before", "After"];

  const build = (block) => {
    const images = [...block.querySelectorAll("img")];
    if (images.length < 2 || images.some((image) => image.alt.startsWith("Not in this run"))) return;
    const labels = block.classList.contains("compare-applied")
      ? applied
      : images.map((_, index) => (index === images.length - 1 ? names[2] : names[index]));

    const stage = document.createElement("div");
    stage.className = "compare-stage";
    images.forEach((image) => {
      image.removeAttribute("style");
      image.draggable = false;
      stage.append(image);
    });
    const tags = ["left", "right"].map((side) => {
      const tag = document.createElement("span");
      tag.className = `compare-tag compare-${side}`;
      tag.setAttribute("aria-hidden", "true");
      stage.append(tag);
      return tag;
    });
    const line = document.createElement("span");
    line.className = "compare-line";
    line.setAttribute("aria-hidden", "true");
    const range = document.createElement("input");
    Object.assign(range, { type: "range", min: 0, max: 100, step: 1, value: 50, className: "compare-range" });
    stage.append(line, range);

    const pairs = images.length === 2 ? [[0, 1]] : [[0, 1], [1, 2], [0, 2]];
    const buttons = document.createElement("div");
    buttons.className = "compare-pairs";
    buttons.setAttribute("role", "group");
    buttons.setAttribute("aria-label", "Images to compare");

    const cut = () => {
      stage.style.setProperty("--cut", `${range.value}%`);
      range.setAttribute("aria-valuetext", `${range.value} % ${tags[0].textContent}, the rest ${tags[1].textContent}`);
    };
    const choose = ([left, right], button) => {
      images.forEach((image, index) => {
        image.classList.toggle("compare-under", index === right);
        image.classList.toggle("compare-over", index === left);
        image.setAttribute("aria-hidden", index === left || index === right ? "false" : "true");
      });
      tags[0].textContent = labels[left];
      tags[1].textContent = labels[right];
      range.setAttribute("aria-label", `Share of ${labels[left]} shown over ${labels[right]}`);
      [...buttons.children].forEach((other) => other.setAttribute("aria-pressed", String(other === button)));
      cut();
    };
    pairs.forEach((pair) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = `${labels[pair[0]]} | ${labels[pair[1]]}`;
      button.addEventListener("click", () => choose(pair, button));
      buttons.append(button);
    });

    // A range input moves on a drag that starts on its thumb; here one may drag anywhere on the picture.
    const follow = (event) => {
      const box = stage.getBoundingClientRect();
      range.value = Math.round((100 * (event.clientX - box.left)) / box.width);
      cut();
    };
    stage.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      event.preventDefault();
      range.focus({ preventScroll: true });
      stage.setPointerCapture(event.pointerId);
      follow(event);
    });
    stage.addEventListener("pointermove", (event) => {
      if (stage.hasPointerCapture(event.pointerId)) follow(event);
    });
    range.addEventListener("input", cut);

    block.replaceChildren(stage, buttons);
    block.classList.add("compare-ready");
    choose(pairs[0], buttons.firstElementChild);
  };

  document.addEventListener("DOMContentLoaded", () => document.querySelectorAll(".compare").forEach(build));
})();
