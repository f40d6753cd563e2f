// Below each result of the search: the lines of the page around the words, from search-texts.js.
(() => {
  const ROOM = 110; // characters on each side of the first word
  const root = document.documentElement.dataset.content_root;
  let texts = null;

  const loaded = () => {
    texts ??= new Promise((resolve) => {
      const script = document.createElement("script");
      script.src = `${root}_static/search-texts.js`;
      script.onload = () => resolve(TEXTS);
      script.onerror = () => resolve({});
      document.head.append(script);
    });
    return texts;
  };

  const asked = (link) => {
    const field = link.closest("dialog")?.querySelector("input[type=search]");
    const query = field?.value || new URLSearchParams(window.location.search).get("q") || "";
    return query.toLowerCase().split(/[^\p{L}\p{N}_]+/u).filter((word) => word.length > 1);
  };

  const pageOf = (link) =>
    decodeURIComponent(new URL(link.href).pathname)
      .slice(decodeURIComponent(new URL(root || "./", window.location.href).pathname).length)
      .replace(/\.html$/, "");

  // The place that has most of the words: that of the first word may be far from the others.
  const placeOf = (text, words) => {
    const lower = text.toLowerCase();
    let best = -1, most = 0;
    for (const word of words) {
      let at = lower.indexOf(word);
      for (let tries = 0; at >= 0 && tries < 20; tries++) {
        const around = lower.slice(Math.max(0, at - ROOM), at + ROOM);
        const count = words.filter((other) => around.includes(other)).length;
        if (count > most) { most = count; best = at; }
        at = lower.indexOf(word, at + word.length);
      }
    }
    return best;
  };

  const surroundings = (text, words) => {
    const at = placeOf(text, words);
    if (at < 0) return null;
    const start = Math.max(0, at - ROOM), end = Math.min(text.length, at + ROOM);
    const paragraph = document.createElement("p");
    paragraph.className = "surroundings";
    const cut = text.slice(start, end);
    const from = start ? cut.indexOf(" ") + 1 : 0;
    const to = end < text.length ? cut.lastIndexOf(" ") : cut.length;
    const pattern = new RegExp(`(${words.map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|")})`, "iu");
    paragraph.append(start ? "… " : "");
    for (const part of cut.slice(from, to).split(pattern)) {
      if (!words.includes(part.toLowerCase())) { paragraph.append(part); continue; }
      const mark = document.createElement("mark");
      mark.textContent = part;
      paragraph.append(mark);
    }
    paragraph.append(end < text.length ? " …" : "");
    return paragraph;
  };

  const explain = async (item) => {
    const link = item.querySelector("a");
    if (!link || item.dataset.explained) return;
    item.dataset.explained = "yes";
    const words = asked(link);
    const text = (await loaded())[pageOf(link)];
    const found = text && words.length ? surroundings(text, words) : null;
    if (found) item.append(found);
  };

  new MutationObserver(() => {
    document.querySelectorAll("ul.search > li").forEach(explain);
  }).observe(document.documentElement, { childList: true, subtree: true });
})();
