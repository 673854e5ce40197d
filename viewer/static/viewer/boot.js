// What the server told this page: addresses, languages, names. See viewer/boot.py.
import { localiser } from "./urls.js";

/**
 * The boot blob, its addresses made this page's own. `place` is what a map must know of where
 * things are; `public` keeps the addresses as others must use them.
 */
export const readBoot = () => {
  const boot = JSON.parse(document.getElementById("boot").textContent);
  const localise = localiser(boot.public_url, new URL(boot.root, location.href).href);
  const local = Object.entries(boot.urls).map(([name, url]) => [name, localise(url)]);
  const place = { localise, worker: boot.worker, server: `${boot.public_url}/` };
  return { ...boot, localise, place, public: boot.urls, urls: Object.fromEntries(local) };
};
