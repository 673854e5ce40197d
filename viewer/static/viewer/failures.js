// What went wrong, in words for readers. Pure: an error in, a title and a sentence out.

const AWAY = {
  title: "The map server does not answer",
  detail: "Check your connection, or wait a moment and try again.",
};

const OTHER = (status) => ({
  title: "The map could not be loaded",
  detail: `The server answered with ${status}.`,
});

const BY_STATUS = {
  404: {
    title: "This map is not here",
    detail: "It may have been renamed or withdrawn.",
  },
  429: { title: "Too many requests", detail: "Wait a moment and try again." },
  503: { title: "The map server is busy", detail: "Wait a moment and try again." },
};

/** Words for an error of `fetch` (no status), or for an answer that is not a success. */
export const wordsFor = (error) => {
  if (!error?.status) return AWAY;
  return BY_STATUS[error.status] ?? OTHER(error.status);
};

/** Words for parts of a map that are missing, while the rest is drawn. */
export const wordsForTiles = (error) => ({
  title: "Parts of the map are missing",
  detail: error?.status ? `The server answered with ${error.status}.` : `${AWAY.title}.`,
});

/** True for an answer that says: not now. */
export const isBusy = (error) => error?.status === 429 || error?.status === 503;

/** What the browser cannot do, and never will on this page. */
export const NO_WEBGL = {
  title: "This browser cannot draw the map",
  detail: "It needs WebGL 2, which is switched off or missing here.",
  fatal: true,
  lasting: true,
};

/** The way on from a fault that may pass; it is also taken when the network comes back. */
export const tryAgain = (run) => ({ label: "Try again", run, again: true });
