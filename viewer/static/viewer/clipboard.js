// Copying text, also where the browser has no clipboard for us (a page by plain HTTP).

const select = (node) => {
  const range = document.createRange();
  range.selectNodeContents(node);
  const selection = getSelection();
  selection.removeAllRanges();
  selection.addRange(range);
};

/** Copy the text of `node`; false when the reader has to do it, with the text selected. */
export const copy = async (node) => {
  try {
    await navigator.clipboard.writeText(node.textContent);
    return true;
  } catch (error) {
    // No clipboard at all (TypeError) or not allowed (DOMException): the old way still may work.
    if (!(error instanceof TypeError || error instanceof DOMException)) throw error;
    select(node);
    return document.execCommand("copy");
  }
};
