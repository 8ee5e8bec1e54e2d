/** No secret leaves, however it is written. @module */

import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { Secret } from "../../lib/model/secret.ts";
import { redacting, Redactor } from "../../lib/output/redact.ts";
import { MemoryOut } from "../_fakes.ts";

Deno.test("redact() takes a secret out in every way that text, JSON and URLs write it", () => {
  fc.assert(
    fc.property(fc.string({ minLength: 4 }).filter((text) => !/^\d+$/.test(text)), fc.string(), (text, around) => {
      const redactor = new Redactor();
      redactor.add(new Secret(text));
      const written = [text, JSON.stringify({ text }), encodeURIComponent(text), `${around}${text}${around}`];
      for (const each of written) assertEquals(redactor.redact(each).includes(text) && !"***".includes(text), false);
    }),
  );
});

Deno.test("redact() leaves everything else as it is, and short texts and one-time codes alone: they are in any data", () => {
  const redactor = new Redactor();
  assertEquals(redactor.redact("nothing is known"), "nothing is known");
  redactor.add(new Secret("abc"));
  assertEquals(redactor.redact('{"price":"1.0","abc":1}'), '{"price":"1.0","abc":1}');
  redactor.add(new Secret("123456"));
  assertEquals(redactor.redact('{"time":"1795335646.123456"}'), '{"time":"1795335646.123456"}');
});

Deno.test("redacting() stands before a way out, and learns of secrets later", () => {
  const redactor = new Redactor();
  const out = new MemoryOut();
  const guarded = redacting(out, redactor);
  guarded.write("T0ken/+=\n");
  redactor.add(new Secret("T0ken/+="));
  guarded.write('{"token":"T0ken\\/+="}\nT0ken%2F%2B%3D\n');
  assertEquals(out.text, 'T0ken/+=\n{"token":"***"}\n***\n');
});
