/** `krakenws schema`: prints what stdout carries, as JSON Schema. @module */

import { Command } from "@cliffy/command";
import type { Host } from "./_host.ts";
import { withExamples } from "./_options.ts";

export function schemaCommand(host: Host) {
  return new Command()
    .description(withExamples("Print the JSON Schema of every record, and of the exit codes.", [
      "krakenws schema > krakenws.schema.json",
      "krakenws schema | jq -r '.oneOf[].properties.channel.const'",
      "krakenws schema | jq -r '.\"$defs\".exit.oneOf[] | [.const, .description] | @tsv'",
    ]))
    .action(async () => {
      const { recordSchema } = await import("../lib/output/schema.ts");
      host.print(JSON.stringify(recordSchema(), null, 2));
    });
}
