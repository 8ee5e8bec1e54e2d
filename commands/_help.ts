/**
 * How help is set: within 80 columns, broken between words, so that it is whole in the narrowest usual window.
 *
 * An example stays one line, to be copied.
 *
 * Pure.
 *
 * @module
 */

import type { Command } from "@cliffy/command";

const COLUMNS = 80;

export type Row = readonly [name: string, summary: string];

/** What `krakenws COMMAND --help` prints: a command's own options come before those that all have. */
export function helpPage(command: Command): string {
  const options = command.getOptions().map((option) => ({ ...option, row: optionRow(option) }));
  const isOwn = ({ global, name }: { readonly global?: boolean; readonly name: string }): boolean =>
    global !== true && name !== "help" && name !== "version";
  const isRoot = command.getParent() === undefined;
  const aliases = command.getAliases();
  return [
    `Usage: ${command.getPath()} ${isRoot ? "[command]" : argumentsOf(command)}`.trimEnd(),
    ...(aliases.length === 0 ? [] : [`Also as ${aliases.join(", ")}`]),
    "",
    ...prose(command.getDescription()),
    ...section(
      "Commands:",
      command.getCommands().map((command) => [command.getName(), summaryOf(command)]),
    ),
    ...section("Options:", options.filter(isOwn).map(({ row }) => row)),
    ...(isRoot ? ["", "krakenws COMMAND --help explains one."] : []),
    ...section(
      options.some(isOwn) ? "Options of every command:" : "Options:",
      options.filter((option) => !isOwn(option)).map(({ row }) => row),
    ),
  ].join("\n");
}

/** Names with what is said of them, aligned below a title; nothing if there are none. */
export function section(title: string, rows: readonly Row[]): string[] {
  return rows.length === 0 ? [] : ["", title, ...table(rows)];
}

export function optionRow(
  { flags, typeDefinition = "", description }: ReturnType<Command["getOptions"]>[number],
): Row {
  return [`${flags.join(", ")} ${withoutTypes(typeDefinition)}`.trimEnd(), description];
}

/** The words a command takes, such as `[pairs...]`. */
export function argumentsOf(command: Command): string {
  return withoutTypes(command.getArgsDefinition() ?? "");
}

export function summaryOf(command: Command): string {
  return command.getDescription().split("\n")[0] ?? "";
}

/** Paragraphs, and between them what is indented, which stays as it is. */
export function prose(text: string): string[] {
  const isSet = (line: string): boolean => line === "" || line.startsWith("  ");
  const blocks: string[] = [];
  let joins = false;
  for (const line of text.split("\n")) {
    if (joins && !isSet(line)) blocks.push(`${blocks.pop()} ${line}`);
    else blocks.push(line);
    joins = !isSet(line);
  }
  return blocks.flatMap((block) => isSet(block) ? [block] : wrapped(block));
}

export function table(rows: readonly Row[]): string[] {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.flatMap(([name, summary]) => wrapped(`  ${name.padEnd(width)}  ${summary}`, width + 4));
}

/** Lines broken at blanks; all but the first begin with `indent` blanks. */
export function wrapped(text: string, indent = 0): string[] {
  const lines: string[] = [];
  let rest = text;
  while (rest.length > COLUMNS) {
    const end = rest.lastIndexOf(" ", COLUMNS);
    if (end <= indent) break;
    lines.push(rest.slice(0, end).trimEnd());
    rest = " ".repeat(indent) + rest.slice(end).trimStart();
  }
  return [...lines, rest];
}

function withoutTypes(definition: string): string {
  return definition.replaceAll(/:\w+/g, "");
}
