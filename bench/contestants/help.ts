/** The help of a command that does nothing: what Deno and Cliffy cost before there is a program. @module */

import { Command } from "@cliffy/command";

await new Command().name("nothing").description("Does nothing.").parse(["--help"]);
