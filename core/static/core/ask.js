// Buttons with data-ask fetch that address and put its answer beside them.
const ask = async (button) => {
  const place = button.nextElementSibling;
  button.disabled = true;
  place.textContent = "Looking…";
  try {
    const response = await fetch(button.dataset.ask);
    if (!response.ok) {
      throw new Error(`the server answered ${response.status}`);
    }
    const { value, remedy } = await response.json();
    place.textContent = remedy ? `${value}. ${remedy}` : value;
  } catch (error) {
    place.textContent = `Not found out: ${error.message}.`;
  }
  button.disabled = false;
};

for (const button of document.querySelectorAll("[data-ask]")) {
  button.addEventListener("click", () => ask(button));
}
