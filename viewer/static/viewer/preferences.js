// What this browser remembers of its reader. A browser that refuses to remember is no fault.

const PREFIX = "graticule.";

/** The remembered value, or `fallback`. */
export const recall = (name, fallback) => {
  try {
    return localStorage.getItem(PREFIX + name) ?? fallback;
  } catch (error) {
    if (error instanceof DOMException) return fallback;
    throw error;
  }
};

/** Remember a value for the next visit, if the browser lets us. */
export const remember = (name, value) => {
  try {
    localStorage.setItem(PREFIX + name, value);
  } catch (error) {
    if (!(error instanceof DOMException)) throw error;
  }
};
