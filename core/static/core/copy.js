// Buttons with data-copy put that text on the clipboard and say so.
const SAID_FOR_MS = 1500;

const say = (button, text) => {
  const before = button.textContent;
  button.textContent = text;
  setTimeout(() => {
    button.textContent = before;
  }, SAID_FOR_MS);
};

const copy = async (button) => {
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
    say(button, "Copied");
  } catch {
    // Without a secure context there is no clipboard: mark the text, for the keyboard to copy.
    getSelection().selectAllChildren(button.previousElementSibling);
    say(button, "Press Ctrl+C");
  }
};

for (const button of document.querySelectorAll("[data-copy]")) {
  button.addEventListener("click", () => copy(button));
}
