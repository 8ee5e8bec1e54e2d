/** Stand-in for `jsr:@std/fs`: the genuine module, from an npm package that carries it. @module */
// @ts-types="./types.d.ts"
export * from "npm:svseeds-cli@0.1.3/esm/deps/jsr.io/@std/fs/1.0.24/mod.js";
