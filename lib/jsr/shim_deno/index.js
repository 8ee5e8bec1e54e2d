/** Stand-in for the npm shim of the `Deno` namespace: the carried modules run on the real one. */
export const Deno = globalThis.Deno;
