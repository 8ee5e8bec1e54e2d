/**
 * The published schema as an oracle: what any test sees on stdout must be a record of it.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import { RECORDS, recordSchema } from "../lib/output/schema.ts";

/** One validator a channel, so that a complaint is about the record and not about all that it is not. */
const VALIDATORS = new Map<string, ValidateFunction>();

/** Reads a line of stdout. */
export function readRecord(line: string) {
  const record = JSON.parse(line);
  const validate = validatorOf(record.channel);
  validate(record);
  assertEquals(validate.errors ?? [], [], line);
  return record;
}

function validatorOf(channel: string): ValidateFunction {
  const known = VALIDATORS.get(channel);
  if (known !== undefined) return known;
  const { oneOf, $defs } = recordSchema() as { readonly oneOf: readonly object[]; readonly $defs: object };
  const branch = oneOf[Object.keys(RECORDS).indexOf(channel)];
  assertEquals(typeof branch, "object", `There is no channel ${channel}`);
  const validator = new Ajv2020({ allErrors: true, allowUnionTypes: true }).compile({ ...branch, $defs });
  VALIDATORS.set(channel, validator);
  return validator;
}
