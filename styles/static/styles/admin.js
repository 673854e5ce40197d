// The form of a style: checks the document while it is written, and shows it on the map.
const WAIT_MS = 600;

const place = ({ line, path }) => [line && `line ${line}`, path].filter(Boolean).join(", ");

const sentence = (finding) => {
  const item = document.createElement("li");
  item.className = finding.severity;
  item.textContent = [finding.severity, place(finding), finding.message].filter(Boolean).join(": ");
  return item;
};

class LiveCheck {
  constructor(section, text) {
    this.url = section.dataset.checkUrl;
    this.list = section.querySelector(".style-findings");
    this.preview = section.querySelector("graticule-preview");
    this.text = text;
    this.token = text.form.querySelector("[name=csrfmiddlewaretoken]").value;
    text.addEventListener("input", () => this.#later());
    this.#check();
  }

  #later() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.#check(), WAIT_MS);
  }

  async #check() {
    this.running?.abort();
    this.running = new AbortController();
    try {
      this.#show(await this.#ask(this.running.signal));
    } catch (error) {
      if (error.name !== "AbortError") this.#say(`The check failed: ${error.message}`);
    }
  }

  async #ask(signal) {
    const body = new URLSearchParams({ text: this.text.value });
    const headers = { "X-CSRFToken": this.token };
    const response = await fetch(this.url, { method: "POST", body, headers, signal });
    if (!response.ok) throw new Error(`the server answered ${response.status}`);
    return response.json();
  }

  #show({ findings, style }) {
    if (findings.length) this.list.replaceChildren(...findings.map(sentence));
    else this.#say("Nothing to complain of.");
    const map = this.preview.map;
    // A style that is still loading cannot be compared with another.
    if (style) map?.setStyle(style, { diff: map.isStyleLoaded() === true });
  }

  #say(words) {
    const item = document.createElement("li");
    item.textContent = words;
    this.list.replaceChildren(item);
  }
}

const section = document.querySelector(".style-check");
const text = document.querySelector("textarea[name=text]");
if (section && text) {
  customElements.whenDefined("graticule-preview").then(() => new LiveCheck(section, text));
}
