(() => {
  // A page may put another path into the same elements: what was read is kept with what it is of.
  function facts(box) {
    if (box.zsText !== box.dataset.scrub) {
      box.zsText = box.dataset.scrub;
      box.zsFacts = JSON.parse(box.zsText);
    }
    return box.zsFacts;
  }
  const percent = (place, count) => (count > 1 ? (100 * place) / (count - 1) : 0);
  function show(box, step) {
    const told = facts(box);
    const column = step % told.columns, row = Math.floor(step / told.columns);
    const place = `${percent(column, told.columns)}% ${percent(row, told.rows)}%`;
    box.querySelectorAll(".zs-frame, .zs-moving").forEach((one) => { one.style.backgroundPosition = place; });
    box.querySelector(".zs-at").textContent = told.axis[step];
    box.querySelector(".zs-here").style.left = `${told.left[step]}%`;
    const dots = box.querySelectorAll(".zs-dot"), values = box.querySelectorAll(".zs-value"), said = box.querySelectorAll(".zs-said");
    told.curves.forEach((curve, k) => {
      const top = curve.top[step];
      dots[k].style.visibility = top === null ? "hidden" : "visible";
      dots[k].style.left = `${told.left[step]}%`;
      dots[k].style.top = `${top ?? 0}%`;
      values[k].textContent = curve.value[step];
      said[k].textContent = curve.said[step] ?? "–";
    });
  }
  function band(box, which) {
    box.querySelectorAll(".zs-band").forEach((one) => one.classList.toggle("zs-on", one.dataset.curve === which));
  }
  function lay(box, which) {
    box.querySelectorAll(".zs-map").forEach((one, k) => { one.hidden = String(k) !== which; });
    box.querySelectorAll(".zs-about").forEach((one) => { one.hidden = one.dataset.map !== which; });
  }
  function toggle(box, which, shown) {
    box.querySelectorAll(`.zs-line[data-curve="${which}"]`).forEach((one) => { one.style.display = shown ? "" : "none"; });
    box.querySelectorAll(".zs-dot")[which].style.display = shown ? "" : "none";
  }
  function begin(box) {
    const slider = box.querySelector(".zs-slider"), which = box.querySelector(".zs-which");
    // What is added to a path, such as its placebos, leaves one where one is.
    const told = facts(box), path = JSON.stringify([told.path, told.axis]);
    if (box.zsPath !== path) slider.value = slider.getAttribute("value");
    box.zsPath = path;
    show(box, Number(slider.value));
    const first = box.querySelector(".zs-band");
    if (first) band(box, first.dataset.curve);
    if (which) {
      which.value = (which.querySelector("[selected]") ?? which.options[0]).value;
      lay(box, which.value);
    }
    box.querySelectorAll(".zs-show").forEach((one, k) => { one.checked = true; toggle(box, k, true); });
  }
  function walkTo(box, event) {
    const plot = box.querySelector(".zs-plot").getBoundingClientRect();
    const at = (100 * (event.clientX - plot.left)) / plot.width, left = facts(box).left;
    let best = 0;
    left.forEach((place, step) => { if (Math.abs(place - at) < Math.abs(left[best] - at)) best = step; });
    box.querySelector(".zs-slider").value = best;
    show(box, best);
  }
  document.addEventListener("input", (event) => {
    const box = event.target.closest?.(".zs");
    if (!box) return;
    event.stopPropagation();
    if (event.target.matches(".zs-slider")) show(box, Number(event.target.value));
    if (event.target.matches(".zs-show")) toggle(box, Number(event.target.value), event.target.checked);
    if (event.target.matches(".zs-band-of")) band(box, event.target.value);
    if (event.target.matches(".zs-which")) lay(box, event.target.value);
  }, true);
  for (const kind of ["pointerdown", "pointermove"])
    document.addEventListener(kind, (event) => {
      const box = event.target.closest?.(".zs-plot")?.closest(".zs");
      if (box && (kind === "pointerdown" || event.buttons & 1)) walkTo(box, event);
    });
  const look = () => document.querySelectorAll(".zs").forEach((box) => box.zsText === box.dataset.scrub || begin(box));
  new MutationObserver(look).observe(document.documentElement, { childList: true, subtree: true, attributes: true, attributeFilter: ["data-scrub"] });
  look();
})();
