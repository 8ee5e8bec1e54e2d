/** `krakenws completions`: prints what makes Tab work in bash, zsh or fish. @module */

import { Command } from "@cliffy/command";
import { UsageError } from "../lib/errors.ts";
import { suggest } from "../lib/model/suggest.ts";
import type { Host } from "./_host.ts";
import { withExamples } from "./_options.ts";

export function completionsCommand(host: Host) {
  return new Command()
    .description(withExamples("Print what makes Tab work in bash, zsh or fish.", [
      'eval "$(krakenws completions bash)"',
      'autoload -U compinit && compinit && eval "$(krakenws completions zsh)"',
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
  COMPREPLY=($(krakenws complete "$typed" 2>/dev/null))
  typed="\${typed##* }"
  [[ $typed == *=* ]] && before="\${typed%=*}="
  COMPREPLY=("\${COMPREPLY[@]#"$before"}")
  [[ \${#COMPREPLY[@]} -eq 1 && \${COMPREPLY[0]} == *= ]] && compopt -o nospace 2>/dev/null
  return 0
}
complete -o default -F _krakenws krakenws`;

// In a start file the last line announces the function; in a file of $fpath, which is read at the first Tab, it is called.
const ZSH = `#compdef krakenws
_krakenws() {
  local -a items
  items=(\${(f)"$(krakenws complete "krakenws \${words[2,CURRENT-1]} $PREFIX" 2>/dev/null)"})
  if (( ! $#items )); then
    _files
  elif [[ $#items -eq 1 && $items == *= ]]; then
    compadd -QUS '' -- $items
  else
    compadd -QU -- $items
  fi
}
if [[ $funcstack[1] == _krakenws ]]; then _krakenws; else compdef _krakenws krakenws; fi`;

const FISH = `function __krakenws_complete
  set --local words (krakenws complete (commandline --current-process --cut-at-cursor | string collect) 2>/dev/null)
  if set --query words[1]
    printf '%s\\n' $words
  else
    __fish_complete_path (commandline --current-token)
  end
end
complete --command krakenws --no-files --arguments '(__krakenws_complete)'`;

const SCRIPTS: Readonly<Record<string, string>> = { bash: BASH, zsh: ZSH, fish: FISH };
