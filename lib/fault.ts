/**
 * Asks an exchange on this machine to misbehave: the client's end of the sandbox's control connection.
 *
 * One text frame goes out with the fault, one comes back with what became of it. Which faults there are is for the sandbox
 * to say.
 *
 * @module
 */

import { isLoopback, type Target } from "./config.ts";
import { UnreachableError, UsageError } from "./errors.ts";
import type { Loss, Ports } from "./io/ports.ts";

/**
 * Lets a fault happen.
 *
 * @param fault As the sandbox writes it: `drop 3s`, `stall`, `reject EService:Busy`.
 * @throws {UsageError} If the target is no sandbox, or if it knows no such fault.
 * @throws {UnreachableError} If it does not answer in time.
 */
export async function causeFault(
  fault: string,
  { target, timeoutMs }: { readonly target: Target; readonly timeoutMs: number },
  { dial, clock }: Pick<Ports, "dial" | "clock">,
): Promise<void> {
  const url = controlUrl(target);
  const { promise, resolve } = Promise.withResolvers<string | Loss>();
  const timer = clock.setTimer(timeoutMs, () => resolve({ kind: "timeout", message: "it does not answer" }));
  const transport = dial(url, {
    opened: () => transport.send(fault),
    frame: resolve,
    binary: () => {},
    lost: resolve,
  });
  try {
    read(await promise, fault, url);
  } finally {
    timer.cancel();
    transport.close();
  }
}

/** The control connection is beside the sandbox's public one. */
function controlUrl({ urls }: Target): string {
  const url = new URL("control", urls.public);
  if (isLoopback(url.hostname)) return url.href;
  throw new UsageError("no_sandbox", "Only a sandbox misbehaves on command", {
    hint: "Use --sandbox, or --target with the address of krakenws sandbox on this machine",
  });
}

function read(answer: string | Loss, fault: string, url: string): void {
  if (typeof answer !== "string") {
    throw new UnreachableError(answer.kind, `Cannot ask ${url} for a fault: ${answer.message}`);
  }
  const { status, reason } = readAnswer(answer);
  if (status !== "ok") throw new UsageError("no_such_fault", reason ?? `The sandbox does not know "${fault}"`);
}

function readAnswer(text: string): { readonly status?: unknown; readonly reason: string | undefined } {
  try {
    const { status, reason } = JSON.parse(text);
    return { status, reason: typeof reason === "string" ? reason : undefined };
  } catch {
    return { reason: undefined };
  }
}
