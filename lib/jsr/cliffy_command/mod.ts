/** Stand-in for `jsr:@cliffy/command`: the genuine module, from an npm package that carries it. @module */
export * from "npm:jiji@0.1.7/esm/deps/jsr.io/@cliffy/command/1.0.0-rc.8/mod.js";
