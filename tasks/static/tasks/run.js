// A run's page: its numbers, asked for until it is over.
const EVERY_MS = 1000;
const section = document.querySelector("[data-live]");

const show = (numbers) => {
  section.querySelector("progress").value = numbers.percent;
  for (const place of section.querySelectorAll("[data-show]")) {
    const value = numbers[place.dataset.show];
    place.textContent = value === null || value === "" ? "–" : String(value);
  }
};

const ask = async () => {
  const response = await fetch(section.dataset.live);
  if (!response.ok) {
    throw new Error(`The server answered ${response.status}`);
  }
  return response.json();
};

const follow = async () => {
  let over = false;
  try {
    const numbers = await ask();
    show(numbers);
    over = numbers.over;
  } catch (error) {
    section.querySelector("[role=status]").textContent = `No news: ${error.message}; trying again`;
  }
  if (over) {
    document.querySelector("[formaction$='/cancel/']")?.remove();
  } else {
    setTimeout(follow, EVERY_MS);
  }
};

if (section) {
  follow();
}
