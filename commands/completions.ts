/** `krakenws completions`: prints what makes Tab work in bash, zsh or fish. @module */

import { Command } from "@cliffy/command";
import { UsageError } from "../lib/errors.ts";
import { suggest } from "../lib/model/suggest.ts";
import type { Host } from "./_host.ts";
import { withExamples } from "./_options.ts";

export function completionsCommand(host: Host) {
  return new Command()
    .description(withExamples("Print what makes Tab work in bash, zsh or fish.", [
      "source <(krakenws completions bash)",
      'krakenws completions zsh > "${fpath[1]}/_krakenws"',
      "krakenws completions fish > ~/.config/fish/completions/krakenws.fish",
    ]))
    .arguments("<shell:string>")
    .action((_options, shell) => host.print(completionScript(shell)));
}

/**
 * The functions that a shell needs.
 *
 * They know nothing of krakenws: for each Tab they ask `krakenws complete`, which is the completer of its own session.
 *
 * @throws {UsageError} If it is no shell that we know.
 */
export function completionScript(shell: string): string {
  const script = Object.hasOwn(SCRIPTS, shell) ? SCRIPTS[shell] : undefined;
  if (script !== undefined) return script;
  const near = suggest(shell, Object.keys(SCRIPTS));
  throw new UsageError("no_such_shell", `There are no completions for "${shell}"`, {
    hint: near === undefined ? "There are some for bash, zsh and fish" : `Did you mean ${near}?`,
  });
}

// bash takes "=" for the end of a word, so what stands before it is not part of the answer.
const BASH = `_krakenws() {
  local IFS=$'\\n' typed="\${COMP_LINE:0:COMP_POINT}" before=""
  typed="\${typed##* }"
  [[ $typed == *=* ]] && before="\${typed%=*}="
  COMPREPLY=($(krakenws complete "$COMP_LINE" "$COMP_POINT" 2>/dev/null))
  COMPREPLY=("\${COMPREPLY[@]#"$before"}")
  [[ \${#COMPREPLY[@]} -eq 1 && \${COMPREPLY[0]} == *= ]] && compopt -o nospace 2>/dev/null
  return 0
}
complete -F _krakenws krakenws`;

const ZSH = `#compdef krakenws
_krakenws() {
  local -a items
  items=(\${(f)"$(krakenws complete "$BUFFER" "$CURSOR" 2>/dev/null)"})
  (( $#items )) && compadd -QU -- $items
}
compdef _krakenws krakenws`;

const FISH = `function __krakenws_complete
  set --local line (commandline --current-process --cut-at-cursor)
  krakenws complete "$line" (string length -- "$line") 2>/dev/null
end
complete --command krakenws --no-files --arguments '(__krakenws_complete)'`;

const SCRIPTS: Readonly<Record<string, string>> = { bash: BASH, zsh: ZSH, fish: FISH };
