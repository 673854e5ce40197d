// The layers of a style as people switch them: groups, and kinds within.
import { groupTitle, kindTitle, partsOf } from "./naming.js";

/** What a group or one of its kinds is called in the list of hidden ones. */
export const keyOf = (group, kind = null) => (kind === null ? group : `${group}-${kind}`);

/**
 * Groups of a style's layers, what lies on top first:
 * `[{group, title, kinds: [{kind, title, layers: [id]}]}]`. The background stays.
 */
export const layerTree = (layers) => {
  const groups = new Map();
  for (const { id, type } of [...layers].reverse()) {
    if (type === "background") continue;
    const { group, kind } = partsOf(id);
    if (!groups.has(group)) groups.set(group, new Map());
    const kinds = groups.get(group);
    kinds.set(kind, [...(kinds.get(kind) ?? []), id]);
  }
  return [...groups].map(([group, kinds]) => ({
    group,
    title: groupTitle(group),
    kinds: [...kinds].map(([kind, ids]) => ({ kind, title: kindTitle(group, kind), layers: ids })),
  }));
};

/** True when the layer, its kind or its whole group is switched off. */
export const isHidden = (id, hidden) => {
  const { group, kind } = partsOf(id);
  return hidden.includes(keyOf(group)) || hidden.includes(keyOf(group, kind));
};

const withVisibility = (layer, hidden) =>
  isHidden(layer.id, hidden)
    ? { ...layer, layout: { ...layer.layout, visibility: "none" } }
    : layer;

/** The style with hidden layers switched off. The document itself is not touched. */
export const withHidden = (document, hidden) => ({
  ...document,
  layers: document.layers.map((layer) => withVisibility(layer, hidden)),
});
