// Styles come in pairs, `x-light` and `x-dark`: one map in two coats. A style without a partner
// is a family of one.

const PAIRED = /^(.+)-(light|dark)$/;

/** The family and the variant (`light`, `dark` or null) that a style's name tells. */
export const splitName = (name) => {
  const [, family, variant] = PAIRED.exec(name) ?? [];
  return family ? { family, variant } : { family: name, variant: null };
};

/** "World, dark", "World (light)" and "World light" without the coat. */
export const familyTitle = (title) =>
  title.replace(/[\s,·–-]*[([]?\b(light|dark)\b[)\]]?\s*$/i, "").trim() || title;

/** The families in the catalog's order: `{family, title, variants: {light?: name, dark?: name}}`. */
export const familiesOf = (styles) => {
  const families = new Map();
  for (const { name, title } of styles) {
    const { family, variant } = splitName(name);
    if (!families.has(family)) {
      families.set(family, { family, title: familyTitle(title || name), variants: {} });
    }
    families.get(family).variants[variant ?? "only"] = name;
  }
  return [...families.values()];
};

/** The name of the family's style for `theme`, or the next best that there is. */
export const variantFor = ({ variants }, theme) =>
  variants[theme] ?? variants.only ?? variants.light ?? variants.dark;
