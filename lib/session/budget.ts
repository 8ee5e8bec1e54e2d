/**
 * How many connections may be made: the exchange counts them by address, so that all processes of a user share one budget.
 *
 * The rule is pure; the {@linkcode ConnectLog} remembers, in a file of times that every process appends to. Where there
 * may be no file, a process remembers its own connections only, and says nothing of it.
 *
 * The exchange bans an address for ten minutes after about 150 connections in ten minutes:
 * https://docs.kraken.com/api/docs/guides/spot-ws-intro
 *
 * @module
 */

import type { Files } from "../io/ports.ts";

const WINDOW_MS = 600_000;

/** Well below what the exchange bears, since other programs on the same address count as well. */
const MOST_CONNECTS = 100;

/**
 * Milliseconds until another connection may be made; 0 if now.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { budgetDelayMs } from "./budget.ts";
 *
 * const connects = Array.from({ length: 100 }, (_, second) => second * 1000);
 * assertEquals(budgetDelayMs(connects.slice(1), 100_000), 0);
 * assertEquals(budgetDelayMs(connects, 100_000), 500_000);
 * ```
 *
 * @param connects When connections were made: milliseconds since the epoch, in any order.
 */
export function budgetDelayMs(connects: readonly number[], nowMs: number): number {
  const oldestThatCounts = recent(connects, nowMs).sort((a, b) => b - a)[MOST_CONNECTS - 1];
  return oldestThatCounts === undefined ? 0 : oldestThatCounts + WINDOW_MS - nowMs;
}

/** A time to come is a clock that was set back since: it would count for ever. */
function recent(connects: readonly number[], nowMs: number): number[] {
  return connects.filter((atMs) => atMs > nowMs - WINDOW_MS && atMs <= nowMs);
}

/** Remembers when connections were made. */
export interface ConnectLog {
  /** Milliseconds since the epoch, in any order. */
  read(): readonly number[];
  add(nowMs: number): void;
}

/** How long the file may grow before what has lost its meaning is left out. */
const LONGEST_FILE = 64 * 1024;

/**
 * The log that the processes of a user share.
 *
 * @param path The file; `undefined` where the system names no place for it.
 */
export function connectLog(files: Files, path: string | undefined): ConnectLog {
  const own: number[] = [];
  return {
    read: () => [...new Set([...own, ...readTimes(files, path)])],
    add(nowMs) {
      own.splice(0, own.length, ...recent(own, nowMs), nowMs);
      appendTime(files, path, nowMs);
    },
  };
}

function readTimes(files: Files, path: string | undefined): number[] {
  try {
    const text = path === undefined ? undefined : files.read(path);
    return (text ?? "").split("\n").map(Number).filter((atMs) => atMs > 0);
  } catch {
    // Not permitted, or not readable: then this process counts for itself.
    return [];
  }
}

/** Appends, which processes can do at the same time without losing each other's lines. */
function appendTime(files: Files, path: string | undefined, atMs: number): void {
  if (path === undefined) return;
  try {
    const text = files.read(path);
    if (text === undefined) files.write(path, "");
    else if (text.length > LONGEST_FILE) {
      files.write(path, recent(readTimes(files, path), atMs).map((time) => `${time}\n`).join(""));
    }
    using file = files.open(path, { append: true });
    file.write(`${atMs}\n`);
  } catch {
    // As above.
  }
}
