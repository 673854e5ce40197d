// The middle of a page, [data-live], asked for again every two seconds: what changed is put in, the
// rest stays as it is, so that nothing loses its focus, its selection or its being open.
const EVERY_MS = 2000;
const SECOND = 1;
const STEPS = [
  [60 * SECOND, SECOND, "second"],
  [3600 * SECOND, 60 * SECOND, "minute"],
  [86400 * SECOND, 3600 * SECOND, "hour"],
  [Infinity, 86400 * SECOND, "day"],
];
const KEPT = new Set(["open", "data-said"]);
const place = document.querySelector("[data-live]");
const words = new Intl.RelativeTimeFormat("en", { numeric: "auto", style: "narrow" });

const ago = (seconds) => {
  const [, unit, name] = STEPS.find(([below]) => Math.abs(seconds) < below);
  return words.format(-Math.round(seconds / unit), name);
};

const tellTimes = () => {
  for (const time of place.querySelectorAll("time")) {
    time.dataset.said ??= time.textContent;
    const moment = new Date(time.dateTime);
    const today = new Date().toISOString().slice(0, 10) === moment.toISOString().slice(0, 10);
    const absolute = today ? time.dataset.said.slice(11) : time.dataset.said;
    time.textContent = `${ago((Date.now() - moment) / 1000)}, ${absolute}`;
  }
};

const attributes = (old, fresh) => {
  for (const { name } of [...old.attributes]) {
    if (!fresh.hasAttribute(name) && !KEPT.has(name)) {
      old.removeAttribute(name);
    }
  }
  for (const { name, value } of fresh.attributes) {
    if (old.getAttribute(name) !== value) {
      old.setAttribute(name, value);
    }
  }
};

const same = (old, fresh) =>
  old.nodeType === fresh.nodeType &&
  old.nodeName === fresh.nodeName &&
  old.dataset?.key === fresh.dataset?.key;

const morph = (old, fresh) => {
  if (fresh.nodeType === Node.TEXT_NODE) {
    if (old.data !== fresh.data) {
      old.data = fresh.data;
    }
    return;
  }
  if (fresh.nodeName === "TIME") {
    if (old.dateTime === fresh.dateTime) {
      return;
    }
    delete old.dataset.said;
  }
  attributes(old, fresh);
  children(old, fresh);
};

/** What stands for `wanted` already, at `at` or after it; what has a key, anywhere. */
const standing = (parent, at, wanted) => {
  const key = wanted.dataset?.key;
  if (key) {
    return [...parent.children].find((child) => child.dataset.key === key);
  }
  let node = at;
  while (node && !same(node, wanted)) {
    node = node.nextSibling;
  }
  return node;
};

const children = (old, fresh) => {
  let at = old.firstChild;
  for (const wanted of [...fresh.childNodes]) {
    const found = standing(old, at, wanted);
    if (found) {
      if (found === at) {
        at = at.nextSibling;
      } else {
        old.insertBefore(found, at);
      }
      morph(found, wanted);
    } else {
      old.insertBefore(wanted, at);
    }
  }
  while (at) {
    const gone = at;
    at = at.nextSibling;
    gone.remove();
  }
};

const address = () => {
  const url = new URL(place.dataset.liveUrl ?? location.href, location.href);
  url.searchParams.set("live", place.dataset.live);
  return url;
};

const ask = async () => {
  const response = await fetch(address());
  if (response.redirected) {
    throw new Error("you are no longer logged in");
  }
  if (!response.ok) {
    throw new Error(`the server answered ${response.status}`);
  }
  return response.status === 204 ? null : response.json();
};

const show = (news) => {
  // HTML of our own templates, which escape what is data.
  children(place, new DOMParser().parseFromString(news.html, "text/html").body);
  place.dataset.live = news.stamp;
};

const say = (text) => {
  const line = document.querySelector(".graticule-silence");
  line.hidden = !text;
  line.textContent = text;
};

const follow = async () => {
  if (!document.hidden) {
    try {
      const news = await ask();
      if (news) {
        show(news);
      }
      say("");
    } catch (error) {
      say(`No news: ${error.message}. Trying again.`);
    }
    tellTimes();
  }
  setTimeout(follow, EVERY_MS);
};

if (place) {
  tellTimes();
  setTimeout(follow, EVERY_MS);
}
