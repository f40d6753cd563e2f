// Turns the version in the header into a choice of those that are built beside it: the same page there, or the first one.
(() => {
  if (typeof VERSIONS === "undefined" || VERSIONS.length < 2) return;
  const root = document.documentElement.dataset.content_root;
  const addressOf = (version, page) =>
    `${root}../${version.folder}/${version.pages.includes(page) ? page : "index"}.html`;
  for (const label of document.querySelectorAll("span.version")) {
    const choice = document.createElement("select");
    choice.className = "version";
    choice.setAttribute("aria-label", "Version");
    for (const version of VERSIONS) {
      const here = version.version === label.dataset.version;
      choice.add(new Option(version.version, addressOf(version, label.dataset.page), here, here));
    }
    choice.addEventListener("change", () => { window.location.href = choice.value; });
    label.replaceWith(choice);
  }
})();
