// Light and dark: the style's coat, the page's colours, and the system's wish.
import { splitName } from "./families.js";

const THEMES = ["auto", "light", "dark"];
const system = matchMedia("(prefers-color-scheme: dark)");

/** What the system prefers, `light` or `dark`. */
export const systemTheme = () => (system.matches ? "dark" : "light");

/** Run `listener` whenever that changes. */
export const whenSystemThemeChanges = (listener) => system.addEventListener("change", listener);

/** A theme by that name, else "auto". */
export const knownTheme = (name) => (THEMES.includes(name) ? name : "auto");

/** Colour the page; "auto" leaves it to the style sheet. */
export const colourPage = (theme) => {
  if (theme === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
};

/** Keep style, theme and system in step; a style that was asked for by name decides the theme. */
export const followTheme = (state, styles) => {
  state.set("systemTheme", systemTheme());
  whenSystemThemeChanges(() => state.set("systemTheme", systemTheme()));
  state.on("change:theme change:systemTheme", () => {
    colourPage(state.get("theme"));
    if (state.get("style"))
      state.set("style", styles.twin(state.get("style"), state.effectiveTheme()));
  });
  state.on("change:style", (_state, style) => {
    const { variant } = splitName(style);
    const paired = Object.keys(styles.familyOf(style)?.variants ?? {}).length > 1;
    if (paired && variant !== state.effectiveTheme()) state.set("theme", variant);
  });
  colourPage(state.get("theme"));
};
