// Lets Node find what the browser finds at /static/vendor/: the tests run the modules as they are.
import { register } from "node:module";

const VENDOR = new URL("../../build/vendor/", import.meta.url);

/** Runs in Node's thread of hooks, which gets its text and nothing else of this module. */
const hooks = (vendor) => `
  export const resolve = (specifier, context, next) => {
    const [, path] = specifier.split("/vendor/");
    const ours = specifier.startsWith(".") && path !== undefined;
    return next(ours ? new URL(path, ${JSON.stringify(vendor)}).href : specifier, context);
  };
`;

register(`data:text/javascript,${encodeURIComponent(hooks(VENDOR.href))}`);
