import css from "@eslint/css";
import js from "@eslint/js";
import { defineConfig, globalIgnores } from "eslint/config";
import globals from "globals";

export default defineConfig([
  globalIgnores(["build/", ".local/", ".venv/", "node_modules/"]),
  {
    files: ["**/*.{js,mjs}"],
    plugins: { js },
    extends: ["js/recommended"],
    languageOptions: { ecmaVersion: 2024, sourceType: "module" },
    rules: {
      eqeqeq: "error",
      "no-var": "error",
      "prefer-const": "error",
      "no-eval": "error",
      "no-implied-eval": "error",
      "no-console": "error",
      "max-lines": ["error", 300],
      complexity: ["error", 10],
      "no-restricted-properties": [
        "error",
        { property: "innerHTML", message: "Data becomes text nodes, never HTML." },
        { property: "outerHTML", message: "Data becomes text nodes, never HTML." },
        { property: "insertAdjacentHTML", message: "Data becomes text nodes, never HTML." },
      ],
    },
  },
  {
    files: ["*/static/**/*.js"],
    languageOptions: { globals: globals.browser },
  },
  {
    files: ["script/**/*.mjs", "styles/**/*.mjs", "tests/**/*.{js,mjs}"],
    languageOptions: { globals: globals.node },
    rules: { "no-console": "off" },
  },
  {
    files: ["*/static/**/*.css"],
    plugins: { css },
    language: "css/css",
    extends: ["css/recommended"],
    rules: {
      // Elsewhere it is the browser's own blue.
      "css/use-baseline": ["error", { available: 2024, allowProperties: ["accent-color"] }],
      // Colours and sizes are in tokens.css.
      "css/no-invalid-properties": ["error", { allowUnknownVariables: true }],
      "css/no-important": "off",
    },
  },
]);
