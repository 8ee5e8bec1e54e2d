import { Command } from "@cliffy/command";

await new Command().name("krakenws").parse(Deno.args);
