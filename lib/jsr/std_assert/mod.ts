/** Stand-in for `jsr:@std/assert`: the genuine module, from an npm package that carries it. @module */
// @ts-types="./types.d.ts"
export * from "npm:deno-std@1.4.0/assert/mod.js";
