/** The part of `@std/fs` that this project uses, declared in our own words. */

export interface WalkOptions {
  readonly maxDepth?: number;
  readonly includeFiles?: boolean;
  readonly includeDirs?: boolean;
  readonly includeSymlinks?: boolean;
  readonly followSymlinks?: boolean;
  readonly exts?: string[];
  readonly match?: RegExp[];
  readonly skip?: RegExp[];
}

export interface WalkEntry extends Deno.DirEntry {
  path: string;
}

/** Makes the folder and its parents where they are missing. */
export function ensureDir(dir: string | URL): Promise<void>;
export function ensureDirSync(dir: string | URL): void;

export function exists(path: string | URL, options?: { readonly isFile?: boolean }): Promise<boolean>;
export function existsSync(path: string | URL, options?: { readonly isFile?: boolean }): boolean;

/** Every entry below `root`, depth first. */
export function walk(root: string | URL, options?: WalkOptions): AsyncIterableIterator<WalkEntry>;
export function walkSync(root: string | URL, options?: WalkOptions): IterableIterator<WalkEntry>;
